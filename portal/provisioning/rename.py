"""A hospital's new address: its database copied under the new name while nobody can write, then the old one removed."""

from contextlib import suppress

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.provisioning import leaving, verify
from portal.provisioning.failures import KEPT, NOTHING
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import belongs_to_nobody, databases_of, names_at
from portal.provisioning.steps import CHECK, CLOSE, LEAVE, MOVE, ProvisioningProblem
from portal.tenancy.names import taken_sentence


class Rename:
    """One attempt to rename. `run` may be repeated after a kill at any moment and ends in the same place.

    The registry's row decides: until it has the new address the old database is the hospital's, afterwards the new one.
    Both hold the same, because nobody can write to the old one in between (D21: the generation stays).
    """

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.before, self.wanted = operation.details["before"], operation.details["subdomain"]
        self.ledger, self.build = ledger, build
        self.databases = databases_of(self.tenant)
        self.old, self.new = names_at(self.before), names_at(self.wanted)
        self.left = NOTHING  # what a failure at this moment leaves behind
        self.is_published = False

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        if self.tenant.subdomain != self.wanted:
            self.ledger.begin(CLOSE.name)
            leaving.close(self.ledger, self.tenant)
            self.ledger.begin(MOVE.name)
            self.move()
        self.left = KEPT
        self.ledger.begin(LEAVE.name)
        leaving.remove(self.databases, self.old, self.ledger)
        self.ledger.begin(CHECK.name)
        verdict = verify.examine(self.new, self.tenant.uuid, self.tenant.generation, self.tenant.server)
        return {**verdict.values(), "checked_at": now()}

    def undo(self) -> None:
        """Leave nothing half-made behind; what was published and never told of goes too."""
        with suppress(OSError):  # what cannot be removed now is removed by the sweep
            self.databases.discard(self.build)
        if self.is_published and not self._is_moved():
            self.ledger.beat()
            self.databases.remove(self.new)

    def _is_moved(self) -> bool:
        with db.engine.connect().execution_options(writing=False) as connection:
            there = connection.scalar(sa.select(Tenant.subdomain).where(Tenant.id == self.tenant.id))
        return there == self.wanted

    def move(self) -> None:
        """Copy the database under its new name and tell the registry, all while nobody can write to the old one."""
        if not self.databases.exists(self.old):
            self.change_address()
            return
        verdict = verify.examine(self.old, self.tenant.uuid, self.tenant.generation, self.tenant.server)
        if verdict.status not in ("ready", "incomplete"):
            raise ProvisioningProblem(verdict.reason)
        leaving.empty(self.databases, self.old, self.tenant.uuid, lambda: self.copy_and_change(verdict.status))

    def copy_and_change(self, status: str) -> None:
        """The copy is whole and on the disk before anybody is led to it."""
        self._forget_published()
        self.databases.copy(self.old, self.build)
        engine = self.databases.build_engine(self.build).execution_options(writing=False)
        verdict = verify.examine_engine(engine, self.tenant.uuid, self.tenant.generation)
        if verdict.status != status:
            raise ProvisioningProblem(verdict.reason)
        self.ledger.beat()  # an attempt that lost its lease publishes nothing
        self.databases.publish(self.build, self.new)
        self.is_published = True
        self.change_address()

    def _forget_published(self) -> None:
        """What an attempt that died had published under the new name is older than what is there now."""
        if leaving.is_of(self.databases, self.new, self.tenant.uuid):
            self.ledger.beat()
            self.databases.remove(self.new)
        elif self.databases.exists(self.new):
            raise belongs_to_nobody(self.new)

    def change_address(self) -> None:
        """From here on the hospital is at its new address; every session of before has ended."""
        moved = {"subdomain": self.wanted, "epoch": Tenant.epoch + 1, "sessions_ended": Tenant.sessions_ended + 1}
        try:
            self.ledger.record(sa.update(Tenant).where(Tenant.id == self.tenant.id).values(moved))
        except sa.exc.IntegrityError as error:
            raise ProvisioningProblem(taken_sentence(self.wanted)) from error
        self.tenant.subdomain = self.wanted
