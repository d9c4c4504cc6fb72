"""How full wards were, day by day: hours in which somebody lay in a bed, of the hours in which beds could be used."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa

from modules.rooms.models import Bed, BedAllocation, Maintenance, Room, Ward
from portal.kit import day_bounds, db, now, today

DAYS = 14
Span = tuple[int, datetime, datetime | None]


def occupancy_by_day(ward: Ward | None = None, days: int = DAYS) -> dict[date, Decimal | None]:
    """The share of each of the last days, today until now, in per cent; None where no bed could be used."""
    wanted = [today() - timedelta(days=ago) for ago in reversed(range(days))]
    begin = day_bounds(wanted[0])[0]
    beds = dict(db.session.execute(_beds(ward)).all())
    taken = _spans(BedAllocation, beds, BedAllocation.starts_at, BedAllocation.ends_at, begin,
                   BedAllocation.status.in_(("active", "ended")), BedAllocation.voided_at.is_(None))  # fmt: skip
    broken = _spans(Maintenance, beds, Maintenance.from_at, Maintenance.to_at, begin, Maintenance.status != "open")
    return {day: _share(day, beds, taken, broken) for day in wanted}


def _beds(ward: Ward | None) -> sa.Select:
    """The beds in use with the moment from which they were there."""
    query = sa.select(Bed.id, Bed.created_at).join(Room, Room.id == Bed.room_id).where(Bed.is_active)
    return query.where(Room.ward_id == ward.id) if ward else query.where(Room.ward_id.is_not(None))


def _spans(model, beds: dict[int, datetime], start, end, begin: datetime, *conditions) -> list[Span]:
    query = sa.select(model.bed_id, start, end).where(sa.or_(end.is_(None), end > begin), *conditions)
    return [tuple(row) for row in db.session.execute(query) if row[0] in beds]


def _share(day: date, beds: dict[int, datetime], taken: list[Span], broken: list[Span]) -> Decimal | None:
    begin, end = day_bounds(day)
    end = min(end, now())
    there = [(bed, since, None) for bed, since in beds.items()]
    usable = _hours(there, begin, end) - _hours(broken, begin, end)
    if usable <= 0:
        return None
    share = 100 * _hours(taken, begin, end) / usable
    return Decimal(min(share, 100)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _hours(spans: Iterable[Span], begin: datetime, end: datetime) -> float:
    """The hours of the spans that lie between two moments."""
    inside = (min(to or end, end) - max(since, begin) for _bed, since, to in spans)
    return sum(max(one.total_seconds(), 0) for one in inside) / 3600
