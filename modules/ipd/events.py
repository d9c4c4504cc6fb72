"""What the wards' admissions do about what happens elsewhere."""

import sqlalchemy as sa

from modules.ipd.admitting import begin_with_bed, request_admission
from modules.ipd.models import Admission
from modules.ipd.models.admission import OPEN, WAITING
from modules.patients.api import diagnoses_of
from modules.rooms.api import BedAllocation, cancel_reservation, held_by
from portal.kit import Record, Refused, _, db, emit, held, on


@on("patient.merging")
def refuse_while_somebody_stays(merge: Record) -> None:
    """Two records become one only when neither has an open admission (PAT-3)."""
    ids = (merge.kept_id, merge.merged_id)
    staying = sa.select(Admission).where(
        Admission.patient_id.in_(ids), Admission.status.in_(OPEN), Admission.voided_at.is_(None)
    )
    admission = db.session.scalar(staying.order_by(Admission.id).limit(1))
    if admission:
        number = admission.number
        raise Refused(_("Admission {number} is open. End or cancel it before you merge the records", number=number))


@on("bed.assigned")
def begin_the_stay(allocation: BedAllocation) -> None:
    """Who gets the bed that an admission waits for is admitted, wherever the bed was given (IPD-3)."""
    begin_with_bed(allocation)


@on("bed.transferred")
def tell_of_the_move(allocation: BedAllocation) -> None:
    """An inpatient who gets another bed was transferred, wherever somebody did it."""
    admission = db.session.get(Admission, allocation.admission_id) if allocation.admission_id else None
    if admission is not None:
        emit("ipd.transferred", admission)


@on("ipd.cancelled")
def end_what_was_planned(admission: Admission) -> None:
    """The stay does not take place, and no bed is kept for it."""
    admission.encounter.cancel()
    kept = held_by(admission.patient_id)
    if kept is not None and kept.status == "reserved" and kept.admission_id == admission.id:
        cancel_reservation(kept)


@on("patient.deceased")
def cancel_for_who_died(patient: Record) -> None:
    """Nobody waits for a bed after their death."""
    mine = sa.select(Admission).where(Admission.patient_id == patient.id, Admission.status.in_(WAITING))
    for admission in db.session.scalars(held(mine.where(Admission.voided_at.is_(None)).order_by(Admission.id))).all():
        admission.cancel(note=_("The patient has died"))


@on("opd.admission_wanted")
def ask_for_a_bed(visit: Record) -> None:
    """A doctor of the outpatients keeps somebody here; what an admission refuses undoes the signature (§24, row 10)."""
    found = [one.description for one in diagnoses_of(visit.encounter_id) if one.kind != "ruled_out"][:1]
    reason = next(filter(None, (visit.encounter.reason, *found)), _("Kept from the outpatients"))
    asked = (visit.patient, visit.encounter, visit.doctor, visit.department_id, reason, "opd")
    request_admission(*asked, provisional_dx="".join(found))
