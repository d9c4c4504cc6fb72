"""A new hospital as a copy of another one: copied while that is in use, made the new one’s own, then published."""

from uuid import UUID

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.kit.models import HospitalProfile
from portal.provisioning import documents, leaving, verify
from portal.provisioning.failures import FINISHED, NOTHING, REMOVED
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import belongs_to_nobody, databases_of, names_of
from portal.provisioning.restore import begin_quietly, make_own
from portal.provisioning.steps import CHECK, COPY, PREPARE, REPLACE, ProvisioningProblem
from portal.tenancy.engines import read_stamp

HELD_BACK = _("Held back, because this hospital is a copy of another one. Try again if it shall be done.")


class Clone:
    """One attempt to copy a hospital. `run` may be repeated after a kill at any moment and ends in the same place.

    The source is only read, at one moment of it (D21: the copy's generation is the operation's reference).
    """

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.source_id = operation.details["source"]
        self.generation = UUID(operation.reference).hex
        self.ledger, self.build = ledger, build
        self.databases = databases_of(self.tenant)
        self.names = names_of(self.tenant)
        self.left = NOTHING  # what a failure at this moment leaves behind

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the new hospital."""
        self.ledger.begin(COPY.name)
        if not self.is_published():
            source = self.copy()
            self.ledger.begin(PREPARE.name)
            self.left = REMOVED
            self.prepare(source)
            self.ledger.begin(REPLACE.name)  # an attempt that lost its lease publishes nothing
            self.databases.publish(self.build, self.names)
        self.left = FINISHED
        self.ledger.begin(CHECK.name)
        verdict = verify.examine(self.names, self.tenant.uuid, self.generation, self.tenant.server)
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        return {**verdict.values(), "checked_at": now(), "generation": self.generation, "epoch": Tenant.epoch + 1}

    def undo(self) -> None:
        """Leave nothing half-made behind."""
        self.databases.discard(self.build)

    def is_published(self) -> bool:
        """An attempt that ended before the registry heard of it had published the copy already; it is kept."""
        if not self.databases.exists(self.names):
            return False
        if not leaving.is_of(self.databases, self.names, self.tenant.uuid):
            raise belongs_to_nobody(self.names)
        _uuid, self.generation = read_stamp(self.databases.looking_engine(self.names))
        return True

    def copy(self) -> Tenant:
        """Copy the source as it is at one moment, while people go on working in it."""
        source = self._source()
        names = names_of(source)
        verdict = verify.examine(names, source.uuid, source.generation, source.server)
        if verdict.status not in ("ready", "incomplete"):
            sentence = _("{name} cannot be copied: {reason}", name=source.name, reason=verdict.reason)
            raise ProvisioningProblem(sentence)
        self.databases.copy(names, self.build)
        engine = self.databases.build_engine(self.build).execution_options(writing=False)
        copied = verify.examine_engine(engine, source.uuid, source.generation)
        if copied.status != verdict.status:
            raise ProvisioningProblem(copied.reason)
        return source

    def _source(self) -> Tenant:
        """The hospital to copy as it is called now, free of the session."""
        source = db.session.get(Tenant, self.source_id, populate_existing=True)
        db.session.expunge_all()
        db.session.rollback()
        if source is None or source.generation is None:
            raise ProvisioningProblem(_("The hospital to copy has no database any more."))
        return source

    def prepare(self, source: Tenant) -> None:
        """Make the copy the new hospital's own: identity, name, documents, administrators; nothing of it is sent."""
        make_own(self.databases, self.build, self.tenant, self.generation)
        engine = self.databases.build_engine(self.build)
        with engine.begin() as connection:
            connection.execute(sa.update(HospitalProfile).values(name=self.tenant.name))
            begin_quietly(connection, self.tenant, HELD_BACK)
        absent = documents.share(source.uuid, self.tenant.uuid, engine)
        if absent:
            self.ledger.say(_("{count} documents are not on the disk any more.", count=absent))
