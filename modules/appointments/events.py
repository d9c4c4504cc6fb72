"""What appointments have to say when something happens elsewhere, and what one that is called off brings about."""

import sqlalchemy as sa

from modules.appointments import jobs
from modules.appointments.models import Appointment, Schedule
from modules.appointments.waiting import offer
from portal.kit import Record, Refused, _, db, held, now, on, today

__all__ = ["jobs"]
DOCTORS = sa.table("doctors_doctor", sa.column("id"), sa.column("department_id"))


@on("department.closing")
def keep_hours_in_a_department(department: Record) -> None:
    """A department whose doctors can still be booked cannot be closed (STF-3)."""
    doctors = sa.select(DOCTORS.c.id).where(DOCTORS.c.department_id == department.id)
    lasting = sa.or_(Schedule.valid_to.is_(None), Schedule.valid_to >= today())
    hours = sa.select(Schedule.id).where(Schedule.doctor_id.in_(doctors), Schedule.is_active, lasting)
    if db.session.scalar(hours.limit(1)):
        raise Refused(_("Its doctors have hours in which they can be booked. End those first"), "is_active")


@on("appointment.cancelled")
@on("appointment.rescheduled")
def offer_the_time(appointment: Appointment) -> None:
    """Whoever waits for such a time is offered the one that became free."""
    offer(appointment)


@on("patient.deceased")
def cancel_what_was_to_come(patient: Record) -> None:
    """Nobody expects a patient who has died."""
    coming = sa.and_(
        Appointment.patient_id == patient.id,
        Appointment.status.in_(("requested", "scheduled")),
        Appointment.starts_at > now(),
        Appointment.voided_at.is_(None),
    )
    for one in db.session.scalars(held(sa.select(Appointment).where(coming).order_by(Appointment.id))).all():
        one.cancel("hospital", _("The patient has died"))


@on("opd.in_consultation")
def start_with_the_visit(visit: Record) -> None:
    """The doctor sees who was booked; who comes back with results is seen already (OPD-7)."""
    appointment = _appointment_of(visit)
    if appointment is not None and appointment.status == "checked_in":
        appointment.start()


@on("opd.completed")
def complete_with_the_visit(visit: Record) -> None:
    """The consultation of an appointment ends with its visit, or neither does (OPD-4)."""
    appointment = _appointment_of(visit)
    if appointment is not None and appointment.status == "in_consultation":
        appointment.complete()


def _appointment_of(visit: Record) -> Appointment | None:
    return db.session.get(Appointment, visit.appointment_id) if visit.appointment_id else None
