"""The visits of a patient as pages show them: each with the names of its doctor and its department, in one query."""

from datetime import datetime

import sqlalchemy as sa

from modules.patients.models import Patient
from modules.patients.models.encounters import ENDED, STATUS_WORDS, Encounter
from portal.kit import Column, Fact, Listing, _, current_hospital, db, today

CLASS_ICONS = {"AMB": "stethoscope", "IMP": "bed", "EMER": "ambulance", "VR": "video"}
STATUS_TONES = {
    "planned": "unk",
    "arrived": "info",
    "triaged": "info",
    "in_progress": "act",
    "finished": "ok",
    "cancelled": "unk",
}
columns = (
    Column("visit", _("Visit"), sort=Encounter.encounter_class),
    Column("status", _("Status"), sort=Encounter.status),
    Column("doctor", _("Doctor")),
    Column("department", _("Department")),
    Column("from", _("From"), sort=Encounter.started_at),
    Column("to", _("To"), sort=Encounter.ended_at),
)


def visits_of(patient: Patient) -> sa.Select:
    """Every visit with its doctor's and its department's name, which are other modules' tables, known here by name."""
    tables = Encounter.metadata.tables
    doctor, member, department = (tables[name] for name in ("doctors_doctor", "staff_staff", "staff_department"))
    named = member.c.first_name + " " + member.c.last_name
    return (
        sa.select(Encounter, named.label("doctor"), department.c.name.label("department"))
        .outerjoin(doctor, doctor.c.id == Encounter.doctor_id)
        .outerjoin(member, member.c.id == doctor.c.staff_id)
        .outerjoin(department, department.c.id == Encounter.department_id)
        .where(Encounter.patient_id == patient.id)
    )


def count_visits(patient: Patient) -> int:
    """How many visits the tab lists."""
    return db.session.scalar(sa.select(sa.func.count(Encounter.id)).where(Encounter.patient_id == patient.id))


def visit_list(patient: Patient) -> Listing:
    """The list of the tab, the latest first."""
    return Listing(
        query=visits_of(patient),
        columns=columns,
        noun=(_("visit"), _("visits")),
        default_sort="-from",
        tie=Encounter.id.desc(),
        kept=("sort", "page", "per_page"),
        rows=lambda query: db.session.execute(query),
    )


def visits_before(patient: Patient, before: datetime, most: int) -> list[sa.Row]:
    """The latest visits that began before a moment."""
    query = visits_of(patient).where(Encounter.started_at < before)
    return list(db.session.execute(query.order_by(Encounter.started_at.desc(), Encounter.id.desc()).limit(most)))


def open_visits(patient: Patient) -> list[Fact]:
    """What the banner says of the visits that the patient is here for, and who cares for them."""
    here = visits_of(patient).where(Encounter.status.not_in(("planned", *ENDED))).order_by(Encounter.started_at.desc())
    facts = []
    for row in db.session.execute(here):
        visit = row.Encounter
        facts.append(Fact(in_words(visit), _("Open visit"), CLASS_ICONS[visit.encounter_class], "info"))
        if row.doctor:
            facts.append(Fact(doctor_in_words(row.doctor), _("Consultant")))
    return facts


def in_words(visit: Encounter) -> str:
    """Such as “Inpatient stay, day 2” while somebody stays, else “Outpatient visit, in progress”."""
    if visit.encounter_class == "IMP":
        begun = visit.started_at.astimezone(current_hospital().zone).date()
        return _("{visit}, day {count}", visit=visit, count=(today() - begun).days + 1)
    return f"{visit}, {STATUS_WORDS[visit.status].lower()}"


def doctor_in_words(name: str | None) -> str:
    """How a doctor is called; empty where there is none."""
    return _("Dr {name}", name=name) if name else ""
