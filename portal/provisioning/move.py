"""A hospital moves to another server: read meanwhile, written to by nobody, and proved to be the same there."""

import hashlib
import time
from contextlib import suppress
from functools import partial

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.provisioning import backups, leaving, moving, transfer, verify
from portal.provisioning.failures import KEPT, NOTHING
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import belongs_to_nobody, names_of
from portal.provisioning.steps import CHECK, CLEAR, COPY, HOLD, PROVE, REPLACE, SAVE, ProvisioningProblem
from portal.provisioning.transfer import Proofs
from portal.tenancy.databases.base import OUT_OF_REACH, ServerAway, closed
from portal.tenancy.registry import BELIEVED_SECONDS

log = structlog.get_logger(__name__)
DRAIN_SECONDS = BELIEVED_SECONDS + 0.2  # by then every process knows what the registry says
TELL_EVERY = 1.0


class Move:
    """One attempt to move. `run` may be repeated after a kill at any moment and ends in the same place.

    The registry's row decides which server the hospital is on. Before it changes the old database is closed to
    writers for good; the new one is closed until everybody knows of it. So there is never a moment in which both are
    written to. Both have one generation: nobody is signed out.
    """

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.operation, self.ledger, self.build = operation, ledger, build
        self.before, self.wanted = operation.details["before"], operation.details["server"]
        engines = current_app.extensions["engines"]
        self.source, self.target = engines.databases(self.before), engines.databases(self.wanted)
        self.names = names_of(self.tenant)
        self.stamp = closed(self.tenant.generation)  # of both, while nobody may write
        self.left = NOTHING  # what a failure at this moment leaves behind
        self.held_at: float | None = None
        self.is_published = False
        self.report: dict = {}

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        try:
            return self.carry_out()
        except ServerAway as error:
            log.warning("server_away", error=str(error))
            raise ProvisioningProblem(_("A database server does not answer.")) from error

    def carry_out(self) -> dict:
        """As `run`, which says what happens when a server goes away."""
        self.let_go()  # what an attempt that died still holds
        if self.tenant.server != self.wanted:
            self.ledger.begin(SAVE.name)
            self.prepare()
            self.ledger.begin(HOLD.name)
            self.hold()
            self.ledger.begin(COPY.name)
            proofs = self.copy()
            self.ledger.begin(PROVE.name)
            self.prove(proofs)
            self.ledger.begin(REPLACE.name)
            self.replace()
        self.ledger.begin(CHECK.name)
        verdict = self.check()
        self.let_go()
        self.left = KEPT
        self.tell()
        self.ledger.begin(CLEAR.name)
        self.clear()
        return {**verdict.values(), "checked_at": now()}

    def prepare(self) -> None:
        """Refuse what cannot be moved, begin the new database and back the old one up, while people go on saving."""
        verdict = verify.examine(self.names, self.tenant.uuid, self.tenant.generation, self.before)
        if verdict.status != "ready":
            raise ProvisioningProblem(_("Only a hospital that is Ready can be moved. {why}", why=verdict.reason))
        transfer.refuse_unknown(self.source.looking_engine(self.names))
        transfer.begin(self.target, self.build)
        if self.build in self.source.builds():
            facts = {"before": self.before, "wanted": self.wanted}
            raise ProvisioningProblem(_("{before} and {wanted} are one and the same server.", **facts))
        self._forget_published()
        began = now()
        counts = backups.copy(self.tenant, self.build)
        asked = {"reason": backups.BEFORE_MOVING, "made_by": self.operation.requested_by, "began": began}
        backups.keep(self.tenant, self.build, counts, self.ledger, **asked)
        self.ledger.say(_("Backup {reference}", reference=backups.reference_of(self.build)))

    def _forget_published(self) -> None:
        """What an attempt that died had published there is older than what is here now."""
        if moving.is_left(self.target, self.names, self.tenant.uuid):
            self.ledger.beat()
            self.target.remove(self.names)
        elif self.target.exists(self.names):
            raise belongs_to_nobody(self.names)

    def hold(self) -> None:
        """From here on nothing is saved: every process knows, then the old database itself refuses."""
        self.ledger.record(moving.held(self.tenant.id, self.operation.id))
        self.held_at = time.monotonic()
        self.tenant.moved_by = self.operation.id
        current_app.extensions["registry"].forget()
        time.sleep(DRAIN_SECONDS)
        self.ledger.beat()  # an attempt that lost its lease closes nothing
        self.source.close_to_writers(self.names, self.tenant.generation)

    def copy(self) -> Proofs:
        """Copy every row, table by table."""
        told = time.monotonic()

        def heard(done: int) -> None:
            nonlocal told
            if time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                self.ledger.say(_("{done} of {count} tables", done=done, count=len(transfer.tables())))

        source, target = self.source.looking_engine(self.names), self.target.build_engine(self.build)
        proofs = transfer.fill(source, target, self.stamp, heard)
        self.ledger.say(_("{rows} rows in {count} tables", **_sizes(proofs)))
        return proofs

    def prove(self, proofs: Proofs) -> None:
        """Read the new database, and let one table that differs end the move."""
        engine = self.target.build_engine(self.build).execution_options(writing=False)
        transfer.compare(proofs, transfer.read_again(engine, self.stamp))
        verdict = verify.examine_engine(engine, self.tenant.uuid, self.stamp)
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        self.report["tables"] = {name: proof._asdict() for name, proof in proofs.items()}
        self.report |= {"rows": sum(proof.rows for proof in proofs.values()), "checksum": _checksum(proofs)}
        facts = _sizes(proofs) | {"checksum": self.report["checksum"]}
        self.ledger.say(_("All {count} tables hold the same {rows} rows, checksum {checksum}.", **facts))

    def replace(self) -> None:
        """Publish the new database, then lead everybody there."""
        self.target.publish(self.build, self.names)
        self.is_published = True
        self._place(self.wanted)

    def _place(self, server: str) -> None:
        mine = sa.and_(Tenant.id == self.tenant.id, Tenant.moved_by == self.operation.id)
        self.ledger.record(sa.update(Tenant).where(mine).values(server=server, epoch=Tenant.epoch + 1))
        self.tenant.server = server
        current_app.extensions["registry"].forget()

    def check(self) -> verify.Verdict:
        """Look at the new database as the site will, once every process reads it."""
        stamp = self.tenant.generation
        if self.held_at is not None:
            time.sleep(DRAIN_SECONDS)
            stamp = self.stamp
        verdict = verify.examine(self.names, self.tenant.uuid, stamp, self.wanted)
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        return verdict

    def let_go(self) -> None:
        """People save again, where the registry says that the hospital is."""
        if self.tenant.moved_by is None:
            return
        databases = self.target if self.tenant.server == self.wanted else self.source
        self.ledger.beat()  # an attempt that lost its lease opens nothing
        databases.open_to_writers(self.names, self.tenant.generation)
        self.ledger.record(moving.let_go(self.tenant.id, self.operation.id))
        self.tenant.moved_by = None
        current_app.extensions["registry"].forget()

    def tell(self) -> None:
        """Keep what was measured with the operation."""
        if self.held_at is None:
            return
        self.report["seconds_without_saving"] = round(time.monotonic() - self.held_at, 3)
        self.report["bytes"] = self.target.size(self.names)
        details = self.operation.details | {"moved": self.report}
        self.ledger.record(sa.update(Operation).where(Operation.id == self.operation.id).values(details=details))
        seconds = f"{self.report['seconds_without_saving']:.1f}"
        self.ledger.say(_("Nothing could be saved for {seconds} seconds; everything could be read.", seconds=seconds))

    def clear(self) -> None:
        """Remove the old database."""
        is_left = partial(moving.is_left, self.source, self.names, self.tenant.uuid)
        leaving.remove(self.source, self.names, self.ledger, is_left)

    def undo(self) -> None:
        """The hospital is where it was, and people save again; what cannot be undone now is left to the reaper."""
        with suppress(*OUT_OF_REACH):
            self.target.discard(self.build)
        with suppress(OSError):
            backups.forget_unfinished(self.tenant.uuid, self.build)
        if self.left == KEPT:
            return
        if self.tenant.moved_by is not None and self.tenant.server == self.wanted:
            self._place(self.before)  # nobody wrote there
        with suppress(*OUT_OF_REACH):
            self.let_go()
        if self.is_published:
            self.ledger.beat()
            with suppress(*OUT_OF_REACH):
                if moving.is_left(self.target, self.names, self.tenant.uuid):
                    self.target.remove(self.names)


def _sizes(proofs: Proofs) -> dict[str, str]:
    return {"rows": f"{sum(proof.rows for proof in proofs.values()):,}", "count": str(len(proofs))}


def _checksum(proofs: Proofs) -> str:
    """One checksum of all tables."""
    lines = "".join(f"{name} {proof.rows} {proof.checksum}\n" for name, proof in sorted(proofs.items()))
    return hashlib.blake2b(lines.encode(), digest_size=16).hexdigest()
