"""Hospitals behind PgBouncer in transaction mode: each transaction may be led to another connection (tenancy.md T4)."""

import re
import threading
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from portal.clock import now
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, leaving, operations, recreate
from portal.settings import ROOT
from portal.tenancy.current import HospitalReadOnly, in_hospital
from portal.tenancy.databases.base import DatabaseUnreadable, WrongDatabase
from portal.tenancy.names import names_of
from portal.tenancy.registry import get_hospital
from portal.tenancy.servers import Server
from tests import bouncer, on_postgres
from tests.modules import clinic
from tests.provisioned import answer_of, register, seen_tenant

pytestmark = pytest.mark.postgres
CITY, LAKE = names_of("city-general", "localhost"), names_of("lakeside", "localhost")
NAMES = sa.text("SELECT first_name FROM patients_patient ORDER BY id")
READERS = 8


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """Nobody else has the hospital open, so nobody is waited for."""
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 0)
    monkeypatch.setattr(leaving, "DRAIN_SECONDS", 0)


@pytest.fixture(scope="module")
def pooler() -> bouncer.Bouncer:
    """The PgBouncer before the cluster of this test process."""
    return bouncer.Bouncer(on_postgres.cluster())


@pytest.fixture
def settings(settings, pooler):
    """The portal reaches its hospitals through the pooler."""
    server = Server.parse(f"default={on_postgres.cluster().url}?{pooler.options}", ROOT)
    return replace(settings, servers={"default": server})


@pytest.fixture
def databases(in_app):
    """The server, whose pooler knows our hospitals."""
    found = in_app.extensions["engines"].databases()
    for names in (CITY, LAKE):
        found.server.tell_pooler(names.database)
    return found


@pytest.fixture
def engines(in_app, databases):
    """The open databases of this process."""
    return in_app.extensions["engines"]


def enter(name: str, subdomain: str = "city-general") -> None:
    """Register a patient of a hospital."""
    with in_hospital(get_hospital(subdomain), writing=True):
        clinic.patient(name)
        db.session.commit()


def patients(engine: sa.Engine) -> list[str]:
    """The first names of a hospital's patients."""
    with engine.connect() as connection:
        return list(connection.scalars(NAMES))


def change(database: str, statement: str) -> None:
    """Change a database as the platform, not through the pooler."""
    with psycopg.connect(on_postgres.cluster().url, dbname=database, autocommit=True) as connection:
        connection.execute(statement)


class Readers:
    """Threads that read as the registry knew the hospital; what they saw, and what they were told instead."""

    def __init__(self, engine: sa.Engine):
        self.engine, self.seen, self.told, self._stop = engine, set(), set(), threading.Event()
        self.begun = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._read) for _number in range(READERS)]

    def _read(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stop.is_set()
            try:
                self.seen.add(tuple(patients(self.engine)))
            except Exception as error:
                self.told.add(type(error))
            self.begun.release()

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        for _number in range(READERS * 2):
            assert self.begun.acquire(timeout=30)
        return self

    def __exit__(self, *_error) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_a_new_hospital_is_reached_through_the_pooler_at_once(app, in_app, pooler):
    tenant_id, operation_id = register("third-house")
    assert operations.perform(operation_id)
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app, "third-house").status_code == 302
    assert "hospital_third-house" in [row[0] for row in pooler.show("pools")]
    with in_app.extensions["engines"].get(get_hospital("third-house"), writing=False).connect() as connection:
        assert connection.connection.driver_connection.info.port == pooler.port


def test_whoever_has_not_the_password_is_not_let_in_by_the_pooler(hospital, databases, pooler):
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(f"host=127.0.0.1 port={pooler.port} dbname={CITY.database} user={CITY.database} password=guess")
    wrong = databases.server.password(LAKE.database)
    with pytest.raises(DatabaseUnreadable, match="authentication failed"):
        databases.server._connect(
            dbname=CITY.database, user=CITY.database, password=wrong, host="127.0.0.1", port=pooler.port
        )


def test_the_logins_of_hospitals_that_were_there_before_the_pooler_are_printed(app, hospital, databases):
    printed = app.test_cli_runner().invoke(args=["tenant", "logins"])
    assert printed.exit_code == 0
    verifier = on_postgres.cluster().execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", CITY.database)
    assert printed.stdout.splitlines() == [f'"{CITY.database}" "{verifier[0][0]}"']
    assert app.test_cli_runner().invoke(args=["tenant", "logins", "nowhere"]).exit_code == 2


def test_a_pooler_that_asks_the_server_is_told_the_logins_of_hospitals_and_of_nobody_else(hospital, databases):
    """What docs/operations/postgresql.md says to install for `auth_query`."""
    [statements] = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/operations/postgresql.md").read_text(), re.DOTALL)
    with psycopg.connect(on_postgres.cluster().url) as connection:
        connection.execute(statements)
        connection.execute("SET ROLE pgbouncer")
        asked = "SELECT * FROM portal_login(%s)"
        assert connection.execute(asked, [CITY.database]).fetchall() == [
            (CITY.database, databases.server.verifier(CITY.database))
        ]
        assert connection.execute(asked, ["owner"]).fetchall() == []
        connection.rollback()


def test_a_role_reaches_no_other_hospital_through_the_pooler(two_hospitals, databases, pooler):
    lake = {"dbname": LAKE.database, "user": CITY.database, "password": databases.server.password(CITY.database)}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=pooler.port, **lake).execute("SELECT 1")


@pytest.mark.parametrize("work", ["restored", "recreated"])
def test_readers_see_the_old_content_or_are_refused_when_it_is_replaced(work, engines, databases, hospital):
    """T4: the pooler leads whoever is still connected to the new database; its stamp is not the one they know."""
    enter("Ann")
    engine = engines.get(hospital, writing=False)
    databases.copy(CITY, "build_new")
    change("build_new", "UPDATE core_identity SET generation = 'the next one'")
    change("build_new", "UPDATE patients_patient SET first_name = 'New'" if work == "restored" else "SELECT 1")
    if work == "recreated":
        change("build_new", "ALTER TABLE patients_patient RENAME TO gone")
    with Readers(engine) as readers:
        databases.overwrite("build_new", CITY, lambda: None)
    assert readers.seen == {("Ann",)}
    with pytest.raises(WrongDatabase):
        patients(engine)
    if work == "restored":
        assert patients(engines.get(replace(hospital, generation="the next one"), writing=False)) == ["New"]


def test_readers_never_see_the_hospital_that_has_their_name_now(engines, databases, two_hospitals):
    """T4: two databases change their names under eight readers."""
    enter("Ann")
    enter("Lea", "lakeside")
    city, lake = two_hospitals
    with Readers(engines.get(city, writing=False)) as of_city, Readers(engines.get(lake, writing=False)) as of_lake:
        databases.set_aside(CITY, "build_city")
        databases.set_aside(LAKE, "build_lake")
        databases.publish("build_city", LAKE)
        databases.publish("build_lake", CITY)
    assert (of_city.seen, of_lake.seen) == ({("Ann",)}, {("Lea",)})
    for hospital in two_hospitals:
        with pytest.raises(WrongDatabase):
            patients(engines.get(hospital, writing=False))


def test_nothing_is_written_into_the_content_that_replaced_what_somebody_opened(engines, databases, hospital):
    enter("Ann")
    engine = engines.get(hospital, writing=True)
    databases.copy(CITY, "build_new")
    change("build_new", "UPDATE core_identity SET generation = 'the next one'")
    with engine.connect() as connection:
        connection.execute(sa.text("UPDATE patients_patient SET first_name = 'kept'"))
        connection.commit()
        databases.overwrite("build_new", CITY, lambda: None)
        with pytest.raises((WrongDatabase, sa.exc.DBAPIError, DatabaseUnreadable)):
            connection.execute(sa.text("UPDATE patients_patient SET first_name = 'lost'"))
    assert patients(engines.get(replace(hospital, generation="the next one"), writing=False)) == ["Ann"]


def test_a_connection_that_the_server_ended_is_replaced_without_anybody_noticing(engines, databases, hospital):
    engine = engines.get(hospital, writing=False)
    databases.server.empty_of_people(CITY.database)
    assert patients(engine) == []


def test_a_read_only_hospital_writes_nothing_and_the_next_one_on_its_connection_does(engines, databases, hospital):
    ended = replace(hospital, mode="read_only", mode_since=now())
    with engines.get(ended, writing=True).connect() as connection, pytest.raises(HospitalReadOnly):
        connection.execute(sa.text("UPDATE patients_patient SET first_name = 'lost'"))
    with engines.get(hospital, writing=True).begin() as connection:
        connection.execute(sa.text("UPDATE patients_patient SET first_name = 'kept'"))


def test_a_hospital_is_recreated_renamed_and_deleted_while_the_pooler_is_connected_to_it(app, databases, hospital):
    enter("Ann")
    assert TenantDatabaseManager.recreate_hospital_database("city-general").state == "succeeded"
    db.session.rollback()
    app.extensions["registry"].forget()
    enter("Bea")
    assert TenantDatabaseManager.rename_hospital("city-general", "city-central").state == "succeeded"
    db.session.rollback()
    app.extensions["registry"].forget()
    enter("Cleo", "city-central")
    engines = app.extensions["engines"]
    assert patients(engines.get(get_hospital("city-central"), writing=False)) == ["Bea", "Cleo"]
    assert TenantDatabaseManager.delete_hospital("city-central").state == "succeeded"
    db.session.rollback()
    assert on_postgres.cluster().databases(*on_postgres.OURS) == []
