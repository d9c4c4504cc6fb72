"""Going home: the order, the summary that is signed, and the departure, each wholly or not at all."""

from datetime import date, datetime

import sqlalchemy as sa

from modules.doctors.api import Doctor, stop_prescriptions
from modules.ipd.checklist import clearances_of, read_checklist, summary_of, wanted_kinds
from modules.ipd.models import Admission, Clearance, DischargeSummary
from modules.ipd.models.care import kept, refuse_gone
from modules.rooms.api import BedAllocation, release_bed
from portal.kit import Refused, WrongState, _, db, emit, hold, now
from portal.kit.claims import claim

ONE_SUMMARY = _("Somebody began the summary at the same moment. Open it again")


def order_discharge(admission: Admission, doctor: Doctor | None, expected_on: date | None = None) -> Admission:
    """Let the patient go as soon as everybody agrees: whoever must agree is asked.

    Clearances that were given before an order that was revoked stay as they were (IPD-9).
    """
    if doctor is not None:
        doctor.refuse_unlicensed()
    with db.session.begin_nested():
        admission.order_discharge()
        admission.expected_discharge_on = expected_on or admission.expected_discharge_on
        known = {row.kind for row in clearances_of(admission)}
        for kind in wanted_kinds():
            if kind not in known:
                kept(Clearance(admission_id=admission.id, kind=kind))
        begin_summary(admission)
        _clear_what_the_summary_says(admission)
    return admission


def begin_summary(admission: Admission) -> DischargeSummary:
    """The summary of a stay; a new draft with what is known where nobody began it."""
    found = summary_of(admission)
    if found is not None:
        return found
    refuse_gone(admission)
    row = DischargeSummary(diagnoses=admission.provisional_dx or admission.reason)
    return claim(row, ONE_SUMMARY, admission_id=admission.id)


def sign_summary(summary: DischargeSummary, doctor: Doctor | None) -> DischargeSummary:
    """Stand for the summary; where the discharge is ordered, that is the medical clearance too.

    Raises `Refused` for who is no doctor or has no licence (DOC-1), and while a part that is needed is empty.
    """
    if doctor is None:
        raise Refused(_("You are not in the register of doctors, so you cannot sign"))
    doctor.refuse_unlicensed()
    summary.refuse_unready()
    summary.sign()
    _clear_what_the_summary_says(db.session.get_one(Admission, summary.admission_id))
    return summary


def amend_summary(summary: DischargeSummary, doctor: Doctor | None, **facts) -> DischargeSummary:
    """Correct what was signed: it is signed anew, and says that it was amended."""
    if doctor is None:
        raise Refused(_("You are not in the register of doctors, so you cannot sign"))
    doctor.refuse_unlicensed()
    if summary.status == "signed":
        summary.amend()
    elif summary.status != "amended":
        raise WrongState(_("This is not possible: the summary is not signed yet."))
    for name, value in facts.items():
        setattr(summary, name, value)
    summary.refuse_unready()
    summary.signed_by, summary.signed_at = summary.updated_by, now()
    return summary


def _clear_what_the_summary_says(admission: Admission) -> None:
    summary = summary_of(admission)
    if admission.status != "discharge_ordered" or summary is None or not summary.is_signed:
        return
    given = clearances_of(admission)
    hold(*given)
    for row in given:
        if row.kind == "medical" and row.status == "pending":
            row.clear_medical()


def leave(admission: Admission, disposition: str, at: datetime | None = None) -> Admission:
    """The patient has left: bed, medicines, visit and admission end together (IPD-5).

    Raises `Refused` while anything blocks the discharge (IPD-4) and for a time that cannot be (IPD-7), `WrongState`
    where no discharge is ordered. Doses stop by whoever hears `ipd.discharged`.
    """
    with db.session.begin_nested():
        hold(admission)
        at = at or now()
        if admission.status == "discharge_ordered":
            refuse_blocked(admission)
            refuse_impossible(admission.admitted_at, at)
            _free_the_bed(admission, disposition, at)
            stop_prescriptions(admission.encounter_id, note=_("The patient left the hospital"))
            admission.encounter.finish()
            admission.encounter.ended_at = at
            _note_the_death(admission, disposition, at)
        admission.discharge(disposition, at)
    return admission


def refuse_blocked(admission: Admission) -> None:
    """Raise `Refused` with what still keeps the patient here (IPD-4)."""
    blocking = read_checklist(admission).blocking
    if blocking:
        what = "; ".join(line.title for line in blocking)
        raise Refused(_("The discharge is blocked: {what}", what=what))


def refuse_impossible(admitted_at: datetime, discharged_at: datetime) -> None:
    """Raise `Refused` for a stay that ends before it begins, or in the future (IPD-7)."""
    if max(admitted_at, discharged_at) > now():
        raise Refused(_("The time must be in the past"), "discharged_at" if discharged_at > now() else "admitted_at")
    if discharged_at < admitted_at:
        raise Refused(_("The patient cannot leave before the admission"), "discharged_at")


def _free_the_bed(admission: Admission, disposition: str, at: datetime) -> None:
    stay = release_bed(admission.patient_id, "death" if disposition == "deceased" else "discharge")
    if at <= stay.starts_at:
        raise Refused(_("The patient came into the last bed after this time"), "discharged_at")
    stay.ends_at = at


def _note_the_death(admission: Admission, disposition: str, at: datetime) -> None:
    """Who leaves as deceased died at that time; a death that was recorded before stands (IPD-8)."""
    if disposition == "deceased" and admission.patient.status != "deceased":
        admission.patient.record_death(at)


def correct_times(admission: Admission, admitted_at: datetime, discharged_at: datetime | None) -> Admission:
    """Correct when the stay began and ended, of the beds and the visit too (IPD-7).

    Whoever charges nights hears `ipd.times_correcting` and may refuse it.
    """
    with db.session.begin_nested():
        hold(admission)
        if admission.admitted_at is None:
            raise WrongState(_("This is not possible: the stay has not begun."), admission)
        if (discharged_at is None) != (admission.discharged_at is None):
            raise Refused(_("The end is entered when the departure is confirmed, and only then"), "discharged_at")
        refuse_impossible(admitted_at, discharged_at or now())
        admission.admitted_at, admission.discharged_at = admitted_at, discharged_at
        admission.encounter.started_at, admission.encounter.ended_at = admitted_at, discharged_at
        _move_beds(admission)
        emit("ipd.times_correcting", admission)
    return admission


def _move_beds(admission: Admission) -> None:
    """The first bed begins with the stay, and the last one ends with it."""
    lain = sa.select(BedAllocation).where(
        BedAllocation.admission_id == admission.id,
        BedAllocation.status.in_(("active", "ended")),
        BedAllocation.voided_at.is_(None),
    )
    beds = db.session.scalars(lain.order_by(BedAllocation.starts_at, BedAllocation.id)).all()
    for bed in beds:
        begin = admission.admitted_at if bed is beds[0] else bed.starts_at
        end = admission.discharged_at if bed is beds[-1] else bed.ends_at
        try:
            bed.change(starts_at=begin, ends_at=end)
        except Refused as refused:
            raise Refused(refused.sentence, "admitted_at" if bed is beds[0] else "discharged_at") from refused
