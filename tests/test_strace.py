"""Works killed or refused at their writes, syncs and renames: nothing half-made, and Retry reaches the goal.

What is swept is what strace counts in one run without a fault (security.md 30, 31, 34). Calls of one name on one file,
one after the other, are a stretch: copying a database is thousands of writes, and after each the disk says the same.
Every stretch is killed at its first call, a long one in its midst too; as many points as `Work.most` are refused,
evenly taken; all of both with `EVERY_POINT=1` in the environment. The output of each test says how many
(`make test-strace ARGS=-rP`). A new kind of operation is one line of `WORKS`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from portal.control.models import Backup, Tenant
from portal.extensions import db
from portal.provisioning import asking, backups, operations, recreate, retention, watch
from tests.backed_up import assert_nothing_half_made as assert_only_whole_backups
from tests.backed_up import backed_up, listed
from tests.processes import ROOT
from tests.provisioned import (
    answer_of,
    assert_consistent,
    checksums,
    database,
    files,
    query,
    register,
    request_again,
    seen_operation,
    seen_tenant,
)
from tests.recreated import ask as ask_to_recreate
from tests.recreated import closed_by
from tests.recreated import mark as mark_in
from tests.test_kills import assert_nothing_half_made as assert_no_half_hospital
from tests.test_restore import ask, mark, set_mark
from tests.traced import NAMES, OPENS, SIZES, SYNCS, WRITES, Point, points_of

pytestmark = pytest.mark.strace

OLD, RESTORED = 99, 7
LONG = 8  # calls of one name on one file, one after the other
CITY = "city-general"
ERRORS = {  # what each call answers when the disk is full, broken or read-only, or too many files are open
    **dict.fromkeys(WRITES, ("ENOSPC", "EIO")),
    **dict.fromkeys(SIZES, ("ENOSPC", "EIO")),
    **dict.fromkeys(SYNCS, ("EIO", "ENOSPC")),
    **dict.fromkeys(NAMES, ("EROFS", "EIO")),
    **dict.fromkeys(OPENS, ("EMFILE", "EACCES")),
}


class Sweep:
    """One test's portal with City General in it, and a process that strace watches."""

    def __init__(self, app, city, folder, process):
        self.app, self.city, self.folder, self.process = app, city, folder, process
        self.backup = None
        self.before: dict[str, str] = {}
        self.begun = 0
        self.subdomain, self.tenant_id = CITY, city.id

    def run(self, operation_id: int, injection: str = "") -> str:
        """Carry the operation out under strace."""
        self.process.stdin.write(f"{operation_id} {injection}\n")
        self.process.stdin.flush()
        outcome = self.process.stdout.readline().strip()
        assert outcome in ("killed", "performed", "raised"), outcome
        return outcome

    def points(self) -> list[Point]:
        """The points of the work that was just carried out."""
        return points_of(self.folder / "strace.log", self.folder)

    def close(self) -> None:
        """Let go of every database, as processes that have nothing to do with the killed one would in time."""
        self.app.extensions["engines"].close()
        self.app.extensions["registry"].forget()

    # How each kind of work is asked for.

    def register_another(self) -> int:
        """A new hospital that waits for its database."""
        self.begun += 1
        self.subdomain = f"clinic-{self.begun}"
        self.tenant_id, operation_id = register(self.subdomain)
        return operation_id

    def ask_for_backup(self) -> int:
        """A backup of City General."""
        self.before = checksums(database())
        return request_again(self.city.id, "backup")

    def ask_for_restore(self) -> int:
        """City General was changed since its backup, and shall be as it was again."""
        if self.backup is None:
            set_mark(RESTORED)
            self.backup = backed_up()
        set_mark(OLD)
        self.before = checksums(database())
        return ask(self.city.id, self.backup)

    def ask_for_empty_database(self) -> int:
        """City General has something in it, and shall have nothing."""
        set_mark(OLD)
        self.before = checksums(database())
        return ask_to_recreate(self.city.id)

    # What has to hold after a fault, wherever it was.

    def see_no_half_hospital(self, operation_id: int) -> None:
        """Nobody sees anything of a hospital that is not finished."""
        assert_no_half_hospital(self.app, self.subdomain, self.tenant_id, operation_id)

    def see_the_old_or_the_new(self, operation_id: int) -> None:
        """The file is wholly the old one, which serves, or wholly what the operation makes."""
        assert query(database(), "PRAGMA integrity_check") == [("ok",)]
        [(uuid, generation)] = query(database(), "SELECT tenant_uuid, generation FROM core_identity")
        registered = seen_tenant(self.city.id).generation
        assert uuid == self.city.uuid
        if generation == seen_operation(operation_id).reference.replace("-", ""):
            assert checksums(database()) != self.before
        else:
            assert checksums(database()) == self.before
            assert generation == registered, "the registry knows the old database"
        if generation == registered and not closed_by(self.city.id):
            assert answer_of(self.app).status_code == 302

    def see_the_old_or_the_empty(self, operation_id: int) -> None:
        """As of any replacement; and what is not in the database any more is in a backup."""
        self.see_the_old_or_the_new(operation_id)
        assert mark() == OLD or self.saved_old()
        assert closed_by(self.city.id) is None or seen_operation(operation_id).state == "running"

    def saved_old(self) -> bool:
        """A whole backup has what City General had."""
        return OLD in [mark_in(backups.folder_of(self.city.uuid) / row.filename) for row in listed()]

    # What has to hold at the end.

    def is_served(self) -> None:
        """The hospital is there."""
        assert answer_of(self.app, self.subdomain).status_code == 302

    def is_unchanged(self) -> None:
        """A backup changes nothing of the hospital."""
        assert checksums(database()) == self.before
        self.is_served()

    def is_restored(self) -> None:
        """City General is as it was when the backup was made."""
        assert mark() == RESTORED
        self.is_served()

    def is_recreated(self) -> None:
        """City General is empty, and what it had is in a backup."""
        assert (mark(), closed_by(self.city.id)) == (0, None)
        assert self.saved_old()
        self.is_served()

    def forget_backups(self) -> None:
        """What one round made is looked at in that round only."""
        for row in listed():
            if self.backup is None or row.id != self.backup.id:
                for name in (row.filename, f"{row.filename[:-3]}.json"):
                    (backups.folder_of(self.city.uuid) / name).unlink()
                db.session.execute(sa.update(Backup).where(Backup.id == row.id).values(state="removed"))
                db.session.commit()


@dataclass(frozen=True)
class Work:
    """A kind of operation as the sweep sees it; `most` is how many points are refused once."""

    begin: Callable[[Sweep], int]
    between: Callable[[Sweep, int], None]
    reached: Callable[[Sweep], None]
    most: int


WORKS = {
    "create": Work(Sweep.register_another, Sweep.see_no_half_hospital, Sweep.is_served, 20),
    "backup": Work(Sweep.ask_for_backup, Sweep.see_the_old_or_the_new, Sweep.is_unchanged, 12),
    "restore": Work(Sweep.ask_for_restore, Sweep.see_the_old_or_the_new, Sweep.is_restored, 14),
    "recreate": Work(Sweep.ask_for_empty_database, Sweep.see_the_old_or_the_empty, Sweep.is_recreated, 14),
}


@pytest.fixture(autouse=True)
def strace_there(tmp_path):
    """These tests need strace, and a system that lets it watch a process."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run(["strace", "-o", str(tmp_path / "tried"), "true"], capture_output=True, text=True)
    if tried.returncode != 0:
        pytest.skip(f"strace may not watch a process here: {tried.stderr.strip()}")


@pytest.fixture
def sweep(app, hospital, later, tmp_path, monkeypatch):
    """A portal whose leases have run out by this clock, and whose leftovers are old enough to be swept."""
    monkeypatch.setattr(app.extensions["engines"].databases(), "age", lambda name: 700)
    monkeypatch.setattr(retention, "_age", lambda path: 700)
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 0)  # nobody else has the hospital open
    command = [sys.executable, "-m", "tests.traced", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield Sweep(app, hospital, tmp_path, process)
        process.stdin.close()


def of_each_stretch(points: list[Point]) -> list[Point]:
    """The first point of every stretch, and of a long one that in its midst: they stand for the others."""
    if os.environ.get("EVERY_POINT"):
        return points
    stretches: dict[int, list[Point]] = {}
    for point in points:
        stretches.setdefault(point.stretch, []).append(point)
    return [point for those in stretches.values() for point in those[:: max(len(those) // 2, LONG)]]


def sampled(points: list[Point], most: int) -> list[Point]:
    """At most so many, evenly; a call that is rare keeps all of its points."""
    if os.environ.get("EVERY_POINT") or len(points) <= most:
        return points
    kinds: dict[str, list[Point]] = {}
    for point in points:
        kinds.setdefault(point.call, []).append(point)
    chosen, left = [], most
    for place, (_call, those) in enumerate(sorted(kinds.items(), key=lambda item: len(item[1]))):
        share = max(1, min(len(those), left // (len(kinds) - place)))
        chosen += [those[number * len(those) // share] for number in range(share)]
        left -= share
    return chosen


def found_points(sweep: Sweep, work: Work) -> list[Point]:
    """The points of one run without a fault."""
    operation_id = work.begin(sweep)
    assert sweep.run(operation_id) == "performed"
    points = sweep.points()
    finish(sweep, work, operation_id)
    assert len(points) > 30
    return points


def see(sweep: Sweep, work: Work, operation_id: int) -> None:
    """What has to hold at any moment, of every kind of work."""
    work.between(sweep, operation_id)
    tenant = seen_tenant(sweep.tenant_id)
    operation = seen_operation(operation_id)
    if not operation.is_active:  # until then the registry may be a moment behind a database that was put into use
        assert_consistent(operation)
        assert tenant.status != "ready" or operations.verified_values(tenant)["status"] == "ready"
        assert (operation.state == "succeeded") == (operation.error is None)
    sweep.close()


def finish(sweep: Sweep, work: Work, operation_id: int) -> None:
    """The reaper and, where somebody has to, Retry: the goal is reached, and nothing lies about."""
    if seen_operation(operation_id).state == "running":
        assert operations.reap() == [operation_id]
    if seen_operation(operation_id).state in ("failed", "interrupted"):
        operation_id = again(sweep, operation_id)
    if seen_operation(operation_id).state == "queued":
        assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert operation.state == "succeeded", operation.error
    assert_consistent(operation)
    if operation.kind == "backup":  # it looks at nothing afterwards; a disk that refused kept the last look from ending
        watch.look_at(sweep.tenant_id)
    assert seen_tenant(sweep.tenant_id).status == "ready"
    work.reached(sweep)
    sweep.close()
    operations.sweep()
    retention.forget_strays()
    assert all(name.startswith("hospital_") and name.endswith(".db") for name in files()), files()
    assert_only_whole_backups()
    sweep.forget_backups()


def again(sweep: Sweep, operation_id: int) -> int:
    """Retry: the same work is asked for anew."""
    kind, backup = seen_operation(operation_id).kind, seen_operation(operation_id).backup_id
    tenant, backup = db.session.get(Tenant, sweep.tenant_id), backup and db.session.get(Backup, backup)
    operation = asking.request(tenant, kind, backup=backup)
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


@pytest.mark.parametrize("name", WORKS)
def test_a_worker_killed_at_any_system_call_leaves_nothing_half_made(sweep, name):
    work = WORKS[name]
    points = [point for point in found_points(sweep, work) if point.changes]
    chosen, outcomes = of_each_stretch(points), []
    for point in chosen:
        operation_id = work.begin(sweep)
        outcomes.append(sweep.run(operation_id, point.injection("signal=KILL")))
        see(sweep, work, operation_id)
        finish(sweep, work, operation_id)
    print(f"{name}: killed at {outcomes.count('killed')} of {len(chosen)} points taken from {len(points)}")
    assert outcomes.count("killed") >= 0.9 * len(chosen), "the runs differ in a few calls, not in most of them"


@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for-ever"])
@pytest.mark.parametrize("name", WORKS)
def test_a_disk_that_refuses_any_system_call_leaves_nothing_half_made(sweep, name, for_ever):
    work = WORKS[name]
    points = found_points(sweep, work)
    chosen, failures = sampled(points, work.most // (2 if for_ever else 1)), set()
    for number, point in enumerate(chosen):
        operation_id = work.begin(sweep)
        error = ERRORS[point.call][number % 2]
        outcome = sweep.run(operation_id, point.injection(f"error={error}", for_ever=for_ever))
        assert outcome != "killed"
        failures.add(seen_operation(operation_id).error)
        see(sweep, work, operation_id)
        finish(sweep, work, operation_id)
    print(f"{name}: {len(chosen)} of {len(points)} points refused {'for ever' if for_ever else 'once'}", failures)
    assert not any("damaged" in (sentence or "") for sentence in failures), "a disk that refuses damages nothing"


@pytest.mark.parametrize("name", WORKS)
def test_a_retry_that_meets_the_next_fault_is_retried_too(sweep, name):
    work = WORKS[name]
    points = [point for point in found_points(sweep, work) if point.changes]
    chosen = sampled(points, 4)
    for number, point in enumerate(chosen):
        operation_id = work.begin(sweep)
        sweep.run(operation_id, point.injection("signal=KILL"))
        operations.reap()
        if not seen_operation(operation_id).is_active:
            finish(sweep, work, operation_id)
            continue
        next_point = chosen[(number * 5 + 3) % len(chosen)]
        what = "signal=KILL" if number % 2 else f"error={ERRORS[next_point.call][0]}"
        sweep.run(operation_id, next_point.injection(what))
        see(sweep, work, operation_id)
        finish(sweep, work, operation_id)
    print(f"{name}: {len(chosen)} of {len(points)} points killed, and a fault in the retry")
