"""The same work on many hospitals: one operation each, so that one failure never stops the rest (tenancy.md T27)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import joinedload

from portal import queue
from portal.auth.audit import audit_platform
from portal.clock import now
from portal.control.models import Operation, OperationStep, Tenant
from portal.extensions import db
from portal.provisioning import operations
from portal.types import new_uuid

MOST = 1000


@dataclass(frozen=True)
class Asked:
    """What came of asking: the operations of the batch, and the hospitals that were left out."""

    batch: str
    operations: list[Operation]
    ready: list[Tenant]
    busy: list[Tenant]


def request_all(tenants: Sequence[Tenant], kind: str, action: str, requested_by: int | None) -> Asked:
    """Ask for the same work on each hospital; the caller commits, then workers are woken.

    Left out are hospitals with work waiting or under way, and from creating those that are Ready; deleted ones always.
    """
    tenants = [tenant for tenant in tenants if tenant.mode != "deleted"]
    batch = new_uuid()
    keys = sa.select(Operation.active_key).where(Operation.active_key.in_([tenant.id for tenant in tenants]))
    active = set(db.session.scalars(keys))
    busy = [tenant for tenant in tenants if tenant.id in active]
    ready = [one for one in tenants if kind == "create" and one.status == "ready" and one.id not in active]
    left_out = {tenant.id for tenant in (*busy, *ready)}
    asked = [operations.prepared(one, kind, requested_by, batch=batch) for one in tenants if one.id not in left_out]
    db.session.add_all(asked)
    db.session.flush()
    for operation in asked:
        audit_platform(action, tenant=operation.tenant, details={"operation": operation.reference})
    _wake_after_commit([operation.id for operation in asked])
    return Asked(batch, asked, ready, busy)


def _wake_after_commit(ids: list[int]) -> None:
    """Put the work into the queue; when Redis is away once, the reaper asks for the rest."""
    event.listen(db.session(), "after_commit", lambda session: all(queue.wake(one) for one in ids), once=True)


def operations_of(batch: str) -> list[Operation]:
    """The operations of a batch with their hospitals, by name."""
    query = sa.select(Operation).join(Operation.tenant).where(Operation.batch == batch)
    query = query.options(joinedload(Operation.tenant, innerjoin=True)).order_by(Tenant.name, Tenant.id)
    return list(db.session.scalars(query))


def states_of(found: Sequence[Operation]) -> Counter[str]:
    """How many operations are in each state."""
    return Counter(operation.state for operation in found)


def cancel_queued(batch: str) -> int:
    """Take back what no worker has begun; answers with how many that were. The caller commits."""
    waiting = sa.and_(Operation.batch == batch, Operation.state == "queued")
    steps = sa.select(Operation.id).where(waiting)
    db.session.execute(
        sa.update(OperationStep)
        .where(OperationStep.operation_id.in_(steps))
        .values(state="skipped")
        .execution_options(synchronize_session=False)
    )
    ended = {"state": "cancelled", "active_key": None, "finished_at": now()}
    cancelled = sa.update(Operation).where(waiting).values(ended).execution_options(synchronize_session=False)
    return db.session.execute(cancelled).rowcount
