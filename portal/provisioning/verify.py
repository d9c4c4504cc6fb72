"""What is really there: one look at a hospital's database, a status, and one sentence of why (tenancy.md T17)."""

import sqlite3
import time
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import now
from portal.control.models import Tenant
from portal.i18n import _, ngettext
from portal.migrations import current_standing, head
from portal.provisioning import findings, looks, schema
from portal.provisioning.places import names_of
from portal.provisioning.schema import expected_tables
from portal.tenancy import releases
from portal.tenancy.databases import catalog
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, DatabaseUnreadable, DiskFailed, ServerAway
from portal.tenancy.databases.catalog import COLUMNS, INDEXES, RULES, TABLES, TRIGGERS
from portal.tenancy.databases.errors import is_of_database, is_out_of_reach
from portal.tenancy.databases.limits import at_most
from portal.tenancy.engines import stamp_of
from portal.tenancy.names import HospitalNames
from portal.tenancy.session import TENANT

ANSWER_SECONDS = 10  # for each question but those that read everything
log = structlog.get_logger(__name__)
NOT_FOUND, NOT_OPENED = _("The database cannot be found."), _("The database file cannot be opened.")
NOT_ADMITTED = _("The server does not let the hospital use its database. Select Create to finish.")
IS_DAMAGED = _("The database file is damaged.")


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
    serves_from: str | None = None
    findings: dict = field(default_factory=dict)
    missing: tuple[str, ...] = field(default=())
    ready: tuple[str, ...] = field(default=())

    def values(self) -> dict:
        """The registry's columns for this verdict."""
        names = ("status", "reason", "tables", "expected_tables", "modules_ready", "modules_expected", "findings")
        standing = {"revision": self.revision, "serves_from": self.serves_from}
        values = {name: getattr(self, name) for name in names}
        return values if self.status == "unknown" else values | standing  # it was not looked at


def examine(
    names: HospitalNames, uuid: str, generation: str | None, server: str = "default", *, thorough: bool = False
) -> Verdict:
    """Look at a hospital's database without changing it; never raises for what it finds there.

    A `thorough` look reads every index entry and every reference too.
    """
    databases = current_app.extensions["engines"].databases(server)
    try:
        dialect = databases.dialect.name
    except ServerAway as error:
        return _uncertain(names, error)
    schema.expected_entries(dialect)  # before anything is opened: an error of the template is not the hospital's
    try:
        seen = examine_engine(databases.looking_engine(names), uuid, generation, thorough=thorough)
        if "size" not in seen.findings:  # of which a server can be asked while the database is open
            seen.findings["size"] = databases.size(names)
        if seen.status == "ready" and not databases.admits(names, frozenset().union(*expected_tables().values())):
            return replace(seen, status="incomplete", reason=NOT_ADMITTED)
        return seen
    except DatabaseMissing:
        return _missing(NOT_FOUND, findings.ABSENT)
    except (DiskFailed, ServerAway) as error:
        return _uncertain(names, error)
    except DatabaseUnreadable:
        return _missing(NOT_OPENED, findings.REFUSED)
    except (DatabaseDamaged, UnicodeDecodeError):
        return _missing(IS_DAMAGED, findings.NO_DATABASE)
    except (sa.exc.DBAPIError, sqlite3.Error, OSError) as error:
        if _is_damage(error):
            return _missing(IS_DAMAGED, findings.NO_DATABASE)
        return _uncertain(names, error)


def verified_values(tenant: Tenant, *, thorough: bool = False) -> dict:
    """Look at the hospital's database now; the registry's new values for it.

    What the last thorough look at this file saw stays known, and damage it found is looked for every time.
    """
    names = names_of(tenant)
    before = tenant.findings.get("whole", {})
    if before.get("generation") != tenant.generation:
        before = {}
    thorough = thorough or before.get("file") == "damaged"
    verdict = examine(names, tenant.uuid, tenant.generation, tenant.server, thorough=thorough)
    if before and verdict.findings.get("file") in ("sound", "unfinished"):
        verdict.findings.setdefault("whole", before)
    return {**verdict.values(), "checked_at": now()}


def _uncertain(names: HospitalNames, error: Exception) -> Verdict:
    """A disk that refuses, or a lock, says nothing of the database: nobody is told to restore one that may be well."""
    log.warning("check_unfinished", database=names.database, error=str(error))
    reason = _("The last check did not finish.")
    return Verdict("unknown", reason, **_expectations(), findings={"connection": findings.BUSY})


def _is_damage(error: Exception) -> bool:
    """Anything a driver complains of is damage, but for a lock held by somebody or a disk that does not answer."""
    return not is_out_of_reach(error) and is_of_database(getattr(error, "orig", error))


def examine_engine(engine: sa.Engine, uuid: str, generation: str | None, *, thorough: bool = False) -> Verdict:
    """As `examine`, for a database that is open; raises what its driver raises."""
    begun = time.perf_counter()
    with engine.connect() as connection:
        with at_most(ANSWER_SECONDS, connection):
            stamp = stamp_of(connection.connection.driver_connection, engine.dialect.loaded_dbapi)
        latency = round((time.perf_counter() - begun) * 1000, 2)
        with at_most(ANSWER_SECONDS, connection), looks.only_reading(connection):
            verdict = _judge(connection, stamp, (uuid, generation), thorough=thorough)
    verdict.findings["latency"] = latency
    return verdict


def _judge(connection: sa.Connection, stamp, registered, *, thorough: bool) -> Verdict:
    facts = {"connection": findings.OPEN, "stamp": findings.stamp_found(stamp, registered)}
    facts["file"] = looks.quick_look(connection)
    if thorough and facts["file"] != findings.DAMAGED:
        facts["whole"] = {**looks.whole_look(connection), "generation": registered[1]}
    if findings.DAMAGED in (facts["file"], facts.get("whole", {}).get("file")):
        return _missing(IS_DAMAGED, **facts)
    found, wanted = catalog.entries_in(connection), schema.expected_entries(connection.dialect.name)
    differences = schema.compare(connection, found)
    lost = differences.names("missing", TABLES, COLUMNS)
    lacking = {name.partition(".")[0] for name in lost}
    ready = tuple(name for name, tables in expected_tables().items() if not tables & lacking)
    revision, serves_from = current_standing(TENANT, connection)
    facts |= {"revision": findings.revision_found(revision), **looks.space_found(connection)}
    facts |= {"indexes": _indexes(found), "expected_indexes": _indexes(wanted)}
    facts |= findings.differences_found(differences)
    seen = {
        "tables": sum(entry.kind == "table" and entry.name != schema.VERSION_TABLE for entry in found),
        "modules_ready": len(ready),
        "revision": revision,
        "serves_from": serves_from,
        "ready": ready,
        "missing": tuple(lost),
        "findings": facts,
        **_expectations(),
    }
    newer = _newer(revision, serves_from) if facts["stamp"] == "same" else ""
    if newer and not releases.works_on(revision, serves_from):
        return Verdict("incomplete", newer, **seen)
    return Verdict(*_status(facts["stamp"], registered, len(ready), newer, revision, differences), **seen)


def _newer(revision: str | None, serves_from: str | None) -> str:
    """What a newer release has done to the database, or nothing: only that one can judge what it has changed."""
    if findings.revision_found(revision) != "newer":
        return ""
    if releases.works_on(revision, serves_from):
        return _("All modules are set up. A newer release has added to the database: revision {found}.", found=revision)
    return _(
        "A newer release has changed the database, and only that one can check it: revision {found}.", found=revision
    )


def _status(stamp: str, registered, ready: int, newer: str, revision: str | None, differences) -> tuple[str, str]:
    expected = len(expected_tables())
    if ready == 0:
        return "missing", _("The database has no tables.")
    if stamp == "none":
        return "missing", _("The database does not say which hospital it belongs to.")
    if stamp == "other hospital":
        return "missing", _("The database belongs to another hospital.")
    if ready < expected:
        sentence = _(
            "{ready} of {expected} modules are set up. Select Create to finish.", ready=ready, expected=expected
        )
        return "incomplete", sentence
    if registered[1] is None:
        return "incomplete", _("The database is finished but not in use. Select Create to put it into use.")
    if stamp != "same":
        return "missing", _("The database is not the one the platform created.")
    if revision != head(TENANT) and not newer:
        return "incomplete", _(
            "The database is at revision {found}, expected {head}.", found=revision, head=head(TENANT)
        )
    sentence = unmendable(differences) or _unfinished(differences, expected)
    if sentence:
        return "incomplete", sentence
    return "ready", newer or _("All {count} modules are set up.", count=expected)


def _indexes(entries: frozenset[catalog.Entry]) -> int:
    return sum(entry.kind == "index" for entry in entries)


def unmendable(differences: schema.Differences) -> str:
    """Why Create cannot make this database as it should be, or nothing; a missing column is asked about by itself."""
    for name in differences.names("different", COLUMNS):
        return _("The column {column} is not as expected, and Create cannot change it.", column=name)
    for name in differences.names("missing", RULES):
        if name not in differences.lost_keys:
            return _("A rule is missing that Create cannot add: {rule}.", rule=name)
    return ""


def _unfinished(differences: schema.Differences, expected: int) -> str:
    lost = {*differences.names("missing", INDEXES, TRIGGERS), *differences.names("different", INDEXES, TRIGGERS)}
    for rule in differences.lost_keys:
        return _("A rule is missing: {rule}. Select Create to finish.", rule=rule)
    if not lost:
        return ""
    return ngettext(
        "All {modules} modules are set up, but {count} index or trigger is missing. Select Create to finish.",
        "All {modules} modules are set up, but {count} indexes or triggers are missing. Select Create to finish.",
        len(lost),
        modules=expected,
    )


def _expectations() -> dict[str, int]:
    expected = expected_tables()
    return {"expected_tables": sum(len(tables) for tables in expected.values()), "modules_expected": len(expected)}


def _missing(sentence: str, connection: str = findings.OPEN, **facts) -> Verdict:
    seen = {"connection": connection, **facts}
    return Verdict("missing", sentence, tables=0, modules_ready=0, findings=seen, **_expectations())
