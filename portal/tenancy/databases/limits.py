"""How long a reading of a database may take: who reads says how long, and the database itself stops it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

STEPS = 10_000  # of SQLite's machine between two looks at the time: a fraction of a millisecond


@contextmanager
def at_most(seconds: float, connection: sa.Connection) -> Iterator[None]:
    """Stop what takes longer: a statement that is stopped raises `OperationalError`, and the transaction goes on.

    For reading alone: what is written meanwhile may not stay.
    """
    limited = _on_sqlite if connection.dialect.name == "sqlite" else _on_postgres
    with limited(seconds, connection):
        yield


@contextmanager
def _on_sqlite(seconds: float, connection: sa.Connection) -> Iterator[None]:
    raw, until = connection.connection.driver_connection, time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


@contextmanager
def _on_postgres(seconds: float, connection: sa.Connection) -> Iterator[None]:
    """Within a savepoint, for a statement that is stopped would end the transaction; its end takes the limit off."""
    savepoint = connection.begin_nested()
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        savepoint.rollback()
