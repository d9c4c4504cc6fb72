"""Tasks, notes and handovers: what is to be done for a patient, what was seen, and what the next shift must know."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Voidable, now, transition

PHASES = ("admission", "routine", "pre_op", "discharge")
PRIORITIES = ("routine", "urgent", "stat")
TASK_STATUSES = ("requested", "in_progress", "completed", "cancelled")
TO_DO = ("requested", "in_progress")


class Task(Voidable, Exposed, Record):
    """Something to do for a patient; a mandatory one keeps them from being discharged.

    requested → in_progress → completed;  requested | in_progress → cancelled
    """

    __tablename__ = "nurses_task"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    phase: Mapped[str] = mapped_column(Choice(*PHASES, name="phase"), default="routine")
    due_at: Mapped[datetime]
    priority: Mapped[str] = mapped_column(Choice(*PRIORITIES, name="priority"), default="routine")
    mandatory: Mapped[bool] = mapped_column(default=False)
    assigned_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("nurses_nurse.id"), index=True)
    status: Mapped[str] = mapped_column(Choice(*TASK_STATUSES, name="status"), default="requested")

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """It is still to be done."""
        return self.status in TO_DO

    @property
    def is_overdue(self) -> bool:
        """It should have been done by now."""
        return self.is_open and self.due_at < now()

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
