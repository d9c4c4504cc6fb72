"""Engines: 1,000 hospitals in turn through a cache of 50, by eight threads (tenancy.md T19)

Every hospital is a file of its own, opened by the portal's own cache. Errors, files and memory are what counts.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from benchmarks.measure import assert_ready, portal, registered
from portal.auth.models import Group
from portal.provisioning import operations
from portal.tenancy.current import Hospital
from portal.tenancy.databases.sqlite import copy_file
from portal.tenancy.engines import Engines
from portal.tenancy.registry import get_hospital
from portal.web_worker import keep_memory_together

HOSPITALS, CAP, THREADS = 1000, 50, 8
PAGE_KILOBYTES = os.sysconf("SC_PAGESIZE") // 1024
LIST = sa.select(Group.label).order_by(Group.label)


@dataclass
class Seen:
    """What the threads met, and the most of everything."""

    reads: int = 0
    errors: int = 0
    engines: int = 0
    connections: int = 0
    files: int = 0
    kilobytes: int = 0


def measure(folder: Path) -> list[Seen]:
    """All hospitals by every thread, each beginning elsewhere, in a process as the web's are."""
    keep_memory_together()
    with portal(folder) as app:
        operations.perform(registered("clinic"))
        assert_ready(1)
        engines: Engines = app.extensions["engines"]
        engines.opened.largest = engines.databases().budget.most = CAP
        hospitals = copies(engines, get_hospital("clinic"))
        engines.close()
        before, seen = now(engines), Seen()
        threads = [threading.Thread(target=work, args=(number, engines, hospitals, seen)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            threads[0].join(0.05)
            for name, value in now(engines).items():
                setattr(seen, name, max(getattr(seen, name), value - before[name]))
    return [seen]


def copies(engines: Engines, first: Hospital) -> list[Hospital]:
    """As many hospitals, each with a file and an identity of its own."""
    databases, made = engines.databases(), []
    for number in range(HOSPITALS):
        one = replace(first, uuid=str(uuid4()), subdomain=f"copy-{number}")
        path = databases.path(engines.names_of(one).filename)
        copy_file(databases.path(engines.names_of(first).filename), path)
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            raw.execute("UPDATE core_identity SET tenant_uuid = ?", (one.uuid,))
        made.append(one)
    return made


def work(number: int, engines: Engines, hospitals: list[Hospital], seen: Seen) -> None:
    """Read a list of every hospital in turn."""
    begin = number * len(hospitals) // THREADS
    for hospital in hospitals[begin:] + hospitals[:begin]:
        try:
            held = engines.lease(hospital)
            with held.reading.connect() as connection:
                assert connection.scalars(LIST).all()
            engines.end(held)
        except Exception as error:  # counted and shown
            seen.errors += 1
            seen.errors == 1 and print(f"  {type(error).__name__}: {error}")
        seen.reads += 1


def now(engines: Engines) -> dict[str, int]:
    """What this process holds."""
    figures = engines.figures()
    return {
        "engines": figures["open_engines"],
        "connections": figures["connections"],
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "kilobytes": int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KILOBYTES,
    }


def table(rows: list[Seen]) -> Iterator[str]:
    """The most that was seen at a time."""
    for row in rows:
        yield (
            f"  {row.reads} reads, {row.errors} errors; at most {row.engines} engines, {row.connections} connections, "
            f"{row.files} files more than before, {row.kilobytes / 1024:.0f} MiB more than before"
        )
