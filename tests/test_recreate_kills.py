"""kill -9 at every boundary of a recreation: the old database or the empty one, open, nothing lost (security.md 30)."""

import os

import pytest
import sqlalchemy as sa

from portal.control.models import Operation
from portal.extensions import db
from portal.provisioning import backups, operations
from tests import on_postgres
from tests.backed_up import assert_nothing_half_made, listed
from tests.boundaries import PAGES, fewest, rounds
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    database,
    folder,
    is_sound,
    request_again,
    seen_operation,
    seen_tenant,
    strays,
    sweep,
)
from tests.recreated import FULL_OF, ask, closed_by, fill, harm, is_harmed, mark, saved_by, saved_mark, stamp
from tests.test_backup_kills import assert_whole_backups, close

SOME = (2,) if on_postgres.WANTED else range(3, 80, 11)


@pytest.fixture
def city(app, hospital, later):
    """City General inside an application context, whose leases have run out by this clock."""
    return hospital


def assert_old_or_empty(app, city, operation_id: int) -> None:
    """The database is wholly the old one, or wholly the empty one, and then the old one is in a backup."""
    assert is_sound(database())
    uuid, generation = stamp()
    assert uuid == city.uuid
    assert_whole_backups()
    new = seen_operation(operation_id).reference.replace("-", "")
    assert mark(database()) == (0 if generation == new else FULL_OF)
    if generation == new:
        assert saved_mark(saved_by(operation_id)) == FULL_OF
    else:
        assert seen_tenant(city.id).generation == generation


def assert_open(app, city) -> None:
    """The hospital is closed for nobody, and served unless the registry has yet to hear of the new database."""
    assert closed_by(city.id) is None
    if stamp()[1] == seen_tenant(city.id).generation:
        assert answer_of(app).status_code == 302


def assert_recreated(app, city, operation_id: int) -> None:
    """Whatever happened before, it is done and nothing is left over."""
    operation = seen_operation(operation_id)
    assert_consistent(operation)
    assert operation.state == "succeeded"
    assert (mark(database()), saved_mark(saved_by(operation_id))) == (0, FULL_OF)
    assert (seen_tenant(city.id).status, closed_by(city.id)) == ("ready", None)
    assert answer_of(app).status_code == 302
    assert_nothing_half_made()
    sweep()
    assert strays() == set()


@pytest.mark.parametrize(("seams", "first", "step"), [*rounds("recreate", 6), *PAGES])
def test_a_worker_killed_at_any_boundary_leaves_the_old_database_or_the_empty_one(app, city, kill, seams, first, step):
    for point in range(first, 120, step):
        fill()
        operation_id = ask(city.id)
        outcome = kill(operation_id, point, seams)
        assert_old_or_empty(app, city, operation_id)
        close(app)
        if outcome == "survived":
            break
        assert outcome == "killed"
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert_open(app, city)
            close(app)
            assert operations.perform(operation_id)
        assert_recreated(app, city, operation_id)
        close(app)
    assert (fewest(40, 6) if seams == "recreate" else 4) < point < 119


def test_given_up_after_three_kills_the_hospital_is_open_and_a_new_try_recreates_it(app, city, kill):
    for point in SOME:
        fill()
        operation_id = ask(city.id)
        while kill(operation_id, point, "recreate") == "killed":
            assert_old_or_empty(app, city, operation_id)
            close(app)
            operations.reap()
            assert_open(app, city)
            close(app)
            if not seen_operation(operation_id).is_active:
                break
        if seen_operation(operation_id).state == "interrupted":
            assert_consistent(seen_operation(operation_id))
            assert builds() == set()
            operation_id = ask(city.id)
            assert operations.perform(operation_id)
        assert any(saved_mark(backups.folder_of(city.uuid) / row.filename) == FULL_OF for row in listed()[-4:])
        assert (mark(database()), seen_tenant(city.id).status) == (0, "ready")
        assert answer_of(app).status_code == 302
        close(app)


def test_given_up_after_the_swap_the_empty_database_is_put_into_use_by_create(app, city, kill):
    """Three workers died before they could tell the registry: Create Database finds what they left."""
    fill()
    operation_id = ask(city.id)
    point = first_point_after_the_swap(kill, operation_id)
    while kill(operation_id, 1, "recreate") == "killed":
        operations.reap()
        if not seen_operation(operation_id).is_active:
            break
    operation = seen_operation(operation_id)
    assert (operation.state, stamp()[1]) == ("interrupted", operation.reference.replace("-", "")), point
    assert operations.perform(request_again(city.id))
    assert (seen_tenant(city.id).status, saved_mark(saved_by(operation_id))) == ("ready", FULL_OF)
    assert answer_of(app).status_code == 302


def first_point_after_the_swap(kill, operation_id: int) -> int:
    """Kill the first attempt just after its database is in use; later attempts are killed as they begin."""
    generation = seen_operation(operation_id).reference.replace("-", "")
    for point in range(fewest(40, 3), 120):
        assert kill(operation_id, point, "recreate") == "killed"
        if stamp()[1] == generation:
            assert operations.reap() == [operation_id]
            return point
        begin_anew(operation_id)
    raise AssertionError("the swap was never reached")


def begin_anew(operation_id: int) -> None:
    """Let the operation wait as if nobody had tried."""
    assert operations.reap() == [operation_id]
    db.session.execute(sa.update(Operation).where(Operation.id == operation_id).values(attempt=0))
    db.session.commit()


def test_a_worker_killed_while_it_replaces_what_cannot_be_read_loses_neither(app, city, kill):
    for point in range(1, 100, fewest(3, 1)):
        close(app)
        harm()
        operation_id = ask(city.id)
        outcome = kill(operation_id, point, "recreate")
        if outcome == "survived":
            break
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert closed_by(city.id) is None
            assert operations.perform(operation_id)
        assert (seen_tenant(city.id).status, closed_by(city.id)) == ("ready", None)
        assert answer_of(app).status_code == 302
        for path in folder().glob("build_*"):
            os.utime(path, (0, 0))  # what was set aside waits for the sweep
        sweep()
        assert strays() == set()
        assert any(is_harmed(path) for path in backups.folder_of(city.uuid).glob("*.unreadable"))
        for path in backups.folder_of(city.uuid).glob("*.unreadable"):
            path.unlink()
    assert fewest(25, 5) < point < 99
