"""Picking a patient for another module's record, by name, number or phone."""

from modules.patients.find import listed, searched
from modules.patients.models import Patient
from portal.kit import _, db
from portal.kit.pickers import MOST_FOUND, Option, PickRecord


def patient_options(text: str, patient_id: int | None) -> list[Option]:
    """The patients whom a text finds, or the one with this id."""
    query = listed().where(Patient.id == patient_id) if patient_id else searched(listed(), text)
    found = db.session.scalars(query.order_by(Patient.name_search, Patient.id).limit(MOST_FOUND))
    return [Option(one.id, one.full_name, f"{one.mrn} · {one.age_and_sex}") for one in found]


class PickPatient(PickRecord):
    """The patient whom a record is about."""

    def __init__(self, label: str = _("Patient"), sentence: str = _("Find and select a patient"), **kwargs):
        super().__init__(label, sentence, options=patient_options, endpoint="patients.pick", **kwargs)
