"""The states a record went through: when, by whom, and what was said."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.auth.models import User
from portal.extensions import db
from portal.kit.models import StatusLog
from portal.record import Record


@dataclass(frozen=True)
class Step:
    """A record came into a state; `by` is who brought it there, empty where work of the house did."""

    status: str
    at: datetime
    by: str
    note: str


def life_of(record: Record) -> list[Step]:
    """Every state the record came into, the first one first."""
    query = (
        sa.select(StatusLog, User)
        .outerjoin(User, User.id == StatusLog.actor_id)
        .where(StatusLog.content_type == record.__tablename__, StatusLog.object_id == record.id)
        .order_by(StatusLog.at, StatusLog.id)
    )
    return [
        Step(log.to_status, log.at, user.full_name if user else "", log.note) for log, user in db.session.execute(query)
    ]
