"""What becomes of a patient: home, to a ward, elsewhere, or dead."""

from datetime import datetime

from modules.doctors.api import get_doctor
from modules.emergency.models import Visit
from modules.emergency.triaging import URGENT
from modules.emergency.words import DISPOSITIONS
from modules.ipd.api import Admission, open_admission_of, request_admission
from portal.kit import Refused, _


def decide(visit: Visit, disposition: str, note: str = "") -> Visit:
    """Let the patient go, or ask the wards for a bed and wait for it (ER-7, ER-8)."""
    if note:
        visit.note = note
    if disposition == "admitted" and visit.status != "awaiting_bed":
        visit.await_bed()
        ask_for_bed(visit)
    else:
        visit.depart(disposition)
    return visit


def ask_for_bed(visit: Visit) -> Admission:
    """The admission that the patient waits for: the one that is open already, or a new one (ER-8)."""
    known = open_admission_of(visit.patient_id)
    if known is not None:
        return known
    doctor = get_doctor(visit.doctor_id)
    priority = "emergency" if visit.triage_level in URGENT else "urgent"
    asked = (visit.patient, visit.encounter, doctor, doctor.department_id, visit.complaint, "emergency")
    return request_admission(*asked, priority=priority)


def leave_for_the_ward(visit: Visit, doctor_id: int) -> None:
    """The visit ends with the admission; a patient whom nobody has seen here is seen by the doctor of the ward.

    Who was not triaged yet stays on the board: the nurse says what became of the arrival.
    """
    if visit.status == "triaged":
        visit.see(doctor_id)
    if visit.status != "arrived":
        visit.depart("admitted")


def need_no_bed(visit: Visit) -> None:
    """Who waited for a bed and went elsewhere is not awaited on the ward any more."""
    admission = open_admission_of(visit.patient_id)
    if visit.disposition == "admitted" or admission is None or not admission.is_waiting:
        return
    if admission.encounter.parent_id == visit.encounter_id:
        admission.cancel(note=DISPOSITIONS[visit.disposition])


def record_death(visit: Visit, at: datetime, doctor_id: int) -> Visit:
    """The patient has died: with the time and the doctor, and nothing that was ordered goes on (ER-9)."""
    if get_doctor(doctor_id) is None:
        raise Refused(_("Select a doctor"), "doctor_id")
    visit.record_death(at, doctor_id)
    patient = visit.patient
    if patient.status != "deceased":
        patient.record_death(at)
    return visit
