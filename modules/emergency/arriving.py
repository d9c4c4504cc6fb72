"""Who comes: the visit with its encounter, and people whom nobody knows yet."""

from datetime import date

from modules.emergency.models import Visit
from modules.patients.api import Patient, open_encounter
from portal.kit import _, db, emit, next_number, now, today

UNKNOWN = {
    "male": _("male (approx. {age})"),
    "female": _("female (approx. {age})"),
    "other": _("person (approx. {age})"),
    "unknown": _("person (approx. {age})"),
}


def register_arrival(patient: Patient, complaint: str, arrival_mode: str = "walk_in", **facts) -> Visit:
    """A patient has come to the emergency department.

    Raises `Refused` for somebody who has an open emergency visit (ER-6), has died or was merged.
    """
    at = now()
    if patient.status == "inactive":
        patient.reactivate()
    encounter = open_encounter(patient, "EMER", started_at=at, reason=complaint)
    encounter.arrive()
    facts |= {"complaint": complaint, "arrival_mode": arrival_mode, "arrived_at": at}
    visit = Visit(number=next_number("emergency_visit", "ER"), encounter_id=encounter.id, **facts)
    visit.patient_id = patient.id
    db.session.add(visit.number_case())
    db.session.flush()
    emit("er.arrived", visit)
    return visit


def register_unidentified(sex: str, age: int) -> Patient:
    """Give somebody whom nobody knows a real number; who it is, is found out and merged later (ER-3)."""
    born = date(today().year - age, 1, 1)
    name = {"first_name": _("Unknown"), "last_name": UNKNOWN[sex].format(age=age)}
    return Patient(**name, sex=sex, birth_date=born, birth_date_estimated=True, is_temporary=True).register()
