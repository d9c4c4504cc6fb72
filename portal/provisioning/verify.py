"""What is really there: one look at a hospital's database, a status, and one sentence of why (tenancy.md T17)."""

import json
import sqlite3
from dataclasses import dataclass, field
from functools import cache

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.extensions import db
from portal.i18n import _
from portal.migrations import current_revision, head
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, DatabaseUnreadable, DiskFailed
from portal.tenancy.databases.sqlite import kind_of_damage
from portal.tenancy.engines import read_stamp
from portal.tenancy.names import HospitalNames
from portal.tenancy.session import TENANT

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Verdict:
    """The status of a database and everything it follows from."""

    status: str
    reason: str
    tables: int | None = None
    expected_tables: int | None = None
    modules_ready: int | None = None
    modules_expected: int | None = None
    revision: str | None = None
    missing: tuple[str, ...] = field(default=())
    ready: tuple[str, ...] = field(default=())

    def values(self) -> dict:
        """The registry's columns for this verdict."""
        names = ("status", "reason", "tables", "expected_tables", "modules_ready", "modules_expected", "revision")
        return {name: getattr(self, name) for name in names}


def expected_tables() -> dict[str, frozenset[str]]:
    """The tables each module must have, by module name."""
    return {name: module.tables for name, module in current_app.extensions["modules"].items()}


def examine(names: HospitalNames, uuid: str, generation: str | None, server: str = "default") -> Verdict:
    """Look at a hospital's database without changing it; never raises for what it finds there."""
    databases = current_app.extensions["engines"].databases(server)
    if not databases.exists(names):
        return _missing(_("The database cannot be found."))
    try:
        return examine_engine(databases.looking_engine(names), uuid, generation)
    except DatabaseMissing:
        return _missing(_("The database cannot be found."))
    except DiskFailed as error:
        return _unfinished(names, error)
    except DatabaseUnreadable:
        return _missing(_("The database file cannot be opened."))
    except DatabaseDamaged:
        return _missing(_("The database file is damaged."))
    except (sa.exc.DBAPIError, sqlite3.Error, OSError) as error:
        if _is_damage(error):
            return _missing(_("The database file is damaged."))
        return _unfinished(names, error)
    except UnicodeDecodeError:
        return _missing(_("The database file is damaged."))


def _unfinished(names: HospitalNames, error: Exception) -> Verdict:
    """A disk that refuses, or a lock, says nothing of the database: nobody is told to restore one that may be well."""
    log.warning("check_unfinished", database=names.database, error=str(error))
    return Verdict("unknown", _("The last check did not finish."), **_expectations())


def _is_damage(error: Exception) -> bool:
    """Anything a driver complains of is damage, but for a lock held by somebody or a disk that does not answer."""
    driver_error = getattr(error, "orig", error)
    code = getattr(driver_error, "sqlite_errorcode", None)
    if issubclass(kind_of_damage(driver_error), DiskFailed):
        return False
    return code is not None and code & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM)


def examine_engine(engine: sa.Engine, uuid: str, generation: str | None) -> Verdict:
    """As `examine`, for a database that is open; raises what its driver raises."""
    stamp = read_stamp(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            return _judge(connection, stamp, (uuid, generation))
        finally:
            connection.exec_driver_sql("PRAGMA query_only=OFF")


def _judge(connection: sa.Connection, stamp, registered) -> Verdict:
    if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
        return _missing(_("The database file is damaged."))
    found = columns_by_table(connection)
    expected = expected_tables()
    gaps = {name: absent(tables, found) for name, tables in expected.items()}
    ready = sum(1 for names in gaps.values() if not names)
    seen = {
        "tables": len([table for table in found if table != "alembic_version_tenant"]),
        "modules_ready": ready,
        "revision": current_revision(TENANT, connection),
        "ready": tuple(name for name, names in gaps.items() if not names),
        "missing": tuple(sorted(name for names in gaps.values() for name in names)),
        **_expectations(),
    }
    return Verdict(*_status(stamp, registered, ready, len(expected), seen["revision"]), **seen)


def _status(stamp, registered, ready: int, expected: int, revision: str | None) -> tuple[str, str]:
    if ready == 0:
        return "missing", _("The database has no tables.")
    if stamp is None and ready == expected:
        return "missing", _("The database does not say which hospital it belongs to.")
    if stamp is not None and stamp[0] != registered[0]:
        return "missing", _("The database belongs to another hospital.")
    if ready < expected:
        sentence = _(
            "{ready} of {expected} modules are set up. Select Create to finish.", ready=ready, expected=expected
        )
        return "incomplete", sentence
    if registered[1] is None:
        return "incomplete", _("The database is finished but not in use. Select Create to put it into use.")
    if stamp != registered:
        return "missing", _("The database is not the one the platform created.")
    if revision != head(TENANT):
        return "incomplete", _(
            "The database is at revision {found}, expected {head}.", found=revision, head=head(TENANT)
        )
    return "ready", _("All {count} modules are set up.", count=expected)


def tables_in(connection: sa.Connection) -> frozenset[str]:
    """The names of the tables that are there."""
    return frozenset(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())


def columns_by_table(connection: sa.Connection) -> dict[str, frozenset[str]]:
    """The columns of every table that is there."""
    rows = connection.exec_driver_sql(
        "SELECT t.name, json_group_array(c.name) FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' GROUP BY t.name"
    )
    return {table: frozenset(json.loads(columns)) for table, columns in rows}


def absent(tables: frozenset[str], found: dict[str, frozenset[str]]) -> list[str]:
    """The tables that are not there, and “table.column” for each column that is not."""
    gaps = []
    for table in sorted(tables):
        if table not in found:
            gaps.append(table)
        else:
            gaps += sorted(f"{table}.{column}" for column in _declared_columns(table) - found[table])
    return gaps


@cache
def _declared_columns(table: str) -> frozenset[str]:
    return frozenset(column.name for column in db.metadatas[TENANT].tables[table].columns)


def _expectations() -> dict[str, int]:
    expected = expected_tables()
    return {"expected_tables": sum(len(tables) for tables in expected.values()), "modules_expected": len(expected)}


def _missing(sentence: str) -> Verdict:
    return Verdict("missing", sentence, tables=0, modules_ready=0, **_expectations())
