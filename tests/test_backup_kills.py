"""kill -9 at every boundary of a backup and a restore: what is listed is whole, and a hospital is always there."""

import pytest

from portal.control.models import Backup, Tenant
from portal.extensions import db
from portal.provisioning import backups, operations
from portal.provisioning.registration import register_copy
from tests.backed_up import assert_nothing_half_made, backed_up, kept, listed
from tests.provisioned import (
    answer_of,
    assert_consistent,
    database,
    folder,
    query,
    request_again,
    seen_operation,
    seen_tenant,
)
from tests.test_restore import ask, mark, set_mark

OLD, RESTORED = 99, 7


@pytest.fixture
def city(app, hospital, later):
    """City General inside an application context, whose leases have run out by this clock."""
    set_mark(RESTORED)
    return hospital


def close(app) -> None:
    """Let go of every database, as processes that have nothing to do with the killed one would in time."""
    app.extensions["engines"].close()
    app.extensions["registry"].forget()


def assert_whole_backups() -> None:
    """Every backup that is listed is there, whole and with its manifest."""
    for row in listed():
        assert row.state == "verified"
        backups.check(db.session.get(Backup, row.id))
        db.session.rollback()
        assert row.filename[:-3] + ".json" in kept()


@pytest.mark.parametrize("seams", ["copies", "pages"])
def test_a_worker_killed_at_any_boundary_of_a_backup_leaves_none_that_is_half_made(app, city, kill, seams):
    step = 1 if seams == "copies" else 2
    for point in range(1, 100, step):
        operation_id = request_again(city.id, "backup")
        outcome = kill(operation_id, point, seams)
        assert_whole_backups()
        assert answer_of(app).status_code == 302
        if outcome == "survived":
            break
        assert outcome == "killed"
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert_consistent(seen_operation(operation_id))
        assert seen_operation(operation_id).state == "succeeded"
        assert_nothing_half_made()
        assert seen_tenant(city.id).status == "ready"
    assert (10 if seams == "copies" else 4) < point < 99


def assert_old_or_restored(app, city, operation_id: int) -> None:
    """The database is wholly the old one, still in use, or wholly the restored one, which the next attempt finds."""
    assert query(database(), "PRAGMA integrity_check") == [("ok",)]
    [(uuid, generation)] = query(database(), "SELECT tenant_uuid, generation FROM core_identity")
    assert uuid == city.uuid
    new = seen_operation(operation_id).reference.replace("-", "")
    assert mark() == (RESTORED if generation == new else OLD)
    if generation != new:
        assert answer_of(app).status_code == 302, "the old database serves"
        assert seen_tenant(city.id).generation == generation
    elif seen_tenant(city.id).generation == new:
        assert answer_of(app).status_code == 302, "the restored database serves"


@pytest.mark.parametrize(
    ("seams", "first"), [*(("copies", first) for first in range(1, 5)), ("pages", 1), ("pages", 2)]
)
def test_a_worker_killed_at_any_boundary_of_a_restore_leaves_the_old_database_or_the_restored_one(
    app, city, kill, seams, first
):
    """Every fourth point from the first one on, or every second of those between pages: together all of them."""
    backup = backed_up()
    for point in range(first, 100, 4 if seams == "copies" else 2):
        set_mark(OLD)
        operation_id = ask(city.id, backup)
        outcome = kill(operation_id, point, seams)
        assert_whole_backups()
        assert_old_or_restored(app, city, operation_id)
        close(app)
        if outcome == "survived":
            break
        assert outcome == "killed"
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert seen_operation(operation_id).state == "succeeded"
        assert (mark(), seen_tenant(city.id).status) == (RESTORED, "ready")
        assert answer_of(app).status_code == 302
        assert_nothing_half_made()
        assert not list(folder().glob("build_*"))
        close(app)
    assert (25 if seams == "copies" else 4) < point < 99


def test_a_restore_given_up_after_three_kills_leaves_a_hospital_that_a_new_try_restores(app, city, kill):
    backup = backed_up()
    for point in range(5, 60, 15):
        set_mark(OLD)
        operation_id = ask(city.id, backup)
        while kill(operation_id, point, "copies") == "killed":
            assert_old_or_restored(app, city, operation_id)
            close(app)
            operations.reap()
            if not seen_operation(operation_id).is_active:
                break
        if seen_operation(operation_id).state == "interrupted":
            assert_consistent(seen_operation(operation_id))
            assert not list(folder().glob("build_*"))
            operation_id = ask(city.id, backup)
            assert operations.perform(operation_id)
        assert (mark(), seen_tenant(city.id).status) == (RESTORED, "ready")
        assert answer_of(app).status_code == 302
        close(app)


def test_a_worker_killed_while_it_replaces_a_damaged_database_loses_neither(app, city, kill):
    backup = backed_up()
    for point in range(1, 100, 3):
        close(app)
        for suffix in ("-wal", "-shm"):
            database().with_name(database().name + suffix).unlink(missing_ok=True)
        database().write_bytes(b"x" * 8192)
        operation_id = ask(city.id, backup)
        outcome = kill(operation_id, point, "copies")
        if outcome == "survived":
            break
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert seen_tenant(city.id).status == "ready"
        assert answer_of(app).status_code == 302
        assert any(path.read_bytes() == b"x" * 8192 for path in backups.folder_of(city.uuid).glob("*.unreadable"))
        for path in backups.folder_of(city.uuid).glob("*.unreadable"):
            path.unlink()
    assert 25 < point < 99


def test_a_new_hospital_is_restored_once_however_often_its_worker_is_killed(app, city, kill):
    backup = backed_up()
    for point in range(1, 60, 6):
        source = db.session.get(Tenant, city.id)
        tenant_id = register_copy(source, "Copy", f"copy-{point}").id
        db.session.commit()
        operation_id = ask(tenant_id, backup)
        outcome = kill(operation_id, point, "copies")
        if outcome == "killed" and seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert seen_tenant(tenant_id).status == "ready"
        assert answer_of(app, f"copy-{point}").status_code == 302
        assert mark(f"copy-{point}") == RESTORED
        if outcome == "survived":
            break
    assert point > 15
    assert not list(folder().glob("build_*"))
