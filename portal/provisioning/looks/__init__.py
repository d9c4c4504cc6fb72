"""Looking at the content of a database: each page or row of it, for a bounded time, and changing nothing."""

from contextlib import AbstractContextManager

import sqlalchemy as sa

from portal.clock import now
from portal.provisioning.findings import UNFINISHED
from portal.provisioning.looks import postgres, sqlite
from portal.tenancy.databases.errors import does_not_fit, is_interrupted
from portal.tenancy.databases.limits import at_most

QUICK_SECONDS, WHOLE_SECONDS = 10, 60
KNOWN = {"sqlite": sqlite, "postgresql": postgres}


def _way(connection: sa.Connection):
    return KNOWN[connection.dialect.name]


def only_reading(connection: sa.Connection) -> AbstractContextManager[None]:
    """The database itself refuses changes meanwhile."""
    return _way(connection).only_reading(connection)


def is_whole(connection: sa.Connection) -> bool:
    """Every page and every index entry of a copy is as it must be."""
    return _way(connection).is_whole(connection)


def space_found(connection: sa.Connection) -> dict[str, int]:
    """How much room a database takes, and how many bytes of it nothing uses, as far as a database says so."""
    return _way(connection).space_found(connection)


def quick_look(connection: sa.Connection) -> str:
    """The structure of a database, within seconds: `sound`, `damaged`, or `unfinished` in one too big for it."""
    try:
        with at_most(QUICK_SECONDS, connection):
            return _way(connection).quick_look(connection)
    except sa.exc.OperationalError as error:
        if not is_interrupted(error.orig):
            raise
        return UNFINISHED


def whole_look(connection: sa.Connection) -> dict:
    """Every page, every index entry, every reference: within a minute, and with the first lines of what is wrong.

    `orphans` counts the rows of each table that refer to a record that is not there.
    """
    found = {"at": now().isoformat(), "file": UNFINISHED, "lines": [], "orphans": {}}
    try:
        with at_most(WHOLE_SECONDS, connection):
            _way(connection).whole_look(connection, found)
    except sa.exc.OperationalError as error:
        if not is_interrupted(error.orig) and not does_not_fit(error.orig):
            raise
    return found
