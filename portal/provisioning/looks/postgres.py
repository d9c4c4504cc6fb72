"""A PostgreSQL server looks after pages, indexes and references itself: it is only asked to read."""

from contextlib import AbstractContextManager, nullcontext

import sqlalchemy as sa

from portal.provisioning.findings import SOUND
from portal.tenancy.databases import catalog


def only_reading(connection: sa.Connection) -> AbstractContextManager[None]:
    """The engine for looking reads only, whatever happens."""
    return nullcontext()


def is_whole(connection: sa.Connection) -> bool:
    """What a server has just restored is whole."""
    return True


def space_found(connection: sa.Connection) -> dict[str, int]:
    """The server keeps that to itself."""
    return {}


def quick_look(connection: sa.Connection) -> str:
    """The catalogue can be read."""
    connection.exec_driver_sql("SELECT 1 FROM pg_class LIMIT 1").scalar()
    return SOUND


def whole_look(connection: sa.Connection, found: dict) -> None:
    """Every row can be read."""
    catalog.count_rows(connection)
    found["file"] = SOUND
