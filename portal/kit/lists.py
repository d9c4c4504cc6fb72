"""Lists of people: what is looked for is posted and stays out of the address, everything else is in it (D16)."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from flask import redirect, request, url_for

from portal.pages.lists import Column, Listing
from portal.times import today, zone

__all__ = ["Column", "Found", "Listing", "day_asked", "day_bounds", "day_named", "filters_in_url"]

FIRST_DAY, LAST_DAY = date(1, 1, 3), date(9999, 12, 29)  # so that both ends of a day are in the calendar of every zone
FARTHEST = timedelta(days=3660)


@dataclass
class Found(Listing):
    """The rows that were searched for: in the list's own order, each further page by posting the words again."""

    words_in_url = False

    def __post_init__(self):
        first = next(column.sort for column in self.columns if column.key == self.default_sort.removeprefix("-"))
        self.order = first.desc() if self.default_sort.startswith("-") else first
        self.columns = [replace(column, sort=None) for column in self.columns]

    @property
    def sort(self) -> str:
        """Nothing to choose: the order is that of the list."""
        return ""

    @property
    def ordered(self) -> sa.Select:
        """All rows that were found, in the list's own order."""
        return self.query.order_by(self.order, self.tie)


def filters_in_url(names: Collection[str]):
    """Where to go so that a posted search has its filters in the address, or None when they are there already."""
    if request.method != "POST":
        return None
    posted = {name: request.form[name] for name in names if name in request.form}
    changed = any(value != request.args.get(name, "") for name, value in posted.items())
    searching = bool(request.form.get("q", "").strip())
    if searching and not changed:
        return None
    wanted = request.args.to_dict() | posted
    kept = {name: wanted[name] for name in (*names, "sort", "per_page") if wanted.get(name)}
    return redirect(url_for(request.endpoint, **(request.view_args or {}), **kept), 307 if searching else 303)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The moments at which a day of the hospital begins and ends."""
    day = min(max(day, FIRST_DAY), LAST_DAY)
    begin, end = (datetime.combine(one, time.min, zone()) for one in (day, day + timedelta(days=1)))
    return begin.astimezone(UTC), end.astimezone(UTC)


def day_named(text: str) -> date | None:
    """A day of an address; None where it names none that people mean."""
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if abs(day - today()) < FARTHEST:
            return day
    return None


def day_asked() -> date:
    """The day of the address; today where it names none that people mean."""
    return day_named(request.args.get("day", "")) or today()
