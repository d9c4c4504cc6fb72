"""What the tests of recreating share: a hospital with something in it, and a look at what came of that."""

import sqlalchemy as sa

from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, backups
from tests import on_postgres
from tests.backed_up import rows_in
from tests.provisioned import change, database, query

FULL_OF = 99


def fill(subdomain: str = "city-general") -> None:
    """Something that is there before and must be in the backup, and not in an empty database."""
    change(database(subdomain), f"UPDATE core_sequence SET value = {FULL_OF} WHERE name = 'mrn'")


def mark(path) -> int:
    """What shows which database one looks at: 0 in an empty one."""
    return query(path, "SELECT value FROM core_sequence WHERE name = 'mrn'")[0][0]


def saved_mark(path) -> int:
    """As `mark`, of a backup."""
    return next(int(row["value"]) for row in rows_in(path, "core_sequence") if row["name"] == "mrn")


def harm() -> None:
    """Nobody takes what is there for this hospital's database any more."""
    if on_postgres.WANTED:
        change(database(), "UPDATE core_identity SET tenant_uuid = 'somebody else'")
        return
    for suffix in ("-wal", "-shm"):
        database().with_name(database().name + suffix).unlink(missing_ok=True)
    database().write_bytes(b"x" * 8192)


def is_harmed(path) -> bool:
    """It is a copy of what was harmed."""
    if on_postgres.WANTED:
        return rows_in(path, "core_identity")[0]["tenant_uuid"] == "somebody else"
    return path.read_bytes() == b"x" * 8192


def stamp(subdomain: str = "city-general") -> tuple[str, str]:
    """The identity row of a hospital's file."""
    return query(database(subdomain), "SELECT tenant_uuid, generation FROM core_identity")[0]


def ask(tenant_id: int) -> int:
    """Ask for a recreation: the operation's id."""
    operation = asking.request_recreate(db.session.get(Tenant, tenant_id, populate_existing=True))
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def saved_by(operation_id: int):
    """The file of the backup that a recreation made, or None."""
    query = sa.select(Backup).join(Operation, Operation.backup_id == Backup.id).where(Operation.id == operation_id)
    found = db.session.scalar(query)
    path = found and backups.place_of(found)
    db.session.rollback()
    return path


def closed_by(tenant_id: int) -> int | None:
    """The operation that keeps the hospital closed now."""
    found = db.session.scalar(sa.select(Tenant.closed_by).where(Tenant.id == tenant_id))
    db.session.rollback()
    return found
