"""What doctors show on the page of a patient: prescriptions, referrals, and a way to write them."""

from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from modules.doctors import module
from modules.doctors.find import find_own, told
from modules.doctors.models import Prescription, Referral
from modules.doctors.notes import may_open_notes
from modules.doctors.words import ITEM_STATES, KIND_WORDS, PRESCRIPTION_STATES, REFERRAL_STATES
from modules.patients.api import Encounter, Patient
from portal.kit import Act, Moment, _, current_user, db, fragment

SEES = "prescription_view | prescription_view_own"
MOST = 100
ENDED = ("finished", "cancelled")


def mine_of(patient: Patient) -> tuple[sa.ColumnElement[bool], bool]:
    """Which prescriptions of a patient the person at work sees, and whether others stay closed (DOC-6)."""
    of_patient = Prescription.patient_id == patient.id
    if current_user.may("doctors.prescription_view"):
        return of_patient, False
    own = find_own()
    if own and may_open_notes(own, patient.id):
        return of_patient, False
    return sa.and_(of_patient, Prescription.doctor_id == (own.id if own else None)), True


def count_running(patient: Patient) -> int:
    """How many prescriptions run now."""
    seen, _closed = mine_of(patient)
    running = Prescription.status.in_(("active", "partially_dispensed"))
    return db.session.scalar(
        sa.select(sa.func.count(Prescription.id)).where(seen, running, Prescription.voided_at.is_(None))
    )


@module.tab("patients_patient", "prescriptions", _("Prescriptions"), needs=SEES, order=45, count=count_running)
def prescriptions(patient: Patient) -> str:
    """What was prescribed, the newest first."""
    seen, closed = mine_of(patient)
    words = {"states": PRESCRIPTION_STATES, "item_states": ITEM_STATES, "kinds": KIND_WORDS}
    rows, visit = told(seen, most=MOST), open_visit(patient)
    is_doctor = closed and find_own() is not None
    shown = {"prescriptions": rows, "visit": visit, "closed": is_doctor, "referrals": referrals_of(patient)}
    return fragment("doctors/_prescriptions.html", patient=patient, referral_states=REFERRAL_STATES, **shown, **words)


def referrals_of(patient: Patient) -> list[Referral]:
    """The referrals of a patient, the newest first, for those who see referrals."""
    if not current_user.may("doctors.referral_view"):
        return []
    ends = (Referral.from_doctor, Referral.to_doctor, Referral.to_department)
    query = sa.select(Referral).where(Referral.patient_id == patient.id, Referral.voided_at.is_(None))
    query = query.options(*(joinedload(end) for end in ends)).order_by(Referral.id.desc()).limit(MOST)
    return list(db.session.scalars(query))


def open_visit(patient: Patient) -> Encounter | None:
    """The visit that a prescription of now belongs to: the last that is open, one with the doctor at work first."""
    own = find_own()
    query = sa.select(Encounter).where(Encounter.patient_id == patient.id, Encounter.status.not_in(ENDED))
    with_me = sa.case((Encounter.doctor_id == (own.id if own else None), 0), else_=1)
    return db.session.scalar(query.order_by(with_me, Encounter.started_at.desc(), Encounter.id.desc()).limit(1))


@module.fills("patients.acts", needs="prescription_add")
def write(patient: Patient) -> list[Act]:
    """Prescribing in the open visit, and referring."""
    visit = open_visit(patient) if find_own() else None
    if visit is None:
        return []
    acts = [Act(_("Prescribe"), "pill", url_for("doctors.pad", encounter_id=visit.id))]
    if current_user.may("doctors.referral_add"):
        acts.append(Act(_("Refer"), "arrows-exchange", url_for("doctors.referral_new", encounter_id=visit.id)))
    return acts


@module.fills("patients.timeline", needs=SEES)
def prescribed(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """What was prescribed, when it was signed."""
    seen, _closed = mine_of(patient)
    rows = told(seen, Prescription.status != "draft", Prescription.prescribed_at < before, most=most)
    return [_moment(row) for row in rows]


def _moment(row: Prescription) -> Moment:
    drugs = ", ".join(item.drug_text for item in row.counting)
    detail = " · ".join(filter(None, (str(row.doctor), drugs, PRESCRIPTION_STATES[row.status][2])))
    tone = "bad" if row.status == "stopped" else "act"
    url = url_for("doctors.prescription", record_id=row.id)
    return Moment(row.prescribed_at, "pill", _("Prescription {number}", number=row.number), detail, url, tone)


@module.fills("patients.timeline", needs="referral_view")
def referred(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The referrals, when they were made."""
    url = url_for("doctors.referral_index", side="all")
    return [
        Moment(row.created_at, "arrows-exchange", _("Referred to {name}", name=row.to_whom), row.reason, url)
        for row in referrals_of(patient)
        if row.created_at < before
    ][:most]
