"""What a hospital's mode means for those who use it, for requests, jobs and the console alike (tenancy.md T22)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.clock import now

OPEN_MODES = ("active", "read_only")
CLOSED_MODES = ("maintenance", "suspended", "deleted")
MODES = (*OPEN_MODES, *CLOSED_MODES)


def is_closed(mode: str) -> bool:
    """In this mode nobody gets in, and no engine is opened; nor in one that only a newer release knows."""
    return mode not in OPEN_MODES


def read_only_since(
    mode: str, since: datetime | None, ends_on: date | None, grace_days: int, zone: ZoneInfo
) -> date | None:
    """The hospital's day since which nothing is saved in it, or None.

    It was made read-only, or its agreement ended and the days of grace are over: at the midnight of its own zone.
    """
    if is_closed(mode):
        return None
    made = (since or now()).astimezone(zone).date() if mode == "read_only" else None
    ended = first_day_after(ends_on, grace_days)
    over = ended if ended and now().astimezone(zone).date() >= ended else None
    return min(filter(None, (made, over)), default=None)


def first_day_after(ends_on: date | None, grace_days: int) -> date | None:
    """The first day on which a hospital with this agreement is read-only by itself."""
    return ends_on + timedelta(days=grace_days + 1) if ends_on else None
