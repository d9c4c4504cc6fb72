"""The times of a doctor that are still free, to choose one of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from modules.appointments.hours import Hours, read_hours
from modules.appointments.models import ServiceType
from modules.appointments.seats import read_taken
from portal.kit import _, current_hospital, day_bounds, ngettext, now
from portal.kit.locks import BUCKET

FAR = timedelta(days=28)


@dataclass(frozen=True)
class FreeTime:
    """The beginning of a slot, and how many patients can still be booked at it."""

    starts_at: datetime
    left: int

    @property
    def is_free(self) -> bool:
        """Somebody can be booked."""
        return self.left > 0

    @property
    def value(self) -> str:
        """How a form sends it."""
        return self.starts_at.isoformat()

    @property
    def time(self) -> str:
        """The hospital's clock."""
        return f"{self.starts_at.astimezone(current_hospital().zone):%H:%M}"

    @property
    def note(self) -> str:
        """How many can still be booked, in words."""
        return ngettext("{count} left", "{count} left", self.left) if self.left else _("taken")


def free_times(doctor_id: int, day: date, minutes: int, kind: str = "scheduled") -> list[FreeTime]:
    """The slots of a day that are not over, each with the number of patients who fit for so many minutes."""
    return times_between(doctor_id, day, day, minutes, kind)


def times_between(doctor_id: int, first: date, last: date, minutes: int, kind: str = "scheduled") -> list[FreeTime]:
    """The slots of several days, in four queries however many days there are."""
    found = read_hours([doctor_id], first, last)
    taken = read_taken("doctor", [doctor_id], day_bounds(first)[0], day_bounds(last)[1])[doctor_id]
    return [one for (_doctor, _day), hours in found.items() for one in slots_in(hours, taken, minutes, kind)]


def slots_in(hours: Hours, taken: dict[datetime, set[int]], minutes: int, kind: str = "scheduled") -> list[FreeTime]:
    """The slots of a doctor's day that are not over, given which seats are taken."""
    needed, times = timedelta(minutes=minutes), []
    for window in hours.windows:
        for at in window.slots:
            fits = hours.fit(at, at + needed, kind) if at > now() else None
            if fits:
                seats = range(1, fits.capacity + 1)
                buckets = [taken.get(at + number * BUCKET, set()) for number in range(int(needed / BUCKET))]
                times.append(FreeTime(at, min(sum(seat not in some for seat in seats) for some in buckets)))
    return times


def next_free(doctor_id: int, minutes: int, from_day: date, most: int = 6) -> list[FreeTime]:
    """The next free times from a day on, within four weeks."""
    times = times_between(doctor_id, from_day, from_day + FAR, minutes)
    return [one for one in times if one.is_free][:most]


def minutes_of(service: ServiceType | None) -> int:
    """How long a visit takes."""
    return service.default_minutes if service else 20
