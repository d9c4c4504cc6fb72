"""How connections to the control database behave: a SQLite file, or a database of a PostgreSQL server (decision 0016).

Who decides something reads, judges and writes: a session does, in a form's POST, a command, a job. One decision is
made at a time, everywhere: on SQLite by the write lock, on PostgreSQL by a lock of its own. Everything else that writes
is one guarded statement after another, and waits for nobody's decision.
"""

import fcntl
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from portal.tenancy.databases.opening import begin

CONNECT_SECONDS, BUSY_SECONDS, DECIDING_SECONDS = 5, 10, 60
# Sixteen: each of the eight threads of a web process may read beside what its session does.
POOL = {"pool_size": 2, "max_overflow": 14, "pool_timeout": BUSY_SECONDS, "pool_pre_ping": True, "pool_use_lifo": True}
DECIDE = (
    f"SET LOCAL idle_in_transaction_session_timeout = '{DECIDING_SECONDS}s';"  # a machine that is gone decides nothing
    " SELECT pg_advisory_xact_lock(hashtext('portal decides'))"
)
ONLY_ONE = "SELECT pg_advisory_xact_lock(hashtext('portal prepares'))"
READING = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}  # one page sees one moment, as on SQLite


def options(url: sa.URL) -> dict:
    """What the engine of this control database is made with."""
    usual = {"hide_parameters": True}  # what people typed stays out of errors, and so of logs
    if url.get_backend_name() == "sqlite":
        return usual
    name = f"portal control {socket.gethostname()}"[:63]
    connect = {"connect_timeout": CONNECT_SECONDS, "application_name": name, "prepare_threshold": None}
    return usual | POOL | {"connect_args": connect}


def prepare(engine: sa.Engine) -> None:
    """Teach the engine's connections: who says `writing=False` changes nothing, who says `deciding` does so alone."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)


def decision() -> AbstractContextManager[sa.Connection]:
    """A transaction of the control plane beside which nobody decides anything else."""
    return current_app.extensions["control_engines"][True].begin()


def of_session(engine: sa.Engine, *, writing: bool) -> sa.Engine:
    """The engine of sessions that decide something, or of those that only read."""
    return engine.execution_options(writing=writing, deciding=writing)


@contextmanager
def only_one(engine: sa.Engine, instance: Path) -> Iterator[None]:
    """One process at a time, of all machines that share the control database."""
    if engine.dialect.name == "sqlite":
        with open(instance / "control.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(ONLY_ONE)
        yield


def _prepare_sqlite(engine: sa.Engine) -> None:
    """Write-ahead log, foreign keys, named transactions; the write lock only for those who write (D11)."""

    @sa.event.listens_for(engine, "connect")
    def connect(raw: sqlite3.Connection, record) -> None:
        raw.isolation_level = None
        for setting in (f"busy_timeout={BUSY_SECONDS}000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {setting}")

    sa.event.listen(engine, "begin", begin)


def _prepare_postgresql(engine: sa.Engine) -> None:
    """Nobody waits longer than `BUSY_SECONDS` for a lock; who only reads cannot write."""

    @sa.event.listens_for(engine, "connect")
    def connect(raw, record) -> None:
        raw.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        raw.commit()

    @sa.event.listens_for(engine, "set_engine_execution_options")
    @sa.event.listens_for(engine, "set_connection_execution_options")
    def only_read(owner, chosen: dict) -> None:
        if chosen.get("writing") is False:
            chosen.update(READING)

    @sa.event.listens_for(engine, "begin")
    def decide(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("deciding"):
            connection.exec_driver_sql(DECIDE)
