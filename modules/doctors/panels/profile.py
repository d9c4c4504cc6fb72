"""The tabs of a doctor: profile, hours, patients, activity."""

from collections import defaultdict

import sqlalchemy as sa

from modules.doctors import module
from modules.doctors.forms.doctor import EditForm
from modules.doctors.models import Doctor
from modules.doctors.words import SKILLS
from modules.patients.api import Encounter, Patient
from portal.kit import Record, _, current_user, db, fragment, history_of, today
from portal.kit.profile import hospital_profile

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
MODES = {"in_person": _("in person"), "virtual": _("by video"), "both": _("in person or by video")}
MOST = 50
ENDED = ("finished", "cancelled")


@module.tab(Doctor, "profile", _("Profile"), needs="view", order=0)
def profile(doctor: Doctor) -> str:
    """Field, licence, fees and what the doctor does."""
    skills = [words for name, words in SKILLS.items() if getattr(doctor, name)]
    currency = hospital_profile().currency if current_user.may("doctors.fee_view") else None
    return fragment("doctors/_profile.html", doctor=doctor, skills=skills, today=today(), currency=currency)


@module.tab(Doctor, "schedule", _("Hours"), needs="view", order=10)
def schedule(doctor: Doctor) -> str:
    """When the doctor can be booked, by weekday; the hours are those of the appointments."""
    return fragment("doctors/_schedule.html", doctor=doctor, days=hours_of(doctor), weekdays=WEEKDAYS, modes=MODES)


def hours_of(doctor: Doctor) -> dict[int, list[sa.Row]]:
    """The hours of each weekday that are in use today."""
    table = Record.metadata.tables["appointments_schedule"]
    now_valid = sa.and_(
        table.c.is_active,
        table.c.valid_from <= today(),
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to >= today()),
    )
    query = sa.select(table).where(table.c.doctor_id == doctor.id, now_valid)
    days = defaultdict(list)
    for row in db.session.execute(query.order_by(table.c.weekday, table.c.start_time)):
        days[row.weekday].append(row)
    return days


@module.tab(Doctor, "patients", _("Patients"), needs="prescription_view | prescription_view_own", order=20)
def patients(doctor: Doctor) -> str:
    """Who is with the doctor now, then who was last."""
    return fragment("doctors/_patients.html", visits=visits_with(doctor, most=MOST), doctor=doctor)


def visits_with(doctor: Doctor, *conditions: sa.ColumnElement[bool], most: int) -> list[sa.Row]:
    """The visits with a doctor and their patients: open ones first, then the latest."""
    query = sa.select(Encounter, Patient).join(Patient, Patient.id == Encounter.patient_id)
    is_open = sa.case((Encounter.status.in_(ENDED), 1), else_=0)
    query = query.where(Encounter.doctor_id == doctor.id, *conditions)
    return list(db.session.execute(query.order_by(is_open, Encounter.started_at.desc(), Encounter.id).limit(most)))


@module.tab(Doctor, "activity", _("Activity"), needs="change", order=90)
def activity(doctor: Doctor) -> str:
    """What was changed of the profile, and by whom."""
    return fragment("records/history.html", history=history_of(doctor, EditForm(formdata=None)))
