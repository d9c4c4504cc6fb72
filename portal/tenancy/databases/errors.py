"""What the drivers' errors mean: SQLite gives codes of its own, PostgreSQL the standard's SQLSTATE."""

import re
import sqlite3

import psycopg

from portal.tenancy.databases.base import (
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseUnreadable,
    DiskFailed,
    ServerAway,
    ServerFull,
)

DAMAGE = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN))
TORN = frozenset((sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_DATA, sqlite3.SQLITE_IOERR_CORRUPTFS))
LACKS = re.compile(r"no such (table|column)|table \S+ has no column named")
LOCKED = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED))
BUSY = LOCKED | {sqlite3.SQLITE_NOMEM}
AWAY = ("08", "53", "55", "57", "58")  # connection, resources, object in use, an operator or the system intervened
UNFITTING = ("42", "23", "22")  # what a statement names or asks for is not as it expects
REFUSALS = (
    (r'database "[^"]*" does not exist', DatabaseMissing),
    (
        "authentication failed|permission denied|is not currently accepting|is not permitted to log in",
        DatabaseUnreadable,
    ),
    ("too many clients|connection slots are reserved|too many connections|no more connections", ServerFull),
)
LOST = ("40001", "40P01")  # ended by the server for the sake of another transaction: nothing of it is there
CORRUPTED, NOT_ALLOWED, READ_ONLY, INTERRUPTED = ("XX001", "XX002"), "42501", "25006", "57014"
AWAY_NOW = "08006"
DISK_FULL = "53100"


def _codes(error: BaseException) -> tuple[int | None, str | None]:
    state = getattr(error, "sqlstate", None)
    if state is None and isinstance(error, psycopg.OperationalError):
        state = AWAY_NOW  # the driver has no code for a server that ended the talk
    return getattr(error, "sqlite_errorcode", None), state


def is_no_table(error: BaseException) -> bool:
    """The statement names a table that the database does not have."""
    return _codes(error)[1] in ("42P01", "42703") or "no such table" in str(error)


def lacks_something(error: BaseException) -> bool:
    """The statement names a table or a column that the database does not have."""
    return _codes(error)[1] in ("42P01", "42703") or LACKS.match(str(error)) is not None


def is_disk_full(error: BaseException) -> bool:
    """The server has no room on its disk for what was to be written."""
    return _codes(getattr(error, "orig", error))[1] == DISK_FULL


def is_locked(error: BaseException) -> bool:
    """Somebody else writes to the file just now."""
    code = _codes(error)[0]
    return code is not None and code & 0xFF in LOCKED


def is_busy(error: BaseException) -> bool:
    """Somebody holds what was wanted, or the server has no room for it now: that is nobody's damage."""
    code, state = _codes(error)
    if state is None:
        return code is not None and code & 0xFF in BUSY
    return state[:2] in AWAY or state in LOST


def lost_to_another(error: BaseException) -> bool:
    """The server ended the transaction, because another one wanted the same in another order; it may be done again."""
    return _codes(error)[1] in LOST


def is_interrupted(error: BaseException) -> bool:
    """The statement took longer than it may."""
    code, state = _codes(error)
    return code == sqlite3.SQLITE_INTERRUPT or state == INTERRUPTED


def is_refused_writing(error: BaseException) -> bool:
    """The connection may only read."""
    code, state = _codes(error)
    return state == READ_ONLY or (code is not None and code & 0xFF == sqlite3.SQLITE_READONLY)


def is_of_database(error: BaseException) -> bool:
    """The database itself gave the error, and not the driver for how it was used."""
    return any(code is not None for code in _codes(error))


def does_not_fit(error: BaseException) -> bool:
    """The database is not as the statement expects it to be."""
    code, state = _codes(error)
    return code == sqlite3.SQLITE_ERROR or (state is not None and state[:2] in UNFITTING)


def tells_of_damage(error: BaseException) -> bool:
    """The error says that the content of the database cannot be read."""
    code, state = _codes(error)
    return state in CORRUPTED or (code is not None and code & 0xFF in DAMAGE)


def is_out_of_reach(error: BaseException) -> bool:
    """A disk or a server does not do now what it is asked to, or somebody holds it: the database may be well."""
    driver_error = getattr(error, "orig", error)
    kind = type(error) if isinstance(error, DatabaseDamaged) else kind_of_damage(driver_error)
    return issubclass(kind, (DiskFailed, ServerAway)) or is_busy(driver_error)


def kind_of_damage(error: BaseException) -> type[DatabaseDamaged]:
    """Whether an error of the driver tells of a damaged database, or only of one that cannot be opened or read now."""
    code, state = _codes(error)
    if state is not None:
        if state == NOT_ALLOWED:
            return DatabaseUnreadable
        if state == DISK_FULL:
            return DiskFailed
        return ServerAway if is_busy(error) else DatabaseDamaged
    if code is None and isinstance(error, psycopg.OperationalError):
        return kind_of_refusal(error)
    code = code or sqlite3.SQLITE_OK
    if code & 0xFF == sqlite3.SQLITE_CANTOPEN:
        return DatabaseUnreadable
    if code & 0xFF in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL) and code not in TORN:
        return DiskFailed
    return DatabaseDamaged


def kind_of_refusal(error: psycopg.OperationalError) -> type[Exception]:
    """What a connection that did not come about, or was ended, means; the driver gives no code for most of them."""
    said = str(error)
    for words, kind in REFUSALS:
        if re.search(words, said):
            return kind
    return ServerAway
