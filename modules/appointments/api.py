"""What other modules may ask about appointments, and have them book, begin and complete."""

from datetime import date

from flask import url_for

from modules.appointments.absences import add_exception, clashes_with
from modules.appointments.booking import book, move, walk_in
from modules.appointments.find import of_day
from modules.appointments.free import free_times
from modules.appointments.models import Appointment, ServiceType
from modules.appointments.panels import next_of
from portal.kit import db

__all__ = [
    "Appointment",
    "ServiceType",
    "add_exception",
    "appointments_of",
    "book",
    "booking_url",
    "clashes_with",
    "complete",
    "free_times",
    "get_appointment",
    "move",
    "next_of",
    "start",
    "walk_in",
]


def appointments_of(day: date, doctor_id: int | None = None) -> list[Appointment]:
    """The appointments of a day with patient, doctor and kind of visit, in their order."""
    return of_day(day, doctor_id)


def get_appointment(appointment_id: int | None) -> Appointment | None:
    """The appointment with this id; None where there is none."""
    return db.session.get(Appointment, appointment_id) if appointment_id else None


def start(appointment_id: int) -> Appointment:
    """The doctor sees the patient; raises `WrongState` where the patient was not checked in."""
    appointment = db.session.get_one(Appointment, appointment_id)
    appointment.start()
    return appointment


def complete(appointment_id: int) -> Appointment:
    """The consultation is over; raises `WrongState` where it did not begin."""
    appointment = db.session.get_one(Appointment, appointment_id)
    appointment.complete()
    return appointment


def booking_url(
    patient_id: int | None = None, doctor_id: int | None = None, *, day: date | None = None, kind: str | None = None
) -> str:
    """The form that books a time, with the patient, the doctor, the day and how it is held filled in."""
    return url_for("appointments.new", patient=patient_id, doctor=doctor_id, day=day, kind=kind)
