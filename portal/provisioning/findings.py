"""What a look at a database saw, as facts that are kept beside the hospital: bounded, and fit for JSON."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from portal.clock import now
from portal.migrations import head, revisions
from portal.provisioning.schema import COLUMNS, INDEXES, RULES, TABLES, TRIGGERS, Differences
from portal.tenancy.session import TENANT

MOST_NAMES = 50
MOST_LINES = 5
STEPS_BETWEEN = 100_000
QUICK_SECONDS, WHOLE_SECONDS = 10, 60
HOWS, KINDS = ("missing", "extra", "different"), (TABLES, COLUMNS, RULES, INDEXES, TRIGGERS)
OPEN, ABSENT, REFUSED, BUSY, NO_DATABASE = "open", "absent", "refused", "busy", "no database"
SOUND, DAMAGED, UNFINISHED = "sound", "damaged", "unfinished"


def differences_found(differences: Differences) -> dict[str, dict]:
    """Each kind of difference with its count and its first names; kinds without any are left out."""
    named = {f"{how}_{kind}": differences.names(how, kind) for how in HOWS for kind in KINDS}
    return {key: {"count": len(names), "names": names[:MOST_NAMES]} for key, names in named.items() if names}


def stamp_found(stamp: tuple[str, str] | None, registered: tuple[str, str | None]) -> str:
    """Whose database it says it is: `same`, `other database` of this hospital, `other hospital`, or `none`."""
    if stamp is None:
        return "none"
    if stamp[0] != registered[0]:
        return "other hospital"
    return "same" if stamp == registered else "other database"


def revision_found(revision: str | None) -> str:
    """Where a revision stands: at the `head`, `behind`, `newer` than this release, `unknown`, or `none`."""
    if revision is None:
        return "none"
    if revision == head(TENANT):
        return "head"
    if revision in dict(revisions(TENANT)):
        return "behind"
    return "newer" if revision.isdecimal() and head(TENANT).isdecimal() and revision > head(TENANT) else "unknown"


def space_found(connection: sa.Connection) -> dict[str, int]:
    """The pages of a database, and how many bytes of them nothing uses."""
    pages, free, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("page_count", "freelist_count", "page_size")
    )
    return {"pages": pages, "free": free * size}


def quick_look(connection: sa.Connection) -> str:
    """The structure of every page, within seconds: `sound`, `damaged`, or `unfinished` in a database too big for it."""
    try:
        with _at_most(QUICK_SECONDS, connection):
            is_sound = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
    except sa.exc.OperationalError as error:
        if not _is_interrupted(error):
            raise
        return UNFINISHED
    return SOUND if is_sound else DAMAGED


def whole_look(connection: sa.Connection) -> dict:
    """Every page, every index entry, every reference: within a minute, and with the first lines of what is wrong.

    `orphans` counts the rows of each table that refer to a record that is not there.
    """
    found = {"at": now().isoformat(), "file": UNFINISHED, "lines": [], "orphans": {}}
    try:
        with _at_most(WHOLE_SECONDS, connection):
            lines = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_LINES})").scalars().all()
            found |= {"file": SOUND} if lines == ["ok"] else {"file": DAMAGED, "lines": [line[:200] for line in lines]}
            query = 'SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1'
            found["orphans"] = dict(connection.exec_driver_sql(f"{query} LIMIT {MOST_NAMES}").all())
    except sa.exc.OperationalError as error:
        if not _is_interrupted(error) and getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR:
            raise
    return found


@contextmanager
def _at_most(seconds: float, connection: sa.Connection) -> Iterator[None]:
    """Look at the file, not at the rules of its tables; interrupt what runs when its time is over."""
    raw, until = connection.connection.driver_connection, time.monotonic() + seconds
    raw.execute("PRAGMA ignore_check_constraints=ON")  # a row that breaks a rule is no damage of the file
    raw.set_progress_handler(lambda: time.monotonic() > until, STEPS_BETWEEN)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
        raw.execute("PRAGMA ignore_check_constraints=OFF")


def _is_interrupted(error: sa.exc.OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
