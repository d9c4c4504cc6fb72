"""Taking back what no worker has begun: one operation, or those of a batch."""

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Operation, OperationStep, Tenant
from portal.extensions import db


def cancel(*which: sa.ColumnElement[bool]) -> int:
    """Cancel those of these operations that still wait; answers with how many that were. The caller commits."""
    waiting = sa.and_(*which, Operation.state == "queued")
    ids = list(db.session.scalars(sa.select(Operation.id).where(waiting)))
    skipped = sa.update(OperationStep).where(OperationStep.operation_id.in_(ids)).values(state="skipped")
    ended = {"state": "cancelled", "active_key": None, "finished_at": now()}
    cancelled = sa.update(Operation).where(Operation.id.in_(ids), Operation.state == "queued").values(ended)
    opened = sa.update(Tenant).where(Tenant.closed_by.in_(ids)).values(closed_by=None, epoch=Tenant.epoch + 1)
    counts = [
        db.session.execute(statement.execution_options(synchronize_session=False)).rowcount
        for statement in (skipped, opened, cancelled)
    ]
    return counts[-1]
