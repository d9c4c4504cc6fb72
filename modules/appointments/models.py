"""Appointments, the hours in which they can be made, and who waits for one."""

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Refused, Voidable, _, day_bounds, now, today, transition

KINDS = ("scheduled", "walk_in", "follow_up", "virtual")
PRIORITIES = ("routine", "urgent", "emergency")
SOURCES = ("reception", "phone", "portal", "doctor", "referral")
STATUSES = (
    "requested", "scheduled", "checked_in", "in_consultation", "completed", "no_show", "cancelled", "rescheduled",
)  # fmt: skip


class ServiceType(Record):
    """What an appointment is for, how long it takes and what it costs."""

    __tablename__ = "appointments_servicetype"

    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    default_minutes: Mapped[int] = mapped_column(default=20)
    color: Mapped[str] = mapped_column(sa.String(20), default="")
    billing_service_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)


class Schedule(Exposed, Record):
    """The hours of one weekday in which a doctor can be booked; Monday is 0, times are the hospital's."""

    __tablename__ = "appointments_schedule"
    __table_args__ = (sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    weekday: Mapped[int]
    start_time: Mapped[time]
    end_time: Mapped[time]
    slot_minutes: Mapped[int]
    capacity_per_slot: Mapped[int] = mapped_column(default=1)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_room.id"), index=True)
    mode: Mapped[str] = mapped_column(Choice("in_person", "virtual", "both", name="mode"), default="in_person")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class ScheduleException(Record):
    """Days on which a doctor's hours are other than the schedule says: taken away, or added."""

    __tablename__ = "appointments_scheduleexception"

    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    date_from: Mapped[date]
    date_to: Mapped[date]
    start_time: Mapped[time | None]
    end_time: Mapped[time | None]
    adds_time: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Choice("leave", "meeting", "holiday", "extra_session", name="reason"))
    leave_id: Mapped[int | None] = mapped_column(sa.ForeignKey("hr_leaverequest.id"), index=True)


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
        self.cancelled_by, self.cancel_reason = cancelled_by, cancel_reason

    @transition("scheduled", "no_show", needs="change")
    def mark_no_show(self) -> None:
        """The patient did not come."""

    @transition("scheduled", "rescheduled", needs="reschedule")
    def reschedule(self) -> None:
        """Another appointment has taken the place of this one."""


class WaitlistEntry(Record):
    """A patient who would come if a time became free.

    waiting → offered | expired;  offered → booked | waiting | expired
    """

    __tablename__ = "appointments_waitlist"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    wanted_from: Mapped[date]
    wanted_to: Mapped[date]
    priority: Mapped[str] = mapped_column(Choice(*PRIORITIES, name="priority"), default="routine")
    status: Mapped[str] = mapped_column(
        Choice("waiting", "offered", "booked", "expired", name="status"), default="waiting"
    )

    @transition("waiting", "offered", needs="add")
    def offer(self) -> None:
        """The patient was told of a free time."""

    @transition("offered", "booked", needs="add")
    def book(self) -> None:
        """The patient took the time that was offered."""

    @transition("offered", "waiting", needs="change")
    def decline(self) -> None:
        """The patient did not want the time and waits on."""

    @transition("waiting | offered", "expired", needs="change")
    def expire(self) -> None:
        """The days the patient wished for are over."""
