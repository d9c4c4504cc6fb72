"""Recreating: an empty database in place of the old one, which is all in a backup; or the old one as it was (T21)."""

import errno
import sqlite3
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import AuditEntry, Backup, Operation, Tenant
from portal.extensions import db
from portal.kit import files as documents
from portal.provisioning import TenantDatabaseManager, asking, backups, operations, recreate, template
from portal.provisioning.fresh import FreshDatabase
from portal.provisioning.ledger import Ledger
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import TenantGone, in_hospital
from portal.tenancy.databases import catalog, copies, opening, sqlite
from portal.tenancy.databases.base import WrongDatabase
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.databases.postgres_server import PostgresServer
from portal.tenancy.registry import due_outboxes, get_hospital, get_worked_on, remember_outbox, served_between
from tests.backed_up import assert_nothing_half_made, backed_up, listed
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    change,
    checksums,
    database,
    forget_templates,
    is_there,
    query,
    register,
    remove,
    request_again,
    seen_operation,
    seen_tenant,
    step_states,
    strays,
)
from tests.recreated import FULL_OF, ask, closed_by, fill, harm, is_harmed, mark, saved_by, saved_mark, stamp

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody else has the hospital open, so nobody is waited for."""
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 0)


@pytest.fixture
def city(hospital, app):
    """City General with something in it, inside an application context."""
    with app.app_context():
        fill()
        yield hospital


def recreated(subdomain: str = "city-general") -> Operation:
    """Recreate a hospital's database and wait for it."""
    operation_id = TenantDatabaseManager.recreate_hospital_database(subdomain).id
    db.session.rollback()
    return seen_operation(operation_id)


def test_a_recreated_hospital_is_empty_and_what_it_was_until_then_is_backed_up(city, app):
    operation = recreated()
    assert (operation.state, set(step_states(operation).values())) == ("succeeded", {"done"})
    assert_consistent(operation)
    tenant = seen_tenant(city.id)
    assert (mark(database()), tenant.status, tenant.closed_by) == (0, "ready", None)
    assert tenant.generation != city.generation
    assert stamp() == (city.uuid, tenant.generation)
    assert answer_of(app).status_code == 302
    [saved] = listed()
    assert (saved.reason, saved.id, saved.generation) == ("before recreating", operation.backup_id, city.generation)
    assert saved_mark(backups.folder_of(city.uuid) / saved.filename) == FULL_OF
    assert_nothing_half_made()
    assert builds() == set()


def test_it_begins_as_every_new_hospital_does(two_hospitals, in_app):
    """The profile, the numbers and the administrators are those of the platform; nothing else is there."""
    _city, lakeside = two_hospitals
    fresh = checksums(database())
    change(
        database(),
        "DELETE FROM auth_user_groups",
        "DELETE FROM auth_user",
        "UPDATE core_hospitalprofile SET name = 'Another name'",
    )
    before = checksums(database("lakeside"))
    recreated()
    after = checksums(database())
    changed = {table for table in fresh if fresh[table] != after[table]}
    assert changed <= {"core_identity", "core_hospitalprofile", "auth_user", "auth_user_groups"}
    assert query(database(), "SELECT name FROM core_hospitalprofile") == [("City General Hospital",)]
    assert query(database(), "SELECT username FROM auth_user") == [("city-general-admin",)]
    assert (checksums(database("lakeside")), seen_tenant(lakeside.id).epoch) == (before, lakeside.epoch)


def test_restoring_its_backup_brings_every_row_back(city):
    before = checksums(database())
    operation = recreated()
    TenantDatabaseManager.restore_hospital_database(
        "city-general", db.session.get(Backup, operation.backup_id).reference
    )
    after = checksums(database())
    assert {table for table in before if before[table] != after[table]} == {"core_identity"}


def test_sessions_of_before_have_ended_and_those_of_another_hospital_have_not(app, client_with, two_hospitals):
    city, lakeside = two_hospitals
    browser, other = client_with("patients.view", hospital=city), client_with("patients.view", hospital=lakeside)
    with app.app_context():
        recreated()
        app.extensions["registry"].forget()
    answer = browser.get("/patients/")
    assert answer.status_code in (302, 303)
    assert "sign-in" in answer.location
    assert other.get("/patients/").status_code == 200


def test_documents_stay_on_the_disk_as_long_as_the_backup_that_knows_of_them(city):
    with in_hospital(city):
        place = documents.place_of(documents.keep(b"a scan").file_key)
    recreated()
    clock.move(timedelta(days=29))
    with in_hospital(get_hospital("city-general")):
        assert documents.remove_strays() == 0
    assert place.read_bytes() == b"a scan"


def test_the_hospital_is_closed_while_it_lasts_and_then_open(city, app, monkeypatch):
    real, seen = recreate.Recreate.put_into_use, []

    def looked_at(work):
        hospital = get_hospital("city-general")
        answer = answer_of(app)
        seen.append((answer.status_code, "is being worked on" in answer.text, closed_by(city.id), hospital.epoch))
        with pytest.raises(TenantGone):
            get_worked_on("city-general")
        with pytest.raises(TenantGone):
            app.extensions["engines"].get(hospital, writing=False)
        real(work)

    monkeypatch.setattr(recreate.Recreate, "put_into_use", looked_at)
    operation = recreated()
    assert seen == [(503, True, operation.id, city.epoch + 1)]
    tenant = seen_tenant(city.id)
    assert (tenant.closed_by, tenant.epoch) == (None, city.epoch + 3)
    assert answer_of(app).status_code == 302


def test_it_waits_until_every_process_knows_that_the_hospital_is_closed(city, monkeypatch):
    waits = []
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 30)
    monkeypatch.setattr(recreate.time, "sleep", waits.append)
    recreated()
    assert any(20 < seconds <= 30 for seconds in waits)


@pytest.mark.parametrize("mode", ["maintenance", "suspended", "read_only"])
def test_a_mode_stays_what_it_was(city, mode):
    db.session.execute(sa.update(Tenant).where(Tenant.id == city.id).values(mode=mode))
    db.session.commit()
    recreated()
    assert seen_tenant(city.id).mode == mode


@pytest.mark.sqlite
def test_rows_written_until_the_moment_of_the_swap_are_in_the_backup(city, monkeypatch):
    """A writer that nothing stops: each row it was told is saved is in the backup, and none in the new database."""
    change(database(), "CREATE TABLE diary (line INTEGER)")
    saved, stop = [], threading.Event()

    def write():
        raw = sqlite3.connect(database_path, isolation_level=None, timeout=0.05)
        while not stop.is_set():
            try:
                raw.execute("INSERT INTO diary VALUES (?)", (len(saved),))
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    break
                continue
            saved.append(len(saved))
        raw.close()

    database_path = database()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(saved) < 20:
            time.sleep(0.005)
        operation = recreated()
    finally:
        stop.set()
        writer.join()
    lines = [line for (line,) in query(saved_by(operation.id), "SELECT line FROM diary ORDER BY line")]
    assert lines == saved
    assert "diary" not in checksums(database())


def test_who_waited_for_the_lock_meanwhile_writes_nothing_into_the_new_database(city, app):
    engine = app.extensions["engines"].get(city, writing=True)
    statement = sa.text("UPDATE core_sequence SET value = 55 WHERE name = 'mrn'")
    with engine.begin() as connection:
        connection.execute(statement)
    recreated()
    with pytest.raises(WrongDatabase), engine.begin() as connection:
        connection.execute(statement)
    assert mark(database()) == 0
    app.extensions["registry"].report_wrong_database(city, "what an old page found")
    assert seen_tenant(city.id).status == "ready"


def test_it_is_written_down_who_asked_and_what_was_done(city):
    root = 1
    operation = asking.request_recreate(db.session.get(Tenant, city.id), root)
    db.session.commit()
    assert operations.perform(operation.id)
    query = sa.select(AuditEntry).where(AuditEntry.action.contains("recreate")).order_by(AuditEntry.id)
    asked, done = db.session.scalars(query).all()
    assert (asked.action, asked.details) == ("recreate_database", {"operation": operation.reference})
    [saved] = listed()
    assert (done.action, done.actor, done.details["backup"]) == ("database_recreated", "root", saved.reference)


def test_asked_for_twice_it_is_one_operation_and_other_work_is_refused(city):
    first, second = ask(city.id), ask(city.id)
    assert first == second
    with pytest.raises(ProvisioningProblem, match="Other work on this hospital is under way"):
        TenantDatabaseManager.create_hospital_database("city-general")
    with pytest.raises(ProvisioningProblem, match="Other work on this hospital is under way"):
        asking.request_backup(db.session.get(Tenant, city.id))
    assert request_again(city.id, "verify") == first
    assert operations.perform(first)
    assert not operations.perform(first)
    assert len(listed()) == 1


def test_while_other_work_is_under_way_it_is_refused(city):
    request_again(city.id, "verify")
    with pytest.raises(ProvisioningProblem, match="Other work on this hospital is under way"):
        TenantDatabaseManager.recreate_hospital_database("city-general")
    with pytest.raises(LookupError):
        TenantDatabaseManager.recreate_hospital_database("nobody")


def test_a_second_click_while_it_runs_is_the_same_work(city, monkeypatch):
    real, again = recreate.Recreate.saved, []

    def clicked(work, reference):
        real(work, reference)
        again.append(ask(city.id))

    monkeypatch.setattr(recreate.Recreate, "saved", clicked)
    assert [recreated().id] == again


def lose(app, *, with_log: bool) -> None:
    """The file is gone, perhaps not all that belongs to it."""
    app.extensions["engines"].close()
    remove(database())
    for name in ("-wal", "-shm"):
        path = database().with_name(database().name + name)
        if with_log:
            path.write_bytes(b"of a file that is gone")
        else:
            path.unlink(missing_ok=True)


def test_a_lost_database_is_simply_created_and_that_is_said(city, app):
    lose(app, with_log=False)
    operation = recreated()
    [output] = [row.output for row in operation.steps if row.step == "save"]
    assert output == "There was no database, so there was nothing to save."
    assert (listed(), operation.backup_id, seen_tenant(city.id).status) == ([], None, "ready")
    assert answer_of(app).status_code == 302


@pytest.mark.sqlite
def test_what_is_left_of_a_lost_database_is_kept_and_never_read_into_the_new_one(city, app):
    lose(app, with_log=True)
    recreated()
    kept = sorted(path.read_bytes() for path in backups.folder_of(city.uuid).glob("*.unreadable*"))
    assert kept == [b"of a file that is gone"] * 2
    assert (mark(database()), seen_tenant(city.id).status) == (0, "ready")
    assert answer_of(app).status_code == 302


def test_a_hospital_that_never_had_a_database_gets_one(in_app, app):
    tenant_id, _none = register(with_database=False)
    recreated()
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app).status_code == 302


@pytest.mark.sqlite
@pytest.mark.parametrize("harm", ["noise", "another hospital’s", "no tables"])
def test_a_database_that_cannot_be_read_is_kept_beside_the_backups_and_replaced(two_hospitals, in_app, app, harm):
    city, _lakeside = two_hospitals
    app.extensions["engines"].close()
    for name in ("-wal", "-shm"):
        database().with_name(database().name + name).unlink(missing_ok=True)
    contents = {"noise": b"x" * 50_000, "another hospital’s": database("lakeside").read_bytes(), "no tables": b""}
    database().write_bytes(contents[harm])
    operation = recreated()
    assert "is kept as it was, beside the backups" in next(row.output for row in operation.steps if row.step == "save")
    [path] = backups.folder_of(city.uuid).glob("*.unreadable")
    assert path.read_bytes() == contents[harm]
    assert (operation.backup_id, seen_tenant(city.id).status) == (None, "ready")
    assert answer_of(app).status_code == 302
    assert builds() == set()


def test_an_incomplete_database_is_backed_up_as_it_is(city):
    change(database(), "DROP TABLE hr_payslip")
    operation = recreated()
    assert saved_mark(saved_by(operation.id)) == FULL_OF
    assert "hr_payslip" in checksums(database())


@pytest.mark.sqlite
def test_a_busy_database_is_not_waited_for_for_ever_and_stays(city, app, monkeypatch):
    monkeypatch.setattr(copies, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 50)
    writer = sqlite3.connect(database(), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(ProvisioningProblem, match="The database is busy"):
        recreated()
    writer.execute("ROLLBACK")
    writer.close()
    assert_untouched(city, app)


def assert_untouched(city, app) -> None:
    """The old database is in use with all that was in it, and the hospital is open."""
    assert (mark(database()), stamp()) == (FULL_OF, (city.uuid, city.generation))
    tenant = seen_tenant(city.id)
    assert (tenant.status, tenant.generation, tenant.closed_by) == ("ready", city.generation, None)
    assert answer_of(app).status_code == 302
    assert builds() == set()


ON_FILES = [
    (FreshDatabase, "copy"),
    (FreshDatabase, "set_up_modules"),
    (FreshDatabase, "stamp_and_grant"),
    (FreshDatabase, "check"),
    (sqlite, "copy_file"),
    (backups, "copy"),
    (backups, "read"),
    (sqlite, "sync_file"),
    (backups, "hash_of"),
    (backups, "sync_file"),
    (backups, "sync_folder"),
    (backups, "rename_file"),
    (recreate.Recreate, "saved"),
    (documents, "spare"),
    (copies, "pause"),
    (copies, "pages_written"),
    (sqlite.SqliteDatabases, "overwrite"),
]
SEAMS = [
    *(pytest.param(*seam, marks=pytest.mark.sqlite) for seam in ON_FILES),
    pytest.param(PostgresServer, "read_only", marks=pytest.mark.postgres),
    pytest.param(PostgresServer, "refuse_people", marks=pytest.mark.postgres),
    pytest.param(PostgresServer, "admit", marks=pytest.mark.postgres),
]


@pytest.mark.parametrize(("owner", "name"), SEAMS)
def test_a_refusal_at_any_moment_leaves_the_old_database_in_use_and_a_retry_works(city, app, monkeypatch, owner, name):
    real, calls = getattr(owner, name), []
    for point in range(1, 12):

        def fails(*args, point=point, **kwargs):
            calls.append(1)
            if len(calls) == point:
                raise FULL
            return real(*args, **kwargs)

        calls.clear()
        monkeypatch.setattr(owner, name, fails)
        operation_id = ask(city.id)
        assert operations.perform(operation_id)
        operation = seen_operation(operation_id)
        assert_consistent(operation)
        assert_nothing_half_made()
        if operation.state == "succeeded":
            break
        assert operation.error.startswith("The disk is full. ")
        assert_untouched(city, app)
    assert point > 1
    assert (mark(database()), saved_mark(saved_by(operation_id)), closed_by(city.id)) == (0, FULL_OF, None)
    assert answer_of(app).status_code == 302


REPLACING_FILES = [
    (backups, "salvage"),
    (sqlite, "copy_file"),
    (sqlite.SqliteDatabases, "set_aside"),
    (sqlite.SqliteDatabases, "publish"),
    (sqlite, "sync_file"),
    (sqlite, "sync_folder"),
    (sqlite, "link_file"),
]
REPLACING = [
    *(pytest.param(*seam, marks=pytest.mark.sqlite) for seam in REPLACING_FILES),
    pytest.param(PostgresServer, "put_aside", marks=pytest.mark.postgres),
    pytest.param(PostgresDatabases, "publish", marks=pytest.mark.postgres),
]


@pytest.mark.parametrize(("owner", "name"), REPLACING)
def test_a_refusal_while_an_unreadable_database_is_replaced_loses_nothing_of_it(city, app, monkeypatch, owner, name):
    real, calls = getattr(owner, name), []
    app.extensions["engines"].close()
    harm()
    for point in range(1, 12):

        def fails(*args, point=point, **kwargs):
            calls.append(1)
            if len(calls) == point:
                raise FULL
            return real(*args, **kwargs)

        calls.clear()
        monkeypatch.setattr(owner, name, fails)
        operation_id = ask(city.id)
        assert operations.perform(operation_id)
        operation = seen_operation(operation_id)
        assert_consistent(operation)
        assert closed_by(city.id) is None
        if operation.state == "succeeded":
            break
        assert is_there(database()) or is_kept(city)
    assert point > 1
    assert is_kept(city)
    assert (mark(database()), seen_tenant(city.id).status) == (0, "ready")
    assert answer_of(app).status_code == 302


def is_kept(city) -> bool:
    """What was harmed is beside the backups."""
    return any(is_harmed(path) for path in backups.folder_of(city.uuid).glob("*.unreadable"))


def test_no_job_of_a_closed_hospital_is_woken(city):
    remember_outbox(city.id)
    assert (due_outboxes(), served_between(0, 0, 1)) == ([(city.id, "city-general")], ["city-general"])
    db.session.execute(sa.update(Tenant).values(closed_by=7))
    db.session.commit()
    assert (due_outboxes(), served_between(0, 0, 1)) == ([], [])


def test_a_deleted_hospital_is_not_recreated(city):
    db.session.execute(sa.update(Tenant).values(mode="deleted"))
    db.session.commit()
    with pytest.raises(ProvisioningProblem, match="City General Hospital is deleted"):
        recreated()


def test_a_backup_that_does_not_hold_every_row_deletes_nothing(city, app, monkeypatch):
    monkeypatch.setattr(catalog, "count_rows", lambda connection: {})
    with pytest.raises(ProvisioningProblem, match="does not hold every table and row"):
        recreated()
    assert_untouched(city, app)
    assert listed() == []


def test_a_check_that_fails_afterwards_leaves_the_new_database_open_and_the_way_back(city, app, monkeypatch):
    real = recreate.Recreate.finish

    def fails(work):
        real(work)
        raise FULL

    monkeypatch.setattr(recreate.Recreate, "finish", fails)
    operation_id = ask(city.id)
    assert operations.perform(operation_id)
    assert seen_operation(operation_id).state == "failed"
    assert (mark(database()), saved_mark(saved_by(operation_id)), closed_by(city.id)) == (0, FULL_OF, None)
    assert seen_tenant(city.id).status == "ready"
    assert answer_of(app).status_code == 302


def test_without_a_template_the_empty_database_is_migrated(city):
    forget_templates()
    recreated()
    assert template.has_template()
    assert (mark(database()), seen_tenant(city.id).status) == (0, "ready")


def test_an_attempt_that_lost_its_lease_changes_nothing_more(city, app, monkeypatch):
    real, second = FreshDatabase.check, []

    def overtaken(fresh):
        verdict = real(fresh)
        if not second:
            second.append(1)
            clock.move(timedelta(seconds=20))
            assert operations.reap()
            assert closed_by(city.id) is None
            operation = db.session.scalar(sa.select(Operation.id).where(Operation.kind == "recreate"))
            assert operations.perform(operation)
            change(database(), "UPDATE core_sequence SET value = 55 WHERE name = 'mrn'")
        return verdict

    monkeypatch.setattr(FreshDatabase, "check", overtaken)
    operation_id = ask(city.id)
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.state, operation.attempt, closed_by(city.id)) == ("succeeded", 2, None)
    assert mark(database()) == 55
    assert len(listed()) == 1
    assert strays() == set()


@pytest.mark.parametrize("attempts", [1, 3])
def test_the_reaper_opens_the_hospital_of_a_dead_worker_at_once(city, app, attempts):
    """Also where it waits for the next attempt: that closes it again."""
    operation_id = ask(city.id)
    for _attempt in range(attempts):
        ledger, _build = Ledger.claim(operation_id, "a worker", "build_x")
        ledger.close(city.id)
        assert closed_by(city.id) == operation_id
        clock.move(timedelta(seconds=20))
        assert operations.reap() == [operation_id]
        assert_untouched(city, app)
    assert seen_operation(operation_id).state == ("queued" if attempts < 3 else "interrupted")


def test_recreated_twice_each_time_is_backed_up(city):
    backup = backed_up()
    first, second = recreated(), recreated()
    assert [saved_mark(saved_by(one.id)) for one in (first, second)] == [FULL_OF, 0]
    assert [row.id for row in listed()] == [backup.id, first.backup_id, second.backup_id]
