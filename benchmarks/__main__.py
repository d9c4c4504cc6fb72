"""Prints what is promised to be fast, as ratios measured in one run: `python -m benchmarks`.

Ratios compare two ways of doing the same thing on the same machine in the same minute, turn by turn, so they hold on
a slow machine and on a busy one; the milliseconds beside them do not. Every number is a median.

- provisioning: a whole creation by clone against migrating from zero, and against copying and syncing a file
- verifying: a look at a hospital's database, and 100 of them by a worker, against opening the files
- fleet: 1,000 hospitals migrated by processes, a run with nothing to do, and how much the processes grow
- on_postgres: a creation and a look on PostgreSQL, against CREATE DATABASE … TEMPLATE and against the migrations
- routing: a hospital's page found by its host among 1, 200 and 1,000 against the same page on one fixed database
- listing: the console's list of 10,000 hospitals against 100
- batches: work on 200 hospitals asked for at once, and its page, against 20, and against one by one (ux.md 8)
- searching: patients found among 50,000 against among 500 (PAT-7)
- volumes: every list and board with the demonstration's rows against a tenth of them (issue 5: p95 under 100 ms)
- dashboard: an administrator’s first page with the demonstration’s rows against an empty hospital (DSH-3)
- engines: 1,000 hospitals in turn through a cache of 50 engines: errors, files, memory (T19)
- connections: 200 hospitals on PostgreSQL against one, directly and through PgBouncer, and what backends that takes
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import (
    batches,
    connections,
    dashboard,
    engines,
    fleet,
    listing,
    on_postgres,
    provisioning,
    routing,
    searching,
    verifying,
    volumes,
)
from benchmarks.measure import NotHere, table

SUBJECTS = (
    provisioning, verifying, fleet, on_postgres, routing, engines, connections, listing, batches, searching, volumes,
    dashboard,
)  # fmt: skip


def main() -> None:
    """Measure everything, or the subjects that are named, on portals of their own in a temporary folder."""
    begun = time.monotonic()
    for subject in SUBJECTS:
        if sys.argv[1:] and subject.__name__.rpartition(".")[2] not in sys.argv[1:]:
            continue
        begins = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            print(f"\n{subject.__doc__.splitlines()[0]}\n")
            try:
                for line in getattr(subject, "table", table)(subject.measure(Path(folder))):
                    print(line)
            except NotHere as lack:
                print(f"  not measured: {lack}")
        print(f"  (measured in {time.monotonic() - begins:.0f} s)", flush=True)
    print(f"\n{time.monotonic() - begun:.0f} s in all, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
