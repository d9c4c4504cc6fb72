"""What inpatients show on the page of a stay, of a patient, and on the bed board."""

from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from modules.doctors.api import Doctor, find_own, may_ask
from modules.ipd import module, words
from modules.ipd.find import diets_of, rounds_of, team_of
from modules.ipd.models import Admission, CareTeamMember, Round
from modules.ipd.models.admission import IN_BED
from modules.ipd.reach import seen_of
from modules.ipd.stays import open_admission_of, read_stays, stays
from modules.patients.api import Patient
from modules.rooms.api import BedAllocation, BedMark
from portal.kit import Act, Fact, Moment, _, current_user, db, fragment, life_of, today

SEES = "view | view_own"
MOST_OF_A_DAY = 30


@module.tab(Admission, "overview", _("Overview"), needs=SEES, order=0)
def overview(admission: Admission) -> str:
    """What the stay is about, and what happened to it."""
    return fragment("ipd/_overview.html", admission=admission, life=life_of(admission), words=words)


def count_rounds(admission: Admission) -> int:
    """How many rounds were written."""
    mine = (Round.admission_id == admission.id, Round.voided_at.is_(None))
    return db.session.scalar(sa.select(sa.func.count(Round.id)).where(*mine))


@module.tab(Admission, "rounds", _("Rounds"), needs=SEES, order=10, count=count_rounds)
def rounds(admission: Admission) -> str:
    """The ward rounds, the newest first."""
    return fragment("ipd/_rounds.html", admission=admission, rounds=rounds_of(admission), own=find_own())


def count_team(admission: Admission) -> int:
    """How many people look after the patient, beside the doctor in charge."""
    mine = (CareTeamMember.admission_id == admission.id, CareTeamMember.to_at.is_(None))
    return db.session.scalar(sa.select(sa.func.count(CareTeamMember.id)).where(*mine))


@module.tab(Admission, "team", _("Team and diet"), needs=SEES, order=60, count=count_team)
def team(admission: Admission) -> str:
    """Who looks after the patient, and what the patient eats."""
    return fragment("ipd/_team.html", admission=admission, team=team_of(admission), diets=diets_of(admission))


def count_stays_of(patient: Patient) -> int:
    """How many stays the patient had."""
    mine = (Admission.patient_id == patient.id, Admission.voided_at.is_(None), seen_of(patient.id))
    return db.session.scalar(sa.select(sa.func.count(Admission.id)).where(*mine))


@module.tab("patients_patient", "stays", _("Stays"), needs=SEES, order=40, count=count_stays_of)
def stays_of_the_patient(patient: Patient) -> str:
    """The admissions of a patient, the newest first."""
    mine = (Admission.patient_id == patient.id, Admission.voided_at.is_(None), seen_of(patient.id))
    query = sa.select(Admission).options(joinedload(Admission.attending)).where(*mine)
    rows = db.session.scalars(query.order_by(Admission.requested_at.desc(), Admission.id.desc()).limit(100)).all()
    closed = not current_user.may("ipd.view") and may_ask(patient.id)
    return fragment("ipd/_stays.html", patient=patient, rows=rows, closed=closed, words=words)


@module.fills("patients.timeline", needs=SEES)
def stays_that_began(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """When the patient was admitted, and when the patient left."""
    mine = (Admission.patient_id == patient.id, Admission.voided_at.is_(None), seen_of(patient.id))
    query = sa.select(Admission).where(*mine, Admission.admitted_at.is_not(None))
    moments = []
    for one in db.session.scalars(query.order_by(Admission.admitted_at.desc()).limit(most)):
        url = url_for("ipd.show", record_id=one.id)
        what, of = one.provisional_dx or one.reason, one.encounter_id
        moments.append(Moment(one.admitted_at, "bed", _("Admitted"), what, url, told_of=of))
        if one.discharged_at:
            moments.append(
                Moment(
                    one.discharged_at, "door-exit", _("Left the ward"), words.DISPOSITIONS[one.disposition], url, "ok"
                )
            )
    return [moment for moment in moments if moment.at < before]


@module.fills("patients.banner", needs=SEES)
def stay_now(patient: Patient) -> list[Fact]:
    """That the patient waits for a bed or is about to leave, isolation, and what was decided for an arrest."""
    one = open_admission_of(patient.id)
    if one is None:
        return []
    icon, tone, word = words.STATES[one.status]
    word = _("Admission requested") if one.status == "requested" else word
    facts = [] if one.status == "admitted" else [Fact(word, icon=icon, tone=tone)]
    if one.isolation:
        facts.append(Fact(_("{kind} isolation", kind=words.ISOLATIONS[one.isolation]), icon="shield", tone="warn"))
    return [*facts, Fact(_("Do not resuscitate"), icon="hand-stop", tone="bad")] if one.code_status == "dnr" else facts


@module.fills("patients.acts", needs="add | register")
def ask_for_a_bed(patient: Patient) -> list[Act]:
    """Asking for a bed, while the patient has none and waits for none."""
    if patient.status != "active" or open_admission_of(patient.id):
        return []
    return [Act(_("Request an admission"), "bed", url_for("ipd.new", patient=patient.id))]


@module.fills("patients.acts", needs=SEES)
def open_the_stay(patient: Patient) -> list[Act]:
    """The way to the stay of somebody who is here."""
    one = open_admission_of(patient.id)
    return [Act(_("Open the stay"), "bed", url_for("ipd.show", record_id=one.id))] if one else []


@module.fills("doctors.my_day", needs=SEES)
def stays_and_rounds(doctor: Doctor) -> list[str]:
    """The inpatients that the doctor is in charge of, and the rounds that are not signed."""
    mine = stays(Admission.status.in_(IN_BED), Admission.attending_id == doctor.id)
    rows = read_stays(mine.order_by(Admission.admitted_at).limit(MOST_OF_A_DAY))
    return [fragment("ipd/_day.html", rows=rows, drafts=rounds_to_sign(doctor), words=words)]


def rounds_to_sign(doctor: Doctor) -> list[sa.Row]:
    """The rounds that the doctor wrote and did not sign, the oldest first, with the stay and the patient."""
    query = sa.select(Round, Admission, Patient).join(Admission, Admission.id == Round.admission_id)
    query = query.join(Patient, Patient.id == Admission.patient_id)
    is_open = (Round.signed_at.is_(None), Round.voided_at.is_(None), Admission.voided_at.is_(None))
    query = query.where(Round.doctor_id == doctor.id, *is_open)
    return list(db.session.execute(query.order_by(Round.at, Round.id).limit(MOST_OF_A_DAY)))


@module.fills("rooms.beds", needs=SEES)
def who_leaves(allocations: list[BedAllocation]) -> list[BedMark]:
    """Who goes home, and when others are expected to, in one query."""
    beds = {one.admission_id: one.active_bed_id for one in allocations if one.admission_id}
    query = sa.select(Admission).where(Admission.id.in_(beds), Admission.status.in_(IN_BED))
    return [mark for one in db.session.scalars(query) for mark in _marks(one, beds[one.id])]


def _marks(one: Admission, bed_id: int) -> list[BedMark]:
    """The badges of one bed: isolation, going home, the day that is expected, and the decision for an arrest."""
    marks = [BedMark(bed_id, _("DNR"), "hand-stop", "unk")] if one.code_status == "dnr" else []
    if one.isolation:
        marks.append(BedMark(bed_id, words.ISOLATIONS[one.isolation], "shield", "warn"))
    if one.status == "discharge_ordered":
        return [*marks, BedMark(bed_id, _("Going home"), "door-exit", "info")]
    leaves = one.expected_discharge_on
    if leaves is None:
        return marks
    return [*marks, BedMark(bed_id, _("out today") if leaves == today() else _("out {day}", day=f"{leaves:%d %b}"))]
