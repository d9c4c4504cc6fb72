"""Operations: claimed, carried out, noticed when their worker dies (tenancy.md T7–T9); `asking` asks for them."""

import os
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from uuid import uuid4

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy.orm import joinedload

from portal import logs, queue
from portal.clock import now
from portal.control.models import Backup, Operation, Tenant, TenantAccess
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import backups, moving, reopening
from portal.provisioning.backups import MakeBackup
from portal.provisioning.clone import Clone
from portal.provisioning.create import Create
from portal.provisioning.delete import Delete
from portal.provisioning.failures import NOTHING, failure_sentence
from portal.provisioning.ledger import ATTEMPTS, Heartbeat, Ledger, LostLease, let_in, skip_rest
from portal.provisioning.migrate import Migrate
from portal.provisioning.move import Move
from portal.provisioning.recreate import Recreate
from portal.provisioning.rename import Rename
from portal.provisioning.restore import Restore
from portal.provisioning.steps import CHECK
from portal.provisioning.verify import verified_values
from portal.tenancy.current import outside_hospital
from portal.tenancy.databases.base import OUT_OF_REACH, DatabaseMissing, ServerAway

log = structlog.get_logger(__name__)
CHECKS_AT_ONCE = 20  # by one process of a worker: beginning a process takes longer than a look


def perform(operation_id: int) -> bool:
    """Carry out a queued operation; False when it is not waiting (any more). Called by a worker or the command line."""
    db.session.rollback()
    build = f"build_{uuid4().hex}"
    claimed = Ledger.claim(operation_id, f"{socket.gethostname()}:{os.getpid()}"[:100], build)
    if claimed is None:
        return False
    ledger, left_behind = claimed
    operation = _detached(operation_id)
    about = {"operation": operation.reference, "hospital": operation.tenant.uuid}
    if operation.request_id:
        about["request_id"] = operation.request_id
    with logs.kept_in(ledger.lines), structlog.contextvars.bound_contextvars(**about):
        log.info("operation_begun", kind=operation.kind, attempt=ledger.attempt, worker=operation.worker)
        if left_behind:
            _discard(operation.tenant, left_behind, operation.details)
            reopening.reopen(operation.tenant)
        try:
            with Heartbeat(ledger, current_app._get_current_object()):
                _carry_out(operation, ledger, build)
        except LostLease:
            log.warning("lease_lost")
        finally:
            current_app.extensions["registry"].forget()
    return True


def perform_each(*operation_ids: int) -> None:
    """Carry out some operations of a batch, one after the other. A worker's job.

    As soon as somebody waits for work of his own, the rest goes back into the queue.
    """
    for done, operation_id in enumerate(operation_ids, start=1):
        perform_one_of_many(operation_id)
        if done < len(operation_ids) and queue.has_waiting(queue.QUEUE):
            queue.wake_for_batch([operation_ids[done:]])
            return


def perform_one_of_many(operation_id: int) -> None:
    """As `perform`; one that breaks off stops none of the others, its lease runs out as a dead worker's does."""
    try:
        perform(operation_id)
    except Exception:
        log.exception("broke_off", operation_id=operation_id)
        db.session.rollback()


def groups_of(waiting: Iterable[tuple[int, str]]) -> list[list[int]]:
    """The operations of batches, given as id and kind, by the jobs of a worker: many looks share one."""
    checks, others = [], []
    for operation_id, kind in waiting:
        (checks if kind == "verify" else others).append(operation_id)
    begins = range(0, len(checks), CHECKS_AT_ONCE)
    return [[one] for one in others] + [checks[begin : begin + CHECKS_AT_ONCE] for begin in begins]


def _discard(hospital: Tenant | sa.Row, build: str, details: dict) -> None:
    """Remove what a dead worker was building of a hospital, here or where it was to come to, or of its backup."""
    current_app.extensions["engines"].databases(hospital.server).discard(build)
    backups.forget_unfinished(hospital.uuid, build)
    moving.discard_there(details, build)


def _detached(operation_id: int) -> Operation:
    """The operation with its hospital and administrators, free of any session and its locks."""
    administrators = joinedload(Operation.tenant).selectinload(Tenant.access).joinedload(TenantAccess.user)
    source = joinedload(Operation.backup).joinedload(Backup.tenant)
    with outside_hospital():
        operation = db.session.get(Operation, operation_id, options=[administrators, source])
        db.session.expunge_all()
    return operation


def _carry_out(operation: Operation, ledger: Ledger, build: str) -> None:
    work = WORKS[operation.kind](operation, ledger, build)
    try:
        ledger.succeed(operation.tenant_id, work.run())
    except LostLease:
        _undo(work)
        reopening.reopen_at_rest(operation.tenant_id)  # it may have kept people out when it did not know yet
        raise
    except Exception as error:
        log.exception("step_failed", step=ledger.step, module=ledger.module)
        _undo(work)
        sentence = failure_sentence(ledger, error, work.left)
        ledger.fail(operation.tenant_id, sentence, verified_values(operation.tenant))


def _undo(work) -> None:
    """What cannot be removed now is removed by the sweep; it must not hide why the work failed."""
    try:
        work.undo()
    except OUT_OF_REACH:
        log.exception("not_removed")


class Check:
    """One look at a hospital's database, kept in the registry."""

    left = NOTHING

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant, self.ledger = operation.tenant, ledger

    def run(self) -> dict:
        """The registry's new values for the hospital."""
        self.ledger.begin(CHECK.name)
        return verified_values(self.tenant, thorough=True)

    def undo(self) -> None:
        """Looking leaves nothing behind."""


WORKS = {
    "create": Create,
    "verify": Check,
    "backup": MakeBackup,
    "restore": Restore,
    "recreate": Recreate,
    "rename": Rename,
    "delete": Delete,
    "clone": Clone,
    "migrate": Migrate,
    "move": Move,
}


def finish(operation_id: int) -> None:
    """Carry an operation out here; where somebody else is at it, wait until it has ended or can be taken over."""
    while not perform(operation_id):
        db.session.rollback()
        operation = db.session.get(Operation, operation_id, populate_existing=True)
        is_active = operation.is_active
        db.session.rollback()
        if not is_active:
            return
        reap()
        time.sleep(0.1)


def reap() -> list[int]:
    """Find operations whose worker died: back to the queue, or interrupted when that happened too often.

    What a dead worker was building goes with it, and people come in again where it kept them out. Also wakes a worker
    for what waits while the queue has forgotten it. Answers with the ids that changed.
    """
    columns = sa.select(
        Operation.id,
        Operation.tenant_id,
        Operation.attempt,
        Operation.build,
        Operation.details,
        Tenant.server,
        Tenant.uuid,
    )
    columns = columns.join(Operation.tenant)
    with db.engine.connect().execution_options(writing=False) as connection:  # most rounds find nothing to write
        dead = connection.execute(columns.where(Operation.state == "running", Operation.lease_until < now())).all()
    if dead:
        with db.engine.begin() as connection:  # in one order, for two reapers may be at it
            dead = [row for row in sorted(dead, key=lambda row: row.id) if _let_go(connection, row)]
        for row in dead:
            _discard_whatever_happens(row)
            reopening.reopen_at_rest(row.tenant_id)
            if row.attempt >= ATTEMPTS:
                _keep_what_is_seen(row.tenant_id)
    moving.let_go_of_ended()
    _wake_forgotten()
    return [row.id for row in dead]


def _discard_whatever_happens(row: sa.Row) -> None:
    """What a disk does not let go of now waits for the next attempt, or for the sweep; the reaper goes on."""
    try:
        _discard(row, row.build, row.details)
    except OUT_OF_REACH:
        log.exception("not_removed", operation_id=row.id)


def _keep_what_is_seen(tenant_id: int) -> None:
    """The badge of a hospital whose work was given up says what is there now (D19)."""
    with outside_hospital():
        values = verified_values(db.session.get_one(Tenant, tenant_id))
    at_rest = sa.not_(sa.exists().where(Operation.active_key == tenant_id))
    with db.engine.begin() as connection:
        connection.execute(sa.update(Tenant).where(Tenant.id == tenant_id, at_rest).values(values))


def _wake_forgotten() -> None:
    query = sa.select(Operation.id, Operation.kind, Operation.batch).where(Operation.state == "queued")
    with db.engine.connect().execution_options(writing=False) as connection:
        waiting = connection.execute(query.order_by(Operation.id)).all()
    single = [row.id for row in waiting if row.batch is None]
    if single and queue.is_empty(queue.QUEUE):
        all(map(queue.wake, single))  # when Redis goes, the next round asks again
    groups = groups_of((row.id, row.kind) for row in waiting if row.batch is not None)
    if groups and queue.is_empty(queue.BATCH):
        queue.wake_for_batch(groups)


def _let_go(connection: sa.Connection, row: sa.Row) -> bool:
    """Take an operation from its executor; False when that has shown a sign of life meanwhile."""
    values = {"state": "queued", "lease_until": None}
    if row.attempt >= ATTEMPTS:
        values = {
            "state": "interrupted",
            "lease_until": None,
            "active_key": None,
            "finished_at": now(),
            "error": _("The background worker stopped {count} times during this work.", count=row.attempt),
        }
    told = logs.line_of("warning", "worker_lost", attempt=row.attempt, state=values["state"])
    values["log"] = Operation.log + "\n" + told
    same = sa.and_(Operation.id == row.id, Operation.attempt == row.attempt, Operation.state == "running")
    taken = connection.execute(sa.update(Operation).where(same, Operation.lease_until < now()).values(values))
    if not taken.rowcount:
        return False
    if values["state"] == "interrupted":
        skip_rest(connection, row.id)
    let_in(connection, row.id)  # also while it waits for the next attempt, which may be long
    log.warning("worker_lost", operation_id=row.id, attempt=row.attempt, state=values["state"])
    return True


def sweep() -> list[str]:
    """Remove builds that no waiting or running operation owns, once they are old enough to belong to nobody."""
    with db.engine.connect().execution_options(writing=False) as connection:
        owned = set(connection.scalars(sa.select(Operation.build).where(Operation.state.in_(("queued", "running")))))
    removed = []
    for server, databases in current_app.extensions["engines"].servers.items():
        try:
            for name in databases.builds():
                with suppress(DatabaseMissing, FileNotFoundError):  # finished, or removed by another machine's reaper
                    if name not in owned and databases.age(name) > 600:
                        databases.discard(name)
                        removed.append(name)
        except ServerAway as error:
            log.warning("server_away", server=server, error=str(error))
    return removed
