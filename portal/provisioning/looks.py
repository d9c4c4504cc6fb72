"""Looking at the content of a database: each page or row of it, for a bounded time, and changing nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from portal.clock import now
from portal.provisioning.findings import DAMAGED, MOST_NAMES, SOUND, UNFINISHED
from portal.tenancy.databases import catalog
from portal.tenancy.databases.errors import does_not_fit, is_interrupted

MOST_LINES = 5
STEPS_BETWEEN = 100_000
QUICK_SECONDS, WHOLE_SECONDS = 10, 60


@contextmanager
def only_reading(connection: sa.Connection) -> Iterator[None]:
    """The database itself refuses changes meanwhile."""
    if connection.dialect.name != "sqlite":  # its engine for looking reads only
        yield
        return
    connection.exec_driver_sql("PRAGMA query_only=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA query_only=OFF")


def is_whole(connection: sa.Connection) -> bool:
    """Every page and every index entry of a copy is as it must be; what a server has just restored is."""
    if connection.dialect.name != "sqlite":
        return True
    connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")  # a row that breaks a rule is no damage
    return connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() == "ok"


def _every_row(connection: sa.Connection) -> dict:
    """Read every row of a PostgreSQL database; references are kept by the server itself."""
    with _at_most(WHOLE_SECONDS, connection):
        catalog.count_rows(connection)
    return {"file": SOUND}


def space_found(connection: sa.Connection) -> dict[str, int]:
    """The pages of a database, and how many bytes of them nothing uses."""
    if connection.dialect.name != "sqlite":
        return {}
    pages, free, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("page_count", "freelist_count", "page_size")
    )
    return {"pages": pages, "free": free * size}


def quick_look(connection: sa.Connection) -> str:
    """The structure of every page, within seconds: `sound`, `damaged`, or `unfinished` in a database too big for it.

    A PostgreSQL server looks after its pages itself: it is asked for one.
    """
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SELECT 1 FROM pg_class LIMIT 1").scalar()
        return SOUND
    try:
        with _at_most(QUICK_SECONDS, connection):
            is_sound = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
    except sa.exc.OperationalError as error:
        if not is_interrupted(error.orig):
            raise
        return UNFINISHED
    return SOUND if is_sound else DAMAGED


def whole_look(connection: sa.Connection) -> dict:
    """Every page, every index entry, every reference: within a minute, and with the first lines of what is wrong.

    `orphans` counts the rows of each table that refer to a record that is not there.
    """
    found = {"at": now().isoformat(), "file": UNFINISHED, "lines": [], "orphans": {}}
    try:
        if connection.dialect.name != "sqlite":
            return found | _every_row(connection)
        with _at_most(WHOLE_SECONDS, connection):
            lines = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_LINES})").scalars().all()
            found |= {"file": SOUND} if lines == ["ok"] else {"file": DAMAGED, "lines": [line[:200] for line in lines]}
            query = 'SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1'
            found["orphans"] = dict(connection.exec_driver_sql(f"{query} LIMIT {MOST_NAMES}").all())
    except sa.exc.OperationalError as error:
        if not is_interrupted(error.orig) and not does_not_fit(error.orig):
            raise
    return found


@contextmanager
def _at_most(seconds: float, connection: sa.Connection) -> Iterator[None]:
    """Look at the file, not at the rules of its tables; interrupt what runs when its time is over."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000}")
        yield
        connection.exec_driver_sql("SET LOCAL statement_timeout = DEFAULT")
        return
    raw, until = connection.connection.driver_connection, time.monotonic() + seconds
    raw.execute("PRAGMA ignore_check_constraints=ON")  # a row that breaks a rule is no damage of the file
    raw.set_progress_handler(lambda: time.monotonic() > until, STEPS_BETWEEN)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
        raw.execute("PRAGMA ignore_check_constraints=OFF")
