"""Three processes that all have a hospital open see the new database within a second of a swap (tenancy.md T20)."""

import subprocess
import sys
import time

import pytest

from portal.provisioning import operations
from tests.backed_up import backed_up
from tests.processes import ROOT
from tests.provisioned import database, query, seen_operation, seen_tenant
from tests.recreated import ask as ask_to_recreate
from tests.recreated import saved_by
from tests.test_restore import ask, set_mark

OLD, RESTORED = 99, 7
LATEST = 1.5  # a second that is believed, and a moment for a machine that is busy


class Follower:
    """A process of its own that looks into the hospital again and again, and writes down what it saw and when."""

    def __init__(self, folder, what: str = "tests.swapped"):
        self.process = subprocess.Popen(
            [sys.executable, "-m", what, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def line(self) -> str:
        """What it says next."""
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        """Let it begin."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        assert self.line() in ("looking", "saving")

    def saved(self) -> list[tuple[str, str]]:
        """Stop: each row it tried to save, and what became of that."""
        said, _nothing = self.process.communicate("stop\n", timeout=30)
        return [tuple(line.split()) for line in said.splitlines()]

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
    end(*three)


@pytest.fixture
def writer(hospital, tmp_path):
    """A process that saves one row after another in the hospital."""
    one = Follower(tmp_path, "tests.saving")
    assert one.line() == "ready"
    yield one
    end(one)


def end(*processes: Follower) -> None:
    """Nothing of a test that failed goes on."""
    for one in processes:
        one.process.kill()
        one.process.communicate()


def test_three_processes_see_a_restored_database_within_a_second_and_none_of_the_old_rows_after(
    app, in_app, hospital, followers
):
    set_mark(RESTORED)
    backup = backed_up()
    set_mark(OLD)
    for one in followers:
        one.go()
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


def test_three_processes_and_a_writer_see_an_empty_database_and_nothing_that_was_saved_is_lost(
    app, in_app, hospital, followers, writer
):
    set_mark(OLD)
    for one in (*followers, writer):
        one.go()
    assert [writer.line().split()[1] for _ in range(10)] == ["saved"] * 10
    operation_id = ask_to_recreate(hospital.id)
    assert operations.perform(operation_id)
    swapped_at = time.time()
    assert seen_operation(operation_id).state == "succeeded"
    time.sleep(LATEST + 0.5)

    for one in followers:
        seen = one.stop()
        after = [(value, status) for at, value, status in seen if at > swapped_at + LATEST]
        assert after
        assert set(after) == {("0", "302")}
        values = [value for _at, value, _status in seen if value in (str(OLD), "0")]
        assert values == sorted(values, reverse=True), "99 and then 0: never the old one again"
        assert "503" in {status for _at, _value, status in seen}, "closed while it lasted"
        assert {status for _at, _value, status in seen} <= {"302", "503"}
        assert {value for _at, value, _status in seen} <= {str(OLD), "0", "refused"}
    tried = writer.saved()
    assert {outcome for _number, outcome in tried} == {"saved", "closed"}, "anything else would be an error page"
    told = {f"staff-{number}" for number, outcome in tried if outcome == "saved"} | {f"staff-{n}" for n in range(1, 11)}
    old, new = staff_in(saved_by(operation_id)), staff_in(database())
    assert told == old | new
    assert not old & new
    assert old
    assert new


def staff_in(path) -> set[str]:
    """The rows the writer saved, as far as they are in this file."""
    return {name for (name,) in query(path, "SELECT name FROM core_sequence WHERE name LIKE 'staff-%'")}
