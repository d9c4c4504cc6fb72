"""kill -9 at every boundary of a move: the hospital is always read, and never written to on two servers."""

import pytest

from portal.provisioning import backups, operations
from tests.boundaries import fewest, rounds
from tests.conftest import NORTH
from tests.moved import ask, here, is_on, number_on, save
from tests.provisioned import answer_of, assert_consistent, seen_operation, seen_tenant, strays, sweep
from tests.test_backup_kills import assert_whole_backups, close

pytestmark = pytest.mark.usefixtures("second_server")


@pytest.fixture
def city(app, hospital, later):
    """City General inside an application context, whose leases have run out by this clock."""
    return hospital


def assert_written_in_one_place(app, city, number: int) -> None:
    """Everybody reads; what is answered “saved” stands where the registry says, and nowhere else."""
    close(app)
    assert answer_of(app).status_code == 302
    where = here(city.id)
    other = NORTH if where == "default" else "default"
    before = number_on(other) if is_on(other) else None
    if save(number) == "saved":
        assert number_on(where) == number
    assert (number_on(other) if is_on(other) else None) == before
    assert_whole_backups()


@pytest.mark.parametrize(("seams", "first", "step"), rounds("move", 6, on_server=(1, 2)))
def test_a_worker_killed_at_any_boundary_leaves_one_database_that_is_written_to(app, city, kill, seams, first, step):
    """The hospital goes there and back; to leave a server has other points than to come to it."""
    for point in range(first, 160, step):
        ways = [moved_in_spite_of_a_kill(app, city, kill, point, seams) for _way in range(fewest(1, 2))]
        if "survived" in ways:
            break
    assert fewest(40, 2) < point < 160


def moved_in_spite_of_a_kill(app, city, kill, point: int, seams: str) -> str:
    """Kill the worker at the point, if there is one, and let the next one end what it began."""
    wanted = NORTH if here(city.id) == "default" else "default"
    operation_id = ask(city.id, wanted)
    outcome = kill(operation_id, point, seams)
    assert_written_in_one_place(app, city, 2 * point)
    if outcome != "survived":
        assert outcome == "killed"
        ended = seen_operation(operation_id).state == "succeeded"
        assert operations.reap() == ([] if ended else [operation_id])
        assert save(2 * point + 1) == "saved"
        assert ended or operations.perform(operation_id)
    assert_moved(app, city, operation_id, wanted)
    return outcome


def assert_moved(app, city, operation_id: int, wanted: str) -> None:
    """Whatever happened before, it is done and nothing is left over."""
    close(app)
    operation, tenant = seen_operation(operation_id), seen_tenant(city.id)
    assert_consistent(operation)
    assert (operation.state, tenant.server, tenant.moved_by, tenant.status) == ("succeeded", wanted, None, "ready")
    assert [is_on(server) for server in ("default", NORTH)] == [wanted == "default", wanted == NORTH]
    assert answer_of(app).status_code == 302
    sweep()
    for databases in app.extensions["engines"].servers.values():
        assert databases.builds() == []
    assert strays() == set()
    assert not list(backups.folder_of(city.uuid).glob("build_*"))
