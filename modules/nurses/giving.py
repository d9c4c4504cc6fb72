"""Giving a dose: once, in time, of a drug that was not stopped and does no harm, with a witness where it needs one."""

from decimal import Decimal

import sqlalchemy as sa

from modules.doctors.api import RUNNING, DrugWarning, PrescriptionItem, allergy_matches
from modules.nurses.models import MedicationAdministration
from modules.nurses.slots import is_as_needed
from portal.kit import Record, Refused, _, current_hospital, current_user, db, held, now
from portal.kit.claims import claim
from portal.kit.people import User, who_may

WITNESS = "nurses.witness"
STOPPED = ("stopped", "cancelled")


def give_dose(
    dose: MedicationAdministration, *, dose_given: Decimal, witness_id: int | None = None, batch_id: int | None = None
) -> MedicationAdministration:
    """Give a dose that is due (NUR-1).

    Raises `WrongState` where somebody gave it already, and `Refused` more than an hour early, after the drug was
    stopped (NUR-2), without the witness that it needs (NUR-3), and where an allergy was recorded since.
    """
    item = _held(dose.prescription_item_id)
    if dose.is_early:
        at = f"{dose.due_at.astimezone(current_hospital().zone):%H:%M}"
        raise Refused(_("It is too early: the dose is due at {at}, and may be given one hour before", at=at))
    _refuse_stopped(item)
    _refuse_harmful(dose.patient_id, item)
    _refuse_unwitnessed(item, witness_id)
    dose.give(dose_given, witness_id, batch_id)
    return dose


def give_as_needed(item: PrescriptionItem, **facts) -> MedicationAdministration:
    """Give a dose of a drug that is given when needed; of two nurses in one minute one gives it."""
    prescription = item.prescription
    if not is_as_needed(item):
        raise Refused(_("{drug} has set times. Give the dose that is due", drug=item))
    if prescription.status not in RUNNING or prescription.voided_at:
        raise Refused(_("{drug} is not to be given any more", drug=item))
    of = {"patient_id": prescription.patient_id, "encounter_id": prescription.encounter_id}
    at = now().replace(second=0, microsecond=0)
    dose = MedicationAdministration(prescription_item_id=item.id, due_at=at, **of)
    claim(dose, _("Somebody gave {drug} just now", drug=item))
    return give_dose(dose, **facts)


def warnings_of(dose_or_item: MedicationAdministration | PrescriptionItem) -> list[DrugWarning]:
    """The allergies that the drug matches now, asked again when it is given (DOC-2)."""
    item = dose_or_item if isinstance(dose_or_item, PrescriptionItem) else dose_or_item.item
    return allergy_matches(item.prescription.patient_id, item.item_id, item.drug_text)


def is_controlled(item: PrescriptionItem) -> bool:
    """The catalogue says that the drug is controlled; one that was only typed is not known to be."""
    return item.item_id is not None and bool(controlled_of([item.item_id]))


def controlled_of(item_ids: list[int]) -> set[int]:
    """Which of these items of the catalogue are controlled."""
    items = Record.metadata.tables["inventory_item"]
    return set(db.session.scalars(sa.select(items.c.id).where(items.c.id.in_(item_ids), items.c.is_controlled)))


def witnesses() -> list[User]:
    """Who may witness what the person at work gives (NUR-3)."""
    return [user for user in who_may(WITNESS) if user.id != current_user.id]


def _held(item_id: int) -> PrescriptionItem:
    """The drug as it is now, held: nobody stops it before this transaction ends."""
    return db.session.scalars(held(sa.select(PrescriptionItem).where(PrescriptionItem.id == item_id))).one()


def _refuse_stopped(item: PrescriptionItem) -> None:
    if item.status in STOPPED or item.voided_at:
        raise Refused(_("{drug} was stopped. It must not be given any more", drug=item))


def _refuse_harmful(patient_id: int, item: PrescriptionItem) -> None:
    """What is known of allergies is asked again; what the doctor gave a reason for may be given."""
    warnings = [] if item.allergy_override_reason else allergy_matches(patient_id, item.item_id, item.drug_text)
    if warnings:
        raise Refused(_("{warning}. Hold the dose and ask the doctor", warning=warnings[0].sentence))


def _refuse_unwitnessed(item: PrescriptionItem, witness_id: int | None) -> None:
    if not is_controlled(item):
        return
    if witness_id is None:
        raise Refused(_("{drug} is controlled. Select who witnesses it", drug=item), "witness_id")
    if witness_id not in {user.id for user in witnesses()}:
        raise Refused(_("The witness must be somebody else who may witness controlled drugs"), "witness_id")
