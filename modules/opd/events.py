"""What outpatient work does about check-ins, vital signs and results, and what else its own moves mean."""

import sqlalchemy as sa

from modules.doctors.api import get_doctor
from modules.opd.arrivals import receive
from modules.opd.fees import take_back
from modules.opd.models import Queue, Visit
from modules.opd.models.visits import WAITING
from modules.patients.api import Patient
from portal.kit import Record, db, held, hold, on


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
        room_id=appointment.room_id,
    )


@on("appointment.cancelled")
def let_go_who_cancelled(appointment: Record) -> None:
    """An appointment that is called off after the check-in takes the visit with it."""
    visit = db.session.scalar(held(sa.select(Visit).where(Visit.appointment_id == appointment.id)))
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


@on("opd.vitals_done")
def tell_the_encounter(visit: Visit) -> None:
    """A nurse has seen the patient."""
    if visit.encounter.status == "arrived":
        visit.encounter.triage()


@on("opd.awaiting_results")
def free_the_counter(visit: Visit) -> None:
    """The next patient can be called to the room (OPD-7)."""
    if visit.token and visit.token.status == "serving":
        visit.token.serving_key = None


@on("opd.left")
def end_what_was_planned(visit: Visit) -> None:
    """Who left holds no number and has no encounter; the visit is not charged, and uses no covered one (OPD-8)."""
    hold(visit.token)
    if visit.token and visit.token.status == "skipped":
        visit.token.requeue()
    if visit.token and visit.token.status in ("issued", "called"):
        visit.token.cancel()
    visit.encounter.cancel()
    take_back(visit)


@on("queue.closed")
def keep_who_waits(queue: Queue) -> None:
    """A queue in which somebody waits is not closed."""
    queue.refuse_waiting()


def visit_of(encounter_id: int) -> Visit | None:
    """The visit that owns an encounter, held; None where another module does."""
    return db.session.scalar(held(sa.select(Visit).where(Visit.encounter_id == encounter_id)))
