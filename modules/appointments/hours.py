"""When doctors can be booked on a day: their schedules, less what takes time away, and what adds some."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from modules.appointments.models import Schedule, ScheduleException
from portal.kit import Record, _, current_hospital, day_bounds, db

EXTRA_MINUTES = 20
HOLIDAY = "holiday"


@dataclass(frozen=True)
class Window:
    """Time of one doctor that can be booked in slots; `origin` is where the first slot began before any was cut off."""

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    origin: datetime
    slot_minutes: int
    capacity: int = 1
    mode: str = "in_person"
    room_id: int | None = None
    schedule_id: int | None = None

    def takes(self, kind: str) -> bool:
        """Appointments of this kind are held in it: by video, or with the patient in the room."""
        return self.mode in ("both", "virtual" if kind == "virtual" else "in_person")

    @property
    def slots(self) -> Iterator[datetime]:
        """The beginning of each slot."""
        step = timedelta(minutes=self.slot_minutes)
        at = self.origin
        while at < self.ends_at:
            if at >= self.starts_at:
                yield at
            at += step

    def without(self, begin: datetime, end: datetime) -> Iterator["Window"]:
        """What is left of it when this time is taken away."""
        if end <= self.starts_at or begin >= self.ends_at:
            yield self
            return
        if begin > self.starts_at:
            yield replace(self, ends_at=begin)
        if end < self.ends_at:
            yield replace(self, starts_at=end)


@dataclass(frozen=True)
class Absence:
    """Time in which a doctor cannot be booked, and why."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass
class Hours:
    """A doctor's day: the windows in their order, and the time of windows that was taken away."""

    windows: list[Window] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)

    def fit(self, starts_at: datetime, ends_at: datetime, kind: str) -> Window | None:
        """The window whose slot begins then, where this and those that follow cover all of the time; else None."""
        covered, first, least = starts_at, None, None
        for window in sorted(self.windows, key=lambda one: one.starts_at):
            if not (window.takes(kind) and window.starts_at <= covered < window.ends_at):
                continue
            if first is None:
                first = window if starts_at in window.slots else None
                if first is None:
                    return None
            least = min(least or window.capacity, window.capacity)
            covered = window.ends_at
            if covered >= ends_at:
                return replace(first, capacity=least)
        return None

    def at(self, moment: datetime) -> Window | None:
        """The window at this moment."""
        return next((one for one in self.windows if one.starts_at <= moment < one.ends_at), None)


def hours_of(doctor_id: int, day: date) -> Hours:
    """One doctor's day."""
    return read_hours([doctor_id], day, day)[doctor_id, day]


def read_hours(doctor_ids: Collection[int], first: date, last: date) -> dict[tuple[int, date], Hours]:
    """The hours of these doctors on each of the days, in three queries however many there are."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = {(doctor_id, day): Hours() for doctor_id in doctor_ids for day in days}
    exceptions, holidays = _exceptions(doctor_ids, first, last), _holidays(first, last)
    for schedule in _schedules(doctor_ids, first, last):
        for day in days:
            if schedule.weekday == day.weekday() and _is_valid(schedule, day):
                found[schedule.doctor_id, day].windows.append(_window_of(schedule, day))
    for (doctor_id, day), hours in found.items():
        if day in holidays:
            _take_away(hours, Absence(*day_bounds(day), HOLIDAY))
        for one in exceptions[doctor_id]:
            if one.date_from <= day <= one.date_to:
                _apply(hours, one, day)
        hours.windows.sort(key=lambda window: window.starts_at)
    return found


def _apply(hours: Hours, one: ScheduleException, day: date) -> None:
    begin, end = bounds_of(one, day)
    if not one.adds_time:
        _take_away(hours, Absence(begin, end, one.reason))
        return
    minutes = one.doctor.default_slot_minutes or EXTRA_MINUTES
    added = Window(one.doctor_id, begin, end, begin, minutes, mode="both")
    pieces = [added]
    for window in hours.windows:
        pieces = [rest for piece in pieces for rest in piece.without(window.starts_at, window.ends_at)]
    hours.windows += pieces


def _take_away(hours: Hours, absence: Absence) -> None:
    for one in hours.windows:
        begin, end = max(one.starts_at, absence.starts_at), min(one.ends_at, absence.ends_at)
        if begin < end:
            hours.absences.append(Absence(begin, end, absence.reason))
    hours.windows = [rest for one in hours.windows for rest in one.without(absence.starts_at, absence.ends_at)]


def bounds_of(one: ScheduleException, day: date) -> tuple[datetime, datetime]:
    """From when to when an exception is about a day; all of it where it names no hours."""
    if one.start_time is None or one.end_time is None:
        return day_bounds(day)
    return moment_at(day, one.start_time), moment_at(day, one.end_time)


def days_of(one: ScheduleException) -> list[date]:
    """Every day that an exception is about."""
    return [one.date_from + timedelta(days=number) for number in range((one.date_to - one.date_from).days + 1)]


def moment_at(day: date, at: time) -> datetime:
    """The moment at which the hospital's clock shows this on this day."""
    return datetime.combine(day, at, current_hospital().zone).astimezone(UTC)


def _window_of(schedule: Schedule, day: date) -> Window:
    begin, end = moment_at(day, schedule.start_time), moment_at(day, schedule.end_time)
    slots = {"slot_minutes": schedule.slot_minutes, "capacity": schedule.capacity_per_slot, "mode": schedule.mode}
    return Window(schedule.doctor_id, begin, end, begin, room_id=schedule.room_id, schedule_id=schedule.id, **slots)


def _is_valid(schedule: Schedule, day: date) -> bool:
    return schedule.valid_from <= day and (schedule.valid_to is None or schedule.valid_to >= day)


def _schedules(doctor_ids: Collection[int], first: date, last: date) -> list[Schedule]:
    lasting = sa.or_(Schedule.valid_to.is_(None), Schedule.valid_to >= first)
    mine = (Schedule.doctor_id.in_(doctor_ids), Schedule.is_active, Schedule.valid_from <= last, lasting)
    return list(db.session.scalars(sa.select(Schedule).where(*mine).order_by(Schedule.start_time, Schedule.id)))


def _exceptions(doctor_ids: Collection[int], first: date, last: date) -> dict[int, list[ScheduleException]]:
    """The exceptions of each doctor; what adds time comes last, so that an extra session stands on a day off too."""
    among = sa.and_(ScheduleException.date_from <= last, ScheduleException.date_to >= first)
    query = sa.select(ScheduleException).where(ScheduleException.doctor_id.in_(doctor_ids), among)
    query = query.options(sa.orm.joinedload(ScheduleException.doctor))
    found = defaultdict(list)
    for one in db.session.scalars(query.order_by(ScheduleException.adds_time, ScheduleException.id)):
        found[one.doctor_id].append(one)
    return found


def _holidays(first: date, last: date) -> set[date]:
    """The days on which the hospital's offices rest; another module's table, known here by name."""
    table = Record.metadata.tables["hr_holiday"]
    return set(db.session.scalars(sa.select(table.c.date).where(table.c.date.between(first, last))))


REASONS = {
    "leave": _("On leave"),
    "meeting": _("Meeting"),
    "holiday": _("Holiday"),
    "extra_session": _("Extra session"),
}
