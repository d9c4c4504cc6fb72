"""Three processes that all have a hospital open see the new database within a second of a swap (tenancy.md T20)."""

import subprocess
import sys
import time

import pytest

from portal.provisioning import operations
from tests.backed_up import backed_up
from tests.processes import ROOT
from tests.provisioned import seen_operation, seen_tenant
from tests.test_restore import ask, set_mark

OLD, RESTORED = 99, 7
LATEST = 1.5  # a second that is believed, and a moment for a machine that is busy


class Follower:
    """A process of its own that looks into the hospital again and again, and writes down what it saw and when."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.swapped", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def line(self) -> str:
        """What it says next."""
        return self.process.stdout.readline().strip()

    def stop(self) -> list[tuple[float, str, str]]:
        """All that it saw: when it asked, the value or the status, and the answer of a page."""
        said, _nothing = self.process.communicate("stop\n", timeout=30)
        return [(float(at), value, status) for at, value, status in map(str.split, said.splitlines())]


@pytest.fixture
def followers(hospital, tmp_path):
    """Three processes, each with connections to the hospital."""
    three = [Follower(tmp_path) for _ in range(3)]
    assert [one.line() for one in three] == ["ready"] * 3
    yield three
    for one in three:
        one.process.kill()
        one.process.communicate()


def test_three_processes_see_a_restored_database_within_a_second_and_none_of_the_old_rows_after(
    app, in_app, hospital, followers
):
    set_mark(RESTORED)
    backup = backed_up()
    set_mark(OLD)
    for one in followers:
        one.process.stdin.write("go\n")
        one.process.stdin.flush()
        assert one.line() == "looking"
    operation_id = ask(hospital.id, backup)
    assert operations.perform(operation_id)
    swapped_at = time.time()
    assert seen_operation(operation_id).state == "succeeded"
    time.sleep(LATEST + 0.5)

    for one in followers:
        seen = one.stop()
        assert {value for at, value, _status in seen if at < seen[0][0] + 0.01} == {str(OLD)}
        after = [(value, status) for at, value, status in seen if at > swapped_at + LATEST]
        assert after
        assert set(after) == {(str(RESTORED), "302")}
        values = [value for _at, value, _status in seen if value in (str(OLD), str(RESTORED))]
        assert values == sorted(values, reverse=True), "99 and then 7: never the old one again"
        assert {status for _at, _value, status in seen} <= {"302", "503"}
        assert {value for _at, value, _status in seen} <= {str(OLD), str(RESTORED), "refused"}
    assert seen_tenant(hospital.id).status == "ready"
