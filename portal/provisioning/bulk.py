"""The same work on many hospitals: one operation each, so that one failure never stops the rest (tenancy.md T27)."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import joinedload

from portal import queue
from portal.auth.audit import audit_platform
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, operations
from portal.provisioning.cancelling import cancel
from portal.types import new_uuid

MOST = 1000
READY, BUSY = "ready", "busy"
LEFT_OUT = "left_out"


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
    left_out = {**dict.fromkeys((one.id for one in ready), READY), **dict.fromkeys((one.id for one in busy), BUSY)}
    asked = [asking.prepared(one, kind, requested_by, batch=batch) for one in tenants if one.id not in left_out]
    if asked:  # the batch remembers whom it left out, and why
        asked[0].details = {LEFT_OUT: {str(tenant_id): why for tenant_id, why in left_out.items()}}
    asking.keep(asked)
    for operation in asked:
        audit_platform(action, tenant=operation.tenant, details={"operation": operation.reference})
    _wake_after_commit(operations.groups_of((operation.id, operation.kind) for operation in asked))
    return Asked(batch, asked, ready, busy)


def _wake_after_commit(groups: list[list[int]]) -> None:
    """Put the work into the queue; when Redis is away, the reaper does."""
    event.listen(db.session(), "after_commit", lambda session: queue.wake_for_batch(groups), once=True)


def operations_of(batch: str) -> list[Operation]:
    """The operations of a batch with their hospitals, by name."""
    query = sa.select(Operation).join(Operation.tenant).where(Operation.batch == batch)
    query = query.options(joinedload(Operation.tenant, innerjoin=True)).order_by(Tenant.name, Tenant.id)
    return list(db.session.scalars(query))


def left_out_of(found: Sequence[Operation]) -> list[tuple[Tenant, str]]:
    """The hospitals a batch left out and why, by name; those that are gone since are not there."""
    reasons = next((operation.details[LEFT_OUT] for operation in found if LEFT_OUT in operation.details), {})
    if not reasons:
        return []
    query = sa.select(Tenant).where(Tenant.id.in_([int(key) for key in reasons])).order_by(Tenant.name, Tenant.id)
    return [(tenant, reasons[str(tenant.id)]) for tenant in db.session.scalars(query)]


def cancel_queued(batch: str) -> int:
    """Take back what no worker has begun; answers with how many that were. The caller commits."""
    return cancel(Operation.batch == batch)
