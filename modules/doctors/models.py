"""The doctors of the hospital, what they prescribe, and to whom they refer."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Money, Qty, Record, Voidable, now, transition

PRESCRIPTION_STATUSES = ("draft", "active", "partially_dispensed", "completed", "stopped", "cancelled")
ROUTES = ("oral", "iv", "im", "sc", "topical", "inhaled", "rectal", "other")
FREQUENCIES = ("od", "bd", "tds", "qds", "q4h", "q6h", "q8h", "stat", "prn", "custom")


class Specialization(Record):
    """A field of medicine that a doctor practises."""

    __tablename__ = "doctors_specialization"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)


class Doctor(Exposed, Record):
    """A member of staff who may treat patients: licence, field and fees.

    active ↔ on_leave;  active ↔ inactive
    """

    __tablename__ = "doctors_doctor"
    __table_args__ = (sa.Index("ix_doctors_doctor_department_status", "department_id", "status"),)

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), unique=True)
    license_no: Mapped[str] = mapped_column(sa.String(40), unique=True)
    license_expiry: Mapped[date]
    specialization_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_specialization.id"), index=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"))
    qualification: Mapped[str] = mapped_column(sa.String(200), default="")
    experience_years: Mapped[int] = mapped_column(default=0)
    consultation_fee: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    followup_fee: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    ipd_visit_fee: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    default_slot_minutes: Mapped[int] = mapped_column(default=20)
    bio: Mapped[str | None] = mapped_column(sa.Text)
    is_surgeon: Mapped[bool] = mapped_column(default=False)
    is_anaesthetist: Mapped[bool] = mapped_column(default=False)
    is_radiologist: Mapped[bool] = mapped_column(default=False)
    is_pathologist: Mapped[bool] = mapped_column(default=False)
    telemedicine: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Choice("active", "on_leave", "inactive", name="status"), default="active")

    @transition("active", "on_leave", needs="change")
    def go_on_leave(self) -> None:
        """The doctor is away for a while."""

    @transition("on_leave", "active", needs="change")
    def return_from_leave(self) -> None:
        """The doctor is back at work."""

    @transition("active", "inactive", needs="change")
    def deactivate(self) -> None:
        """The doctor treats nobody here any more."""

    @transition("inactive", "active", needs="change")
    def reactivate(self) -> None:
        """The doctor treats patients here again."""


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
    kind: Mapped[str] = mapped_column(Choice("outpatient", "inpatient", "discharge", name="kind"))
    status: Mapped[str] = mapped_column(Choice(*PRESCRIPTION_STATUSES, name="status"), default="draft")
    prescribed_at: Mapped[datetime] = mapped_column(default=now)
    notes: Mapped[str | None] = mapped_column(sa.Text)

    @transition("draft", "active", needs="prescription_sign")
    def sign(self) -> None:
        """The doctor has signed, and the pharmacy may dispense."""
        self.prescribed_at = now()

    @transition("active", "partially_dispensed", needs="prescription_change")
    def dispense_part(self) -> None:
        """The patient has some of what was prescribed."""

    @transition("active | partially_dispensed", "completed", needs="prescription_change")
    def complete(self) -> None:
        """The patient has all that was prescribed."""

    @transition("draft | active", "cancelled", needs="prescription_change")
    def cancel(self) -> None:
        """Nothing was given, and nothing will be."""

    @transition("active | partially_dispensed", "stopped", needs="prescription_change")
    def stop(self) -> None:
        """The patient gets no more of it."""


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

    @transition("active", "completed", needs="prescription_change")
    def complete(self) -> None:
        """The course is finished."""
        self.active_key = None

    @transition("active", "stopped", needs="prescription_change")
    def stop(self) -> None:
        """The patient takes no more of this drug."""
        self.stop_at, self.active_key = now(), None

    @transition("active", "cancelled", needs="prescription_change")
    def cancel(self) -> None:
        """The drug was never given."""
        self.active_key = None


class Referral(Voidable, Record):
    """A doctor asks another doctor, a department or somebody outside to see a patient.

    requested → accepted | declined;  accepted → completed
    """

    __tablename__ = "doctors_referral"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    from_doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    to_doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    to_department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    external_name: Mapped[str | None] = mapped_column(sa.String(160))
    reason: Mapped[str] = mapped_column(sa.Text)
    urgency: Mapped[str] = mapped_column(Choice("routine", "urgent", "emergency", name="urgency"), default="routine")
    status: Mapped[str] = mapped_column(
        Choice("requested", "accepted", "declined", "completed", name="status"), default="requested"
    )

    @transition("requested", "accepted", needs="referral_change")
    def accept(self) -> None:
        """The patient will be seen."""

    @transition("requested", "declined", needs="referral_change")
    def decline(self) -> None:
        """The patient will not be seen there."""

    @transition("accepted", "completed", needs="referral_change")
    def complete(self) -> None:
        """The patient was seen."""


class OrderSet(Record):
    """Drugs, tests and exams that a doctor orders together."""

    __tablename__ = "doctors_orderset"

    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    shared: Mapped[bool] = mapped_column(default=False)
    items: Mapped[dict] = mapped_column(sa.JSON, default=dict)
