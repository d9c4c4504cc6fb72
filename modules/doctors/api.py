"""What other modules may ask about doctors, and have them prescribe."""

from flask import url_for

from modules.doctors.allergies import DrugWarning, allergy_matches, refuse_allergic
from modules.doctors.doses import amount, dose_in_words, quantity_of
from modules.doctors.find import active_doctors, doctor_choices, find_own, get_doctor, prescriptions_of
from modules.doctors.models import Doctor, Prescription, PrescriptionItem, Referral, Specialization
from modules.doctors.models.prescription import RUNNING
from modules.doctors.notes import break_glass, may_open_notes
from modules.doctors.opening import ask_why_or_403, may_ask, opens_notes
from modules.doctors.prescriptions_seed import invent_prescriptions
from modules.doctors.stopping import stop_prescriptions

__all__ = [
    "RUNNING",
    "Doctor",
    "DrugWarning",
    "Prescription",
    "PrescriptionItem",
    "Referral",
    "Specialization",
    "active_doctors",
    "allergy_matches",
    "amount",
    "ask_why_or_403",
    "break_glass",
    "break_glass_url",
    "doctor_choices",
    "dose_in_words",
    "find_own",
    "get_doctor",
    "invent_prescriptions",
    "may_ask",
    "may_open_notes",
    "opens_notes",
    "prescribe_url",
    "prescriptions_of",
    "quantity_of",
    "refer_url",
    "refuse_allergic",
    "refuse_unlicensed",
    "stop_prescriptions",
]


def refuse_unlicensed(doctor: Doctor) -> None:
    """Raise `Refused` where the doctor's licence has ended: no bookings, no signatures (DOC-1).

    Who books time of a doctor calls `doctor.hold_active()` instead: it takes the doctor's row first, and refuses an
    inactive doctor too, so that nobody becomes inactive between the check and the commit (DOC-7).
    """
    doctor.refuse_unlicensed()


def prescribe_url(encounter_id: int) -> str:
    """The prescription pad of a visit."""
    return url_for("doctors.pad", encounter_id=encounter_id)


def refer_url(encounter_id: int) -> str:
    """The form that refers the patient of a visit to somebody else."""
    return url_for("doctors.referral_new", encounter_id=encounter_id)


def break_glass_url(patient_id: int) -> str:
    """The page that asks for a reason before the notes of somebody else's patient are opened (DOC-6)."""
    return url_for("doctors.glass", patient_id=patient_id)
