"""A patient is at the desk: the visit, its encounter and the number in the queue are made together."""

from datetime import datetime

import sqlalchemy as sa

from modules.doctors.api import Doctor, active_doctors
from modules.opd.fees import charge
from modules.opd.models import Queue, Token, Visit
from modules.opd.queueing import issue, queue_of
from modules.patients.api import Patient, open_encounter
from modules.staff.api import Department
from portal.kit import Refused, _, db, emit, next_number, now, today


def receive(
    patient: Patient,
    doctor: Doctor,
    *,
    shared: bool = False,
    at: datetime | None = None,
    priority: str = "normal",
    visit_type: str = "new",
    reason: str | None = None,
    appointment_id: int | None = None,
    room_id: int | None = None,
) -> Visit:
    """Register a visit to a doctor with its encounter and its number, with or without an appointment (OPD-6).

    `shared` puts the patient into the queue of the doctor's whole department, from which any of its doctors calls;
    `at` names the session, `room_id` the room to which a queue that begins with this patient is called. Raises
    `Refused` for who has died or waits for this doctor already, and for a doctor who may not treat anybody.
    """
    doctor.hold_active()
    where = {"doctor_id": doctor.id, "department_id": doctor.department_id}
    encounter = open_encounter(patient, "AMB", reason=reason or "", **where)
    encounter.arrive()
    visit = Visit(
        number=next_number("opd_visit", "OP"),
        encounter=encounter,
        patient=patient,
        appointment_id=appointment_id,
        visit_type=visit_type,
        **where,
    )
    db.session.add(visit)
    db.session.flush()
    queue = queue_of(doctor.department if shared else doctor, at or now())
    if room_id and not queue.last_number:
        queue.room_id = room_id
    issue(queue, visit, priority)
    charge(visit)
    emit("opd.arrived", visit)
    return visit


def least_busy(department: Department) -> Doctor:
    """The doctor of a department for whom the fewest wait today; raises `Refused` where there is none."""
    doctors = [one for one in active_doctors(department.id) if one.is_licensed]
    if not doctors:
        raise Refused(_("No doctor of {department} treats patients now", department=department.name), "who")
    waiting = sa.select(Visit.doctor_id, sa.func.count(Visit.id)).join(Token, Token.visit_id == Visit.id)
    waiting = waiting.join(Queue, Queue.id == Token.queue_id).where(Queue.queue_date == today())
    waiting = waiting.where(Token.status.in_(("issued", "called", "skipped"))).group_by(Visit.doctor_id)
    counts = dict(db.session.execute(waiting).all())
    return min(doctors, key=lambda one: (counts.get(one.id, 0), one.id))
