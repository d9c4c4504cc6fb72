"""Deleting a hospital: backed up while nobody can write any more, then removed; kept for a time, then forgotten."""

import shutil
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.auth.audit import audit_platform
from portal.clock import now
from portal.control.models import Backup, Operation, Tenant, TenantAccess
from portal.extensions import db
from portal.i18n import _
from portal.kit import files
from portal.provisioning import backups, leaving, verify
from portal.provisioning.failures import KEPT, NOTHING
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import databases_of, names_at, names_of
from portal.provisioning.steps import CLOSE, REMOVE, SAVE, ProvisioningProblem
from portal.tenancy.control_engine import decision
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseUnreadable
from portal.tenancy.modes import OPEN_MODES

log = structlog.get_logger(__name__)
FORGOTTEN = {"address": "", "phone": "", "email": "", "website": "", "mode_reason": "", "reason": "", "copy_of": ""}


class Delete:
    """One attempt to delete. `run` may be repeated after a kill at any moment and ends in the same place.

    The registry's row decides: until it says deleted the database is in its place, with all that was ever saved.
    """

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.requested_by = operation.requested_by
        self.ledger, self.build = ledger, build
        self.databases = databases_of(self.tenant)
        self.names = names_of(self.tenant)
        self.left = NOTHING  # what a failure at this moment leaves behind

    def run(self) -> dict:
        """Do every step; the registry has its new values already."""
        if self.tenant.mode != "deleted":
            self.ledger.begin(CLOSE.name)
            leaving.close(self.ledger, self.tenant)
            self.ledger.begin(SAVE.name)
            self.save()
        self.left = KEPT
        self.ledger.begin(REMOVE.name)
        leaving.remove(self.databases, self.names, self.ledger)
        return {}

    def undo(self) -> None:
        """Leave no copy behind that nobody knows of."""
        backups.forget_unfinished(self.tenant.uuid, self.build)

    def save(self) -> None:
        """Back up what is there, or keep what cannot be read as it is; then the hospital is deleted."""
        if not self.databases.exists(self.names):
            self.ledger.say(_("There was no database to back up."))
            self.forget()
            return
        verdict = verify.examine(self.names, self.tenant.uuid, self.tenant.generation, self.tenant.server)
        if verdict.status == "unknown":
            raise ProvisioningProblem(verdict.reason)
        if verdict.status == "missing":
            self.salvage_and_forget()
            return
        try:
            leaving.empty(self.databases, self.names, self.tenant.uuid, self.back_up_and_forget)
        except DatabaseUnreadable:
            raise
        except DatabaseDamaged:  # a server finds a damaged page only where it is read
            backups.forget_unfinished(self.tenant.uuid, self.build)
            self.salvage_and_forget()

    def salvage_and_forget(self) -> None:
        """Nobody could read a backup of it."""
        backups.salvage(self.tenant)
        self.ledger.say(_("The database cannot be read; it is kept as it was, beside the backups."))
        self.forget()

    def back_up_and_forget(self) -> None:
        """The backup is verified and listed before anything goes."""
        counts = backups.copy(self.tenant, self.build)
        reason = backups.BEFORE_DELETING
        backups.keep(self.tenant, self.build, counts, self.ledger, reason=reason, made_by=self.requested_by)
        self.forget()

    def forget(self) -> None:
        """From here on there is no hospital at this address; its backups and documents stay for a time."""
        until = now() + timedelta(days=current_app.extensions["settings"].backup_keep_days)
        files.spare(self.tenant.uuid, until)
        before = self.tenant.mode if self.tenant.mode in OPEN_MODES else self.tenant.mode_before
        deleted = {
            "mode": "deleted", "mode_before": before, "mode_since": now(), "kept_until": until, "generation": None,
            "epoch": Tenant.epoch + 1, "sessions_ended": Tenant.sessions_ended + 1, "outbox_due_at": None,
            "status": "unknown", "reason": _("The hospital is deleted."), "tables": None, "modules_ready": None,
            "modules_expected": None, "expected_tables": None, "revision": None, "serves_from": None,
            "findings": {},
        }  # fmt: skip
        self.ledger.record(sa.update(Tenant).where(Tenant.id == self.tenant.id).values(deleted))
        self.tenant.mode, self.tenant.generation = "deleted", None


def take_back(tenant: Tenant) -> None:
    """A deleted hospital is there again as it was, but for its database. The caller asks for that and commits.

    Raises `ProvisioningProblem` once the time is over for which it was kept.
    """
    if tenant.kept_until is None or tenant.kept_until < now():
        raise ProvisioningProblem(_("The time is over for which {name} was kept.", name=tenant.name))
    tenant.mode, tenant.mode_since, tenant.mode_reason, tenant.kept_until = tenant.mode_before, now(), "", None
    tenant.status, tenant.reason = "unknown", _("Not checked yet.")
    tenant.epoch = Tenant.epoch + 1
    audit_platform("bring_back_hospital", tenant=tenant)


def kept_backup(tenant: Tenant) -> Backup | None:
    """What a deleted hospital can be brought back from: the newest verified backup, while it is kept."""
    if tenant.mode != "deleted" or tenant.kept_until is None or tenant.kept_until < now():
        return None
    query = sa.select(Backup).where(Backup.tenant_id == tenant.id, Backup.state == "verified")
    return db.session.scalar(query.order_by(Backup.id.desc()).limit(1))


def purge() -> list[int]:
    """Forget the deleted hospitals whose time is over: files first, then who they were. Answers with their ids.

    The row and its audit stay, without a name; its subdomain is free.
    """
    over = sa.and_(Tenant.mode == "deleted", Tenant.kept_until < now())
    idle = sa.not_(sa.exists().where(Operation.active_key == Tenant.id))
    found = [tenant.id for tenant in db.session.scalars(sa.select(Tenant).where(over, idle))]
    db.session.rollback()
    return [tenant_id for tenant_id in found if leaving.tried(f"tenant {tenant_id}", partial(_purge, tenant_id))]


def _purge(tenant_id: int) -> bool:
    """Forget one, if nobody brought it back meanwhile."""
    tenant = db.session.get_one(Tenant, tenant_id, populate_existing=True)
    try:
        if tenant.mode == "deleted" and tenant.kept_until:
            _forget(tenant)
            return True
    finally:
        db.session.rollback()
    return False


def _forget(tenant: Tenant) -> None:
    gone = sa.update(Backup).where(Backup.tenant_id == tenant.id).values(state="removed")
    db.session.execute(gone.execution_options(synchronize_session=False))
    databases, names = databases_of(tenant), names_of(tenant)
    folders = backups.folder_of(tenant.uuid), files.folder_of(tenant.uuid)
    db.session.commit()  # from here on nobody is offered them; only then the files go, and nobody waits for that
    databases.remove(names)
    for path in folders[0].glob("*.unreadable*"):
        backups.forget_salvaged(path)
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)
    if tenant.kept_until is None:  # another machine's worker was faster
        return
    audit_platform("purge_hospital", tenant=tenant)
    db.session.execute(sa.delete(TenantAccess).where(TenantAccess.tenant_id == tenant.id))
    for name, value in FORGOTTEN.items():
        setattr(tenant, name, value)
    tenant.name, tenant.subdomain = _("Deleted hospital"), f"deleted.{tenant.id}"  # no host can be called so
    tenant.kept_until, tenant.form_token = None, None
    tenant.epoch = Tenant.epoch + 1
    db.session.commit()
    log.info("hospital_purged", hospital=tenant.uuid)


def remove_left() -> list[str]:
    """Remove the databases of deleted hospitals that could not be removed at once; answers with their subdomains."""
    idle = sa.not_(sa.exists().where(Operation.active_key == Tenant.id))
    query = sa.select(Tenant.id, Tenant.subdomain, Tenant.server)
    query = query.where(Tenant.mode == "deleted", Tenant.kept_until.is_not(None), idle)
    with db.engine.connect().execution_options(writing=False) as connection:
        kept = connection.execute(query).all()
    removals = ((row.subdomain, partial(_remove_left, query.where(Tenant.id == row.id), row)) for row in kept)
    return [subdomain for subdomain, remove in removals if leaving.tried(subdomain, remove)]


def _remove_left(still: sa.Select, row: sa.Row) -> bool:
    """Remove what is left of one; while that is done nobody brings it back."""
    databases, names = current_app.extensions["engines"].databases(row.server), names_at(row.subdomain)
    if not databases.exists(names):
        return False
    with decision() as connection:
        is_so = connection.execute(still).first() == row
        if is_so:
            databases.remove(names)
    return is_so
