"""The hours in which doctors can be booked, and what for."""

from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.doctors.api import Doctor
from modules.rooms.api import Room
from portal.kit import Choice, Exposed, Record, Refused, _, db, held

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


def hold_hours_of(doctor_id: int) -> None:
    """Take the doctor's row: bookings wait, or are there already when the hours are read (P2)."""
    db.session.scalar(held(sa.select(Doctor).where(Doctor.id == doctor_id)))


class ServiceType(Record):
    """What an appointment is for, how long it takes and what it costs."""

    __tablename__ = "appointments_servicetype"

    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    default_minutes: Mapped[int] = mapped_column(default=20)
    color: Mapped[str] = mapped_column(sa.String(20), default="")
    billing_service_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, **facts) -> "ServiceType":
        """Offer a new kind of visit."""
        one = cls().change(**facts)
        db.session.add(one)
        return one

    def change(self, **facts) -> "ServiceType":
        """Correct a kind of visit; appointments that are booked keep their length."""
        for name, value in facts.items():
            setattr(self, name, value)
        return self


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

    doctor: Mapped[Doctor] = relationship()
    room: Mapped[Room | None] = relationship()

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]}, {self.start_time:%H:%M} – {self.end_time:%H:%M}"

    @classmethod
    def add(cls, *, doctor_id: int, **facts) -> "Schedule":
        """Open hours; raises `Refused` where they are no hours, or the doctor has others at the time."""
        return cls(doctor_id=doctor_id).change(**facts)

    def change(self, **facts) -> "Schedule":
        """Correct hours; what is booked in them stays booked. Raises `Refused` as `add` does."""
        hold_hours_of(self.doctor_id)
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            self._refuse_wrong()
            self._refuse_overlap()
        db.session.add(self)
        return self

    def _refuse_wrong(self) -> None:
        if self.end_time <= self.start_time:
            raise Refused(_("The end must be after the start"), "end_time")
        for name in ("start_time", "end_time"):
            if getattr(self, name).minute % 5:
                raise Refused(_("Times are multiples of five minutes"), name)
        if self.slot_minutes % 5:
            raise Refused(_("Choose a multiple of five minutes"), "slot_minutes")
        if self.valid_to and self.valid_to < self.valid_from:
            raise Refused(_("The last day must not be before the first"), "valid_to")

    def _refuse_overlap(self) -> None:
        """Two windows of one doctor never overlap; the doctor's row is held, so nobody adds another meanwhile."""
        if self.is_active is False:
            return
        last = self.valid_to or date.max
        same = sa.and_(
            Schedule.doctor_id == self.doctor_id,
            Schedule.weekday == self.weekday,
            Schedule.is_active,
            Schedule.start_time < self.end_time,
            Schedule.end_time > self.start_time,
            Schedule.valid_from <= last,
            sa.or_(Schedule.valid_to.is_(None), Schedule.valid_to >= self.valid_from),
            Schedule.id.is_distinct_from(self.id),
        )
        other = db.session.scalar(sa.select(Schedule).where(same).limit(1))
        if other:
            raise Refused(_("The doctor has hours then already: {hours}", hours=other), "start_time")


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

    doctor: Mapped[Doctor] = relationship()

    @property
    def is_whole_day(self) -> bool:
        """It is about whole days, not about hours of them."""
        return self.start_time is None
