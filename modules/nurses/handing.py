"""Handing over a shift, patient by patient: what is written, filled from what is known, and who accepted it (NUR-8)."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from flask import abort

from modules.nurses.badges import news2_badge
from modules.nurses.find import find_own_nurse, own_wards
from modules.nurses.models import Handover, Nurse, Task
from modules.nurses.models.care import TO_DO
from modules.nurses.shifts import Shift, shift_now
from modules.nurses.staying import Stay, staying_in
from modules.nurses.vitals import latest_vitals
from modules.nurses.worklist import BedWork
from modules.patients.api import Allergy
from modules.rooms.api import Ward
from portal.kit import Refused, _, current_hospital, db, emit, get_or_404, hold, now

STAYS_OPEN = timedelta(hours=12)


@dataclass(frozen=True)
class SheetLine:
    """A patient of the sheet: the bed, the stay, and what was handed over in this shift."""

    row: BedWork
    stay: Stay
    handover: Handover | None


@dataclass(frozen=True)
class HandoverSheet:
    """The handover of a ward in one shift."""

    ward: Ward
    day: date
    shift: Shift
    lines: list[SheetLine]

    @property
    def accepted(self) -> int:
        """How many patients were taken over; the shift is handed over when it is all of them (NUR-8)."""
        return sum(line.handover is not None and line.handover.is_done for line in self.lines)

    @property
    def is_done(self) -> bool:
        """Every patient was taken over."""
        return bool(self.lines) and self.accepted == len(self.lines)


def sheet_of(ward: Ward) -> HandoverSheet:
    """The handover of a ward in the shift that is at work, with what the one before wrote and nobody accepted yet."""
    day, shift = shift_now()
    of_shift = sa.and_(Handover.shift_date == day, Handover.shift_id == shift.id)
    left_open = sa.and_(Handover.accepted_at.is_(None), Handover.created_at > now() - STAYS_OPEN)
    query = sa.select(Handover).where(Handover.ward_id == ward.id, sa.or_(of_shift, left_open))
    written = {one.admission_id: one for one in db.session.scalars(query.order_by(Handover.id))}
    lines = [SheetLine(row, stay, written.get(stay.admission_id)) for row, stay in staying_in(ward.id)]
    return HandoverSheet(ward, day, shift, lines)


def ward_or_403(ward_id: int) -> Ward:
    """The ward, where the person at work cares for it."""
    wards = own_wards()
    if wards is not None and ward_id not in wards:
        abort(403)
    return get_or_404(Ward, ward_id)


def hand_over(ward: Ward, stay: Stay, **facts) -> Handover:
    """Write what the next shift must know of a patient; raises `Refused` for who is not in the register of nurses."""
    nurse = find_own_nurse()
    if nurse is None:
        raise Refused(_("Only nurses of the register hand over. Ask to be entered there"))
    day, shift = shift_now()
    of = {"ward_id": ward.id, "shift_date": day, "shift_id": shift.id, "admission_id": stay.admission_id}
    if not stay.is_staying:
        raise Refused(_("{name} does not stay here any more", name=stay.patient))
    _refuse_written(ward, of)
    row = Handover(from_nurse_id=nurse.id, **of, **facts)
    db.session.add(row)
    emit("handover.written", row)
    return row


def _refuse_written(ward: Ward, of: dict) -> None:
    """Under a lock on the ward, so that of two who write one handover at once one hears of the other."""
    hold(ward)
    if db.session.scalar(sa.select(Handover.id).filter_by(**of).limit(1)):
        raise Refused(_("Somebody wrote this handover just now. Open it and correct it there"))


def nurses_to_take_over(ward_id: int) -> dict[int, str]:
    """The nurses whom a patient may be handed over to: those of the ward first."""
    own = find_own_nurse()
    query = sa.select(Nurse).where(Nurse.status == "active").order_by(Nurse.ward_id != ward_id, Nurse.id)
    rows = [one for one in db.session.scalars(query) if own is None or one.id != own.id]
    return {one.id: one.full_name for one in rows}


def filled_in(row: BedWork, stay: Stay) -> dict[str, str]:
    """What is known already, for the form: the reason of the stay, allergies, the last vital signs, what is to do."""
    return {
        "situation": _("{bed}, day {day}: {reason}", bed=row.bed.code, day=row.day, reason=stay.reason),
        "background": "\n".join(filter(None, (stay.diagnosis, _allergies(stay.patient_id)))),
        "assessment": _measured(stay.patient_id),
        "recommendation": _to_do(stay.encounter_id),
    }


def _allergies(patient_id: int) -> str:
    query = sa.select(Allergy.substance).where(
        Allergy.patient_id == patient_id, Allergy.status == "active", Allergy.voided_at.is_(None)
    )
    names = ", ".join(db.session.scalars(query.order_by(Allergy.substance)))
    return _("Allergies: {names}", names=names) if names else ""


def _measured(patient_id: int) -> str:
    vital = latest_vitals([patient_id]).get(patient_id)
    if vital is None:
        return ""
    badge = news2_badge(vital)
    at = f"{vital.taken_at.astimezone(current_hospital().zone):%H:%M}"
    return ", ".join(filter(None, (badge.text if badge else "", vital.in_words, at)))


def _to_do(encounter_id: int) -> str:
    query = sa.select(Task).where(Task.encounter_id == encounter_id, Task.status.in_(TO_DO), Task.voided_at.is_(None))
    tasks = db.session.scalars(query.order_by(Task.due_at))
    return "\n".join(f"{one.due_at.astimezone(current_hospital().zone):%H:%M} {one.title}" for one in tasks)
