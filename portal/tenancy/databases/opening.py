"""Opening a SQLite hospital file: what is refused, how a connection behaves, and which errors mean damage."""

import os
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, DatabaseUnreadable
from portal.tenancy.databases.errors import kind_of_damage, tells_of_damage

BUSY_MILLISECONDS = 5000
SMALLEST_PAGE = 512


def connect(path: Path, mode: str = "rw", synchronous: str = "NORMAL") -> sqlite3.Connection:
    """Open a hospital file with the connection settings every part of the portal relies on.

    Raises `DatabaseMissing` when nothing is there, `DatabaseUnreadable` when it may not be opened and
    `DatabaseDamaged` when it is no SQLite database; a database that is locked is the driver's OperationalError.
    """
    if not os.path.lexists(path):
        raise DatabaseMissing(path.name)
    if path.is_symlink() or not path.is_file():  # a link may lead out of the folder, or to another hospital
        raise DatabaseDamaged(f"{path.name} is not a plain file")
    try:
        raw = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}", uri=True, check_same_thread=False, isolation_level=None
        )
    except sqlite3.OperationalError as error:
        raise DatabaseUnreadable(str(error)) from error
    try:
        raw.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        raw.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute(f"PRAGMA synchronous={synchronous}")
        raw.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raw.close()
        code = getattr(error, "sqlite_errorcode", None)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise kind_of_damage(error)(str(error)) from error
    return raw


def check_header(path: Path) -> None:
    """Refuse what SQLite itself would read without a complaint: a cut-off last page, a format it may not write.

    Raises `DatabaseDamaged`; what is no plain file is left to `connect`.
    """
    if path.is_symlink() or not path.is_file():
        return
    header = _first_bytes(path, 20)
    if path.stat().st_size % SMALLEST_PAGE or not set(header[18:20]) <= {1, 2}:
        raise DatabaseDamaged(f"{path.name} is cut off or has a header of another format")


def _first_bytes(path: Path, count: int) -> bytes:
    """Let another process read them: a process that closes a file loses every lock that its connections hold on it.

    Without those locks the next process that closes the database removes a write-ahead log which is still written to,
    and what is saved in it is gone (POSIX advisory locks; SQLite’s “How To Corrupt An SQLite Database File”, 2.2).
    """
    try:
        asked = subprocess.run(["head", "-c", str(count), "--", path], capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseUnreadable(str(error)) from error
    if asked.returncode:
        raise DatabaseUnreadable(asked.stderr.decode(errors="replace").strip())
    return asked.stdout


def begin(connection: sa.Connection) -> None:
    """Start each transaction by name: writers take the lock before they read (D11)."""
    immediate = connection.get_execution_options().get("writing", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def name_damage(context: sa.engine.ExceptionContext) -> None:
    """A file that turns out to be damaged while it is in use is `DatabaseDamaged`, as it is on opening."""
    if tells_of_damage(context.original_exception):
        raise kind_of_damage(context.original_exception)(
            str(context.original_exception)
        ) from context.original_exception
