"""The shifts of a day: the personnel office’s, known by their table; nursing begins with the usual three."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import sqlalchemy as sa

from portal.kit import Record, _, current_hospital, db, now

USUAL = (
    ("early", _("Early"), time(7), time(15), False),
    ("late", _("Late"), time(14, 30), time(22, 30), False),
    ("night", _("Night"), time(22), time(7, 30), True),
)


@dataclass(frozen=True)
class Shift:
    """A part of the day that people work."""

    id: int
    name: str
    start_time: time
    end_time: time

    @property
    def is_night(self) -> bool:
        """It goes on past midnight."""
        return self.end_time <= self.start_time

    def __str__(self) -> str:
        return f"{self.name}, {self.start_time:%H:%M}–{self.end_time:%H:%M}"


def shifts() -> Sequence[Shift]:
    """The shifts in their order; where the hospital has none yet, the usual three are begun with."""
    found = _shifts()
    if not found:
        begin_with_usual()
        found = _shifts()
    return found


def _shifts() -> list[Shift]:
    table = Record.metadata.tables["hr_shift"]
    query = sa.select(table.c.id, table.c.name, table.c.start_time, table.c.end_time)
    return [Shift(*row) for row in db.session.execute(query.order_by(table.c.start_time, table.c.id))]


def begin_with_usual() -> None:
    """Add the three shifts that most hospitals have; whoever does it at the same moment finds them there."""
    rows = [
        {"code": code, "name": name, "start_time": start, "end_time": end, "crosses_midnight": crosses,
         "break_minutes": 30, "created_at": now(), "updated_at": now(), "version": 1}
        for code, name, start, end, crosses in USUAL
    ]  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.execute(sa.insert(Record.metadata.tables["hr_shift"]), rows)
    except sa.exc.IntegrityError:
        return


def shift_now() -> tuple[date, Shift]:
    """The shift that is at work, with the day on which it began."""
    return _at_work(shifts())


def shift_at_work() -> tuple[date, Shift] | None:
    """As `shift_now`, for pages that only read: None in a hospital that has no shifts yet."""
    found = _shifts()
    return _at_work(found) if found else None


def _at_work(found: Sequence[Shift]) -> tuple[date, Shift]:
    local = now().astimezone(current_hospital().zone)
    begun = [one for one in found if one.start_time <= local.time()]
    if begun:
        return local.date(), begun[-1]
    return local.date() - timedelta(days=1), found[-1]


def shift_choices() -> dict[int, str]:
    """The shifts a form offers."""
    return {one.id: str(one) for one in shifts()}
