"""What appointments show of themselves, and on the pages of patients and doctors."""

from datetime import date, datetime

import sqlalchemy as sa
from flask import request, url_for

from modules.appointments import module, words
from modules.appointments.find import with_people
from modules.appointments.models import Appointment
from modules.appointments.own import narrowed, own_doctor_id
from modules.doctors.api import Doctor
from modules.patients.api import Patient
from portal.kit import (
    Act,
    Column,
    Fact,
    Listing,
    Moment,
    _,
    current_hospital,
    current_user,
    day_bounds,
    db,
    fragment,
    ngettext,
    now,
    today,
)
from portal.kit import life_of as states_of

MOST_EXPECTED = 8
patient_columns = (
    Column("when", _("When"), sort=Appointment.starts_at),
    Column("doctor", _("Doctor")),
    Column("visit", _("Visit")),
    Column("status", _("Status"), sort=Appointment.status),
)


@module.tab(Appointment, "about", _("Appointment"), needs="view | view_own", order=0)
def about(one: Appointment) -> str:
    """When it is, with whom, what for."""
    before = db.session.get(Appointment, one.rescheduled_from_id) if one.rescheduled_from_id else None
    after = db.session.scalar(sa.select(Appointment).where(Appointment.rescheduled_from_id == one.id))
    return fragment("appointments/_about.html", one=one, words=words, before=before, after=after)


@module.tab(Appointment, "life", _("History"), needs="view | view_own", order=10)
def life(one: Appointment) -> str:
    """Every state it was in, and who brought it there."""
    return fragment("appointments/_life.html", one=one, steps=reversed(states_of(one)), words=words)


@module.tab("patients_patient", "appointments", _("Appointments"), needs="view | view_own", order=35)
def of_patient(patient: Patient) -> str:
    """The appointments of a patient, the latest first."""
    query = narrowed(with_people().where(Appointment.patient_id == patient.id))
    listing = Listing(
        query=query,
        columns=patient_columns,
        noun=(_("appointment"), _("appointments")),
        default_sort="-when",
        tie=Appointment.id.desc(),
        kept=("sort", "page", "per_page"),
    )
    return fragment("appointments/_of_patient.html", patient=patient, listing=listing, words=words)


@module.fills("patients.timeline", needs="view | view_own")
def appointments_made(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The appointments of a patient, at the time they were for."""
    query = narrowed(with_people()).where(Appointment.patient_id == patient.id, Appointment.voided_at.is_(None))
    query = query.where(Appointment.starts_at < before, Appointment.status != "rescheduled")
    rows = db.session.scalars(query.order_by(Appointment.starts_at.desc(), Appointment.id.desc()).limit(most))
    return [_moment(one) for one in rows]


def _moment(one: Appointment) -> Moment:
    tone, icon, says = words.STATES[one.status]
    told = " · ".join(filter(None, (str(one.doctor), str(one.service_type), says, one.reason)))
    url = url_for("appointments.show", record_id=one.id)
    return Moment(one.starts_at, icon, _("Appointment"), told, url, tone)


@module.fills("patients.banner", needs="view | view_own")
def expected(patient: Patient) -> list[Fact]:
    """When the patient is expected next."""
    one = next_of(patient.id)
    if one is None:
        return []
    at = one.starts_at.astimezone(current_hospital().zone)
    return [Fact(f"{at.day} {at:%b}, {at:%H:%M}, {one.doctor}", _("Next appointment"))]


def next_of(patient_id: int) -> Appointment | None:
    """The next appointment of a patient that the person at work may see."""
    coming = (Appointment.patient_id == patient_id, Appointment.status == "scheduled", Appointment.starts_at > now())
    query = narrowed(with_people()).where(*coming, Appointment.voided_at.is_(None))
    return db.session.scalar(query.order_by(Appointment.starts_at, Appointment.id).limit(1))


@module.fills("patients.acts", needs="add | follow_up")
def book_for(patient: Patient) -> list[Act]:
    """Book a time for the patient; not for one who died or was merged."""
    if patient.status in ("deceased", "merged"):
        return []
    return [Act(_("Book appointment"), "calendar-plus", url_for("appointments.new", patient=patient.id))]


@module.fills("doctors.my_day", needs="view | view_own", order=20)
def my_appointments(doctor: Doctor) -> list[str]:
    """Whom the doctor expects today."""
    begin, end = day_bounds(today())
    query = with_people().where(Appointment.doctor_id == doctor.id, Appointment.voided_at.is_(None))
    query = query.where(Appointment.starts_at >= begin, Appointment.starts_at < end)
    rows = db.session.scalars(query.where(Appointment.status != "rescheduled").order_by(Appointment.starts_at)).all()
    return [fragment("appointments/_my_day.html", rows=rows, words=words)]


@module.fills("opd.desk", needs="view | view_own")
def expected_at_the_desk(day: date) -> list[str]:
    """Who is still to come to the clinics of a day, each with the check-in; who is late stands first."""
    begin, end = day_bounds(day)
    query = narrowed(with_people()).where(Appointment.starts_at >= begin, Appointment.starts_at < end)
    query = query.where(Appointment.status == "scheduled", Appointment.kind != "virtual")
    query = query.where(Appointment.voided_at.is_(None)).order_by(Appointment.starts_at, Appointment.id)
    rows = db.session.scalars(query.limit(MOST_EXPECTED + 1)).all()
    more = len(rows) > MOST_EXPECTED
    shown = {"rows": rows[:MOST_EXPECTED], "more": more, "day": day, "late": now()}
    return [fragment("appointments/_expected.html", back=request.path, words=words, **shown)]


@module.fills("staff.duties", needs="view")
def to_hand_over(member) -> list[Act]:
    """The appointments to come of a doctor who leaves (STF-2)."""
    doctor = sa.select(Doctor.id).where(Doctor.staff_id == member.id)
    coming = (Appointment.doctor_id.in_(doctor), Appointment.status == "scheduled", Appointment.starts_at > now())
    count, one = db.session.execute(
        sa.select(sa.func.count(Appointment.id), sa.func.min(Appointment.doctor_id)).where(*coming)
    ).one()
    if not count or not current_user.may("appointments.view") or own_doctor_id() is not None:
        return []
    url = url_for("appointments.listing", doctor=one, status="scheduled")
    return [Act(ngettext("{count} appointment to come", "{count} appointments to come", count), "calendar", url)]
