"""What other modules may ask about wards, rooms and beds, and how they give a patient a bed.

Badges of other modules on the bed board: `@module.fills("rooms.beds", needs=…)` on a function that gets the list of
`BedAllocation`s that hold a bed now and gives a list of `BedMark`s, any number for each bed, in one query.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from modules.rooms.bed_fields import BedFields
from modules.rooms.free import bed_choices, free_beds, free_query
from modules.rooms.holding import (
    assign_bed,
    cancel_reservation,
    held_by,
    release_bed,
    reserve_bed,
    transfer,
)
from modules.rooms.marks import BedMark
from modules.rooms.models import Bed, BedAllocation, Room, Ward
from modules.rooms.policy import misfit_of
from modules.rooms.words import FEATURES
from portal.kit import db

__all__ = [
    "FEATURES",
    "Bed",
    "BedAllocation",
    "BedFields",
    "BedMark",
    "Room",
    "Ward",
    "assign_bed",
    "bed_choices",
    "bed_of",
    "beds_of",
    "cancel_reservation",
    "free_beds",
    "free_query",
    "held_by",
    "misfit_of",
    "release_bed",
    "reserve_bed",
    "rooms_of_kind",
    "transfer",
    "ward_of",
    "wards",
]


def wards() -> list[Ward]:
    """The wards in use, by name."""
    return list(db.session.scalars(sa.select(Ward).where(Ward.is_active).order_by(Ward.name)))


def bed_of(patient_id: int) -> Bed | None:
    """The bed a patient lies in; None where they lie in none."""
    return beds_of([patient_id]).get(patient_id)


def beds_of(patient_ids: Iterable[int]) -> dict[int, Bed]:
    """The beds these patients lie in, by patient."""
    query = sa.select(BedAllocation.active_patient_id, Bed).join(Bed, Bed.id == BedAllocation.active_bed_id)
    held = BedAllocation.active_patient_id.in_(list(patient_ids))
    return dict(db.session.execute(query.where(held, BedAllocation.status == "active")).all())


def ward_of(bed: Bed) -> int | None:
    """The id of the ward that a bed stands in; None for a bay that belongs to none."""
    return db.session.scalar(sa.select(Room.ward_id).where(Room.id == bed.room_id))


def rooms_of_kind(kind: str) -> list[Room]:
    """The rooms of a kind (consulting, theatre, imaging, er_bay …) that can be used now, by number."""
    query = sa.select(Room).where(Room.kind == kind, Room.status == "active")
    return list(db.session.scalars(query.order_by(Room.number)))
