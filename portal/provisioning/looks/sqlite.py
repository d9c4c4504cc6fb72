"""A SQLite file is asked for each page, each index entry and each reference, by SQLite's own checks."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from portal.provisioning.findings import DAMAGED, MOST_NAMES, SOUND

MOST_LINES = 5


@contextmanager
def only_reading(connection: sa.Connection) -> Iterator[None]:
    """For as long as this lasts."""
    connection.exec_driver_sql("PRAGMA query_only=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA query_only=OFF")


@contextmanager
def _not_the_rules(connection: sa.Connection) -> Iterator[None]:
    """Look at the file alone: a row that breaks a rule of its table is no damage."""
    connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")


def is_whole(connection: sa.Connection) -> bool:
    """The file has no page and no index entry that is not as it must be."""
    with _not_the_rules(connection):
        return connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() == "ok"


def space_found(connection: sa.Connection) -> dict[str, int]:
    """Pages, and bytes of them that are free."""
    pages, free, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("page_count", "freelist_count", "page_size")
    )
    return {"pages": pages, "free": free * size}


def quick_look(connection: sa.Connection) -> str:
    """The structure of every page."""
    with _not_the_rules(connection):
        return SOUND if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok" else DAMAGED


def whole_look(connection: sa.Connection, found: dict) -> None:
    """What is found stays `found` also where the time is over."""
    with _not_the_rules(connection):
        lines = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_LINES})").scalars().all()
        found |= {"file": SOUND} if lines == ["ok"] else {"file": DAMAGED, "lines": [line[:200] for line in lines]}
        query = 'SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1'
        found["orphans"] = dict(connection.exec_driver_sql(f"{query} LIMIT {MOST_NAMES}").all())
