"""Tasks, notes and handovers: what is to be done for a patient, what was seen, and what the next shift must know."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import (
    Choice,
    Exposed,
    Record,
    Refused,
    Voidable,
    WrongState,
    _,
    emit,
    guarded_update,
    now,
    transition,
)

if TYPE_CHECKING:
    from modules.nurses.models.nurse import Nurse
    from modules.rooms.api import Ward

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

    def __str__(self) -> str:
        return _("Note")


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

    ward: Mapped["Ward"] = relationship("Ward", lazy="raise")
    from_nurse: Mapped["Nurse"] = relationship("Nurse", lazy="joined", foreign_keys="Handover.from_nurse_id")
    to_nurse: Mapped["Nurse | None"] = relationship("Nurse", lazy="joined", foreign_keys="Handover.to_nurse_id")

    def __str__(self) -> str:
        return _("Handover")

    @property
    def is_done(self) -> bool:
        """The incoming nurse has taken over; what was only written does not count (NUR-8)."""
        return self.accepted_at is not None

    def change(self, **facts) -> "Handover":
        """Correct what is handed over; raises `WrongState` once it was accepted."""
        self.refuse_done()
        for name, value in facts.items():
            setattr(self, name, value)
        return self

    def refuse_done(self) -> None:
        """Raise `WrongState` once it was accepted: it is what the incoming nurse knows."""
        if self.is_done:
            raise WrongState(_("This handover was accepted. Write what is new as a note."))

    def accept(self, nurse: "Nurse | None") -> "Handover":
        """Take over; raises `Refused` for who handed over, for others than whom it is for, and `WrongState` twice."""
        if nurse is None:
            raise Refused(_("Only nurses of the register take over. Ask to be entered there"))
        if nurse.id == self.from_nurse_id:
            raise Refused(_("The incoming nurse accepts, not who hands over"))
        if self.to_nurse_id not in (None, nurse.id):
            raise Refused(_("This is handed over to {name}", name=self.to_nurse))
        if not guarded_update(self, Handover.accepted_at.is_(None), accepted_at=now(), to_nurse_id=nurse.id):
            raise WrongState(_("This is not possible any more: the handover was accepted."))
        emit("handover.accepted", self)
        return self
