"""What a database holds in people's numbers: patients, appointments, staff; of a backup, and of a hospital as it is."""

from dataclasses import dataclass

import sqlalchemy as sa

from portal.control.models import Backup, Tenant
from portal.i18n import _
from portal.provisioning.places import databases_of, names_of
from portal.tenancy.databases import catalog
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing

TOLD = {
    "patients_patient": _("Patients"),
    "patients_encounter": _("Encounters"),
    "appointments_appointment": _("Appointments"),
    "billing_invoice": _("Invoices"),
    "staff_staff": _("Members of staff"),
    "auth_user": _("Accounts"),
    "core_attachment": _("Documents"),
}
ALL = _("Rows in all tables")


@dataclass(frozen=True)
class Compared:
    """How many there were when the backup was made, and how many there are now; None where that cannot be read."""

    label: str
    then: int
    now: int | None


def live_counts(tenant: Tenant) -> dict[str, int] | None:
    """The rows of each table as they are now; None where there is no database that can be read."""
    names = names_of(tenant)
    databases = databases_of(tenant)
    try:
        with databases.looking_engine(names).connect() as connection:
            return catalog.count_rows(connection)
    except (DatabaseMissing, DatabaseDamaged, sa.exc.DBAPIError, UnicodeDecodeError, OSError):
        return None


def compared(backup: Backup, tenant: Tenant) -> list[Compared]:
    """What the backup holds beside what the hospital holds now, table by table that people know."""
    live = live_counts(tenant)
    rows = [
        Compared(label, backup.counts.get(table, 0), None if live is None else live.get(table, 0))
        for table, label in TOLD.items()
        if table in backup.counts or table in (live or {})
    ]
    in_all = None if live is None else sum(live.values())
    return [*rows, Compared(ALL, sum(backup.counts.values()), in_all)]
