"""Two releases side by side: what is additive, who serves what, and what everybody else reads (tenancy.md T16)."""

import contextvars
from functools import partial
from importlib import import_module

import pytest
import sqlalchemy as sa

from portal import first_start
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit.models import HospitalProfile
from portal.migrations import TREES, Unmarked, current_standing, head, wrong_marks
from portal.provisioning import watch
from portal.tenancy import releases
from portal.tenancy.current import OtherRelease, in_hospital
from portal.tenancy.registry import get_worked_on
from portal.tenancy.session import TENANT
from tests import newer
from tests.provisioned import change, database, seen_tenant

NULLABLE = '+op.add_column("core_hospitalprofile", sa.Column("motto", sa.String(80)))'
DEFAULTED = '+op.add_column("core_hospitalprofile", sa.Column("beds", sa.Integer, nullable=False, server_default="0"))'
REQUIRED = 'op.add_column("core_hospitalprofile", sa.Column("wards", sa.Integer, nullable=False))'
MOTTO = 'op.add_column("control_tenant", sa.Column("motto", sa.String(80)))'
INDEX = '+op.create_index("ix_core_hospitalprofile_name", "core_hospitalprofile", ["name"])'
TABLE = """+\
op.create_table(
    "core_shelf",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("profile_id", sa.Integer, sa.ForeignKey("core_hospitalprofile.id"), nullable=False),
    sa.Column("place", sa.String(20), nullable=False, unique=True),
)
op.create_index("ix_core_shelf_place", "core_shelf", ["place"], unique=True)"""
UPDATING = "City General Hospital is being updated. Try again in a few minutes."
MAPPED = '+op.add_column("core_hospitalprofile", sa.Column("legal_name", sa.String(200), nullable=True))'
MORE = [
    REQUIRED,
    'op.drop_column("core_hospitalprofile", "name")',
    'op.alter_column("core_hospitalprofile", "name", nullable=True)',
    'op.rename_table("core_hospitalprofile", "core_profile")',
    'op.create_index("uq_core_hospitalprofile_name", "core_hospitalprofile", ["name"], unique=True)',
    'op.create_unique_constraint("uq_name", "core_hospitalprofile", ["name"])',
    'op.create_check_constraint("ck_name", "core_hospitalprofile", "name IN (\'a\')")',
    'op.create_foreign_key("fk_name", "core_hospitalprofile", "core_hospitalprofile", ["id"], ["id"])',
    "op.execute(\"UPDATE core_hospitalprofile SET name = ''\")",
    f'{NULLABLE[1:]}\nop.execute("DELETE FROM core_event")',
    'op.get_bind().execute(sa.text("SELECT 1")).scalar()',
]


@pytest.mark.parametrize("tree", TREES)
def test_no_revision_is_marked_additive_that_is_more(tree, in_app):
    assert wrong_marks(tree) == []


@pytest.mark.parametrize("body", MORE)
def test_a_mark_on_a_revision_that_is_more_than_additions_is_refused(body, in_app, newer_release):
    revision = newer_release(f"+{body}")
    (sentence,) = wrong_marks(TENANT)
    assert sentence.startswith(f"Revision {revision} of the tenant tree is marked additive and does more: ")


def test_flask_check_names_a_wrong_mark(app, newer_release):
    with app.app_context():
        newer_release(f"+{REQUIRED}")
    result = app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 1
    assert "is marked additive and does more: ALTER TABLE core_hospitalprofile ADD COLUMN wards" in result.output


@pytest.fixture
def newer_control(tmp_path, newer_release):
    """This process becomes one of a release with one more revision of the control tree: `newer_control(body)`."""

    def become(body: str) -> str:
        before = head("control")
        newer_release()
        revision = newer.add(tmp_path / "newer", "control", before, body)
        newer.forget()
        return revision

    return become


def test_a_revision_of_the_control_tree_that_is_not_marked_is_refused(app, newer_control):
    with app.app_context():
        revision = newer_control(MOTTO)
    result = app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 1
    assert f"Revision {revision} of the control tree is not marked additive, and older releases work" in result.output


def test_nobody_begins_a_migration_that_would_stop_the_releases_at_work(in_app, newer_control):
    with db.engine.connect() as connection:
        before = current_standing("control", connection)
    revision = newer_control(MOTTO)
    with pytest.raises(Unmarked, match=f"Revision {revision} of the control tree is not marked additive"):
        first_start.ensure_control()
    with db.engine.connect() as connection:
        assert current_standing("control", connection) == before


@pytest.mark.parametrize("arguments", [("up",), ("db", "upgrade")])
def test_whoever_begins_it_reads_why_not(app, newer_control, monkeypatch, caplog, arguments):
    monkeypatch.setattr(import_module("portal.cli.up"), "check_address_is_free", lambda *address: None)
    with app.app_context():
        revision = newer_control(MOTTO)
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1
    assert f"Error: Revision {revision} of the control tree is not marked additive" in result.output + caplog.text


def test_a_revision_of_the_control_tree_that_only_adds_is_taken_at_the_start(in_app, newer_control):
    before = head("control")
    revision = newer_control(f"+{MOTTO}")
    assert wrong_marks("control") == []
    first_start.ensure_control()
    with db.engine.connect() as connection:
        assert current_standing("control", connection) == (revision, before)


@pytest.mark.parametrize("body", [NULLABLE, DEFAULTED, INDEX, TABLE, f"{TABLE}\n{NULLABLE[1:]}"])
def test_tables_columns_that_may_be_left_out_and_indexes_are_additions(body, in_app, newer_release):
    newer_release(body)
    assert wrong_marks(TENANT) == []


def test_a_database_is_served_from_the_release_before_its_last_additions(in_app, newer_release):
    now = head(TENANT)
    newer_release(REQUIRED, DEFAULTED, INDEX)
    required, defaulted, index = releases.pending(now)
    assert releases.pending("9999") == ()
    assert [releases.serves_from(one) for one in (now, required, defaulted, index)] == [now, *[required] * 3]
    assert releases.serves_from("9999") is None


@pytest.fixture
def city(hospital, in_app):
    """City General, with a request's worth of its pages asked for."""
    return hospital


def registered(revision: str | None, serves_from: str | None = None) -> None:
    """Let the registry say this of City General's database."""
    with db.engine.begin() as connection:
        connection.execute(sa.update(Tenant).values(revision=revision, serves_from=serves_from))


@pytest.fixture
def visit(app, hospital):
    """What somebody reads who opens City General now."""
    browser = app.test_client(hospital=hospital)

    def visit_now(**typed: str):
        app.extensions["registry"].forget()
        ask = partial(browser.post, data=typed) if typed else browser.get
        return contextvars.Context().run(ask, "/sign-in")

    return visit_now


@pytest.fixture
def asked(app, monkeypatch):
    """The hospitals for which a migration was asked."""
    found = []
    monkeypatch.setitem(app.extensions, "ask_migration", lambda hospital: found.append(hospital.subdomain))
    return found


def test_every_operation_writes_from_which_release_on_its_database_is_served(city):
    tenant = seen_tenant(city.id)
    assert (tenant.revision, tenant.serves_from) == (head(TENANT), releases.serves_from(head(TENANT)))


def test_a_hospital_that_lacks_only_what_this_release_does_not_map_is_served(city, visit, asked, newer_release):
    newer_release(NULLABLE, INDEX, TABLE)
    assert visit().status_code == 200
    assert asked == []


@pytest.mark.parametrize("pending", [(INDEX[1:],), (MAPPED,), (INDEX, REQUIRED, INDEX)])
def test_a_hospital_that_lacks_more_reads_that_it_is_being_updated(city, visit, asked, newer_release, pending):
    newer_release(*pending)
    answer = visit()
    with pytest.raises(OtherRelease):
        get_worked_on("city-general")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert UPDATING in answer.text
    assert asked == ["city-general"]


def test_a_newer_database_is_served_where_its_additions_begin_here_or_before(city, visit, asked):
    for oldest in (head(TENANT), "0001"):
        registered("9999", oldest)
        assert visit().status_code == 200
    assert get_worked_on("city-general").revision == "9999"
    assert asked == []


@pytest.mark.parametrize("oldest", [None, "9998", "9999"])
def test_a_newer_database_that_begins_with_more_is_left_to_the_newer_release(city, visit, asked, oldest):
    registered("9999", oldest)
    answer = visit()
    assert answer.status_code == 503
    assert UPDATING in answer.text
    assert asked == []


def newer_database(*statements: str, serves_from: str | None) -> None:
    """City General's database as a newer release has left it, of which the registry knows nothing."""
    standing = f"UPDATE alembic_version_tenant SET version_num = '9999', serves_from = {serves_from or 'NULL'!r}"
    change(database(), *statements, standing.replace("'NULL'", "NULL"))


def test_a_look_of_an_older_release_keeps_what_the_database_says_of_itself(city):
    newer_database(serves_from="0005")
    assert watch.look_at(city.id).serves_from == "0005"
    assert (seen_tenant(city.id).revision, seen_tenant(city.id).serves_from) == ("9999", "0005")


def test_nothing_is_written_into_a_database_that_was_migrated_since_the_request_read_of_it(city):
    newer_database(serves_from="9999")
    with in_hospital(city), pytest.raises(OtherRelease):
        db.session.scalar(sa.select(HospitalProfile))
    newer_database(serves_from="0001")
    with in_hospital(city):
        assert db.session.scalar(sa.select(HospitalProfile)).name == city.name


LOST = "ALTER TABLE auth_user RENAME COLUMN username TO login"
TYPED = {"username": "leila", "password": "anything-at-all"}


def test_a_registry_that_lags_behind_the_database_learns_of_it_from_the_first_refused_statement(city, visit, app):
    app.extensions["engines"].close()
    newer_database(LOST, serves_from=None)
    answer = visit(**TYPED)
    assert answer.status_code == 503
    assert UPDATING in answer.text
    assert seen_tenant(city.id).revision == "9999"
    assert visit().status_code == 503


def test_what_is_missing_from_a_database_at_the_right_revision_is_told_as_missing(city, visit, app):
    app.extensions["engines"].close()
    change(database(), LOST)
    answer = visit(**TYPED)
    assert answer.status_code == 503
    assert "A part of the records of City General Hospital is missing." in answer.text
