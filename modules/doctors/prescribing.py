"""What a doctor does at the prescription pad: add, repeat, order by a set, sign, and issue again."""

from collections.abc import Iterable
from decimal import Decimal

import sqlalchemy as sa

from modules.doctors.find import told
from modules.doctors.items import name_of
from modules.doctors.models import Doctor, OrderSet, Prescription, PrescriptionItem
from modules.doctors.models.prescription import RUNNING
from modules.doctors.notes import may_open_notes
from modules.patients.api import Encounter
from portal.kit import Refused, WrongState, _, db, now

COPIED = (
    "item_id", "drug_text", "dose", "dose_unit", "route", "frequency", "times", "duration_days", "quantity", "is_prn",
    "instructions",
)  # fmt: skip
NUMBERS = ("dose", "quantity")


def kind_of(encounter: Encounter) -> str:
    """The usual kind of prescription in a visit."""
    return "inpatient" if encounter.encounter_class == "IMP" else "outpatient"


def refuse_others(doctor: Doctor | None) -> Doctor:
    """The doctor; raises `Refused` where the person at work is none."""
    if doctor is None:
        raise Refused(_("Only doctors of the register prescribe. Ask to be entered there"))
    return doctor


def draft_in(encounter: Encounter, doctor: Doctor, kind: str) -> Prescription | None:
    """What the doctor has begun to write in a visit and not signed."""
    query = sa.select(Prescription).where(
        Prescription.encounter_id == encounter.id,
        Prescription.doctor_id == doctor.id,
        Prescription.kind == kind,
        Prescription.status == "draft",
        Prescription.voided_at.is_(None),
    )
    return db.session.scalar(query.order_by(Prescription.id.desc()).limit(1))


def prescribe(encounter: Encounter, doctor: Doctor | None, kind: str | None = None, **facts) -> PrescriptionItem:
    """Put a drug on the doctor's draft in a visit, which is begun with its first drug; see `PrescriptionItem.add`."""
    doctor, kind = refuse_others(doctor), kind or kind_of(encounter)
    draft = draft_in(encounter, doctor, kind) or Prescription.begin(encounter, doctor, kind)
    return PrescriptionItem.add(draft, **facts)


def issue_again(item: PrescriptionItem, doctor: Doctor | None, **facts) -> PrescriptionItem:
    """Stop a drug and prescribe it anew, changed, in one transaction; the history shows both (DOC-4)."""
    doctor, before = refuse_others(doctor), item.prescription
    refuse_stranger(before, doctor)
    if before.status == "draft":
        raise WrongState(_("This is not signed yet. Correct it instead."), item)
    after = Prescription.begin(db.session.get_one(Encounter, before.encounter_id), doctor, before.kind)
    if item.status == "active":
        item.stop(note=_("Issued again as {number}", number=after.number))
    again = PrescriptionItem.add(after, **facts)
    after.sign(note=_("Instead of {drug} of {number}", drug=item.drug_text, number=before.number))
    return again


def last_signed(patient_id: int) -> Prescription | None:
    """What was prescribed to a patient last."""
    signed = Prescription.status.in_((*RUNNING, "completed", "stopped"))
    return next(iter(told(Prescription.patient_id == patient_id, signed, most=1)), None)


def repeat_last(encounter: Encounter, doctor: Doctor | None) -> tuple[int, list[str]]:
    """Put what was prescribed last on the draft; answers with how many, and why others are not."""
    last = last_signed(encounter.patient_id)
    if last is None:
        raise Refused(_("Nothing was prescribed to this patient before"))
    return _put_all(encounter, doctor, [facts_of(item) for item in last.counting])


def order_by(chosen: OrderSet, encounter: Encounter, doctor: Doctor | None) -> tuple[int, list[str]]:
    """Put the drugs of a set on the draft; answers with how many, and why others are not."""
    drugs = [drug | {name: Decimal(drug[name]) for name in NUMBERS} for drug in chosen.drugs]
    return _put_all(encounter, doctor, drugs)


def facts_of(item: PrescriptionItem) -> dict:
    """What is copied of a drug; why an allergy was passed over is asked anew."""
    return {name: getattr(item, name) for name in COPIED}


def keep_as_set(prescription: Prescription, doctor: Doctor | None, name: str, shared: bool) -> OrderSet:
    """Keep the drugs of a prescription as a set to order by."""
    drugs = [facts_of(item) for item in prescription.counting]
    plain = [drug | {name: str(drug[name]) for name in NUMBERS} for drug in drugs]
    row = OrderSet(owner_id=refuse_others(doctor).id, name=name, shared=shared, items={"drugs": plain})
    db.session.add(row)
    return row


def refuse_stranger(prescription: Prescription, doctor: Doctor | None) -> None:
    """Raise `Refused` for a doctor who may not open the notes that a prescription belongs to (DOC-6)."""
    if doctor and doctor.id != prescription.doctor_id and not may_open_notes(doctor, prescription.patient_id):
        raise Refused(_("This is not a patient of yours. Open the notes with a reason first"))


def _put_all(encounter: Encounter, doctor: Doctor | None, drugs: Iterable[dict]) -> tuple[int, list[str]]:
    count, refused = 0, []
    for facts in drugs:
        gone = facts["item_id"] and name_of(facts["item_id"]) is None
        try:
            if gone:
                raise Refused(_("{drug} is not in the catalogue any more", drug=facts["drug_text"]))
            prescribe(encounter, doctor, **facts, start_at=now())
            count += 1
        except WrongState:
            raise
        except Refused as problem:
            refused.append(f"{facts['drug_text']}: {problem.sentence}.")
    return count, refused
