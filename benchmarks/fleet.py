"""Fleets: 1,000 hospitals migrated by processes, against one process and a fresh interpreter for each; and a no-op

The promises are 1,000 hospitals a minute on two cores, 5 seconds where there is nothing to do, and no more than 50 MiB
that the processes grow by (tenancy.md T12–T14). A migrated hospital is snapshot, migration in one transaction, check,
and every step in the control plane. Of the 1,000 three are poisoned: they alone fail, and alone are migrated again.
"""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from benchmarks.measure import Result, assert_ready, by_turns, copied, portal, registered
from portal import migrations
from portal.control.models import Rollout, Tenant
from portal.extensions import db
from portal.migrations import current_revision
from portal.provisioning import operations, template
from portal.provisioning.fleet import runs, standing, work
from portal.settings import ROOT
from portal.tenancy.session import TENANT
from tests import newer

HOSPITALS, BY_ONE, BY_INTERPRETERS = 1000, 50, 4
ALL = HOSPITALS + BY_ONE + BY_INTERPRETERS
PROMISED_MIB = 50
POISONED = ("many-0500", "many-0700", "many-0900")


def measure(folder: Path) -> list[Result]:
    """A no-op against opening each; processes against one and against an interpreter each, by hospital."""
    with portal(folder) as app:
        operations.perform(registered("first"))
        copied(template.databases().path("hospital_first.db"), ALL - 1, "status", "revision")
        nothing, opened = by_turns(3, lambda turn: nobody(), lambda turn: open_each(app))
        ours, theirs = migrations.FOLDER, newer.write(folder / "newer", newer.ADD_COLUMN + newer.FAILS_WHERE_POISONED)
        newer.use(theirs)
        for subdomain in POISONED:
            execute(subdomain, newer.INSERT_POISON)
        cores = os.cpu_count() or 1
        fresh = each(BY_INTERPRETERS, lambda rows: [interpreter(folder, theirs, row[1]) for row in rows])
        alone = each(BY_ONE, lambda rows: migrate(rows, 1))
        grown: list[float] = []
        together = each(HOSPITALS, lambda rows: grown.append(migrate(rows, cores, POISONED)))
        for subdomain in POISONED:
            execute(subdomain, newer.HEAL)
        left = standing.select(())
        assert tuple(row[1] for row in left) == POISONED
        migrate(left, cores)
        assert standing.look().is_whole
        assert_ready(ALL)
        newer.use(ours)
    assert grown[0] <= PROMISED_MIB, f"a process grew by {grown[0]:.0f} MiB"
    a_minute = f"({60_000 / together:,.0f} a minute, grew by {grown[0]:.0f} MiB)"
    return [
        Result(f"a run over {ALL:,} with nothing to do", "open each, read its revision", nothing, opened),
        Result(f"a hospital migrated, {cores} processes", "one process", together, alone, a_minute),
        Result(f"a hospital migrated, {cores} processes", "a fresh interpreter each", together, fresh),
    ]


def each(count: int, work_on) -> float:
    """Milliseconds for each of the next hospitals that are behind."""
    rows = standing.select(())[:count]
    db.session.rollback()
    begun = time.perf_counter()
    work_on(rows)
    return (time.perf_counter() - begun) * 1000 / len(rows)


def nobody() -> None:
    """What a run asks before it finds that there is nothing to do."""
    assert standing.select(()) == []
    db.session.rollback()


def open_each(app) -> None:
    """What it would cost to ask the hospitals themselves."""
    engines = app.extensions["engines"]
    for subdomain in db.session.scalars(sa.select(Tenant.subdomain)).all():
        engine = template.databases().engine(engines.names(subdomain))
        with engine.connect().execution_options(writing=False) as connection:
            assert current_revision(TENANT, connection) == migrations.head(TENANT)
        engine.dispose()
    db.session.rollback()


def migrate(rows: list[tuple[int, str, str]], jobs: int, failing: tuple[str, ...] = ()) -> float:
    """A run over these hospitals, all but the failing ones; the MiB by which the process that grew most did."""
    run_id = _committed(runs.begin([row[0] for row in rows]))
    processes, first, most = work.Processes(run_id, jobs), {}, {}

    def watch() -> None:
        for child in processes.children:
            size = resident(child)
            first.setdefault(child, size)
            most[child] = max(most.get(child, 0), size)

    processes.run(watch)
    db.session.rollback()
    run = db.session.get(Rollout, run_id, populate_existing=True)
    counts, failures = runs.counts_of(run), runs.failures_of(run)
    db.session.rollback()
    assert (counts.migrated, counts.failed) == (len(rows) - len(failing), len(failing)), counts
    assert tuple(subdomain for subdomain, _error in failures) == failing
    assert all("core_sequence" in error for _subdomain, error in failures), failures
    return max(most[child] - first[child] for child in first)


def _committed(run: Rollout) -> int:
    db.session.commit()
    run_id = run.id
    db.session.rollback()
    return run_id


def resident(process: int) -> float:
    """MiB of memory that a process has now."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def interpreter(folder: Path, newer: Path, subdomain: str) -> None:
    """A process of its own for one hospital."""
    environ = os.environ | {"INSTANCE_DIR": str(folder / "instance"), "HOSPITALS_DIR": str(folder / "hospitals")}
    command = [sys.executable, "-m", "benchmarks.fleet", str(newer), subdomain]
    subprocess.run(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL, check=True)


def execute(subdomain: str, statement: str) -> None:
    """Run a statement in a hospital's database."""
    path = template.databases().path(f"hospital_{subdomain}.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(statement)


if __name__ == "__main__":
    from portal import create_app

    newer.use(Path(sys.argv[1]))
    with create_app().app_context():
        started = _committed(runs.begin([row[0] for row in standing.select((sys.argv[2],))]))
        work.until_nothing_is_left(started)
