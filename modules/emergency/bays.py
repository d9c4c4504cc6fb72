"""The bays of the emergency department: who is in which, and giving them."""

from dataclasses import dataclass

import sqlalchemy as sa

from modules.emergency.models import Visit
from modules.emergency.waits import in_department
from modules.patients.api import Patient
from modules.rooms.api import Bed, BedAllocation, Room, assign_bed, free_beds, held_by, release_bed, transfer
from portal.kit import Refused, _, db


@dataclass(frozen=True)
class Bay:
    """A bay with who is in it, where somebody is."""

    bed: Bed
    room: Room
    patient: Patient | None
    visit: Visit | None


def read_bays() -> list[Bay]:
    """Every bay, by its number."""
    query = sa.select(Bed, Room, Patient, Visit).join(Room, Room.id == Bed.room_id)
    query = query.outerjoin(BedAllocation, BedAllocation.active_bed_id == Bed.id)
    query = query.outerjoin(Patient, Patient.id == BedAllocation.patient_id)
    query = query.outerjoin(Visit, Visit.encounter_id == BedAllocation.encounter_id)
    query = query.where(Room.kind == "er_bay", Bed.is_active, Room.status != "closed")
    return [Bay(*row) for row in db.session.execute(query.order_by(Room.number, Bed.code))]


def without_bay() -> list[tuple[Visit, Patient]]:
    """Who is here and in no bay, the most urgent first; those whom nobody has judged come last."""
    query = in_department().join(Patient, Patient.id == Visit.patient_id).add_columns(Patient)
    rows = db.session.execute(query.where(Visit.bed_id.is_(None))).all()
    return sorted((tuple(row) for row in rows), key=lambda row: row[0].triage_level or 6)


def free_bays() -> dict[int, str]:
    """The bays that somebody can be put into now."""
    beds = free_beds(room_kind="er_bay")
    rooms = sa.select(Room.id, Room.number).where(Room.id.in_({bed.room_id for bed in beds}))
    numbers = dict(db.session.execute(rooms).all())
    return {bed.id: numbers[bed.room_id] for bed in beds}


def put_into_bay(visit: Visit, bed_id: int) -> BedAllocation:
    """Put the patient into a bay, or move them to another; raises `Refused` where it was just taken."""
    if not visit.is_open:
        raise Refused(_("The patient has left the emergency department"))
    held = held_by(visit.patient_id)
    if held and held.status == "active":
        return transfer(visit.patient_id, bed_id)
    return assign_bed(bed_id, visit.patient_id, visit.encounter_id)


def free_bay(visit: Visit) -> bool:
    """The patient has physically left: the bay waits to be cleaned; False where they were in none (ER-8)."""
    held = held_by(visit.patient_id)
    if not held or held.status != "active" or held.bed_id != visit.bed_id:
        return False
    release_bed(visit.patient_id, "death" if visit.status == "deceased" else "discharge")
    return True


def visit_here(patient_id: int) -> Visit | None:
    """The open emergency visit of a patient."""
    return db.session.scalar(in_department().where(Visit.patient_id == patient_id).limit(1))


def is_bay(bed_id: int) -> bool:
    """The bed stands in the emergency department."""
    kind = sa.select(Room.kind).join(Bed, Bed.room_id == Room.id).where(Bed.id == bed_id)
    return db.session.scalar(kind) == "er_bay"
