"""Taking back what no worker has begun: one operation, or those of a batch."""

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Operation
from portal.extensions import db
from portal.provisioning.ledger import let_in, skip_rest


def cancel(*which: sa.ColumnElement[bool]) -> int:
    """Cancel those of these operations that still wait; answers with how many that were. The caller commits."""
    return cancel_on(db.session.connection(bind_arguments={"bind_key": None}), *which)


def cancel_on(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> int:
    """As `cancel`, in the transaction of this connection."""
    waiting = sa.and_(*which, Operation.state == "queued")
    ended = {"state": "cancelled", "active_key": None, "finished_at": now()}
    cancelled = sa.update(Operation).where(waiting).values(ended).returning(Operation.id)
    ids = list(connection.scalars(cancelled))
    skip_rest(connection, *ids)
    let_in(connection, *ids)
    return len(ids)
