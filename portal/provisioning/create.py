"""Creating a hospital's database: built aside under a private name, checked, and only then published."""

from uuid import UUID

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import repair, verify
from portal.provisioning.failures import FINISHED, KEPT, NOTHING, REMOVED
from portal.provisioning.fresh import FreshDatabase
from portal.provisioning.generations import unfinished
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import belongs_to_nobody, databases_of, names_of
from portal.provisioning.steps import BUILD, CHECK, GRANT, MODULES, RESERVE, ProvisioningProblem
from portal.tenancy.engines import read_stamp


class Create:
    """One attempt to create a database. `run` may be repeated after a kill at any moment and ends in the same place."""

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.generation = UUID(operation.reference).hex
        self.ledger, self.build = ledger, build
        self.names = names_of(self.tenant)
        self.databases = databases_of(self.tenant)
        self.fresh = FreshDatabase(self.tenant, self.generation, self.databases, build, ledger)
        self.left = NOTHING  # what a failure at this moment leaves behind

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        self.ledger.begin(RESERVE.name)
        if self.reserve():
            return self.adopt()
        self.ledger.begin(BUILD.name)
        self.left = REMOVED
        self.fresh.copy()
        self.ledger.begin(MODULES.name)
        self.fresh.set_up_modules()
        self.ledger.begin(GRANT.name)
        self.fresh.stamp_and_grant()
        self.ledger.begin(CHECK.name)
        return self.check_and_publish()

    def undo(self) -> None:
        """Leave nothing half-made behind."""
        self.fresh.engine.dispose()
        if self.left == REMOVED:
            self.databases.discard(self.build)

    def reserve(self) -> bool:
        """True when this hospital's database is there already: in use, or just published by an attempt that died."""
        if not self.databases.exists(self.names):
            self._refuse_lost()
            return False
        stamp = read_stamp(self.databases.looking_engine(self.names))
        if stamp is None or stamp[0] != self.tenant.uuid:
            raise belongs_to_nobody(self.names)
        known = {self.tenant.generation} | unfinished(Operation.tenant_id == self.tenant.id)[self.tenant.id]
        if stamp[1] not in known:
            raise ProvisioningProblem(_("The database is not the one the platform created."))
        self.generation = stamp[1]
        return True

    def _refuse_lost(self) -> None:
        """Nobody gets an empty database for one that was lost, while a backup could bring it back.

        Perhaps it is only on a disk that is not there now.
        """
        kept = sa.select(Backup.id).where(Backup.tenant_id == self.tenant.id, Backup.state == "verified").limit(1)
        with db.engine.connect().execution_options(writing=False) as connection:
            if self.tenant.generation is None or connection.scalar(kept) is None:
                return
        raise ProvisioningProblem(
            _("The database is gone, and there are backups of it. Restore one, or recreate the database to begin anew.")
        )

    def adopt(self) -> dict:
        """Keep the database that is there and add only what it lacks; then it is in use (tenancy.md T7)."""
        self.left = KEPT if self.generation == self.tenant.generation else FINISHED
        self.ledger.begin(MODULES.name)
        verdict = self._examined()
        if verdict.status == "incomplete":
            self.complete()
            verdict = self._examined()
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        self.ledger.module_states(verify.expected_tables())
        self.ledger.begin(CHECK.name)
        return self.registered(verdict)

    def _examined(self) -> verify.Verdict:
        return verify.examine(self.names, self.tenant.uuid, self.generation, self.tenant.server, thorough=True)

    def complete(self) -> None:
        """Run the migrations that are missing, add what else it lacks and who may use it, and say which."""
        engine = self.databases.changing_engine(self.names)
        try:
            added = repair.complete(engine, self.fresh.seed)
        finally:
            engine.dispose()
        said = added.sentences
        if not self.databases.admits(self.names, frozenset().union(*verify.expected_tables().values())):
            self.databases.admit(self.names)
            said = " ".join(filter(None, (said, _("The server lets the hospital use its database again."))))
        if said:
            self.ledger.say(said)

    def check_and_publish(self) -> dict:
        """Open what was built as the site will, look at everything, and give it its name."""
        verdict = self.fresh.check()
        self.ledger.beat()  # an attempt that lost its lease publishes nothing
        self.databases.publish(self.build, self.names)
        self.left = FINISHED
        return self.registered(verdict)

    def registered(self, verdict: verify.Verdict) -> dict:
        """The registry's values for a database that is in use from now on."""
        return {
            **verdict.values(),
            "checked_at": now(),
            "generation": self.generation,
            "epoch": Tenant.epoch + 1,
        }
