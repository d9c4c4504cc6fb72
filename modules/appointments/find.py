"""Finding appointments: by day, doctor, department and state, and by who they are of."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from modules.appointments.models import STATUSES, Appointment
from modules.appointments.own import narrowed
from modules.doctors.api import Doctor
from modules.patients.api import Patient
from portal.kit import day_bounds, day_named, db, now, today
from portal.kit.forms import id_or_none
from portal.kit.search import has_words

FILTERS = ("day", "doctor", "department", "status", "when")
LONGEST_SEARCH = 100
GONE = ("cancelled", "no_show", "rescheduled")


def with_people() -> sa.Select:
    """Appointments with patient, doctor and kind of visit, in one query."""
    query = sa.select(Appointment).join(Appointment.patient)
    doctor = joinedload(Appointment.doctor, innerjoin=True)
    return query.options(
        contains_eager(Appointment.patient),
        doctor,
        joinedload(Appointment.service_type, innerjoin=True),
        joinedload(Appointment.room),
    )


def listed() -> sa.Select:
    """The appointments that the person at work may see; voided ones leave every list."""
    return narrowed(with_people()).where(Appointment.voided_at.is_(None))


def filtered(query: sa.Select, wanted: Mapping[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    day = day_named(wanted.get("day", ""))
    if day:
        begin, end = day_bounds(day)
        query = query.where(Appointment.starts_at >= begin, Appointment.starts_at < end)
    if wanted.get("when") == "today":
        begin, end = day_bounds(today())
        query = query.where(Appointment.starts_at >= begin, Appointment.starts_at < end)
    if wanted.get("when") == "coming":
        query = query.where(Appointment.starts_at > now())
    doctor, department = (id_or_none(wanted.get(name)) for name in ("doctor", "department"))
    if doctor:
        query = query.where(Appointment.doctor_id == doctor)
    if department:
        query = query.where(Appointment.department_id == department)
    if wanted.get("status") in STATUSES:
        query = query.where(Appointment.status == wanted["status"])
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: a number of an appointment or a patient, or words of the patient's name."""
    text = text.strip()[:LONGEST_SEARCH]
    if not text:
        return query
    same = [Appointment.number == text.upper(), Patient.mrn == text.upper()]
    return query.where(sa.or_(*same, has_words(Patient.name_search, text)))


def count_found(**filters: str) -> int:
    """How many appointments the list shows with these filters."""
    query = filtered(listed(), filters).with_only_columns(Appointment.id).order_by(None)
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))


def of_day(day: date, doctor_id: int | None = None, *, until: date | None = None) -> list[Appointment]:
    """The appointments of a day, or of days, in their order, of one doctor or of all, whoever asks."""
    begin, end = day_bounds(day)[0], day_bounds(until or day)[1]
    query = with_people().where(Appointment.starts_at >= begin, Appointment.starts_at < end)
    query = query.where(Appointment.voided_at.is_(None))
    if doctor_id:
        query = query.where(Appointment.doctor_id == doctor_id)
    return list(db.session.scalars(query.order_by(Appointment.starts_at, Appointment.id)))


def departments_of(doctors: list[Doctor]) -> dict[int, str]:
    """The departments of these doctors, by name."""
    found = {one.department_id: one.department.name for one in doctors}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
