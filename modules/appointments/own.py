"""What is whose: doctors who may see their own appointments alone get a query that holds no others."""

import sqlalchemy as sa
from flask import abort

from modules.appointments.models import Appointment
from modules.doctors.api import Doctor, find_own
from portal.kit import current_user, get_or_404

NOBODY = 0


def sees_all() -> bool:
    """The person at work may see everybody's appointments."""
    return current_user.may("appointments.view")


def own_doctor_id() -> int | None:
    """The doctor to whom everything is narrowed; None for who may see all of it."""
    if sees_all():
        return None
    doctor = find_own()
    return doctor.id if doctor else NOBODY


def narrowed(query: sa.Select) -> sa.Select:
    """The query with the appointments that the person at work may see."""
    mine = own_doctor_id()
    return query if mine is None else query.where(Appointment.doctor_id == mine)


def doctors_shown(doctors: list[Doctor]) -> list[Doctor]:
    """The doctors of whom the person at work may see the appointments."""
    mine = own_doctor_id()
    return doctors if mine is None else [one for one in doctors if one.id == mine]


def get_visible(record_id: int) -> Appointment:
    """The appointment with this id; 404 where there is none, 403 for somebody else's."""
    appointment = get_or_404(Appointment, record_id)
    if own_doctor_id() not in (None, appointment.doctor_id):
        abort(403)
    return appointment
