"""Another database takes the place of the one a hospital has: built aside, put there in one moment, and undone."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import current_app

from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.kit import files
from portal.kit.models import HospitalProfile
from portal.provisioning import backups, verify
from portal.provisioning.failures import ASIDE, NOTHING
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import belongs_to_nobody, databases_of, names_of
from portal.provisioning.steps import REPLACE, SAVE, ProvisioningProblem
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseUnreadable
from portal.tenancy.engines import read_stamp


class Replacement:
    """What restoring and recreating share. A build is finished first; then `put_into_use` saves what is there and
    replaces it.

    Whoever uses the hospital meanwhile sees its old database until the moment they see the new one (D21: the
    generation is the operation's reference).
    """

    reason: str  # why the backup of the present state is made

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.operation_id = operation.id
        self.tenant: Tenant = operation.tenant
        self.requested_by = operation.requested_by
        self.generation = UUID(operation.reference).hex
        self.ledger, self.build = ledger, build
        self.names = names_of(self.tenant)
        self.databases = databases_of(self.tenant)
        self.left = NOTHING  # what a failure at this moment leaves behind

    def undo(self) -> None:
        """Leave nothing half-made behind."""
        with suppress(OSError):  # what cannot be removed now is removed by the sweep
            self.databases.discard(self.build)
            backups.forget_unfinished(self.tenant.uuid, self.build)

    def is_in_use(self) -> bool:
        """An attempt that died had put the new database into use already."""
        return self._stamp() == (self.tenant.uuid, self.generation)

    def _stamp(self) -> tuple[str, str] | None:
        """Whose database is there now; None where there is none, or none that can be read."""
        if not self.databases.exists(self.names):
            return None
        try:
            return read_stamp(self.databases.looking_engine(self.names))
        except DatabaseUnreadable:
            raise
        except DatabaseDamaged:
            return None

    @property
    def is_new(self) -> bool:
        """The hospital never had a database that anybody used."""
        return self.tenant.generation is None

    def put_into_use(self) -> None:
        """Let the new database take the place of what is there, be that whole, damaged or nothing."""
        if not self.databases.size(self.names) and not self.databases.exists(self.names):
            self._replace_nothing()
        elif self._can_be_written_over():
            self._write_over()
        elif self.is_new:
            raise belongs_to_nobody(self.names)
        else:
            self._replace_damaged()

    def _write_over(self) -> None:
        try:
            self.databases.overwrite(self.build, self.names, self._save)
        except DatabaseUnreadable:
            raise
        except DatabaseDamaged:  # a server finds a damaged page only where it is read
            backups.forget_unfinished(self.tenant.uuid, self.build)
            self._replace_damaged()
        else:
            self.undo()

    def _can_be_written_over(self) -> bool:
        """What is there is a database of this hospital and can be read."""
        stamp = self._stamp()
        if stamp is None or stamp[0] != self.tenant.uuid:
            return False
        verdict = verify.examine(self.names, *stamp, self.tenant.server)
        if verdict.status == "unknown":
            raise ProvisioningProblem(verdict.reason)
        return verdict.status in ("ready", "incomplete")

    def _save(self) -> None:
        """Back up the present state while nobody can change it any more; each begin is refused to a lost attempt."""
        self.ledger.begin(SAVE.name)
        counts = backups.copy(self.tenant, self.build)
        backups.keep(self.tenant, self.build, counts, self.ledger, reason=self.reason, made_by=self.requested_by)
        self.saved(backups.reference_of(self.build))
        self._spare_documents()
        self.ledger.begin(REPLACE.name)

    def saved(self, reference: str) -> None:
        """The present state is in this backup now; nothing is replaced yet."""

    def _spare_documents(self) -> None:
        """Keep the hospital's documents as long as the backup that knows of them."""
        until = now() + timedelta(days=current_app.extensions["settings"].backup_keep_days)
        files.spare(self.tenant.uuid, until)

    def _replace_nothing(self) -> None:
        self.ledger.begin(REPLACE.name)  # an attempt that lost its lease publishes nothing
        self.databases.publish(self.build, self.names)

    def _replace_damaged(self) -> None:
        """Keep what cannot be read as it is, beside the backups, and publish in its place."""
        self.ledger.begin(SAVE.name)
        backups.salvage(self.tenant)
        self.ledger.say(_("The database cannot be read; it is kept as it was, beside the backups."))
        self._spare_documents()
        self.ledger.begin(REPLACE.name)
        self.left = ASIDE
        aside = f"build_{uuid4().hex}"
        self.databases.set_aside(self.names, aside)
        self.databases.publish(self.build, self.names)
        self.databases.discard(aside)

    def finish(self) -> dict:
        """Tell the registry of the new database at once, then look at it; every session of before has ended."""
        engine = self.databases.engine(self.names)
        columns = HospitalProfile.timezone, HospitalProfile.currency, HospitalProfile.locale
        with engine.connect().execution_options(writing=False) as connection:
            own = connection.execute(sa.select(*columns)).mappings().one()
        engine.dispose()
        values = {"generation": self.generation, "epoch": Tenant.epoch + 1, **own}
        self.ledger.record(sa.update(Tenant).where(Tenant.id == self.tenant.id).values(values), *self.told())
        self.tenant.generation = self.generation  # so that a failure from here on looks for the right database
        verdict = verify.examine(self.names, self.tenant.uuid, self.generation, self.tenant.server)
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        return {**verdict.values(), "checked_at": now()}

    def told(self) -> list[sa.Executable]:
        """What else the control plane keeps in the moment it learns of the new database."""
        return []
