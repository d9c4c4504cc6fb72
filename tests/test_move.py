"""Moving: the hospital is on its old server or on its new one, with every row, never on both and never on none.

In the lane of PostgreSQL the first server is one, so that hospitals go from it to files and back.
"""

import contextvars
import gc
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import current_app

from portal import clock
from portal.control.models import AuditEntry, Tenant
from portal.extensions import db
from portal.kit.models import Event
from portal.provisioning import TenantDatabaseManager, asking, backups, move, moving, operations, transfer
from portal.provisioning.registration import Refused
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import TenantGone, in_hospital
from portal.tenancy.databases import rows
from portal.tenancy.databases.base import ServerAway, closed
from portal.tenancy.databases.rows import Proof
from portal.tenancy.databases.sqlite import SqliteDatabases
from portal.tenancy.engines import read_stamp
from portal.tenancy.registry import get_hospital, get_worked_on, served_between
from tests import lived_in, on_postgres
from tests.conftest import NORTH
from tests.moved import REFUSALS, SUBDOMAIN, ask, here, is_on, moved, number_on, proofs_on, save
from tests.provisioned import answer_of, assert_consistent, seen_operation, seen_tenant, step_states

pytestmark = pytest.mark.usefixtures("second_server")

#: An engine is let go while a thread still uses a connection of it, which is closed when that has ended.
USED_ON = pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")


@pytest.fixture
def city(hospital, app):
    """City General inside an application context."""
    with app.app_context():
        yield hospital


def test_a_moved_hospital_is_on_the_other_server_with_every_row_and_comes_back(app, city):
    before = proofs_on("default")
    for server, old in ((NORTH, "default"), ("default", NORTH)):
        operation = moved(city.id, server)
        assert (operation.error, set(step_states(operation).values())) == (None, {"done"})
        assert_consistent(operation)
        tenant = seen_tenant(city.id)
        assert (tenant.server, tenant.generation, tenant.status) == (server, city.generation, "ready")
        assert (tenant.moved_by, tenant.mode) == (None, "active")
        assert (proofs_on(server), is_on(old)) == (before, False)
        assert answer_of(app).status_code == 302
    assert sum(proof.rows for proof in before.values()) > 100


def test_a_hospital_in_the_middle_of_its_day_is_the_same_there_and_back(app, city):
    """Texts of many scripts, empty and missing values, JSON, money, times: all of it as it was."""
    lived_in.move_to(lived_in.MORNING)
    with in_hospital(get_hospital(SUBDOMAIN)):
        lived_in.fill(lived_in.SMALL)
        db.session.commit()
    before = proofs_on("default")
    for server in (NORTH, "default"):
        assert moved(city.id, server).error is None
        assert proofs_on(server) == before
    assert sum(proof.rows > 0 for proof in before.values()) > 50


def test_values_that_two_servers_keep_differently_stay_what_they_were(app, city):
    """A missing JSON value is not the value null, and a moment keeps its microseconds."""
    at = datetime(2027, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    table = Event.__table__
    values = [
        {"id": 41, "name": "“Ω” 🏥", "payload": {"b": [1.50, None], "a": "é"}, "occurred_at": at, "attempts": 0},
        {"id": 42, "name": "", "payload": sa.JSON.NULL, "occurred_at": at, "attempts": 3, "last_error": "a\nb\\\tc"},
    ]
    with _engine("default").begin() as connection:
        for one in values:
            connection.execute(sa.insert(table).values(one))
        before = connection.execute(sa.select(table).where(table.c.id > 40).order_by(table.c.id)).all()
    for server in (NORTH, "default"):
        assert moved(city.id, server).error is None
        with _engine(server).connect() as connection:
            assert connection.execute(sa.select(table).where(table.c.id > 40).order_by(table.c.id)).all() == before


def test_a_text_that_postgresql_cannot_keep_is_refused_in_a_sentence(city):
    """Files keep the character NUL; the way to them is not barred by it, the way to PostgreSQL is."""
    assert moved(city.id).error is None
    with _engine(NORTH).begin() as connection:
        connection.execute(sa.insert(Event).values(name="NUL \0 in it", payload={}, attempts=0))
    error = moved(city.id, "default").error or ""
    if on_postgres.WANTED:
        assert error.startswith("A row of core_event does not fit the other database: a text holds the character NUL.")
    assert here(city.id) == (NORTH if on_postgres.WANTED else "default")
    assert save(4711) == "saved"


def test_what_was_compared_is_told_table_by_table(city):
    told = moved(city.id).details["moved"]
    found = proofs_on(NORTH)
    assert {name: proof["rows"] for name, proof in told["tables"].items()} == {
        name: proof.rows for name, proof in found.items()
    }
    assert told["rows"] == sum(proof.rows for proof in found.values())
    assert told["bytes"] > 100_000
    assert 0 < told["seconds_without_saving"] < 600


def test_new_rows_are_numbered_after_those_that_came(city):
    for server in (NORTH, "default"):
        moved(city.id, server)
        engine = _engine(server)
        with engine.begin() as connection:
            highest = connection.scalar(sa.select(sa.func.max(Event.id))) or 0
            values = {"name": "a.test", "payload": {}, "occurred_at": clock.now(), "attempts": 0}
            key = connection.execute(sa.insert(Event.__table__).values(values)).inserted_primary_key[0]
        assert key == highest + 1


def _engine(server: str) -> sa.Engine:
    engines = current_app.extensions["engines"]
    return engines.databases(server).changing_engine(engines.names(SUBDOMAIN))


def test_staff_stay_signed_in(app, hospital, client_with):
    browser = client_with("patients.view")
    assert browser.get("/patients/").status_code == 200
    with app.app_context():
        assert moved(hospital.id).error is None
    app.extensions["registry"].forget()
    assert browser.get("/patients/").status_code == 200


def test_while_it_moves_everything_is_read_and_nothing_saved_and_jobs_wait(app, city, monkeypatch):
    """The sentence is its own, and what was typed is given back."""
    seen = []

    def look(*args, real=transfer.fill):
        app.extensions["registry"].forget()
        with pytest.raises(TenantGone):
            get_worked_on(SUBDOMAIN)
        seen.extend([answer_of(app, path="/sign-in"), _posted(app), served_between(0, 3599, 3600)])
        return real(*args)

    monkeypatch.setattr(transfer, "fill", look)
    assert moved(city.id).error is None
    page, answer, jobs = seen
    assert page.status_code == 200
    assert "is being moved to another server: you can look everything up" in page.text
    assert (answer.status_code, jobs) == (409, [])
    sentence = "City General Hospital is being moved to another server. Nothing was saved; try again in a few minutes."
    assert all(words in answer.text for words in (sentence, "Words that were typed"))
    assert served_between(0, 3599, 3600) == [SUBDOMAIN]


def _posted(app):
    address, words = f"http://{SUBDOMAIN}.localhost:8000", {"first_name": "Words that were typed"}
    return contextvars.Context().run(lambda: app.test_client().post("/patients/new", base_url=address, data=words))


@USED_ON
@pytest.mark.parametrize("step", ["fill", "read_again"])
def test_nobody_saves_on_either_server_while_it_moves_whatever_they_know(city, monkeypatch, step):
    """A process that heard of nothing, and one that knows, are refused by the databases themselves."""
    stale, told, real = get_hospital(SUBDOMAIN), [], getattr(transfer, step)

    def look(*args):
        told.extend([save(4711, stale), save(4712)])
        return real(*args)

    monkeypatch.setattr(transfer, step, look)
    assert moved(city.id).error is None
    assert all(answer.startswith("refused") for answer in told)
    assert number_on(NORTH) == 0
    assert save(4713) == "saved"
    assert number_on(NORTH) == 4713
    assert save(4714, stale).startswith("refused")
    gc.collect()


def test_nobody_saves_until_every_process_reads_the_new_server(city, monkeypatch):
    told = []

    def look(*args, real=move.Move.check):
        told.extend([here(city.id), save(4711), number_on("default"), number_on(NORTH)])
        return real(*args)

    monkeypatch.setattr(move.Move, "check", look)
    assert moved(city.id).error is None
    assert told == [NORTH, "refused: HospitalReadOnly", 0, 0]


@USED_ON
def test_nothing_that_was_answered_saved_is_lost(city, app):
    """Four threads save as fast as they can while the hospital moves there and back."""
    stop, saved, refused = threading.Event(), [], []

    def write(first: int) -> None:
        number = first
        while not stop.is_set():
            number += 4
            with app.app_context():
                (saved if _add(number) else refused).append(number)

    writers = [threading.Thread(target=write, args=(first,)) for first in range(4)]
    for writer in writers:
        writer.start()
    try:
        errors = [moved(city.id, server).error for server in (NORTH, "default")]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    gc.collect()
    assert errors == [None, None]
    with _engine("default").connect() as connection:
        kept = set(connection.scalars(sa.select(Event.name)))
    assert len(saved) > 10
    assert refused
    assert {f"test.{number}" for number in saved} <= kept


def _add(number: int) -> bool:
    try:
        with in_hospital(get_hospital(SUBDOMAIN)):
            db.session.add(Event(name=f"test.{number}", payload={}))
            db.session.commit()
    except REFUSALS:
        return False
    return True


def test_one_table_that_differs_keeps_the_hospital_where_it_is(app, city, monkeypatch):
    def differs(*args, real=transfer.read_again):
        found = real(*args)
        return found | {"auth_user": Proof(found["auth_user"].rows, "0" * 32)}

    before = proofs_on("default")
    monkeypatch.setattr(transfer, "read_again", differs)
    operation = moved(city.id)
    assert operation.error == (
        "auth_user does not hold the same on the other server."
        " Comparing both databases did not work. Nothing was changed."
    )
    monkeypatch.undo()
    assert_stayed(app, city, before)


def assert_stayed(app, city, before) -> None:
    """The hospital is where it was, people save there, and nothing is left on the other server."""
    tenant = seen_tenant(city.id)
    assert (tenant.server, tenant.moved_by, tenant.status) == ("default", None, "ready")
    assert (is_on(NORTH), proofs_on("default")) == (False, before)
    assert answer_of(app).status_code == 302
    assert save(4711) == "saved"


@pytest.mark.parametrize("broken", ["publish", "open_to_writers", "clone", "builds"])
def test_a_server_that_goes_away_keeps_the_hospital_where_it_is(app, city, monkeypatch, broken):
    def away(*_args, **_options):
        raise ServerAway("gone")

    before = proofs_on("default")
    target = app.extensions["engines"].databases(NORTH)
    monkeypatch.setattr(target, broken, away, raising=True)
    operation = moved(city.id)
    monkeypatch.undo()
    if broken == "builds":  # nobody asks the target for them
        assert operation.error is None
        return
    assert (operation.state, "A database server does not answer." in operation.error) == ("failed", True)
    assert_stayed(app, city, before)


def test_a_new_database_that_does_not_look_well_is_left_again(app, city, monkeypatch):
    """The registry had it already; nobody had saved there."""

    def refused(*_args):
        raise ProvisioningProblem("It does not look well.")

    before = proofs_on("default")
    monkeypatch.setattr(move.Move, "check", refused)
    operation = moved(city.id)
    assert operation.error.startswith("It does not look well.")
    assert_stayed(app, city, before)


def test_what_the_release_does_not_know_is_not_left_behind(app, city):
    before = proofs_on("default")
    with _engine("default").begin() as connection:
        connection.exec_driver_sql("CREATE TABLE notes_of_theirs (id integer)")
    assert moved(city.id).error.startswith("The database holds notes_of_theirs, which this release does not know.")
    with _engine("default").begin() as connection:
        connection.exec_driver_sql("DROP TABLE notes_of_theirs")
    assert_stayed(app, city, before)


def test_a_hospital_that_is_not_ready_is_not_moved(city):
    with _engine("default").begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_core_event_name")
    assert moved(city.id).error.startswith("Only a hospital that is Ready can be moved.")
    assert here(city.id) == "default"


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ("south", "There is no server called south."),
        ("default", "City General Hospital is on this server already."),
    ],
)
def test_a_server_that_cannot_be_had_is_refused_in_a_sentence(city, server, sentence):
    with pytest.raises(Refused) as refusal:
        ask(city.id, server)
    assert refusal.value.sentence == sentence


def test_a_full_server_takes_nobody_also_while_others_are_on_their_way(city, two_hospitals):
    """The folder holds two at most."""
    other = seen_tenant(two_hospitals[1].id)
    db.session.execute(sa.update(Tenant).where(Tenant.id == other.id).values(server=NORTH))
    db.session.commit()
    operation_id = ask(city.id)
    db.session.execute(sa.insert(Tenant).values(_another(other)))
    db.session.commit()
    third = db.session.scalar(sa.select(Tenant.id).where(Tenant.subdomain == "third"))
    with pytest.raises(Refused, match="north is full: it holds 2 hospitals at most"):
        ask(third)
    assert seen_operation(operation_id).state == "queued"


def _another(tenant: Tenant) -> dict:
    columns = {column.name: getattr(tenant, column.name) for column in Tenant.__table__.columns}
    return columns | {"id": 99, "uuid": "another", "subdomain": "third", "server": "default"}


def test_two_clicks_are_one_move_and_other_work_waits(city):
    first = ask(city.id)
    assert ask(city.id) == first
    with pytest.raises(ProvisioningProblem, match="Other work on this hospital is under way"):
        asking.request_backup(db.session.get(Tenant, city.id))
    told = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "move_hospital")).one().details
    assert (told["from"], told["to"]) == ("default", NORTH)
    db.session.rollback()


def test_two_names_of_one_server_are_noticed_before_anything_is_removed(app, city):
    engines = app.extensions["engines"]
    engines.servers[NORTH] = engines.servers["default"]
    before = proofs_on("default")
    assert moved(city.id).error.startswith("default and north are one and the same server.")
    assert (seen_tenant(city.id).server, proofs_on("default")) == ("default", before)


@pytest.mark.parametrize("mode", ["suspended", "maintenance", "read_only"])
def test_the_mode_stays(city, mode):
    db.session.execute(sa.update(Tenant).values(mode=mode))
    db.session.commit()
    assert moved(city.id).error is None
    tenant = seen_tenant(city.id)
    assert (tenant.mode, tenant.server, tenant.status) == (mode, NORTH, "ready")


def test_a_backup_made_before_is_restored_on_the_other_kind_of_server(app, city):
    """Backups of both servers are listed, tested and restored wherever the hospital is."""
    assert save(7) == "saved"
    moved(city.id)
    assert save(8) == "saved"
    [made] = backups.backups_of(db.session.get(Tenant, city.id))
    reference = made.reference
    db.session.rollback()
    assert TenantDatabaseManager.restore_hospital_database(SUBDOMAIN, reference).error is None
    assert (here(city.id), number_on(NORTH), is_on("default")) == (NORTH, 7, False)
    assert moved(city.id, "default").error is None
    newest = backups.backups_of(db.session.get(Tenant, city.id))[0].reference
    db.session.rollback()
    assert save(9) == "saved"
    assert TenantDatabaseManager.restore_hospital_database(SUBDOMAIN, newest).error is None
    assert number_on("default") == 7
    assert answer_of(app).status_code == 302


def test_an_old_database_that_cannot_be_removed_is_removed_within_the_hour(app, city, monkeypatch):
    def refused(*_args):
        raise PermissionError("not now")

    source = app.extensions["engines"].databases("default")
    monkeypatch.setattr(source, "remove", refused)
    operation = moved(city.id)
    assert operation.state == "succeeded"
    assert operation.steps[-1].output == "Its files could not be removed now; they are removed within the hour."
    assert is_on("default")
    stale = _engine("default").execution_options(writing=False)
    assert read_stamp(stale) == (city.uuid, closed(city.generation))
    monkeypatch.undo()
    assert moving.forget_left() == [SUBDOMAIN]
    assert (is_on("default"), is_on(NORTH)) == (False, True)
    assert moving.forget_left() == []


def test_a_database_somebody_put_there_is_not_removed(app, city):
    """It is not closed to writers, so no move left it."""
    databases = app.extensions["engines"].databases(NORTH)
    build = "build_of_somebody"
    transfer.begin(databases, build)
    databases.publish(build, app.extensions["engines"].names(SUBDOMAIN))
    assert "is there already and belongs to nobody" in moved(city.id).error
    assert (here(city.id), is_on(NORTH)) == ("default", True)


class Died(BaseException):
    """As if the process had been killed: nobody tidies up."""


DEATHS = [
    (backups, "keep"), (SqliteDatabases, "clone"), (transfer, "fill"), (transfer, "compare"), (move.Move, "_place"),
    (move.Move, "check"), (move.Move, "let_go"), (move.Move, "tell"), (move.Move, "clear"), (moving, "held"),
]  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("seam", DEATHS, ids=[name for _owner, name in DEATHS])
def test_a_worker_that_dies_leaves_one_hospital_that_is_read_and_after_the_reaper_written(
    app, city, monkeypatch, seam, after
):
    assert save(7) == "saved"
    operation_id = ask(city.id)
    with monkeypatch.context() as dying:
        owner, name = seam
        real = getattr(owner, name)

        def dies(*args, **options):
            if after:
                real(*args, **options)
            raise Died

        dying.setattr(owner, name, dies)
        with pytest.raises(Died):
            operations.perform(operation_id)
    db.session.rollback()
    assert answer_of(app).status_code == 302
    clock.move(timedelta(seconds=60))
    assert operations.reap() == [operation_id]
    assert answer_of(app).status_code == 302
    assert seen_tenant(city.id).moved_by is None
    assert save(8) == "saved"
    assert number_on(here(city.id)) == 8
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.error, here(city.id), number_on(NORTH), is_on("default")) == (None, NORTH, 8, False)
    assert app.extensions["engines"].databases(NORTH).builds() == []


def test_a_row_that_the_other_database_cannot_keep_is_named_by_its_table():
    with pytest.raises(TypeError, match="nobody has said how that is moved"):
        rows.plain(sa.Table("t", sa.MetaData(), sa.Column("x", sa.LargeBinary)).c.x)


def test_every_column_of_a_hospital_can_be_moved(in_app):
    assert len([rows.plain(column) for table in transfer.tables() for column in table.columns]) > 2000
