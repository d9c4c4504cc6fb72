"""kill -9 at every boundary of a backup and a restore: what is listed is whole, and a hospital is always there."""

import pytest

from portal.control.models import Backup, Tenant
from portal.extensions import db
from portal.provisioning import backups, operations
from portal.provisioning.registration import register_copy
from tests import on_postgres
from tests.backed_up import assert_nothing_half_made, backed_up, kept, listed
from tests.boundaries import PAGES, fewest, rounds
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    database,
    is_sound,
    lets_in,
    query,
    request_again,
    seen_operation,
    seen_tenant,
    strays,
    sweep,
)
from tests.recreated import harm, is_harmed
from tests.test_restore import ask, mark, set_mark

OLD, RESTORED = 99, 7
MAKING = "programs" if on_postgres.WANTED else "copies"
READ: set[str] = set()  # the content of each backup is looked at once


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
        backup = db.session.get(Backup, row.id)
        assert backup.state == "verified"
        if row.sha256 not in READ:
            backups.check(backup)
            READ.add(row.sha256)
        assert backups.hash_of(backups.place_of(backup)) == row.sha256
        db.session.rollback()
        assert row.filename[:-3] + ".json" in kept()


@pytest.mark.parametrize("seams", [MAKING, pytest.param("pages", marks=pytest.mark.sqlite)])
def test_a_worker_killed_at_any_boundary_of_a_backup_leaves_none_that_is_half_made(app, city, kill, seams):
    step = 1 if seams == MAKING else 2
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
        sweep()
        assert strays() == set()
        assert seen_tenant(city.id).status == "ready"
    assert (fewest(10, 2) if seams == MAKING else 4) < point < 99


def assert_old_or_restored(app, city, operation_id: int) -> None:
    """The database is wholly the old one, still in use, or wholly the restored one, which the next attempt finds.

    A server that keeps people out of the old one when it is to be replaced does so until the reaper comes by.
    """
    assert is_sound(database())
    [(uuid, generation)] = query(database(), "SELECT tenant_uuid, generation FROM core_identity")
    assert uuid == city.uuid
    new = seen_operation(operation_id).reference.replace("-", "")
    assert mark() == (RESTORED if generation == new else OLD)
    if generation != new:
        served = 302 if lets_in(database()) else 503
        assert answer_of(app).status_code == served, "the old database serves"
        assert seen_tenant(city.id).generation == generation
    elif seen_tenant(city.id).generation == new:
        assert answer_of(app).status_code == 302, "the restored database serves"


@pytest.mark.parametrize(("seams", "first", "step"), [*rounds("copies", 4, on_server=(2, 2)), *PAGES])
def test_a_worker_killed_at_any_boundary_of_a_restore_leaves_the_old_database_or_the_restored_one(
    app, city, kill, seams, first, step
):
    backup = backed_up()
    for point in range(first, 100, step):
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
            assert lets_in(database())
            assert_old_or_restored(app, city, operation_id)
            close(app)
            assert operations.perform(operation_id)
        assert seen_operation(operation_id).state == "succeeded"
        assert (mark(), seen_tenant(city.id).status) == (RESTORED, "ready")
        assert answer_of(app).status_code == 302
        assert_nothing_half_made()
        sweep()
        assert strays() == set()
        close(app)
    assert (fewest(25, 3) if seams == "copies" else 4) < point < 99


@pytest.mark.sqlite  # as a recreation that is given up
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
            assert builds() == set()
            operation_id = ask(city.id, backup)
            assert operations.perform(operation_id)
        assert (mark(), seen_tenant(city.id).status) == (RESTORED, "ready")
        assert answer_of(app).status_code == 302
        close(app)


@pytest.mark.sqlite  # there the same is done as in a recreation, at the cost of reading the backup each time
def test_a_worker_killed_while_it_replaces_a_damaged_database_loses_neither(app, city, kill):
    backup = backed_up()
    for point in range(1, 100, 3):
        close(app)
        harm()
        operation_id = ask(city.id, backup)
        outcome = kill(operation_id, point, "copies")
        if outcome == "survived":
            break
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert seen_tenant(city.id).status == "ready"
        assert answer_of(app).status_code == 302
        assert any(is_harmed(path) for path in backups.folder_of(city.uuid).glob("*.unreadable"))
        for path in backups.folder_of(city.uuid).glob("*.unreadable"):
            path.unlink()
    assert 25 < point < 99


def test_a_new_hospital_is_restored_once_however_often_its_worker_is_killed(app, city, kill):
    backup = backed_up()
    for point in range(1, 60, fewest(6, 1)):
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
    assert point > fewest(15, 1)
    sweep()
    assert strays() == set()
