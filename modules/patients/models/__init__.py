"""What is kept of patients: who they are, their visits, their health, and what stands beside it."""

from modules.patients.models.beside import Contact, Identifier, Insurance
from modules.patients.models.clinical import Allergy, Consent, Diagnosis, MedicalHistory
from modules.patients.models.encounters import Encounter
from modules.patients.models.patient import BLOOD_GROUPS, SEX_WORDS, SEXES, STATUSES, MergeLog, Patient

__all__ = [
    "BLOOD_GROUPS",
    "SEXES",
    "SEX_WORDS",
    "STATUSES",
    "Allergy",
    "Consent",
    "Contact",
    "Diagnosis",
    "Encounter",
    "Identifier",
    "Insurance",
    "MedicalHistory",
    "MergeLog",
    "Patient",
]
