"""Prescriptions: what a doctor orders for a patient in one visit, drug by drug."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.doctors.allergies import refuse_allergic
from modules.doctors.doses import FREQUENCIES, amount, dose_in_words
from modules.doctors.models.doctor import Doctor
from modules.patients.api import Encounter, Patient
from portal.kit import (
    Choice,
    Exposed,
    Qty,
    Record,
    Refused,
    Voidable,
    WrongState,
    _,
    db,
    emit,
    next_number,
    now,
    transition,
)
from portal.kit.claims import claim
from portal.kit.search import folded

PRESCRIPTION_STATUSES = ("draft", "active", "partially_dispensed", "completed", "stopped", "cancelled")
RUNNING = ("active", "partially_dispensed")
ROUTES = ("oral", "iv", "im", "sc", "topical", "inhaled", "rectal", "other")
KINDS = ("outpatient", "inpatient", "discharge")
LONGEST_DRUG_KEY = 38
ENDED_VISIT = ("finished", "cancelled")


class Prescription(Voidable, Exposed, Record):
    """What a doctor prescribes in one encounter.

    draft → active → partially_dispensed → completed;  active → completed
    draft | active → cancelled;  active | partially_dispensed → stopped
    """

    __tablename__ = "doctors_prescription"
    __table_args__ = (sa.Index("ix_doctors_prescription_status_prescribed", "status", "prescribed_at"),)

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice(*KINDS, name="kind"))
    status: Mapped[str] = mapped_column(Choice(*PRESCRIPTION_STATUSES, name="status"), default="draft")
    prescribed_at: Mapped[datetime] = mapped_column(default=now)
    notes: Mapped[str | None] = mapped_column(sa.Text)

    patient: Mapped[Patient] = relationship("Patient", lazy="select")
    doctor: Mapped[Doctor] = relationship(lazy="raise")
    items: Mapped[list["PrescriptionItem"]] = relationship(
        back_populates="prescription", lazy="select", order_by="PrescriptionItem.id"
    )

    def __str__(self) -> str:
        return self.number

    @property
    def counting(self) -> list["PrescriptionItem"]:
        """The drugs that were not taken off again before anybody got them."""
        return [item for item in self.items if item.status != "cancelled" and item.voided_at is None]

    def refuse_signed(self) -> None:
        """Raise `WrongState` where the prescription is signed: it is never edited (DOC-4)."""
        self.refuse_voided()
        if self.status != "draft":
            raise WrongState(_("A signed prescription is not changed. Stop the drug and issue it again."), self)

    def refuse_not_draft_of(self, doctor: Doctor | None) -> None:
        """Raise `WrongState` where the prescription is signed (DOC-4), or not this doctor's to write."""
        self.refuse_signed()
        if doctor is None or doctor.id != self.doctor_id:
            raise WrongState(_("Only who writes a prescription changes its draft."), self)

    @classmethod
    def begin(cls, encounter: Encounter, doctor: Doctor, kind: str) -> "Prescription":
        """A new draft of a doctor in a visit; raises `Refused` after the visit, and for who died or was merged."""
        db.session.get_one(Patient, encounter.patient_id).refuse_new_work()
        if encounter.status in ENDED_VISIT:
            raise Refused(_("This visit is over. Prescribe in a new one"))
        facts = {"patient_id": encounter.patient_id, "encounter_id": encounter.id, "doctor_id": doctor.id}
        row = cls(number=next_number("prescription", "RX"), kind=kind, prescribed_at=now(), **facts)
        db.session.add(row)
        db.session.flush()
        return row

    @transition("draft", "active", needs="prescription_sign")
    def sign(self) -> None:
        """The doctor has signed, and the pharmacy may dispense."""
        doctor = db.session.get_one(Doctor, self.doctor_id)
        if self.updated_by is not None and not doctor.is_signed_in_as(self.updated_by):
            raise Refused(_("Only {name} can sign this prescription", name=doctor))
        doctor.hold_active()
        db.session.get_one(Patient, self.patient_id).refuse_new_work()
        if not self.counting:
            raise Refused(_("There is nothing on this prescription yet. Add a drug first"))
        for item in self.counting:
            refuse_allergic(self.patient_id, item.item_id, item.drug_text, item.allergy_override_reason)
        self.prescribed_at = now()
        emit("prescription.activated", self)

    @transition("active", "partially_dispensed", needs="prescription_change")
    def dispense_part(self) -> None:
        """The patient has some of what was prescribed."""

    @transition("active | partially_dispensed", "completed", needs="prescription_change")
    def complete(self) -> None:
        """The patient has all that was prescribed."""

    @transition("draft | active", "cancelled", needs="prescription_change")
    def cancel(self) -> None:
        """Nothing was given, and nothing will be."""
        if any(item.dispensed_qty for item in self.items):
            raise Refused(_("Some of it was dispensed already. Stop the prescription instead"))
        for item in self._active_items():
            item.cancel()

    @transition("active | partially_dispensed", "stopped", needs="prescription_change")
    def stop(self) -> None:
        """The patient gets no more of it."""
        for item in self._active_items():
            item.stop()

    def void(self, reason: str) -> "Prescription":
        """Take a prescription that should never have been written out of every list, and free its drugs."""
        if any(item.dispensed_qty for item in self.items):
            raise Refused(_("Some of it was dispensed already. Stop the prescription instead"))
        for item in self._active_items():
            item.cancel(note=reason)
        return super().void(reason)

    def _active_items(self) -> list["PrescriptionItem"]:
        return [item for item in self.items if item.status == "active" and item.voided_at is None]


class PrescriptionItem(Voidable, Exposed, Record):
    """One drug of a prescription; `active_key` lets an encounter have it once at a time (DOC-3).

    active → completed | stopped | cancelled
    """

    __tablename__ = "doctors_prescriptionitem"
    __table_args__ = (sa.CheckConstraint("dispensed_qty <= quantity", name="dispensed_qty"),)

    prescription_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_prescription.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_item.id"), index=True)
    drug_text: Mapped[str] = mapped_column(sa.String(200))
    dose: Mapped[Decimal] = mapped_column(Qty())
    dose_unit: Mapped[str] = mapped_column(sa.String(20))
    route: Mapped[str] = mapped_column(Choice(*ROUTES, name="route"))
    frequency: Mapped[str] = mapped_column(Choice(*FREQUENCIES, name="frequency"))
    times: Mapped[list] = mapped_column(sa.JSON, default=list)
    duration_days: Mapped[int | None]
    quantity: Mapped[Decimal] = mapped_column(Qty())
    is_prn: Mapped[bool] = mapped_column(default=False)
    start_at: Mapped[datetime]
    stop_at: Mapped[datetime | None]
    instructions: Mapped[str | None] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(
        Choice("active", "completed", "stopped", "cancelled", name="status"), default="active"
    )
    dispensed_qty: Mapped[Decimal] = mapped_column(Qty(), default=Decimal(0))
    allergy_override_reason: Mapped[str | None] = mapped_column(sa.String(300))
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

    prescription: Mapped[Prescription] = relationship(back_populates="items", lazy="select")

    def __str__(self) -> str:
        return self.drug_text

    @property
    def amount(self) -> str:
        """The quantity without zeros that say nothing."""
        return amount(self.quantity)

    @property
    def in_words(self) -> str:
        """Dose, route, how often and how long, such as “1 g intravenous, twice a day, 2 days”."""
        return dose_in_words(self)

    @classmethod
    def add(cls, prescription: Prescription, **facts) -> "PrescriptionItem":
        """Put a drug on a draft.

        Raises `Refused` for a drug the patient is allergic to without a reason to prescribe it all the same (DOC-2),
        and for one that the visit has already (DOC-3); `WrongState` where the prescription is signed (DOC-4).
        """
        prescription.refuse_signed()
        item = cls(prescription_id=prescription.id, **facts)
        item._refuse_allergic(prescription)
        item._claim_drug(prescription)
        db.session.expire(prescription, ["items"])
        return item

    def change(self, **facts) -> "PrescriptionItem":
        """Correct a drug of a draft; what is signed is stopped and issued again (DOC-4)."""
        self.prescription.refuse_signed()
        if self.status != "active":
            raise WrongState(_("This is not possible any more: the drug was taken off."), self)
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            self._refuse_allergic(self.prescription)
        return self._claim_drug(self.prescription)

    def _refuse_allergic(self, prescription: Prescription) -> None:
        refuse_allergic(prescription.patient_id, self.item_id, self.drug_text, self.allergy_override_reason)

    def _claim_drug(self, prescription: Prescription) -> "PrescriptionItem":
        drug = self.item_id or folded(self.drug_text)[:LONGEST_DRUG_KEY]
        sentence = _("{drug} is prescribed in this visit already. Stop that one first", drug=self.drug_text)
        return claim(self, sentence, "item_id", active_key=f"{prescription.encounter_id}:{drug}")

    @transition("active", "completed", needs="prescription_change")
    def complete(self) -> None:
        """The course is finished."""
        self.active_key = None

    @transition("active", "stopped", needs="prescription_change")
    def stop(self) -> None:
        """The patient takes no more of this drug."""
        self.stop_at, self.active_key = now(), None
        if self.prescription.status == "draft":
            raise WrongState(_("This is not signed yet. Take the drug off instead."), self)
        db.session.flush()
        others = sa.select(PrescriptionItem.id).where(
            PrescriptionItem.prescription_id == self.prescription_id, PrescriptionItem.status == "active"
        )
        if self.prescription.status in RUNNING and db.session.scalar(others.limit(1)) is None:
            self.prescription.stop()

    @transition("active", "cancelled", needs="prescription_change")
    def cancel(self) -> None:
        """The drug was taken off before anybody got it."""
        self.active_key = None
        if self.dispensed_qty:
            raise Refused(_("Some of it was dispensed already. Stop it instead"))
