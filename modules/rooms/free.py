"""The beds that may be given to somebody now, and how they are offered."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from modules.rooms.models import Bed, BedAllocation, Room, Ward
from portal.kit import db, now


def free_beds(
    *,
    ward_id: int | None = None,
    sex: str | None = None,
    features: Sequence[str] = (),
    room_kind: str | None = None,
    kept_for: int | None = None,
) -> list[Bed]:
    """The beds that may be given to somebody now, by code: in a ward, for a sex, with every one of the features.

    A bed whose reservation has run out counts as free. `room_kind` tells beds of wards (“ward_room”) from bays
    (“er_bay”); without it and without a ward both come. `kept_for` is the patient whose reserved bed comes too.
    """
    query = free_query(ward_id=ward_id, sex=sex, features=features, room_kind=room_kind, kept_for=kept_for)
    return list(db.session.scalars(query.order_by(Bed.code)))


def free_query(
    *,
    ward_id: int | None = None,
    sex: str | None = None,
    features: Sequence[str] = (),
    room_kind: str | None = None,
    kept_for: int | None = None,
) -> sa.Select:
    """The query of `free_beds`, for lists."""
    query = _free_beds(kept_for)
    if room_kind is not None:
        query = query.where(Room.kind == room_kind)
    if ward_id is not None:
        query = query.where(Room.ward_id == ward_id)
    if sex is not None:
        query = query.where(sa.or_(Ward.id.is_(None), Ward.gender_policy.in_(("any", sex))))
    has = (sa.cast(Bed.features, sa.Text).contains(f'"{feature}"', autoescape=True) for feature in features)
    return query.where(*has)


def _free_beds(kept_for: int | None) -> sa.Select:
    may_have = sa.select(BedAllocation.active_bed_id).where(
        BedAllocation.status == "reserved",
        sa.or_(BedAllocation.reserved_until <= now(), BedAllocation.patient_id == kept_for),
    )
    is_free = sa.or_(Bed.status == "available", sa.and_(Bed.status == "reserved", Bed.id.in_(may_have)))
    query = sa.select(Bed).join(Room, Room.id == Bed.room_id).outerjoin(Ward, Ward.id == Room.ward_id)
    is_open = sa.and_(Bed.is_active, Room.status == "active", sa.or_(Ward.id.is_(None), Ward.is_active))
    return query.where(is_free, is_open)


def bed_choices(beds: Iterable[Bed]) -> dict[int, str]:
    """The words for beds to choose from, each with its ward or room: {id: “A-03, Ward A”}."""
    beds = list(beds)
    where = sa.select(Room.id, sa.func.coalesce(Ward.name, Room.number)).outerjoin(Ward, Ward.id == Room.ward_id)
    names = dict(db.session.execute(where.where(Room.id.in_({bed.room_id for bed in beds}))).all())
    return {bed.id: f"{bed.code}, {names[bed.room_id]}" for bed in beds}
