"""Who is expected at which clinic, and when."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.appointments.models.schedules import ServiceType
from modules.doctors.api import Doctor
from modules.patients.api import Patient
from modules.rooms.api import Room
from portal.kit import (
    Choice,
    Exposed,
    Record,
    Refused,
    Voidable,
    WrongState,
    _,
    day_bounds,
    emit,
    guarded_update,
    now,
    today,
    transition,
)
from portal.kit.locks import free

KINDS = ("scheduled", "walk_in", "follow_up", "virtual")
PRIORITIES = ("routine", "urgent", "emergency")
SOURCES = ("reception", "phone", "portal", "doctor", "referral")
STATUSES = (
    "requested", "scheduled", "checked_in", "in_consultation", "completed", "no_show", "cancelled", "rescheduled",
)  # fmt: skip


class Appointment(Voidable, Exposed, Record):
    """A patient expected at a clinic.

    requested → scheduled | cancelled;  scheduled → checked_in | cancelled | no_show | rescheduled
    checked_in → in_consultation | cancelled;  in_consultation → completed;  no_show → checked_in
    """

    __tablename__ = "appointments_appointment"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_at"),
        sa.Index("ix_appointments_appointment_doctor_starts", "doctor_id", "starts_at"),
        sa.Index("ix_appointments_appointment_patient_starts", "patient_id", "starts_at"),
        sa.Index("ix_appointments_appointment_status_starts", "status", "starts_at"),
    )

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"))
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    service_type_id: Mapped[int] = mapped_column(sa.ForeignKey("appointments_servicetype.id"), index=True)
    schedule_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments_schedule.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_room.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Choice(*KINDS, name="kind"), default="scheduled")
    priority: Mapped[str] = mapped_column(Choice(*PRIORITIES, name="priority"), default="routine")
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="scheduled")
    source: Mapped[str] = mapped_column(Choice(*SOURCES, name="source"), default="reception")
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    notes: Mapped[str | None] = mapped_column(sa.Text)
    is_overbooked: Mapped[bool] = mapped_column(default=False)
    rescheduled_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments_appointment.id"), index=True)
    cancelled_by: Mapped[str | None] = mapped_column(Choice("patient", "hospital", name="cancelled_by"))
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(300))
    checked_in_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    reminder_sent_at: Mapped[datetime | None]

    patient: Mapped[Patient] = relationship()
    doctor: Mapped[Doctor] = relationship()
    service_type: Mapped[ServiceType] = relationship()
    room: Mapped[Room | None] = relationship()

    def __str__(self) -> str:
        return self.number

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def change(self, **facts) -> "Appointment":
        """Correct what is known of it; raises `Refused` for another patient than it was saved for (APT-11)."""
        if facts.get("patient_id", self.patient_id) != self.patient_id:
            raise Refused(_("The patient of an appointment cannot be changed. Cancel it and book a new one"))
        for name, value in facts.items():
            setattr(self, name, value)
        return self

    def void(self, reason: str) -> "Appointment":
        """Take out what was entered by mistake, and give its time back; raises `WrongState` once it is used."""
        if self.status in ("checked_in", "in_consultation", "completed"):
            raise WrongState(_("The patient was here for this appointment. It cannot be voided"), self)
        super().void(reason)
        free(self)
        return self

    def remind(self) -> bool:
        """Tell once that the patient is expected soon; False where it was told, or nobody is expected (APT-10)."""
        waiting = (Appointment.status == "scheduled", Appointment.reminder_sent_at.is_(None))
        if not guarded_update(self, *waiting, Appointment.voided_at.is_(None), reminder_sent_at=now()):
            return False
        emit("appointment.reminder_due", self)
        return True

    @transition("requested", "scheduled", needs="add")
    def confirm(self) -> None:
        """The time that was asked for is the patient’s."""

    @transition("scheduled", "checked_in", needs="check_in")
    def check_in(self) -> None:
        """The patient is at the desk."""
        self.checked_in_at = now()

    @transition("no_show", "checked_in", needs="check_in")
    def check_in_late(self) -> None:
        """The patient came after all, on the same day."""
        begin, end = day_bounds(today())
        if not begin <= self.starts_at < end:
            raise Refused(_("This appointment was on another day. Book a new one"))
        self.checked_in_at = now()

    @transition("checked_in", "in_consultation", needs="start")
    def start(self) -> None:
        """The doctor sees the patient."""
        self.started_at = now()

    @transition("in_consultation", "completed", needs="complete")
    def complete(self) -> None:
        """The consultation is over."""
        self.completed_at = now()

    @transition("requested | scheduled | checked_in", "cancelled", needs="cancel")
    def cancel(self, cancelled_by: str, cancel_reason: str) -> None:
        """The patient or the hospital called the appointment off."""
        free(self)
        self.cancelled_by, self.cancel_reason = cancelled_by, cancel_reason

    @transition("scheduled", "no_show", needs="change")
    def mark_no_show(self) -> None:
        """The patient did not come."""
        if self.starts_at > now():
            raise Refused(_("It has not begun yet. Cancel it, where the patient will not come"))
        free(self)

    @transition("scheduled", "rescheduled", needs="reschedule")
    def reschedule(self) -> None:
        """Another appointment has taken the place of this one."""
        free(self)
