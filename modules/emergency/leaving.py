"""What becomes of a patient: home, to a ward, elsewhere, or dead."""

from datetime import datetime

from modules.doctors.api import get_doctor
from modules.emergency.models import Visit
from portal.kit import Refused, _


def decide(visit: Visit, disposition: str, note: str = "") -> Visit:
    """Let the patient go, or wait for a bed; `er.awaiting_bed` asks for the admission (ER-7, ER-8)."""
    if note:
        visit.note = note
    if disposition == "admitted" and visit.status != "awaiting_bed":
        visit.await_bed()
    else:
        visit.depart(disposition)
    return visit


def record_death(visit: Visit, at: datetime, doctor_id: int) -> Visit:
    """The patient has died: with the time and the doctor, and nothing that was ordered goes on (ER-9)."""
    if get_doctor(doctor_id) is None:
        raise Refused(_("Select a doctor"), "doctor_id")
    visit.record_death(at, doctor_id)
    patient = visit.patient
    if patient.status != "deceased":
        patient.record_death(at)
    return visit
