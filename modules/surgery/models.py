"""Operations: what is planned in which theatre, who takes part, the safety checklist, and what was done."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Qty, Record, Voidable, now, transition

ZERO = Decimal(0)


class Procedure(Record):
    """An operation the hospital offers, with the items it usually needs."""

    __tablename__ = "surgery_procedure"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    specialization_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_specialization.id"), index=True)
    default_minutes: Mapped[int]
    paired: Mapped[bool] = mapped_column(default=False)
    risk: Mapped[str] = mapped_column(Choice("minor", "intermediate", "major", name="risk"))
    billing_service_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)
    preference: Mapped[list] = mapped_column(sa.JSON, default=list)


class Case(Voidable, Exposed, Record):
    """One operation on one patient; planned times are never overwritten by actual ones.

    requested → scheduled → pre_op → in_progress → recovery → completed;  requested | scheduled | pre_op → cancelled;
    scheduled | pre_op → postponed → scheduled
    """

    __tablename__ = "surgery_case"
    __table_args__ = (
        sa.CheckConstraint("asa_class BETWEEN 1 AND 6", name="asa_class"),
        sa.Index("ix_surgery_case_theatre_planned_start", "theatre_id", "planned_start"),
    )

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    admission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    procedure_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_procedure.id"), index=True)
    laterality: Mapped[str] = mapped_column(
        Choice("none", "left", "right", "bilateral", name="laterality"), default="none"
    )
    diagnosis: Mapped[str] = mapped_column(sa.String(300))
    priority: Mapped[str] = mapped_column(
        Choice("elective", "urgent", "emergency", name="priority"), default="elective"
    )
    status: Mapped[str] = mapped_column(
        Choice(
            "requested",
            "scheduled",
            "pre_op",
            "in_progress",
            "recovery",
            "completed",
            "cancelled",
            "postponed",
            name="status",
        ),
        index=True,
        default="requested",
    )
    theatre_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_room.id"))
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    surgeon_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    anaesthetist_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    anaesthesia: Mapped[str | None] = mapped_column(
        Choice("none", "local", "sedation", "regional", "spinal", "general", name="anaesthesia")
    )
    asa_class: Mapped[int | None]
    wound_class: Mapped[str | None] = mapped_column(
        Choice("clean", "clean_contaminated", "contaminated", "dirty", name="wound_class")
    )
    wheel_in: Mapped[datetime | None]
    incision_at: Mapped[datetime | None]
    closure_at: Mapped[datetime | None]
    wheel_out: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(200))
    emergency_override: Mapped[str | None] = mapped_column(sa.String(300))

    @transition("requested | postponed", "scheduled", needs="schedule")
    def schedule(self, theatre_id: int, planned_start: datetime, planned_end: datetime) -> None:
        """The operation has a theatre and a time."""
        self.theatre_id, self.planned_start, self.planned_end = theatre_id, planned_start, planned_end

    @transition("scheduled", "pre_op", needs="assess")
    def prepare(self) -> None:
        """The patient is made ready for the operation."""

    @transition("pre_op", "in_progress", needs="start")
    def start(self, emergency_override: str = "") -> None:
        """The patient is in the theatre."""
        self.wheel_in, self.emergency_override = self.wheel_in or now(), emergency_override or None

    @transition("in_progress", "recovery", needs="recover")
    def recover(self) -> None:
        """The patient has left the theatre and wakes up."""
        self.wheel_out = self.wheel_out or now()

    @transition("recovery", "completed", needs="complete")
    def complete(self) -> None:
        """The operation is over and the patient awake."""

    @transition("requested | scheduled | pre_op", "cancelled", needs="cancel")
    def cancel(self, cancel_reason: str) -> None:
        """The operation does not take place."""
        self.cancel_reason = cancel_reason

    @transition("scheduled | pre_op", "postponed", needs="cancel")
    def postpone(self) -> None:
        """The operation waits for another time."""


class TeamMember(Record):
    """Who takes part in an operation, and as what."""

    __tablename__ = "surgery_teammember"
    __table_args__ = (sa.UniqueConstraint("case_id", "staff_id"),)

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_case.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    role: Mapped[str] = mapped_column(
        Choice("surgeon", "assistant", "anaesthetist", "scrub_nurse", "circulating_nurse", "technician", name="role")
    )


class Checklist(Voidable, Record):
    """The three stops of the safety checklist: before anaesthesia, before the cut, before leaving."""

    __tablename__ = "surgery_checklist"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_case.id"), unique=True)
    sign_in: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))
    sign_in_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    sign_in_at: Mapped[datetime | None]
    time_out: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))
    time_out_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    time_out_at: Mapped[datetime | None]
    sign_out: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))
    sign_out_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    sign_out_at: Mapped[datetime | None]


class PreOp(Voidable, Record):
    """Whether a patient is ready for the operation, as the anaesthetist found."""

    __tablename__ = "surgery_preop"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_case.id"), unique=True)
    consent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_consent.id"), index=True)
    site_marked: Mapped[bool] = mapped_column(default=False)
    fasting_from: Mapped[datetime | None]
    airway_grade: Mapped[str | None] = mapped_column(sa.String(20))
    risk_notes: Mapped[str] = mapped_column(sa.Text, default="")
    investigations_ok: Mapped[bool] = mapped_column(default=False)
    fit: Mapped[str | None] = mapped_column(Choice("fit", "fit_with_risk", "unfit", name="fit"))
    assessed_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)


class Consumable(Voidable, Record):
    """An item planned for an operation, and how much of it was used."""

    __tablename__ = "surgery_consumable"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_case.id"), index=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_item.id"), index=True)
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_batch.id"), index=True)
    planned_qty: Mapped[Decimal] = mapped_column(Qty(), default=ZERO)
    used_qty: Mapped[Decimal] = mapped_column(Qty(), default=ZERO)
    serial_no: Mapped[str | None] = mapped_column(sa.String(60))


class Note(Voidable, Exposed, Record):
    """What the surgeon did and found, signed and closed."""

    __tablename__ = "surgery_note"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_case.id"), unique=True)
    procedure_done: Mapped[str] = mapped_column(sa.Text)
    findings: Mapped[str] = mapped_column(sa.Text)
    complications: Mapped[str | None] = mapped_column(sa.Text)
    blood_loss_ml: Mapped[int | None]
    specimens: Mapped[str | None] = mapped_column(sa.Text)
    counts_correct: Mapped[bool] = mapped_column(default=False)
    postop_orders: Mapped[str] = mapped_column(sa.Text)
    signed_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    signed_at: Mapped[datetime]


class Addendum(Voidable, Record):
    """What is added to a signed operative note, with its date (SUR-9)."""

    __tablename__ = "surgery_addendum"

    note_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_note.id"), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)


class Recovery(Record):
    """The time after the operation until the patient may leave the recovery room."""

    __tablename__ = "surgery_recovery"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("surgery_case.id"), unique=True)
    arrived_at: Mapped[datetime]
    score: Mapped[int | None]
    discharged_at: Mapped[datetime | None]
    destination: Mapped[str] = mapped_column(sa.String(60))
