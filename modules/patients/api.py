"""What other modules may ask about patients."""

import sqlalchemy as sa

from modules.patients.find import filtered, listed
from modules.patients.models import Patient
from modules.patients.models.beside import Contact, Insurance
from modules.patients.models.clinical import Allergy, Diagnosis, MedicalHistory
from modules.patients.models.encounters import Encounter
from modules.patients.picking import PickPatient, patient_options
from portal.kit import db

__all__ = [
    "Allergy",
    "Contact",
    "Diagnosis",
    "Encounter",
    "MedicalHistory",
    "Patient",
    "PickPatient",
    "count_patients",
    "diagnose",
    "diagnoses_of",
    "insure",
    "latest_patients",
    "open_encounter",
    "patient_options",
]


def count_patients(**filters: str) -> int:
    """How many patients the list shows with these filters, such as `registered="today"`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(filtered(listed(), filters).subquery()))


def latest_patients(count: int) -> list[Patient]:
    """The patients registered last, newest first."""
    return list(db.session.scalars(listed().order_by(Patient.created_at.desc(), Patient.id.desc()).limit(count)))


def open_encounter(patient: Patient, encounter_class: str, **facts) -> Encounter:
    """Plan a visit (AMB, IMP, EMER or VR) for the module that owns it; see `Encounter.open` for what refuses it."""
    return Encounter.open(patient, encounter_class, **facts)


def insure(patient: Patient, **facts) -> Insurance:
    """Add a policy, as a draft, for the module that knows the insurers; see `Insurance.add` for what refuses it."""
    return Insurance(patient=patient, **facts).add()


def diagnose(encounter: Encounter, **facts) -> Diagnosis:
    """Record a diagnosis in an encounter; see `Diagnosis.add` for what refuses it."""
    return Diagnosis(encounter_id=encounter.id, patient_id=encounter.patient_id, **facts).add()


def diagnoses_of(encounter_id: int) -> list[Diagnosis]:
    """The diagnoses of an encounter, the main one first."""
    query = sa.select(Diagnosis).where(Diagnosis.encounter_id == encounter_id, Diagnosis.voided_at.is_(None))
    return list(db.session.scalars(query.order_by(Diagnosis.is_primary.desc(), Diagnosis.id)))
