"""The day by doctor: what is booked, what is free, and when nobody can be booked, as cells of a table."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise

from modules.appointments.find import departments_of, of_day
from modules.appointments.hours import HOLIDAY, REASONS, Hours, moment_at, read_hours
from modules.appointments.models import Appointment
from modules.appointments.own import doctors_shown
from modules.appointments.seats import read_taken
from modules.appointments.words import STATES
from modules.doctors.api import Doctor, active_doctors
from modules.rooms.api import rooms_of_kind
from portal.kit import _, current_hospital, day_bounds, now
from portal.kit.locks import BUCKET

HIDDEN = ("rescheduled",)
Taken = dict[datetime, set[int]]


@dataclass
class Cell:
    """A piece of a doctor's day: appointments, a free slot, one that nobody took, or no hours (`note` says why)."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    appointments: list[Appointment] = field(default_factory=list)
    slots: list[datetime] = field(default_factory=list)
    note: str = ""
    rows: int = 1

    @cached_property
    def begin(self) -> int:
        """The minute of the day at which it begins, by the hospital's clock."""
        local = self.starts_at.astimezone(current_hospital().zone)
        return local.hour * 60 + local.minute

    @cached_property
    def end(self) -> int:
        """The minute of the day at which it ends."""
        return self.begin + int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass
class Column:
    """A doctor's day from its first to its last piece, or one day of a doctor's week."""

    doctor: Doctor
    day: date
    cells: list[Cell]
    room: str = ""

    def at(self, row: int) -> Cell | None:
        """The cell that begins in this row; None where one from above goes on."""
        return next((cell for cell in self.cells if cell.begin == row), None)


@dataclass
class Board:
    """The columns, the moments at which a row begins, and what is counted above them."""

    day: date
    columns: list[Column]
    departments: dict[int, str]
    counts: Counter
    at: datetime
    rows: list[int] = field(default_factory=list)

    @property
    def legend(self) -> list[tuple]:
        """Each state that somebody is in: tone, icon, word and number."""
        return [(*words, self.counts[key]) for key, words in STATES.items() if self.counts[key]]

    @property
    def now_row(self) -> int | None:
        """The row in which it is now, where one of the columns is today's."""
        here = self.at.astimezone(current_hospital().zone)
        minute = here.hour * 60 + here.minute
        past = [row for row in self.rows if row <= minute]
        is_today = any(column.day == here.date() for column in self.columns)
        ends = max((cell.end for column in self.columns for cell in column.cells), default=0)
        return past[-1] if is_today and past and minute < ends else None

    @property
    def width(self) -> str:
        """How much room the columns need."""
        return "many" if len(self.columns) > 7 else ""


def read_board(day: date, department_id: int | None = None) -> Board:
    """The day of every doctor who works or is expected by somebody, in a fixed number of queries."""
    doctors = doctors_shown(active_doctors())
    mine = {one.id for one in doctors}
    booked = [one for one in of_day(day) if one.status not in HIDDEN]
    doctors += _others(booked, mine)
    shown = [one for one in doctors if department_id in (None, one.department_id)]
    columns = columns_of([(one, day) for one in shown], booked)
    columns = [column for column in columns if column.cells]
    seen = {column.doctor.id for column in columns}
    counts = Counter(one.status for one in booked if one.doctor_id in seen)
    return laid_out(Board(day, columns, departments_of(doctors), counts, now()))


def _others(booked: Iterable[Appointment], known: set[int]) -> list[Doctor]:
    """Doctors who are away or gone and have appointments on the day all the same."""
    return doctors_shown(list({one.doctor_id: one.doctor for one in booked if one.doctor_id not in known}.values()))


def read_week(doctor: Doctor, monday: date) -> Board:
    """Seven days of one doctor as columns."""
    days = [monday + timedelta(days=number) for number in range(7)]
    booked = [one for one in of_day(monday, doctor.id, until=days[-1]) if one.status not in HIDDEN]
    columns = columns_of([(doctor, day) for day in days], booked)
    counts = Counter(one.status for one in booked)
    return laid_out(Board(monday, columns, {}, counts, now()))


def columns_of(wanted: list[tuple[Doctor, date]], booked: list[Appointment]) -> list[Column]:
    """The columns of these doctors on these days, with their hours and taken seats in a few queries."""
    if not wanted:
        return []
    days = [day for _doctor, day in wanted]
    ids = {doctor.id for doctor, _day in wanted}
    hours = read_hours(ids, min(days), max(days))
    taken = read_taken("doctor", ids, day_bounds(min(days))[0], day_bounds(max(days))[1])
    rooms = {room.id: room.number for room in rooms_of_kind("consulting")}
    by_column = defaultdict(list)
    for one in booked:
        by_column[one.doctor_id, one.starts_at.astimezone(current_hospital().zone).date()].append(one)
    columns = []
    for doctor, day in wanted:
        theirs = hours[doctor.id, day]
        cells = list(cells_of(theirs, by_column[doctor.id, day], taken[doctor.id]))
        columns.append(Column(doctor, day, cells, _rooms_of(theirs, rooms)))
    return columns


def _rooms_of(hours: Hours, names: dict[int, str]) -> str:
    found = dict.fromkeys(names[one.room_id] for one in hours.windows if one.room_id in names)
    video = [_("Video")] if hours.windows and all(one.mode == "virtual" for one in hours.windows) else []
    return ", ".join([*found, *video])


def cells_of(hours: Hours, booked: list[Appointment], taken: Taken) -> Iterator[Cell]:
    """The pieces of a day, without gaps between them."""
    clusters, slots = _clusters(booked), _slots(hours)
    points = {*slots, *(at for one in (*hours.windows, *hours.absences) for at in (one.starts_at, one.ends_at))}
    points = {at for at in points if not any(begin < at < end for begin, end, _rows in clusters)}
    edges = sorted(points | {at for begin, end, _rows in clusters for at in (begin, end)})
    starting = {begin: rows for begin, _end, rows in clusters}
    for begin, end in pairwise(edges):
        if begin in starting:
            inside = [at for at in slots if begin <= at < end and _is_free(slots, at, taken)]
            yield Cell("booked", begin, end, starting[begin], inside)
        elif hours.at(begin):
            is_free = begin in slots and _is_free(slots, begin, taken)
            yield Cell("free" if is_free else "past", begin, end, slots=[begin] if is_free else [])
        else:
            yield Cell("off", begin, end, note=_why_off(hours, begin, end))


def _slots(hours: Hours) -> dict[datetime, tuple[int, int]]:
    """Each slot's beginning with its minutes and its capacity."""
    return {at: (window.slot_minutes, window.capacity) for window in hours.windows for at in window.slots}


def _is_free(slots: dict[datetime, tuple[int, int]], at: datetime, taken: Taken) -> bool:
    """Somebody can still be booked in this slot."""
    minutes, capacity = slots[at]
    buckets = range(int(timedelta(minutes=minutes) / BUCKET))
    return at > now() and all(len(taken.get(at + number * BUCKET, ())) < capacity for number in buckets)


def _clusters(booked: list[Appointment]) -> list[tuple[datetime, datetime, list[Appointment]]]:
    """Appointments that overlap, together: from when to when, and which."""
    found: list[tuple[datetime, datetime, list[Appointment]]] = []
    for one in sorted(booked, key=lambda row: row.starts_at):
        begin, end = one.starts_at.astimezone(UTC), one.ends_at.astimezone(UTC)
        if found and begin < found[-1][1]:
            first, last, rows = found.pop()
            found.append((first, max(last, end), [*rows, one]))
        else:
            found.append((begin, end, [one]))
    return found


def _why_off(hours: Hours, begin: datetime, end: datetime) -> str:
    """Why nobody can be booked."""
    away = next((one for one in hours.absences if one.starts_at < end and one.ends_at > begin), None)
    if away:
        return REASONS.get(away.reason, REASONS[HOLIDAY])
    later = [window.starts_at for window in hours.windows if window.starts_at >= end]
    if later:
        return _("Until {time}", time=f"{min(later).astimezone(current_hospital().zone):%H:%M}")
    return _("No clinic")


def laid_out(board: Board) -> Board:
    """The board with its rows; each column is filled up, so that all are as long, and each cell knows its rows."""
    cells = [cell for column in board.columns for cell in column.cells]
    if not cells:
        return board
    first, last = min(cell.begin for cell in cells), max(cell.end for cell in cells)
    for column in board.columns:
        _fill_up(column, first, last)
    board.rows = sorted({cell.begin for column in board.columns for cell in column.cells})
    for cell in (cell for column in board.columns for cell in column.cells):
        cell.rows = sum(cell.begin <= row < cell.end for row in board.rows)
    return board


def _fill_up(column: Column, first: int, last: int) -> None:
    """Let a column begin and end with the others."""
    cells = column.cells
    if not cells:
        cells.append(_off(column.day, first, last, _("No clinic")))
    if cells[0].begin > first:
        cells.insert(0, _off(column.day, first, cells[0].begin, _("Until {time}", time=clock_of(cells[0].begin))))
    if cells[-1].end < last:
        words = _("Clinic ends {time}", time=clock_of(cells[-1].end))
        cells.append(_off(column.day, cells[-1].end, last, words))


def _off(day: date, begin: int, end: int, words: str) -> Cell:
    at = moment_at(day, time(begin // 60, begin % 60))
    return Cell("off", at, at + timedelta(minutes=end - begin), note=words)


def clock_of(minute: int) -> str:
    """A minute of the day as 09:05."""
    return f"{minute // 60:02}:{minute % 60:02}"
