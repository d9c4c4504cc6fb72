"""What the control plane says of a hospital, read without a lock and believed for one second at most (D11, D21)."""

import threading
import time

import sqlalchemy as sa

from portal.control.models import Plan, Tenant
from portal.extensions import db
from portal.tenancy.current import Hospital

BELIEVED_SECONDS = 1.0
REMEMBERED = 4096

COLUMNS = (
    Tenant.id,
    Tenant.uuid,
    Tenant.subdomain,
    Tenant.name,
    Tenant.generation,
    Tenant.epoch,
    Tenant.mode,
    Tenant.server,
    Tenant.modules,
    Tenant.timezone,
    Tenant.currency,
    Tenant.locale,
    Tenant.starts_on,
    Tenant.ends_on,
    Plan.staff_limit,
)


class Registry:
    """The hospitals by subdomain, with a memory of one second so that every process sees a change within it."""

    def __init__(self):
        self._known: dict[str, tuple[float, Hospital | None]] = {}
        self._lock = threading.Lock()

    def find(self, subdomain: str) -> Hospital | None:
        """The hospital at this subdomain as of at most a second ago, or None."""
        known = self._known.get(subdomain)
        if known and time.monotonic() - known[0] < BELIEVED_SECONDS:
            return known[1]
        hospital = read_hospital(Tenant.subdomain == subdomain)
        with self._lock:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[subdomain] = (time.monotonic(), hospital)
        return hospital

    def forget(self) -> None:
        """Read everything anew; the process that changed a hospital need not wait."""
        self._known.clear()


def read_hospital(where) -> Hospital | None:
    """The hospital that meets the condition, read now from the control plane."""
    query = sa.select(*COLUMNS).join(Plan).where(where)
    with db.engine.connect() as connection:
        row = connection.execution_options(writing=False).execute(query).mappings().first()
    return Hospital(**{**row, "modules": frozenset(row["modules"])}) if row else None


def get_hospital(subdomain: str) -> Hospital:
    """As `read_hospital` by subdomain; raises LookupError where there is none."""
    hospital = read_hospital(Tenant.subdomain == subdomain)
    if hospital is None:
        raise LookupError(f"There is no hospital with the subdomain {subdomain!r}.")
    return hospital
