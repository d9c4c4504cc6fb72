"""How connections to the control database behave when it is a SQLite file."""

import sqlite3

import sqlalchemy as sa

from portal.tenancy.databases.opening import begin


def prepare(engine: sa.Engine) -> None:
    """Write-ahead log, foreign keys, named transactions; the write lock only for those who write (D11)."""

    @sa.event.listens_for(engine, "connect")
    def connect(raw: sqlite3.Connection, record) -> None:
        raw.isolation_level = None
        for setting in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {setting}")

    sa.event.listen(engine, "begin", begin)
