"""How long a reading of the hospital's database may take, so that one slow part of a page does not hold up the rest."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from portal.extensions import db
from portal.tenancy.session import TENANT

STEPS = 10_000  # of SQLite's machine between two looks at the time: a fraction of a millisecond


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Stop what takes longer: a statement that is stopped raises `OperationalError`, and the transaction goes on."""
    connection = db.session.connection(bind_arguments={"bind_key": TENANT})
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        yield
        connection.exec_driver_sql("SET LOCAL statement_timeout = DEFAULT")
        return
    raw, until = connection.connection.driver_connection, time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
