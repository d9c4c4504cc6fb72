"""Recreating: everything a hospital has entered goes, and an empty database takes its place (tenancy.md T21)."""

import time

import sqlalchemy as sa

from portal.control.models import AuditEntry, Backup, Operation, User
from portal.i18n import _
from portal.provisioning import backups
from portal.provisioning.failures import FINISHED, REMOVED
from portal.provisioning.fresh import FreshDatabase
from portal.provisioning.ledger import Ledger
from portal.provisioning.replacement import Replacement
from portal.provisioning.steps import BUILD, CHECK, GRANT, MODULES, SAVE
from portal.tenancy.registry import BELIEVED_SECONDS

DRAIN_SECONDS = BELIEVED_SECONDS  # by then every process knows that the hospital is closed


class Recreate(Replacement):
    """One attempt to recreate. `run` may be repeated after a kill at any moment and ends in the same place.

    The hospital is closed while it lasts. The new database is finished before the old one is touched; the backup is
    made under the write lock, so that it holds everything that somebody was told is saved.
    """

    reason = backups.BEFORE_RECREATING

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        super().__init__(operation, ledger, build)
        self.backup_reference = operation.backup.reference if operation.backup else None
        self.reference = operation.reference
        self.fresh = FreshDatabase(self.tenant, self.generation, self.databases, build, ledger)

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        self.ledger.close(self.tenant.id)
        if not self.is_in_use():
            drained = time.monotonic() + DRAIN_SECONDS
            self.ledger.begin(BUILD.name)
            self.left = REMOVED
            self.build_aside()
            time.sleep(max(0, drained - time.monotonic()))
            self.put_into_use()
        self.left = FINISHED
        self.ledger.begin(CHECK.name)
        return self.finish()

    def undo(self) -> None:
        """Leave nothing half-made behind."""
        self.fresh.engine.dispose()
        super().undo()

    def build_aside(self) -> None:
        """Make the hospital an empty database as for a new one, and look at it as the site will."""
        self.fresh.copy()
        self.ledger.begin(MODULES.name)
        self.fresh.set_up_modules()
        self.ledger.begin(GRANT.name)
        self.fresh.stamp_and_grant()
        self.fresh.check()

    def saved(self, reference: str) -> None:
        """Remember the way back with the operation."""
        self.backup_reference = reference
        backup = sa.select(Backup.id).where(Backup.reference == reference).scalar_subquery()
        self.ledger.record(sa.update(Operation).where(Operation.id == self.operation_id).values(backup_id=backup))
        self.ledger.say(_("Backup {reference}", reference=reference))

    def _replace_nothing(self) -> None:
        self.ledger.begin(SAVE.name)
        self.ledger.say(_("There was no database, so there was nothing to save."))
        self._spare_documents()
        super()._replace_nothing()

    def told(self) -> list[sa.Executable]:
        """The audit's entry, once, in the moment the new database is in use."""
        if self.tenant.generation == self.generation:
            return []
        actor = sa.select(User.username).where(User.id == self.requested_by).scalar_subquery()
        details = {"operation": self.reference} | ({"backup": self.backup_reference} if self.backup_reference else {})
        entry = {
            "actor_id": self.requested_by,
            "actor": sa.func.coalesce(actor, ""),
            "tenant_id": self.tenant.id,
            "action": "database_recreated",
            "details": details,
        }
        return [sa.insert(AuditEntry).values(entry)]
