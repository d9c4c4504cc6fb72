"""Restoring a backup: made ready aside, checked, and put into use in one moment, or published as a new hospital."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import now
from portal.control.models import Backup, Operation, Tenant
from portal.i18n import _
from portal.kit import files
from portal.kit.models import Attachment, Event, HospitalProfile, Identity
from portal.provisioning import backups, repair, verify
from portal.provisioning.access import add_mirror
from portal.provisioning.failures import ASIDE, FINISHED, NOTHING, REMOVED
from portal.provisioning.ledger import Ledger
from portal.provisioning.steps import CHECK, PREPARE, READ, REPLACE, SAVE, ProvisioningProblem
from portal.tenancy.databases.base import DatabaseDamaged, Databases, DatabaseUnreadable
from portal.tenancy.engines import read_stamp
from portal.tenancy.names import names_of

log = structlog.get_logger(__name__)
HELD_BACK = _("Held back, because the database was restored from a backup. Try again if it shall be done.")


class Restore:
    """One attempt to restore. `run` may be repeated after a kill at any moment and ends in the same place.

    Whoever uses the hospital meanwhile sees its old database until the moment they see the restored one (D21: the
    generation is the operation's reference).
    """

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.backup: Backup | None = operation.backup
        self.requested_by = operation.requested_by
        self.generation = UUID(operation.reference).hex
        self.ledger, self.build = ledger, build
        self.names = names_of(self.tenant.subdomain, current_app.extensions["settings"].base_domain)
        self.databases = backups.databases_of(self.tenant)
        self.left = NOTHING  # what a failure at this moment leaves behind

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

    def undo(self) -> None:
        """Leave nothing half-made behind."""
        with suppress(OSError):  # what cannot be removed now is removed by the sweep
            self.databases.discard(self.build)
            backups.forget_unfinished(self.tenant.uuid, self.build)

    def is_in_use(self) -> bool:
        """An attempt that died had put the restored database into use already."""
        return self._stamp() == (self.tenant.uuid, self.generation)

    def _stamp(self) -> tuple[str, str] | None:
        """Whose database is there now; None where there is none, or none that can be read."""
        if not self.databases.exists(self.names):
            return None
        engine = self.databases.engine(self.names)
        try:
            return read_stamp(engine)
        except DatabaseUnreadable:
            raise
        except DatabaseDamaged:
            return None
        finally:
            engine.dispose()

    @property
    def is_new(self) -> bool:
        """The hospital never had a database: it begins with the records of another one."""
        return self.tenant.generation is None

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
                self._share_files(connection)
            held = sa.update(Event).where(Event.next_try_at.is_not(None))
            connection.execute(held.values(next_try_at=None, last_error=HELD_BACK))
            for access in self.tenant.access:
                add_mirror(connection, access.user)

    def _share_files(self, connection: sa.Connection) -> None:
        keys = connection.scalars(sa.select(Attachment.file_key)).all()
        absent = files.share(keys, self.backup.tenant.uuid, self.tenant.uuid)
        if absent:
            self.ledger.say(_("{count} documents are not on the disk any more.", count=absent))

    def put_into_use(self) -> None:
        """Let the restored database take the place of what is there, be that whole, damaged or nothing."""
        if not self.databases.exists(self.names):
            self.ledger.begin(REPLACE.name)  # an attempt that lost its lease publishes nothing
            self.databases.publish(self.build, self.names)
        elif self.is_new:
            sentence = _("A database called {name} is there already and belongs to nobody.", name=self.names.database)
            raise ProvisioningProblem(sentence)
        elif self._can_be_written_over():
            self.databases.overwrite(self.build, self.names, self._save)
            self.undo()
        else:
            self._replace_damaged()

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
        backups.keep(
            self.tenant, self.build, counts, self.ledger, reason=backups.BEFORE_RESTORING, made_by=self.requested_by
        )
        until = now() + timedelta(days=current_app.extensions["settings"].backup_keep_days)
        files.spare(self.tenant.uuid, until)
        self.ledger.begin(REPLACE.name)

    def _replace_damaged(self) -> None:
        """Keep what cannot be read as it is, beside the backups, and publish in its place."""
        self.ledger.begin(SAVE.name)
        backups.salvage(self.tenant)
        self.ledger.say(_("The database cannot be read; it is kept as it was, beside the backups."))
        self.ledger.begin(REPLACE.name)
        self.left = ASIDE
        aside = f"build_{uuid4().hex}"
        self.databases.set_aside(self.names, aside)
        self.databases.publish(self.build, self.names)
        self.databases.discard(aside)

    def finish(self) -> dict:
        """Tell the registry of the restored database at once, then look at it; every session of before has ended."""
        engine = self.databases.engine(self.names)
        columns = HospitalProfile.timezone, HospitalProfile.currency, HospitalProfile.locale
        with engine.connect().execution_options(writing=False) as connection:
            own = connection.execute(sa.select(*columns)).mappings().one()
        engine.dispose()
        values = {"generation": self.generation, "epoch": Tenant.epoch + 1, **own}
        self.ledger.record(sa.update(Tenant).where(Tenant.id == self.tenant.id).values(values))
        verdict = verify.examine(self.names, self.tenant.uuid, self.generation, self.tenant.server)
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        return {**verdict.values(), "checked_at": now()}


def prepare_copy(databases: Databases, backup: Backup, build: str, tenant: Tenant, generation: str) -> None:
    """Make a build of a backup that is this hospital's from now on, brought to this release, and looked at.

    Raises `ProvisioningProblem` when that cannot be a Ready database.
    """
    databases.fetch(backups.place_of(backup), build)
    make_own(databases, build, tenant, generation)


def make_own(databases: Databases, build: str, tenant: Tenant, generation: str) -> None:
    """A copy of any hospital's database becomes this one's, as `prepare_copy` does it."""
    engine = databases.build_engine(build)
    with engine.begin() as connection:
        stamp = {"tenant_uuid": tenant.uuid, "generation": generation, "created_at": now()}
        connection.execute(sa.update(Identity).values(stamp))
    verdict = _examined(engine, tenant, generation)
    if verdict.status == "incomplete":
        repair.bring_to_head(engine)
        with engine.begin() as connection:
            repair.add_missing_tables(connection)
        verdict = _examined(engine, tenant, generation)
    if verdict.status != "ready":
        raise ProvisioningProblem(verdict.reason)


def _examined(engine: sa.Engine, tenant: Tenant, generation: str) -> verify.Verdict:
    return verify.examine_engine(engine.execution_options(writing=False), tenant.uuid, generation)
