"""The nurses of the hospital, what they measure, give and do, and how they hand over."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Fixed, Qty, Record, Refused, Voidable, _, now, transition

GRADES = ("head_nurse", "registered", "enrolled", "midwife", "assistant")


class Nurse(Record):
    """A member of staff who nurses: licence, grade and ward.

    active ↔ on_leave;  active ↔ inactive
    """

    __tablename__ = "nurses_nurse"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), unique=True)
    license_no: Mapped[str] = mapped_column(sa.String(40), unique=True)
    license_expiry: Mapped[date]
    grade: Mapped[str] = mapped_column(Choice(*GRADES, name="grade"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    ward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    status: Mapped[str] = mapped_column(Choice("active", "on_leave", "inactive", name="status"), default="active")

    @transition("active", "on_leave", needs="nurse_change")
    def go_on_leave(self) -> None:
        """The nurse is away for a while."""

    @transition("on_leave", "active", needs="nurse_change")
    def return_from_leave(self) -> None:
        """The nurse is back at work."""

    @transition("active", "inactive", needs="nurse_change")
    def deactivate(self) -> None:
        """The nurse cares for nobody here any more."""

    @transition("inactive", "active", needs="nurse_change")
    def reactivate(self) -> None:
        """The nurse cares for patients here again."""


class Assignment(Record):
    """A nurse works a shift on a ward."""

    __tablename__ = "nurses_assignment"
    __table_args__ = (sa.UniqueConstraint("nurse_id", "shift_date", "shift_id"),)

    nurse_id: Mapped[int] = mapped_column(sa.ForeignKey("nurses_nurse.id"))
    ward_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    shift_date: Mapped[date]
    shift_id: Mapped[int] = mapped_column(
        sa.ForeignKey("hr_shift.id", use_alter=True, name="fk_nurses_assignment_shift_id"), index=True
    )
    role: Mapped[str] = mapped_column(Choice("charge", "bedside", "float", name="role"), default="bedside")


class AssignedPatient(Record):
    """A patient whom a nurse looks after during a shift."""

    __tablename__ = "nurses_assignedpatient"
    __table_args__ = (sa.UniqueConstraint("assignment_id", "admission_id"),)

    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("nurses_assignment.id"))
    admission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("ipd_admission.id", use_alter=True, name="fk_nurses_assignedpatient_admission_id"), index=True
    )


class VitalSign(Voidable, Exposed, Record):
    """What was measured at a patient at one moment, with its NEWS2 score."""

    __tablename__ = "nurses_vitalsign"
    __table_args__ = (
        sa.Index("ix_nurses_vitalsign_patient_taken", "patient_id", "taken_at"),
        sa.Index("ix_nurses_vitalsign_encounter_taken", "encounter_id", "taken_at"),
    )

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"))
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"))
    taken_at: Mapped[datetime] = mapped_column(default=now)
    temperature_c: Mapped[Decimal | None] = mapped_column(Fixed(1))
    pulse: Mapped[int | None]
    resp_rate: Mapped[int | None]
    bp_sys: Mapped[int | None]
    bp_dia: Mapped[int | None]
    spo2: Mapped[int | None]
    on_oxygen: Mapped[bool] = mapped_column(default=False)
    consciousness: Mapped[str | None] = mapped_column(Choice("A", "C", "V", "P", "U", name="consciousness"))
    pain: Mapped[int | None]
    glucose: Mapped[Decimal | None] = mapped_column(Fixed(1))
    height_cm: Mapped[Decimal | None] = mapped_column(Fixed(1))
    weight_kg: Mapped[Decimal | None] = mapped_column(Fixed(3))
    bmi: Mapped[Decimal | None] = mapped_column(Fixed(1))
    news2: Mapped[int | None]
    news2_max_single: Mapped[int | None]
    taken_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)


class MedicationAdministration(Voidable, Exposed, Record):
    """One dose of a prescribed medicine, due at one moment (NUR-1).

    scheduled → completed | not_done | on_hold;  on_hold → scheduled;  scheduled | on_hold → stopped
    """

    __tablename__ = "nurses_medicationadministration"
    __table_args__ = (
        sa.UniqueConstraint("prescription_item_id", "due_at"),
        sa.Index("ix_nurses_medicationadministration_encounter_due", "encounter_id", "due_at"),
    )

    prescription_item_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_prescriptionitem.id"))
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"))
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(
        Choice("scheduled", "completed", "not_done", "on_hold", "stopped", name="status"), default="scheduled"
    )
    given_at: Mapped[datetime | None]
    given_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    witness_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    dose_given: Mapped[Decimal | None] = mapped_column(Qty())
    reason_not_given: Mapped[str | None] = mapped_column(sa.String(300))
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_batch.id"), index=True)

    @transition("scheduled", "completed", needs="give")
    def give(self, dose_given: Decimal, witness_id: int | None = None, batch_id: int | None = None) -> None:
        """The patient got the dose."""
        self.given_at, self.given_by = now(), self.updated_by
        self.dose_given, self.witness_id, self.batch_id = dose_given, witness_id, batch_id

    @transition("scheduled", "not_done", needs="give")
    def skip(self, reason_not_given: str) -> None:
        """The patient did not get the dose."""
        if not reason_not_given.strip():
            raise Refused(_("Say why the dose was not given"), "reason_not_given")
        self.reason_not_given = reason_not_given

    @transition("scheduled", "on_hold", needs="give")
    def hold(self) -> None:
        """The dose waits until somebody decides."""

    @transition("on_hold", "scheduled", needs="give")
    def resume(self) -> None:
        """The dose is due again."""

    @transition("scheduled | on_hold", "stopped", needs="change")
    def stop(self) -> None:
        """The medicine was stopped before this dose."""


class Task(Voidable, Exposed, Record):
    """Something to do for a patient; a mandatory one keeps them from being discharged.

    requested → in_progress → completed;  requested | in_progress → cancelled
    """

    __tablename__ = "nurses_task"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    phase: Mapped[str] = mapped_column(
        Choice("admission", "routine", "pre_op", "discharge", name="phase"), default="routine"
    )
    due_at: Mapped[datetime]
    priority: Mapped[str] = mapped_column(Choice("routine", "urgent", "stat", name="priority"), default="routine")
    mandatory: Mapped[bool] = mapped_column(default=False)
    assigned_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("nurses_nurse.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice("requested", "in_progress", "completed", "cancelled", name="status"), default="requested"
    )

    @transition("requested", "in_progress", needs="change")
    def start(self) -> None:
        """Somebody is at it."""

    @transition("in_progress", "completed", needs="change")
    def complete(self) -> None:
        """The task is done."""

    @transition("requested | in_progress", "cancelled", needs="change")
    def cancel(self) -> None:
        """The task need not be done any more."""


class Note(Voidable, Record):
    """What a nurse writes about a patient's stay or visit."""

    __tablename__ = "nurses_note"

    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(default=now)


class Handover(Record):
    """What the outgoing nurse tells the incoming one about a patient; done when it is accepted (NUR-8)."""

    __tablename__ = "nurses_handover"
    __table_args__ = (sa.CheckConstraint("shift_id IS NOT NULL AND admission_id IS NOT NULL", name="of_what"),)

    ward_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    shift_date: Mapped[date]
    shift_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("hr_shift.id", use_alter=True, name="fk_nurses_handover_shift_id"), index=True
    )
    admission_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("ipd_admission.id", use_alter=True, name="fk_nurses_handover_admission_id"), index=True
    )
    from_nurse_id: Mapped[int] = mapped_column(sa.ForeignKey("nurses_nurse.id"), index=True)
    to_nurse_id: Mapped[int | None] = mapped_column(sa.ForeignKey("nurses_nurse.id"), index=True)
    situation: Mapped[str] = mapped_column(sa.Text, default="")
    background: Mapped[str] = mapped_column(sa.Text, default="")
    assessment: Mapped[str] = mapped_column(sa.Text, default="")
    recommendation: Mapped[str] = mapped_column(sa.Text, default="")
    accepted_at: Mapped[datetime | None]
