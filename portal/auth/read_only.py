"""What a read-only hospital cannot keep itself, its audit and its bad passwords, is kept by the platform (T22)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import AuditEntry
from portal.extensions import db
from portal.tenancy.current import Hospital, outside_hospital

MOST_FAILURES = 5
WINDOW = timedelta(minutes=15)
TOLD = ("list", "rows", "copy")  # no names, no searches: what is known of patients stays in their hospital


def write(hospital: Hospital, action: str, actor: str, record, changes: dict, origin: dict[str, str]) -> None:
    """Add an entry to the platform's audit in a transaction of its own."""
    told = {name: values[1] for name, values in changes.items() if name in TOLD}
    kept = {"record": name_of(record)} if record is not None else {}
    entry = {"tenant_id": hospital.id, "actor": actor, "action": action, "details": kept | told, **origin}
    with outside_hospital(), db.engine.begin() as connection:
        connection.execute(sa.insert(AuditEntry).values(entry))


def name_of(record) -> str:
    """How the platform's audit names a record of a hospital: its table and id."""
    return f"{type(record).__tablename__} {record.id}"


def is_locked(hospital: Hospital, user) -> bool:
    """Too many bad passwords within the last minutes, counted from the last good one on; never for a mirror."""
    if user.is_mirror:
        return False
    mine = AuditEntry.tenant_id == hospital.id, AuditEntry.details["record"].as_string() == name_of(user)
    signed_in = sa.select(sa.func.max(AuditEntry.at)).where(*mine, AuditEntry.action == "login")
    failed = sa.select(sa.func.count()).where(*mine, AuditEntry.action == "login_failed")
    with outside_hospital(), db.engine.connect() as connection:
        connection = connection.execution_options(writing=False)
        begin = max(filter(None, (now() - WINDOW, connection.scalar(signed_in))))
        return connection.scalar(failed.where(AuditEntry.at > begin)) >= MOST_FAILURES


def signed_in_meanwhile(tenant_id: int) -> dict[str, datetime]:
    """When each person signed in last while the hospital was read-only, by username."""
    query = sa.select(AuditEntry.actor, sa.func.max(AuditEntry.at))
    query = query.where(AuditEntry.tenant_id == tenant_id, AuditEntry.action == "login").group_by(AuditEntry.actor)
    return dict(db.session.execute(query).all())


def copies_of(hospital: Hospital, record) -> int:
    """How often a record was printed while the hospital was read-only."""
    query = sa.select(sa.func.count()).where(
        AuditEntry.tenant_id == hospital.id,
        AuditEntry.action == "print",
        AuditEntry.details["record"].as_string() == name_of(record),
    )
    with outside_hospital(), db.engine.connect() as connection:
        return connection.execution_options(writing=False).scalar(query)
