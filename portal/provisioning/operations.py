"""Operations: asked for, claimed, carried out, noticed when their worker dies (tenancy.md T7–T9)."""

import os
import socket
from uuid import uuid4

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import joinedload

from portal import queue
from portal.clock import now
from portal.control.models import Operation, OperationStep, Tenant, TenantAccess
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import verify
from portal.provisioning.create import Create, reason_of
from portal.provisioning.ledger import ATTEMPTS, Heartbeat, Ledger, LostLease
from portal.provisioning.steps import MODULES, STEPS, step_named
from portal.tenancy.names import names_of

log = structlog.get_logger(__name__)


def request(tenant: Tenant, kind: str, requested_by: int | None = None) -> Operation:
    """Ask for work on a hospital; while some is waiting or under way, that is the answer. The caller commits."""
    active = find_active(tenant.id)
    if active is not None:
        return active
    operation = Operation(tenant=tenant, kind=kind, requested_by=requested_by, active_key=tenant.id)
    operation.steps = _steps(kind)
    db.session.add(operation)
    db.session.flush()
    return operation


def find_active(tenant_id: int) -> Operation | None:
    """The operation of this hospital that is waiting or under way."""
    return db.session.scalar(sa.select(Operation).where(Operation.active_key == tenant_id))


def _steps(kind: str) -> list[OperationStep]:
    rows = []
    for step in STEPS[kind]:
        modules = list(current_app.extensions["modules"]) if step is MODULES else []
        rows += [OperationStep(step=step.name, module=name) for name in ("", *modules)]
    for position, row in enumerate(rows):
        row.position = position
    return rows


def wake_after_commit(operation: Operation) -> None:
    """Wake a worker once the operation's row is really there."""
    operation_id = operation.id
    event.listen(db.session(), "after_commit", lambda session: queue.wake(operation_id), once=True)


def perform(operation_id: int) -> bool:
    """Carry out a queued operation; False when it is not waiting (any more). Called by a worker or the command line."""
    db.session.rollback()
    build = f"build_{uuid4().hex}"
    claimed = Ledger.claim(operation_id, f"{socket.gethostname()}:{os.getpid()}"[:100], build)
    if claimed is None:
        return False
    ledger, left_behind = claimed
    operation = _detached(operation_id)
    structlog.contextvars.bind_contextvars(operation=operation.reference)
    if left_behind:
        current_app.extensions["engines"].databases(operation.tenant.server).discard(left_behind)
    try:
        with Heartbeat(ledger, current_app._get_current_object()):
            _carry_out(operation, ledger, build)
    except LostLease:
        log.warning("lease_lost")
    finally:
        current_app.extensions["registry"].forget()
    return True


def _detached(operation_id: int) -> Operation:
    """The operation with its hospital and administrators, free of any session and its locks."""
    administrators = joinedload(Operation.tenant).selectinload(Tenant.access).joinedload(TenantAccess.user)
    operation = db.session.get(Operation, operation_id, populate_existing=True, options=[administrators])
    db.session.expunge_all()
    db.session.rollback()
    return operation


def _carry_out(operation: Operation, ledger: Ledger, build: str) -> None:
    tenant_id = operation.tenant_id
    if operation.kind == "verify":
        ledger.begin("check")
        ledger.succeed(tenant_id, verified_values(operation.tenant))
        return
    work = Create(operation, ledger, build)
    try:
        ledger.succeed(tenant_id, work.run())
    except LostLease:
        work.undo()
        raise
    except Exception as error:
        log.exception("step_failed", step=ledger.step, module=ledger.module)
        work.undo()
        ledger.fail(tenant_id, failure_sentence(ledger, error, kept=work.is_published), _after_failure(work))


def failure_sentence(ledger: Ledger, error: Exception, *, kept: bool) -> str:
    """Which step did not work, why if people can be told, and what was kept."""
    failing = step_named(ledger.step).failing
    module = current_app.extensions["modules"].get(ledger.module)
    what = failing.format(module=module.label if module else _("modules"))
    if kept:
        end = _("{what} did not work. The database is finished; try again to put it into use.", what=what)
    else:
        end = _("{what} did not work, so the unfinished database was removed. Nothing else was changed.", what=what)
    return f"{reason_of(error)} {end}".strip()


def _after_failure(work: Create) -> dict:
    verdict = verify.examine(work.names, work.tenant.uuid, work.tenant.generation, work.tenant.server)
    return {**verdict.values(), "checked_at": now()}


def verified_values(tenant: Tenant) -> dict:
    """Look at the hospital's database now; the registry's new values for it."""
    names = names_of(tenant.subdomain, current_app.extensions["settings"].base_domain)
    verdict = verify.examine(names, tenant.uuid, tenant.generation, tenant.server)
    return {**verdict.values(), "checked_at": now()}


def reap() -> list[int]:
    """Find operations whose worker died: back to the queue, or interrupted when that happened too often.

    Also wakes a worker for what waits while the queue has forgotten it. Answers with the ids that changed.
    """
    with db.engine.begin() as connection:
        dead = connection.execute(
            sa.select(Operation.id, Operation.attempt).where(
                Operation.state == "running", Operation.lease_until < now()
            )
        ).all()
        for row in dead:
            _let_go(connection, row)
        waiting = connection.scalars(sa.select(Operation.id).where(Operation.state == "queued")).all()
    if waiting and queue.is_empty():
        for operation_id in waiting:
            queue.wake(operation_id)
    return [row.id for row in dead]


def _let_go(connection: sa.Connection, row: sa.Row) -> None:
    values = {"state": "queued", "lease_until": None}
    if row.attempt >= ATTEMPTS:
        values = {
            "state": "interrupted",
            "lease_until": None,
            "active_key": None,
            "finished_at": now(),
            "error": _("The background worker stopped {count} times during this work.", count=row.attempt),
        }
        connection.execute(
            sa.update(OperationStep)
            .where(OperationStep.operation_id == row.id, OperationStep.state.in_(("waiting", "running")))
            .values(state="skipped")
        )
    same = sa.and_(Operation.id == row.id, Operation.attempt == row.attempt, Operation.state == "running")
    connection.execute(sa.update(Operation).where(same).values(values))
    log.warning("worker_lost", operation_id=row.id, attempt=row.attempt, state=values["state"])


def sweep() -> list[str]:
    """Remove builds that no waiting or running operation owns, once they are old enough to belong to nobody."""
    databases = current_app.extensions["engines"].databases()
    with db.engine.begin() as connection:
        owned = set(connection.scalars(sa.select(Operation.build).where(Operation.state.in_(("queued", "running")))))
    removed = [name for name in databases.builds() if name not in owned and databases.age(name) > 600]
    for name in removed:
        databases.discard(name)
    return removed
