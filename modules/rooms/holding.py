"""Who gets which bed: reserving, assigning, moving and leaving, each wholly or not at all.

Every verb holds the patient, then the beds, and then reads what it checks. What is refused leaves nothing behind, so
that the caller may offer something else in the same transaction; the caller commits.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from modules.patients.api import Patient
from modules.rooms.house import reserved_for
from modules.rooms.models import Bed, BedAllocation, Room, Ward
from modules.rooms.policy import refuse_wrong_ward
from portal.kit import Record, Refused, WrongState, _, db, emit, held, now
from portal.kit.claims import claim

PHYSICALLY_GONE = ("discharge", "death", "error")


@dataclass(frozen=True)
class Place:
    """A bed with the room and the ward it stands in, read under the bed's lock."""

    bed: Bed
    room: Room
    ward: Ward | None

    @property
    def is_open(self) -> bool:
        """Patients may be put there at all: nothing around the bed is closed or being repaired."""
        return self.bed.is_active and self.room.status == "active" and (self.ward is None or self.ward.is_active)


def reserve_bed(
    bed_id: int,
    patient_id: int,
    encounter_id: int,
    until: datetime | None = None,
    admission_id: int | None = None,
    override_reason: str = "",
) -> BedAllocation:
    """Keep a bed for a patient who is expected, for as long as the hospital sets unless `until` says otherwise.

    Raises `Refused` where the bed was taken, the patient has one already, or the ward does not take the patient.
    """
    if until is not None and until <= now():
        raise Refused(_("The reservation must end in the future"), "until")
    with _wholly_for(patient_id):
        before = _reservation_of(patient_id)
        places = _locked({bed_id, before.bed_id} if before else {bed_id})
        place = places[bed_id]
        for one in places.values():
            _lapse_due(one.bed)
        facts = {"encounter_id": encounter_id, "admission_id": admission_id}
        kept = _hold(place, patient_id, override_reason, until or now() + reserved_for(), facts)
        place.bed.reserve()
        emit("bed.reserved", kept)
        return kept


def assign_bed(
    bed_id: int, patient_id: int, encounter_id: int, admission_id: int | None = None, override_reason: str = ""
) -> BedAllocation:
    """Put a patient into a bed; a reservation of the same patient, of this bed or another, is taken over.

    Raises `Refused` where the bed was taken, the patient lies in one already, or the ward does not take the patient.
    """
    with _wholly_for(patient_id):
        kept = _reservation_of(patient_id)
        places = _locked({bed_id, kept.bed_id} if kept else {bed_id})
        place = places[bed_id]
        if kept and not _still_held(kept):
            kept = None
        if kept and kept.bed_id != bed_id:
            _cancel(kept, places[kept.bed_id].bed)
            kept = None
        if kept is None:
            _lapse_due(place.bed)
            facts = {"encounter_id": encounter_id, "admission_id": admission_id}
            kept = _hold(place, patient_id, override_reason, None, facts)
        else:
            _refuse_closed(place)
            kept.encounter_id, kept.admission_id = encounter_id, admission_id or kept.admission_id
        kept.begin(note=kept.override_reason or None)
        place.bed.occupy()
        emit("bed.assigned", kept)
        return kept


def transfer(patient_id: int, bed_id: int, override_reason: str = "") -> BedAllocation:
    """Move a patient to another bed: the old one waits to be cleaned, or nothing has changed (ROOM-2).

    Raises `Refused` where the patient lies in no bed, or the new one was taken or does not fit.
    """
    with _wholly_for(patient_id):
        old = held_by(patient_id)
        places = _locked({old.bed_id, bed_id} if old else {bed_id})
        if old is None or not _still_held(old) or old.status != "active":
            raise Refused(_("The patient does not lie in a bed. Assign one instead"), "patient_id")
        if old.bed_id == bed_id:
            raise Refused(_("The patient lies in this bed already. Choose another one"), "bed_id")
        _lapse_due(places[bed_id].bed)
        old.end("transfer")
        places[old.bed_id].bed.vacate()
        facts = {"encounter_id": old.encounter_id, "admission_id": old.admission_id}
        new = _hold(places[bed_id], patient_id, override_reason, None, facts)
        new.begin(note=override_reason or None)
        places[bed_id].bed.occupy()
        emit("bed.released", old)
        emit("bed.transferred", new)
        return new


def release_bed(patient_id: int, end_reason: str) -> BedAllocation:
    """The patient has physically left (discharge, death or error): the bed waits to be cleaned (ROOM-4).

    Raises `Refused` where the patient lies in no bed.
    """
    if end_reason not in PHYSICALLY_GONE:
        raise ValueError(f"{end_reason}: a patient leaves a bed by {', '.join(PHYSICALLY_GONE)} or by transfer()")
    with _wholly_for(patient_id):
        left = held_by(patient_id)
        places = _locked([left.bed_id]) if left else {}
        if left is None or not _still_held(left) or left.status != "active":
            raise Refused(_("The patient does not lie in a bed"), "patient_id")
        left.end(end_reason)
        places[left.bed_id].bed.vacate()
        emit("bed.released", left)
        return left


def cancel_reservation(allocation: BedAllocation, note: str = "") -> BedAllocation:
    """Keep the bed for the patient no longer; raises `WrongState` where it is not reserved any more."""
    with _wholly():
        bed = _locked([allocation.bed_id])[allocation.bed_id].bed
        _still_held(allocation)
        return _cancel(allocation, bed, note)


def lapse_reservations() -> int:
    """Free every bed that was kept until now for somebody who did not come (ROOM-5); answers with how many."""
    due = sa.select(BedAllocation).where(BedAllocation.status == "reserved", BedAllocation.reserved_until <= now())
    return sum(_lapse(kept) for kept in db.session.scalars(due.order_by(BedAllocation.bed_id)).all())


def held_by(patient_id: int) -> BedAllocation | None:
    """The bed that a patient lies in, or that is kept for them."""
    return db.session.scalar(sa.select(BedAllocation).where(BedAllocation.active_patient_id == patient_id))


@contextmanager
def _wholly_for(patient_id: int) -> Iterator[None]:
    """As `_wholly`, and nobody gives the patient another bed meanwhile (ROOM-2)."""
    with _wholly():
        db.session.scalar(held(sa.select(Patient).where(Patient.id == patient_id)))
        yield


@contextmanager
def _wholly() -> Iterator[None]:
    """All of it is done, or nothing; what is in memory is read anew where it was undone."""
    try:
        with db.session.begin_nested():
            yield
    except Refused:
        db.session.expire_all()
        raise


def _reservation_of(patient_id: int) -> BedAllocation | None:
    kept = held_by(patient_id)
    return kept if kept and kept.status == "reserved" else None


def _locked(ids: Sequence[int] | set[int]) -> dict[int, Place]:
    """The beds under their locks, taken in one order so that two who move patients never wait for each other."""
    beds = db.session.scalars(held(sa.select(Bed).where(Bed.id.in_(ids)).order_by(Bed.id))).all()
    if len(beds) < len(set(ids)):
        raise Refused(_("Select a bed"), "bed_id")
    around = sa.select(Room, Ward).outerjoin(Ward, Ward.id == Room.ward_id)
    around = around.where(Room.id.in_({bed.room_id for bed in beds})).execution_options(populate_existing=True)
    rooms = {room.id: (room, ward) for room, ward in db.session.execute(around)}
    return {bed.id: Place(bed, *rooms[bed.room_id]) for bed in beds}


def _still_held(allocation: BedAllocation) -> bool:
    """The allocation as it is now that the bed's lock is ours."""
    db.session.refresh(allocation)
    return allocation.active_bed_id is not None


def _hold(place: Place, patient_id: int, override_reason: str, until: datetime | None, facts: dict) -> BedAllocation:
    """Claim the bed and the patient's one place; what was just taken is refused (ROOM-1, ROOM-2)."""
    patient = _patient(patient_id)
    _refuse_closed(place)
    if place.bed.status != "available":
        raise Refused(taken_sentence(place.bed), "bed_id")
    refuse_wrong_ward(patient, place.bed, place.ward, override_reason)
    _refuse_second_bed(patient)
    facts |= {"starts_at": now(), "reserved_until": until, "override_reason": override_reason.strip()[:200]}
    row = BedAllocation(bed_id=place.bed.id, patient_id=patient.id, status="reserved", **facts)
    return claim(row, taken_sentence(place.bed), "bed_id", active_bed_id=place.bed.id, active_patient_id=patient.id)


def _patient(patient_id: int) -> Patient:
    patient = db.session.get(Patient, patient_id)
    if patient is None:
        raise Refused(_("Find and select a patient"), "patient_id")
    patient.refuse_new_work()
    return patient


def _refuse_closed(place: Place) -> None:
    if not place.is_open:
        raise Refused(_("{bed} is closed. Choose another one", bed=place.bed), "bed_id")


def _refuse_second_bed(patient: Patient) -> None:
    """A patient holds one bed at most (ROOM-2); the key decides where two try at the same instant."""
    other = held_by(patient.id)
    if other is None:
        return
    words = {"name": patient, "bed": db.session.get(Bed, other.bed_id)}
    if other.status == "active":
        raise Refused(_("{name} lies in {bed} already. Transfer the patient instead", **words), "patient_id")
    raise Refused(_("{bed} is reserved for {name} already", **words), "patient_id")


def taken_sentence(bed: Bed) -> str:
    """What people hear who come second."""
    return _("{bed} was just taken. Choose another one", bed=bed)


def _lapse_due(bed: Bed) -> None:
    """Free the bed where the time of its reservation is over: whoever asks for it now may have it (ROOM-5)."""
    if bed.status == "reserved":
        kept = db.session.scalar(sa.select(BedAllocation).where(BedAllocation.active_bed_id == bed.id))
        if kept is not None and kept.is_due:
            _cancel(kept, bed, _("Not claimed in time"))


def _lapse(kept: BedAllocation) -> bool:
    """Free one bed; False where somebody came, or it was freed, at the same moment."""
    try:
        with db.session.begin_nested():
            bed = _locked([kept.bed_id])[kept.bed_id].bed
            if not _still_held(kept) or not kept.is_due:
                return False
            _cancel(kept, bed, _("Not claimed in time"))
    except WrongState:
        return False
    return True


def _cancel(kept: BedAllocation, bed: Record, note: str = "") -> BedAllocation:
    kept.cancel(note=note or None)
    bed.release(note=note or None)
    return kept
