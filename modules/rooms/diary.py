"""When rooms are booked on a day: theatres, consulting rooms and the rooms of devices."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from modules.rooms.models import Room
from portal.kit import _, day_bounds, db
from portal.kit.locks import BUCKET
from portal.kit.models import ContentType, ResourceLock

BOOKED_KINDS = ("consulting", "theatre", "procedure", "imaging")


@dataclass(frozen=True)
class Booking:
    """Time in which a room is taken, and by what kind of record; whom it is for is on that record's page."""

    starts_at: datetime
    ends_at: datetime
    what: str


def diary_of(day: date) -> list[tuple[Room, list[Booking]]]:
    """Every room that can be booked, with its bookings of the day in their order."""
    rooms = sa.select(Room).where(Room.kind.in_(BOOKED_KINDS), Room.status != "closed")
    bookings: dict[int, list[Booking]] = {}
    for row in db.session.execute(_bookings(day)):
        taken = Booking(row.begin, row.last + BUCKET, _(row.model.replace("_", " ").capitalize()))
        bookings.setdefault(row.resource_id, []).append(taken)
    ordered = db.session.scalars(rooms.order_by(Room.kind, Room.number))
    return [(room, bookings.get(room.id, [])) for room in ordered]


def _bookings(day: date) -> sa.Select:
    begin, end = day_bounds(day)
    at = ResourceLock.bucket_start
    held = (ResourceLock.resource_id, ResourceLock.holder_id, ContentType.model)
    query = sa.select(*held, sa.func.min(at).label("begin"), sa.func.max(at).label("last"))
    query = query.join(ContentType, ContentType.id == ResourceLock.holder_type_id)
    query = query.where(ResourceLock.resource_kind == "room", at >= begin, at < end)
    return query.group_by(*held).order_by(sa.func.min(at))
