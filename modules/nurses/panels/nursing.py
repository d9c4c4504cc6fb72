"""The tab of notes and tasks on the page of a patient, and the tabs of a nurse."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import url_for

from modules.nurses import module
from modules.nurses.assigning import carers_of
from modules.nurses.find import refuse_other_wards
from modules.nurses.forms.nurse import EditForm
from modules.nurses.models import Assignment, Note, Nurse, Task
from modules.nurses.models.care import TO_DO
from modules.nurses.panels.patient import open_visit
from modules.nurses.shifts import shift_choices
from modules.nurses.words import NOTE_KINDS, PHASE_WORDS, PRIORITIES, ROLE_WORDS, TASK_STATES
from modules.patients.api import Encounter, Patient
from portal.kit import Act, Moment, _, db, fragment, history_of, today
from portal.kit.people import User

SEES = "view | view_own"
MOST = 100
SHOWN_BEFORE = timedelta(days=14)


def count_to_do(patient: Patient) -> int:
    """How much is to be done for the patient."""
    mine = (Task.patient_id == patient.id, Task.status.in_(TO_DO), Task.voided_at.is_(None))
    return db.session.scalar(sa.select(sa.func.count(Task.id)).where(*mine))


@module.tab("patients_patient", "nursing", _("Nursing"), needs=SEES, order=42, count=count_to_do)
def nursing(patient: Patient) -> str:
    """What is to be done, and what nurses noted."""
    refuse_other_wards(patient.id)
    tasks = sa.select(Task).where(Task.patient_id == patient.id, Task.voided_at.is_(None))
    is_over = sa.case((Task.status.in_(TO_DO), 0), else_=1)
    tasks = db.session.scalars(tasks.order_by(is_over, Task.due_at.desc(), Task.id).limit(MOST)).all()
    words = {"states": TASK_STATES, "phases": PHASE_WORDS, "priorities": PRIORITIES, "kinds": NOTE_KINDS}
    visit = open_visit(patient)
    carer = carers_of([visit.id]).get(visit.id) if visit else None
    shown = {"patient": patient, "tasks": tasks, "notes": notes_of(patient), "visit": visit, "carer": carer}
    return fragment("nurses/_nursing.html", **shown, **words)


def notes_of(patient: Patient, *conditions: sa.ColumnElement[bool], most: int = MOST) -> list[sa.Row]:
    """The notes of a patient with who wrote them, the newest first."""
    query = (
        sa.select(Note, User.first_name, User.last_name)
        .join(Encounter, Encounter.id == Note.encounter_id)
        .outerjoin(User, User.id == Note.created_by)
        .where(Encounter.patient_id == patient.id, Note.voided_at.is_(None), *conditions)
    )
    return list(db.session.execute(query.order_by(Note.at.desc(), Note.id.desc()).limit(most)))


@module.fills("patients.timeline", needs=SEES)
def noted(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The notes of nurses, when they were written."""
    url = url_for("patients.show", record_id=patient.id, tab="nursing")
    rows = notes_of(patient, Note.at < before, most=most)
    return [Moment(row.Note.at, "notes", NOTE_KINDS[row.Note.kind], row.Note.body[:120], url) for row in rows]


@module.fills("patients.acts", needs="dose_view")
def open_medicines(patient: Patient) -> list[Act]:
    """The medicines of who stays on a ward."""
    visit = open_visit(patient)
    if visit is None or visit.encounter_class != "IMP":
        return []
    return [Act(_("Medicines"), "pill", url_for("nurses.medicines", encounter_id=visit.id))]


@module.tab(Nurse, "shifts", _("Shifts"), needs=SEES, order=0)
def shifts_of(nurse: Nurse) -> str:
    """Where the nurse works, from two weeks ago on."""
    query = sa.select(Assignment).where(
        Assignment.nurse_id == nurse.id, Assignment.shift_date >= today() - SHOWN_BEFORE
    )
    rows = db.session.scalars(query.order_by(Assignment.shift_date.desc(), Assignment.id)).all()
    return fragment("nurses/_shifts.html", rows=rows, shifts=shift_choices(), roles=ROLE_WORDS)


@module.tab(Nurse, "activity", _("Activity"), needs="nurse_change", order=90)
def activity(nurse: Nurse) -> str:
    """What was changed of the entry, and by whom."""
    return fragment("records/history.html", history=history_of(nurse, EditForm(formdata=None)))
