"""What the control plane says of a hospital, read without a lock and believed for one second at most (D11, D21)."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import AuditEntry, Plan, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.tenancy import releases
from portal.tenancy.current import Hospital, OtherRelease, TenantGone, outside_hospital

BELIEVED_SECONDS = 1.0
REMEMBERED = 4096
READ_AT_ONCE = 100

COLUMNS = (
    Tenant.id,
    Tenant.uuid,
    Tenant.subdomain,
    Tenant.name,
    Tenant.generation,
    Tenant.epoch,
    Tenant.mode,
    Tenant.mode_since,
    Tenant.mode_reason,
    Tenant.closed_by,
    Tenant.moved_by,
    Tenant.is_neutralised,
    Tenant.copy_of,
    Tenant.sessions_ended,
    Tenant.server,
    Tenant.modules,
    Tenant.timezone,
    Tenant.currency,
    Tenant.locale,
    Tenant.starts_on,
    Tenant.ends_on,
    Tenant.revision,
    Tenant.serves_from,
    Plan.staff_limit,
    Plan.grace_days,
)


@dataclass(slots=True)
class _Known:
    """What was read of a subdomain, when, and whether anybody has asked for it since."""

    read_at: float
    hospital: Hospital | None
    is_wanted: bool = False


class Registry:
    """The hospitals by subdomain, with a memory of one second so that every process sees a change within it.

    Who has to read one anew reads with it what others asked for meanwhile, so that many busy hospitals cost the
    control plane a few queries a second and not one for each request.
    """

    def __init__(self):
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def find(self, subdomain: str) -> Hospital | None:
        """The hospital at this subdomain as of at most a second ago, or None."""
        known, asked_at = self._known.get(subdomain), time.monotonic()
        if known is None or asked_at - known.read_at >= BELIEVED_SECONDS:
            known = self._read(subdomain, asked_at)
        known.is_wanted = True
        return known.hospital

    def _read(self, subdomain: str, asked_at: float) -> "_Known":
        old = asked_at - BELIEVED_SECONDS / 2
        with self._lock:
            wanted = [name for name, one in self._known.items() if one.is_wanted and one.read_at <= old]
        names = {subdomain, *wanted[:READ_AT_ONCE]}
        found = {hospital.subdomain: hospital for hospital in read_hospitals(Tenant.subdomain.in_(names))}
        fresh = {name: _Known(asked_at, found.get(name)) for name in names}
        with self._lock:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known.update(fresh)
        return fresh[subdomain]

    def forget(self) -> None:
        """Read everything anew; the process that changed a hospital need not wait."""
        self._known.clear()

    def report_wrong_database(self, hospital: Hospital, found: str) -> None:
        """Mark a hospital whose database is stamped for another, with one audit entry (tenancy.md T4); best effort.

        Not where the registry has moved on since it was asked: then what was known of the database is wrong, not it.
        """
        reason = _("The database belongs to another hospital.")
        marked = (
            sa.update(Tenant)
            .where(Tenant.id == hospital.id, Tenant.epoch == hospital.epoch, Tenant.reason != reason)
            .values(status="missing", reason=reason, checked_at=now())
        )
        entry = {
            "tenant_id": hospital.id,
            "action": "wrong_database",
            "outcome": "refused",
            "details": {"found": found},
        }
        with outside_hospital(), suppress(sa.exc.OperationalError), db.engine.begin() as connection:
            if connection.execute(marked).rowcount:
                connection.execute(sa.insert(AuditEntry).values(entry))


def read_hospitals(where) -> list[Hospital]:
    """The hospitals that meet the condition, read now from the control plane."""
    query = sa.select(*COLUMNS).join(Plan).where(where)
    with db.engine.connect() as connection:
        rows = connection.execution_options(writing=False).execute(query).mappings().all()
    return [Hospital(**{**row, "modules": frozenset(row["modules"])}) for row in rows]


def read_hospital(where) -> Hospital | None:
    """As `read_hospitals`, for a condition that one meets at most."""
    return next(iter(read_hospitals(where)), None)


def find_hospital(subdomain: str) -> Hospital | None:
    """The hospital at this subdomain, read now, or None."""
    return read_hospital(Tenant.subdomain == subdomain)


def get_worked_on(subdomain: str) -> Hospital:
    """The hospital, read now, for a job that may write to it (tenancy.md T22, T26).

    Raises `TenantGone` where it is no more, has no database, is being moved, or is suspended, in maintenance or
    read-only, and `OtherRelease` where this release does not work on its database.
    """
    hospital = find_hospital(subdomain)
    if hospital is None or hospital.generation is None:
        raise TenantGone(subdomain)
    if hospital.is_closed or hospital.saves_nothing:
        raise TenantGone(f"{subdomain} is {hospital.closed_as if hospital.is_closed else 'read-only'}")
    if not releases.is_served(hospital):
        raise OtherRelease(f"{subdomain} is at revision {hospital.revision}")
    return hospital


def get_hospital(subdomain: str) -> Hospital:
    """As `find_hospital`; raises LookupError where there is none."""
    hospital = find_hospital(subdomain)
    if hospital is None:
        raise LookupError(f"There is no hospital with the subdomain {subdomain!r}.")
    return hospital


def remember_outbox(tenant_id: int, due_at: datetime | None = None) -> None:
    """Let the reaper wake a worker for this hospital's events, now or at a later moment (D14); best effort."""
    at = due_at or now()
    sooner = sa.or_(Tenant.outbox_due_at.is_(None), Tenant.outbox_due_at > at)
    due = sa.update(Tenant).where(Tenant.id == tenant_id, sooner).values(outbox_due_at=at)
    with outside_hospital(), suppress(sa.exc.OperationalError), db.engine.begin() as connection:
        connection.execute(due)


def due_outboxes() -> list[tuple[int, str]]:
    """Id and subdomain of the hospitals with events for which a worker has to be woken now."""
    due = sa.and_(Tenant.outbox_due_at <= now(), Tenant.mode == "active", *_is_free())
    return _read(sa.select(Tenant.id, Tenant.subdomain).where(due))


def forget_outbox(tenant_id: int) -> None:
    """A worker is about to be told of this hospital's events."""
    due = sa.update(Tenant).where(Tenant.id == tenant_id, Tenant.outbox_due_at <= now())
    with db.engine.begin() as connection:
        connection.execute(due.values(outbox_due_at=None))


def served_between(first: int, last: int, parts: int) -> list[str]:
    """Subdomains of the hospitals that are worked in and whose id, divided by `parts`, leaves `first` to `last`."""
    served = sa.and_(Tenant.generation.is_not(None), Tenant.mode == "active", *_is_free())
    turn = (Tenant.id % parts).between(first, last)
    return [subdomain for (subdomain,) in _read(sa.select(Tenant.subdomain).where(served, turn).order_by(Tenant.id))]


def _is_free() -> tuple[sa.ColumnElement[bool], ...]:
    """No work on the hospital's database keeps its own jobs waiting."""
    return Tenant.closed_by.is_(None), Tenant.moved_by.is_(None)


def _read(query: sa.Select) -> list[tuple]:
    with db.engine.connect().execution_options(writing=False) as connection:
        return [tuple(row) for row in connection.execute(query)]


def report_revision(tenant_id: int, revision: str, serves_from: str | None) -> None:
    """Keep what a hospital's database says of itself, where the registry says something else; best effort."""
    values = {"revision": revision, "serves_from": serves_from}
    news = sa.or_(*(getattr(Tenant, name).is_distinct_from(value) for name, value in values.items()))
    other = sa.update(Tenant).where(Tenant.id == tenant_id, news)
    with outside_hospital(), suppress(sa.exc.OperationalError), db.engine.begin() as connection:
        connection.execute(other.values(values))


def adopt(tenant_id: int, **values) -> None:
    """Keep what a hospital says of itself and every one of its pages needs: time zone, currency, language."""
    news = sa.or_(*(getattr(Tenant, name) != value for name, value in values.items()))
    adopted = sa.update(Tenant).where(Tenant.id == tenant_id, news).values(epoch=Tenant.epoch + 1, **values)
    with outside_hospital(), db.engine.begin() as connection:
        connection.execute(adopted)
