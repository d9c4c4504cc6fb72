"""Restoring: all of the old database or all of the restored one, never a mixture and never none (security.md 28)."""

import contextvars
import errno
import sqlite3
import threading
import time
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import Backup, Operation, Tenant, TenantAccess
from portal.extensions import db
from portal.kit import files as documents
from portal.kit.models import Event
from portal.migrations import revisions
from portal.provisioning import TenantDatabaseManager, asking, backups, operations, restore
from portal.provisioning.registration import NameInUse
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import in_hospital
from portal.tenancy.databases import copies, opening, sqlite
from portal.tenancy.databases.base import OUT_OF_REACH
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.databases.postgres_server import PostgresServer
from portal.tenancy.registry import get_hospital
from tests import on_postgres
from tests.backed_up import (
    WHILE_COPIED,
    assert_nothing_half_made,
    backed_up,
    interfere,
    kept,
    listed,
    unpacked,
    within,
)
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    change,
    checksums,
    database,
    files,
    put_copy,
    put_in_the_way,
    query,
    remove,
    seen_operation,
    seen_tenant,
    somebody,
    step_states,
    which,
)

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def city(hospital, app):
    """City General inside an application context, with a sequence at 7 that shows which database one looks at."""
    with app.app_context():
        change(database(), "UPDATE core_sequence SET value = 7 WHERE name = 'mrn'")
        yield hospital


def mark(subdomain: str = "city-general") -> int:
    """What shows which database one looks at."""
    return query(database(subdomain), "SELECT value FROM core_sequence WHERE name = 'mrn'")[0][0]


def set_mark(value: int) -> None:
    """Change the database after the backup was made."""
    change(database(), f"UPDATE core_sequence SET value = {value} WHERE name = 'mrn'")


def ask(tenant_id: int, backup: Backup) -> int:
    """Ask for a restore: the operation's id."""
    operation = asking.request_restore(db.session.get(Tenant, tenant_id), db.session.get(Backup, backup.id))
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def restored(backup: Backup, **new) -> Operation:
    """Restore a backup of City General and wait for it."""
    operation = TenantDatabaseManager.restore_hospital_database("city-general", backup.reference, **new)
    operation_id = operation.id
    db.session.rollback()
    return seen_operation(operation_id)


def stamp(subdomain: str = "city-general") -> tuple[str, str]:
    """The identity row of a hospital's file."""
    return query(database(subdomain), "SELECT tenant_uuid, generation FROM core_identity")[0]


def test_a_restored_hospital_is_as_it_was_and_what_it_was_until_then_is_backed_up(city, app):
    backup = backed_up()
    set_mark(99)
    operation = restored(backup)
    assert (operation.state, set(step_states(operation).values())) == ("succeeded", {"done"})
    assert_consistent(operation)
    assert mark() == 7
    tenant = seen_tenant(city.id)
    assert (tenant.status, tenant.epoch) == ("ready", city.epoch + 1)
    assert tenant.generation != city.generation
    assert stamp() == (city.uuid, tenant.generation)
    assert answer_of(app).status_code == 302
    _old, saved = listed()
    assert saved.reason == "before restoring"
    assert within(backups.folder_of(city.uuid) / saved.filename, "SELECT max(value) FROM core_sequence") == [(99,)]
    assert_nothing_half_made()
    assert builds() == set()


def test_a_restore_is_undone_by_restoring_what_was_there_before(city):
    backup = backed_up()
    set_mark(99)
    restored(backup)
    restored(listed()[-1])
    assert mark() == 99
    assert seen_tenant(city.id).status == "ready"


def test_every_other_row_is_as_it_was(city):
    backup = backed_up()
    before = checksums(database())
    change(database(), "DELETE FROM auth_user_groups", "DROP TABLE hr_payslip")
    restored(backup)
    after = checksums(database())
    assert after.keys() == before.keys()
    assert {table for table in before if before[table] != after[table]} == {"core_identity"}


def test_sessions_of_before_the_restore_have_ended(app, client_with, hospital):
    browser = client_with("patients.view")
    assert browser.get("/patients/").status_code == 200
    with app.app_context():
        backup = backed_up()
        restored(backup)
        app.extensions["registry"].forget()
    answer = browser.get("/patients/")
    assert answer.status_code in (302, 303)
    assert "sign-in" in answer.location


def test_whoever_has_the_old_database_open_sees_the_restored_one(city, app):
    backup = backed_up()
    set_mark(99)
    value, bound = sa.text("SELECT value FROM core_sequence WHERE name = 'mrn'"), {"bind_key": "tenant"}
    with in_hospital(get_hospital("city-general")):
        assert db.session.scalar(value, bind_arguments=bound) == 99
    restored(backup)
    with in_hospital(get_hospital("city-general")):
        assert db.session.scalar(value, bind_arguments=bound) == 7


@pytest.mark.sqlite
def test_a_page_that_is_being_made_ends_with_the_old_database(city, app):
    backup = backed_up()
    set_mark(99)
    held = [app.extensions["engines"].get(city, writing=False) for _ in range(3)]
    value = sa.text("SELECT value FROM core_sequence WHERE name = 'mrn'")
    connections = [engine.connect() for engine in held]
    assert [connection.scalar(value) for connection in connections] == [99, 99, 99]
    restored(backup)
    assert [connection.scalar(value) for connection in connections] == [99, 99, 99], "a page that is being made ends"
    for connection in connections:
        connection.close()


def test_what_was_saved_before_the_switch_is_in_the_backup_of_it_and_nothing_is_saved_in_between(city, monkeypatch):
    """A writer that hears “saved” finds its row in the backup of the present state, or in the restored database."""
    change(database(), "CREATE TABLE note (number INTEGER PRIMARY KEY)")
    backup = backed_up()
    done, stopped, numbers = [], threading.Event(), count()

    def write() -> None:
        while not stopped.is_set():
            with suppress(*OUT_OF_REACH, sqlite3.Error, psycopg.Error), somebody(database()) as raw:
                while not stopped.is_set():
                    number = next(numbers)
                    raw.execute(f"INSERT INTO note VALUES ({number})")
                    done.append(number)
                    time.sleep(0.001)
            time.sleep(0.01)  # whoever is sent away by a server comes again

    interfere(monkeypatch, lambda: time.sleep(0.02))
    monkeypatch.setattr(copies, "pages_written", lambda *args: time.sleep(0.02))
    writer = threading.Thread(target=contextvars.copy_context().run, args=(write,))
    writer.start()
    try:
        restored(backup)
    finally:
        stopped.set()
        writer.join()
    saved = set(within(backups.folder_of(city.uuid) / listed()[-1].filename, "SELECT number FROM note"))
    there = set(query(database(), "SELECT number FROM note"))
    assert saved
    assert not saved & there
    assert {(number,) for number in done} <= saved | there


@pytest.mark.parametrize("harm", ["flipped", "cut", "gone"])
def test_a_backup_that_is_not_what_it_was_is_refused_with_a_sentence(city, harm):
    backup = backed_up()
    path = backups.place_of(backup)
    content = bytearray(path.read_bytes())
    content[-100] ^= 0xFF
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(content if harm == "flipped" else content[:4096])
    set_mark(99)
    with pytest.raises(ProvisioningProblem) as refusal:
        restored(backup)
    why = "file cannot be found." if harm == "gone" else "file has changed since it was made. Choose another backup."
    assert refusal.value.sentence == f"The backup’s {why} Checking the backup did not work. Nothing was changed."
    assert mark() == 99
    assert stamp() == (city.uuid, city.generation)
    assert seen_tenant(city.id).status == "ready"


def test_a_backup_of_another_hospital_is_refused(two_hospitals, in_app, app):
    city, lakeside = two_hospitals
    backup = backed_up("lakeside")
    with pytest.raises(LookupError):
        TenantDatabaseManager.restore_hospital_database("city-general", backup.reference)
    operation_id = ask(city.id, backup)
    assert operations.perform(operation_id)
    assert seen_operation(operation_id).error.startswith("The backup belongs to another hospital. ")
    assert stamp() == (city.uuid, city.generation)
    assert answer_of(app).status_code == 302
    assert seen_tenant(lakeside.id).generation == lakeside.generation


def test_a_file_of_another_hospital_under_a_backups_name_is_refused(two_hospitals, in_app):
    city, _lakeside = two_hospitals
    backup, other = backed_up(), backed_up("lakeside")
    place = backups.place_of(backup)
    place.write_bytes((backups.place_of(other)).read_bytes())
    db.session.execute(sa.update(Backup).where(Backup.id == backup.id).values(
        sha256=other.sha256, size=other.size, counts=other.counts))  # fmt: skip
    db.session.commit()
    with pytest.raises(ProvisioningProblem, match="holds the database of another hospital"):
        restored(backup)
    assert stamp() == (city.uuid, city.generation)


def test_a_lost_database_is_restored(city, app):
    backup = backed_up()
    app.extensions["engines"].close()
    remove(database())
    for name in ("-wal", "-shm"):
        database().with_name(database().name + name).unlink(missing_ok=True)
    operation = restored(backup)
    assert step_states(operation)["save"] == "skipped"
    assert (mark(), seen_tenant(city.id).status) == (7, "ready")
    assert answer_of(app).status_code == 302


def assert_kept_beside_the_backups(app, operation: Operation) -> Path:
    """What was there is kept beside the backups, and another database is in use; where it is kept."""
    assert operation.state == "succeeded"
    assert "is kept as it was, beside the backups" in next(row.output for row in operation.steps if row.step == "save")
    assert seen_tenant(operation.tenant_id).status == "ready"
    assert answer_of(app).status_code == 302
    assert builds() == set()
    [path] = backups.folder_of(operation.tenant.uuid).glob("*.unreadable")
    return path


def test_a_database_of_another_hospital_is_kept_beside_the_backups_and_replaced(two_hospitals, in_app, app):
    backup = backed_up()
    app.extensions["engines"].close()
    remove(database())
    put_copy(database("lakeside"), database())
    with unpacked(assert_kept_beside_the_backups(app, restored(backup))) as content:
        assert checksums(content) == checksums(database("lakeside"))


@pytest.mark.sqlite
def test_a_file_that_cannot_be_read_is_kept_beside_the_backups_and_replaced(city, app):
    backup = backed_up()
    app.extensions["engines"].close()
    database().write_bytes(b"x" * 50_000)
    assert assert_kept_beside_the_backups(app, restored(backup)).read_bytes() == b"x" * 50_000


@pytest.mark.sqlite
def test_a_busy_database_is_not_waited_for_for_ever(city, monkeypatch):
    backup = backed_up()
    monkeypatch.setattr(copies, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 50)
    writer = sqlite3.connect(database(), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(ProvisioningProblem, match="The database is busy"):
        restored(backup)
    writer.execute("ROLLBACK")
    writer.close()
    assert stamp() == (city.uuid, city.generation)
    assert len(listed()) == 1


OF_FILES = [
    (sqlite.SqliteDatabases, "fetch"),
    (sqlite.SqliteDatabases, "overwrite"),
    (copies, "pages_written"),
    (backups, "copy"),
    (backups, "sync_file"),
]
OF_A_SERVER = [
    (PostgresDatabases, "fetch"),
    (PostgresServer, "read_only"),
    (PostgresServer, "admit"),
    (PostgresServer, "rename"),
]
SEAMS = [
    (restore, "prepare_copy"),
    (backups, "rename_file"),
    WHILE_COPIED,
    *(OF_A_SERVER if on_postgres.WANTED else OF_FILES),
]


@pytest.mark.parametrize(("owner", "name"), SEAMS)
def test_a_full_disk_at_any_moment_leaves_the_old_database_in_use(city, app, monkeypatch, owner, name):
    backup = backed_up()
    set_mark(99)
    real, calls = getattr(owner, name), []
    for point in range(1, 12):

        def fails(*args, point=point, **kwargs):
            calls.append(1)
            if len(calls) == point:
                raise FULL
            return real(*args, **kwargs)

        calls.clear()
        monkeypatch.setattr(owner, name, fails)
        operation_id = ask(city.id, backup)
        assert operations.perform(operation_id)
        operation = seen_operation(operation_id)
        assert_consistent(operation)
        assert_nothing_half_made()
        assert builds() == set()
        assert answer_of(app).status_code == 302
        if operation.state == "succeeded":
            break
        assert operation.error.startswith("The disk is full. ")
        assert (mark(), stamp()) == (99, (city.uuid, city.generation))
        assert seen_tenant(city.id).status == "ready"
    assert point > 1
    assert mark() == 7


def test_an_attempt_that_lost_its_lease_changes_nothing_more(city, app, monkeypatch):
    backup = backed_up()
    set_mark(99)
    operation_id, real, second = ask(city.id, backup), restore.prepare_copy, []

    def overtaken(*args):
        real(*args)
        if not second:
            second.append(1)
            clock.move(timedelta(seconds=20))
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
            set_mark(55)  # somebody works in the restored hospital

    monkeypatch.setattr(restore, "prepare_copy", overtaken)
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.state, operation.attempt) == ("succeeded", 2)
    assert mark() == 55
    assert len(listed()) == 2


def test_a_backup_of_an_older_release_is_brought_to_this_one(city):
    """A table that a backup lacks is added to the restored database, not to the backup."""
    change(database(), "DROP TABLE hr_payslip")
    backup = backed_up()
    restored(backup)
    assert seen_tenant(city.id).status == "ready"
    assert query(database(), "SELECT count(*) FROM hr_payslip") == [(0,)]
    assert "hr_payslip" not in backup.counts


def test_a_backup_of_a_newer_release_is_refused(city):
    assert "9999" not in dict(revisions("tenant"))
    change(database(), "UPDATE alembic_version_tenant SET version_num = '9999', serves_from = '9999'")
    backup = backed_up()
    change(database(), f"UPDATE alembic_version_tenant SET version_num = '{revisions('tenant')[-1][0]}'")
    with pytest.raises(ProvisioningProblem, match="The database is at revision 9999, which is not known here"):
        restored(backup)
    assert stamp() == (city.uuid, city.generation)


def test_events_that_waited_are_held_back_so_that_nothing_is_sent_twice(city):
    with in_hospital(city):
        db.session.add(Event(name="patient.registered", payload={}))
        db.session.commit()
    backup = backed_up()
    restored(backup)
    [(error, due)] = query(database(), "SELECT last_error, next_try_at FROM core_event")
    assert (error.startswith("Held back"), due) == (True, None)


def test_documents_added_since_stay_on_the_disk_as_long_as_the_backup_that_knows_of_them(city):
    backup = backed_up()
    with in_hospital(city):
        kept_file = documents.keep(b"a scan")
        place = documents.place_of(kept_file.file_key)
    restored(backup)
    until = place.stat().st_mtime
    assert until > clock.now().timestamp() + 29 * 86400


@pytest.fixture
def copied(city):
    """City General restored as a new hospital, Lakeside: the operation."""
    backup = backed_up()
    set_mark(99)
    return restored(backup, new_subdomain="lakeside", new_name="Lakeside Clinic")


def test_as_a_new_hospital_it_has_nothing_of_the_old_stamp(copied, city, app):
    tenant = seen_tenant(copied.tenant_id)
    assert (tenant.status, tenant.subdomain, tenant.name) == ("ready", "lakeside", "Lakeside Clinic")
    assert stamp("lakeside") == (tenant.uuid, tenant.generation)
    assert (city.uuid, city.generation) not in query(
        database("lakeside"), "SELECT tenant_uuid, generation FROM core_identity"
    )
    assert tenant.uuid != city.uuid
    assert tenant.generation != city.generation
    assert query(database("lakeside"), "SELECT name FROM core_hospitalprofile") == [("Lakeside Clinic",)]
    assert (mark("lakeside"), mark()) == (7, 99)
    assert answer_of(app, "lakeside").status_code == 302
    assert answer_of(app, "city-general").status_code == 302
    assert stamp() == (city.uuid, city.generation)


@pytest.mark.sqlite
def test_the_old_stamp_is_nowhere_in_the_file_of_a_new_hospital(copied, city):
    assert city.uuid.encode() not in database("lakeside").read_bytes()


def test_a_new_hospital_has_the_same_administrators(copied, city):
    users = sa.select(TenantAccess.user_id)
    there = db.session.scalars(users.where(TenantAccess.tenant_id == copied.tenant_id)).all()
    assert there == db.session.scalars(users.where(TenantAccess.tenant_id == city.id)).all()
    assert there
    db.session.rollback()


def test_a_session_of_the_old_hospital_is_nobodys_in_the_new_one(app, client_with, hospital):
    browser = client_with("patients.view")
    with app.app_context():
        backup = backed_up()
        restored(backup, new_subdomain="lakeside", new_name="Lakeside Clinic")
    assert browser.get("/patients/").status_code == 200
    with browser.session_transaction(base_url="http://city-general.localhost:8000") as kept_session:
        cookie = dict(kept_session)
    other = app.test_client()
    with other.session_transaction(base_url="http://lakeside.localhost:8000") as fresh:
        fresh.update(cookie)
    assert other.get("/patients/", base_url="http://lakeside.localhost:8000").status_code in (302, 303)


def test_a_new_hospital_has_its_documents_and_they_take_no_second_place(city):
    with in_hospital(city):
        kept_file = documents.keep(b"a scan")
    values = {
        "content_type": "patients_patient",
        "object_id": 1,
        "file_key": kept_file.file_key,
        "filename": "scan.pdf",
        "mime": "application/pdf",
        "size": kept_file.size,
        "sha256": kept_file.sha256,
        "kind": "scan",
        "created_at": "2026-01-01",
        "updated_at": "2026-01-01",
        "version": 1,
    }
    change(database(), f"INSERT INTO core_attachment ({', '.join(values)}) VALUES {tuple(values.values())}")
    operation = restored(backed_up(), new_subdomain="lakeside", new_name="Lakeside Clinic")
    tenant = seen_tenant(operation.tenant_id)
    place = documents.folder_of(tenant.uuid) / kept_file.file_key[:2] / kept_file.file_key
    assert place.read_bytes() == b"a scan"
    assert place.stat().st_nlink == 3


def test_a_subdomain_in_use_is_refused(two_hospitals, in_app):
    backup = backed_up()
    with pytest.raises(NameInUse):
        restored(backup, new_subdomain="lakeside", new_name="Lakeside")
    db.session.rollback()


def test_a_file_that_belongs_to_nobody_is_not_written_over(city):
    backup = backed_up()
    put_in_the_way(database("lakeside"))
    before = which(database("lakeside"))
    with pytest.raises(ProvisioningProblem, match="is there already and belongs to nobody"):
        restored(backup, new_subdomain="lakeside", new_name="Lakeside")
    assert which(database("lakeside")) == before
    assert files() >= {"hospital_lakeside.db"}
    assert len(kept()) == 2
