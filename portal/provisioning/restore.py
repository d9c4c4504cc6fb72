"""Restoring a backup: made ready aside, checked, and put into use in one moment, or published as a new hospital."""

import sqlalchemy as sa
import structlog

from portal.clock import now
from portal.control.models import Backup, Operation, Tenant
from portal.i18n import _
from portal.kit.models import Event, HospitalProfile, Identity
from portal.provisioning import backups, documents, readers, repair, transfer, verify
from portal.provisioning.access import add_mirror
from portal.provisioning.failures import FINISHED, REMOVED
from portal.provisioning.ledger import Ledger
from portal.provisioning.replacement import Replacement
from portal.provisioning.steps import CHECK, PREPARE, READ, ProvisioningProblem
from portal.tenancy.databases.base import Databases

log = structlog.get_logger(__name__)
HELD_BACK = _("Held back, because the database was restored from a backup. Try again if it shall be done.")


class Restore(Replacement):
    """One attempt to restore. `run` may be repeated after a kill at any moment and ends in the same place.

    A hospital that is new begins with the records of another one.
    """

    reason = backups.BEFORE_RESTORING

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        super().__init__(operation, ledger, build)
        self.backup: Backup | None = operation.backup

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        if not self.is_in_use():
            self.ledger.begin(READ.name)
            self.read_backup()
            self.ledger.begin(PREPARE.name)
            self.left = REMOVED
            self.prepare()
            self.put_into_use()
        self.left = FINISHED
        self.ledger.begin(CHECK.name)
        return self.finish()

    def read_backup(self) -> None:
        """Look at all of the backup; raises `ProvisioningProblem` where it must not be restored here."""
        if self.backup is None or self.backup.state == "removed":
            raise ProvisioningProblem(_("The backup is not there any more."))
        if self.backup.tenant_id != self.tenant.id and not self.is_new:
            raise ProvisioningProblem(_("The backup belongs to another hospital."))
        backups.check(self.backup)

    def prepare(self) -> None:
        """Copy the backup aside, make it this hospital's, and look at it as the site will."""
        prepare_copy(self.databases, self.backup, self.build, self.tenant, self.generation)
        engine = self.databases.build_engine(self.build)
        with engine.begin() as connection:
            if self.is_new:
                connection.execute(sa.update(HospitalProfile).values(name=self.tenant.name))
            begin_quietly(connection, self.tenant, HELD_BACK)
        absent = documents.put_back(self.backup, self.tenant.uuid, engine)
        if absent:
            self.ledger.say(_("{count} documents are not on the disk any more.", count=absent))


def prepare_copy(databases: Databases, backup: Backup, build: str, tenant: Tenant, generation: str) -> None:
    """Make a build of a backup that is this hospital's from now on, brought to this release, and looked at.

    Raises `ProvisioningProblem` when that cannot be a Ready database.
    """
    path = backups.place_of(backup)
    reader = readers.reader_of(path, backup.tenant)
    if readers.are_alike(reader, databases):
        databases.fetch(path, build)
        make_own(databases, build, tenant, generation)
        return
    aside = f"{build}_read"
    try:
        reader.fetch(path, aside)
        make_own(reader, aside, tenant, generation)
        _bring_over(reader.build_engine(aside), databases, build, generation)
    finally:
        reader.discard(aside)
    _refuse_unready(databases.build_engine(build), tenant, generation)


def _bring_over(source: sa.Engine, databases: Databases, build: str, generation: str) -> None:
    """Fill a build of another kind of server with what was read, and prove that it is the same."""
    transfer.begin(databases, build)
    engine = databases.build_engine(build)
    read = transfer.fill(source.execution_options(writing=False), engine, generation)
    transfer.compare(read, transfer.read_again(engine.execution_options(writing=False), generation))


def begin_quietly(connection: sa.Connection, tenant: Tenant, reason: str) -> None:
    """What waited to be sent when the copy was made stays for the hospital to look at; its administrators get in."""
    held = sa.update(Event).where(Event.next_try_at.is_not(None))
    connection.execute(held.values(next_try_at=None, last_error=reason))
    for access in tenant.access:
        add_mirror(connection, access.user)


def make_own(databases: Databases, build: str, tenant: Tenant, generation: str) -> None:
    """A copy of any hospital's database becomes this one's, as `prepare_copy` does it."""
    engine = databases.build_engine(build)
    with engine.begin() as connection:
        stamp = {"tenant_uuid": tenant.uuid, "generation": generation, "created_at": now()}
        connection.execute(sa.update(Identity).values(stamp))
    if _examined(engine, tenant, generation).status == "incomplete":
        repair.complete(engine)
    _refuse_unready(engine, tenant, generation)


def _refuse_unready(engine: sa.Engine, tenant: Tenant, generation: str) -> None:
    verdict = _examined(engine, tenant, generation)
    if verdict.status != "ready":
        raise ProvisioningProblem(verdict.reason)


def _examined(engine: sa.Engine, tenant: Tenant, generation: str) -> verify.Verdict:
    return verify.examine_engine(engine.execution_options(writing=False), tenant.uuid, generation)
