"""What outpatient work does when something happens elsewhere: check-ins, vital signs, results."""

import sqlalchemy as sa

from modules.doctors.api import get_doctor
from modules.opd.arrivals import receive
from modules.opd.fees import take_back
from modules.opd.models import Visit
from modules.opd.models.visits import WAITING
from modules.patients.api import Patient
from portal.kit import Record, db, on


@on("appointment.checked_in")
def receive_who_is_checked_in(appointment: Record) -> None:
    """Who comes to an appointment gets a visit and a number; a video visit has a session of its own instead."""
    if appointment.kind == "virtual":
        return
    receive(
        db.session.get_one(Patient, appointment.patient_id),
        get_doctor(appointment.doctor_id),
        at=appointment.starts_at,
        priority="normal" if appointment.priority == "routine" else "urgent",
        visit_type="follow_up" if appointment.kind == "follow_up" else "new",
        reason=appointment.reason,
        appointment_id=appointment.id,
    )


@on("appointment.cancelled")
def let_go_who_cancelled(appointment: Record) -> None:
    """An appointment that is called off after the check-in takes the visit with it."""
    visit = db.session.scalar(sa.select(Visit).where(Visit.appointment_id == appointment.id))
    if visit and visit.status in WAITING:
        visit.leave()


@on("vitals.recorded")
def note_vital_signs(vitals: Record) -> None:
    """A nurse has taken the vital signs of somebody who waits."""
    visit = visit_of(vitals.encounter_id)
    if visit and visit.status == "registered":
        visit.record_vitals()


@on("lab.verified")
@on("imaging.reported")
def bring_back_to_the_front(order: Record) -> None:
    """The results are there: the patient is called next by the same doctor (OPD-7)."""
    visit = visit_of(order.encounter_id)
    token = visit and visit.status == "awaiting_results" and visit.token
    if token and token.waits_for_results:
        token.come_back()


@on("opd.left")
def give_the_fee_back(visit: Visit) -> None:
    """A visit that did not take place is not charged, and does not use a covered one (OPD-8)."""
    take_back(visit)


def visit_of(encounter_id: int) -> Visit | None:
    """The visit that owns an encounter; None where another module does."""
    return db.session.scalar(sa.select(Visit).where(Visit.encounter_id == encounter_id))
