"""Copies of a SQLite hospital while it is in use: out of it into a file, and a finished one over it.

Both use SQLite's own backup calls. A copy is one moment of the database, however long it takes, because its connection
holds one read transaction throughout; a copy over a database is one write transaction of it, so that whoever reads
sees all of the old one or all of the new one, and a kill in between leaves the old one.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from portal.tenancy.databases.catalog import count_through

PAGES_AT_ONCE = 256  # one MiB
PAUSE_SECONDS = 0.002
BUSY_SECONDS = 20.0


def copy_out(source: sqlite3.Connection, path: Path) -> dict[str, int]:
    """Write what `source` holds now into a new file that needs no other beside it; answers with each table's rows."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    target = sqlite3.connect(path, isolation_level=None)
    try:
        target.execute("PRAGMA synchronous=OFF")  # nobody trusts the copy before sync_file
        source.execute("BEGIN")
        counts = count_through(source.execute, "sqlite")  # the first read: it sees this one moment from here on
        source.backup(target, pages=PAGES_AT_ONCE, progress=pause)
        if target.execute("PRAGMA journal_mode=DELETE").fetchone() != ("delete",):
            raise OSError(f"{path.name} could not be folded into one file")
        return counts
    finally:
        target.close()
        if source.in_transaction:
            source.execute("ROLLBACK")


def copy_over(source: sqlite3.Connection, target: sqlite3.Connection, locked: Callable[[], object]) -> None:
    """Replace everything in `target` by what is in `source`, in one transaction.

    `locked()` runs once nobody else can write to the target any more, while its content is still the old one; what it
    raises leaves the target as it is. Raises the driver's OperationalError when other writers keep it busy.
    """
    began, is_locked = time.monotonic(), False

    def watch(status: int, remaining: int, total: int) -> None:
        nonlocal is_locked
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() - began > BUSY_SECONDS:
                raise sqlite3.OperationalError("database is locked")
        elif not is_locked:
            is_locked = True
            locked()
        elif status != sqlite3.SQLITE_DONE:  # after the last page it is too late to refuse
            pages_written(remaining)

    source.backup(target, pages=_few(source), progress=watch, sleep=0.05)
    with suppress(sqlite3.Error):  # the copy is safe in the write-ahead log; any later writer folds it in
        target.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _few(source: sqlite3.Connection) -> int:
    """So few pages that the first of them are not the last, for then it would be too late to ask."""
    [(count,)] = source.execute("PRAGMA page_count")
    return max(1, min(PAGES_AT_ONCE, count // 2))


# The seams where tests inject a writer, a full disk or a kill.


def pause(status: int, remaining: int, total: int) -> None:
    """Leave the disk to others between the pages of a copy."""
    time.sleep(PAUSE_SECONDS)


def pages_written(remaining: int) -> None:
    """Some pages of a copy over a database are written, none of them for good."""
