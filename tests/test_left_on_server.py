"""What dead processes leave on a PostgreSQL server, and who ends that (tenancy.md T7, T9)."""

from datetime import timedelta

import pytest
from psycopg import sql

from portal import clock
from portal.provisioning import operations
from portal.provisioning.template import template_name
from portal.tenancy.databases.base import Overtaken, ServerAway
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.names import names_of
from tests import on_postgres
from tests.provisioned import answer_of, builds, database, query

pytestmark = pytest.mark.postgres
CITY = names_of("city-general", "localhost")
ROLES = "SELECT count(*) FROM pg_roles WHERE rolname = 'hospital_city-general'"
MAY_CONNECT = "SELECT has_database_privilege('hospital_city-general', %s, 'CONNECT')"


@pytest.fixture
def databases(hospital, in_app) -> PostgresDatabases:
    """The server of City General."""
    return in_app.extensions["engines"].databases()


def order(statement: str, *values) -> list[tuple]:
    """Run a statement outside every hospital."""
    return on_postgres.cluster().execute(statement, *values)


def is_read_only() -> bool:
    """Who comes to City General now may not write."""
    server = on_postgres.cluster()
    setting = "SELECT count(*) FROM pg_db_role_setting WHERE 'default_transaction_read_only=on' = ANY (setconfig)"
    return server.execute(setting) == [(1,)]


def test_a_build_of_which_nobody_lived_to_say_when_it_was_begun_goes_ten_minutes_after_it_was_seen(databases):
    order("CREATE DATABASE build_unsaid TEMPLATE template0")
    assert operations.sweep() == []
    clock.move(timedelta(minutes=9))
    assert operations.sweep() == []
    clock.move(timedelta(minutes=2))
    assert operations.sweep() == ["build_unsaid"]
    assert builds() == set()


def test_a_build_that_somebody_is_at_is_not_old_however_long_that_takes(databases):
    databases.start("build_long")
    clock.move(timedelta(hours=5))
    with databases.server.connect("build_long"):
        assert operations.sweep() == []
    wait_until_nobody_is_in("build_long", databases)
    assert operations.sweep() == ["build_long"]


def wait_until_nobody_is_in(build: str, databases) -> None:
    """The server has noticed that the connections have ended."""
    databases.server.empty_of_people(build)


def test_a_removal_that_breaks_off_leaves_the_database_by_which_the_rest_is_found(databases, monkeypatch):
    real = databases.server.drop

    def breaks_off(server, name):
        if name == CITY.database:
            raise ServerAway
        real(server, name)

    monkeypatch.setattr(databases.server, "drop", breaks_off)
    with pytest.raises(ServerAway):
        databases.remove(CITY)
    assert databases.exists(CITY)
    monkeypatch.undo()
    databases.remove(CITY)
    assert (databases.exists(CITY), order(ROLES)) == (False, [(0,)])


def test_a_database_whose_place_was_taken_is_nobodys_and_goes_with_the_build(databases, monkeypatch):
    databases.clone(template_name(), "build_new")
    monkeypatch.setattr(databases, "discard", lambda build: None)  # killed before it came to that
    databases.overwrite("build_new", CITY, lambda: None)
    monkeypatch.undo()
    assert builds() == {"build_new_old"}
    assert order(MAY_CONNECT, "build_new_old") == [(False,)]
    assert order(MAY_CONNECT, CITY.database) == [(True,)]
    databases.discard("build_new")
    assert builds() == set()


def test_a_role_that_something_else_still_knows_keeps_no_database_from_being_removed(databases):
    order("CREATE DATABASE build_other TEMPLATE template0")
    role = sql.Identifier(CITY.database)
    order(sql.SQL("GRANT CONNECT ON DATABASE build_other TO {}").format(role))
    databases.remove(CITY)
    assert (databases.exists(CITY), order(ROLES)) == (False, [(1,)])


def test_who_was_overtaken_opens_nothing_that_the_other_one_keeps_closed(databases):
    databases.clone(template_name(), "build_new")

    def overtaken():
        assert is_read_only()
        raise Overtaken

    with pytest.raises(Overtaken):
        databases.overwrite("build_new", CITY, overtaken)
    assert is_read_only()
    databases.reopen(CITY)
    assert not is_read_only()


def test_what_failed_opens_what_it_closed(databases, app):
    databases.clone(template_name(), "build_new")

    def fails():
        raise RuntimeError("the disk of the backups is full")

    with pytest.raises(RuntimeError):
        databases.overwrite("build_new", CITY, fails)
    assert not is_read_only()
    assert answer_of(app).status_code == 302


def test_reopening_sends_nobody_away_where_nothing_is_closed(databases):
    with databases.server.connect(CITY.database) as inside:
        databases.reopen(CITY)
        assert inside.execute("SELECT 1").fetchone() == (1,)
    on_postgres.refuse_everybody(CITY.database)
    databases.reopen(CITY)
    assert query(database(), "SELECT count(*) FROM core_identity") == [(1,)]
