"""NEWS2, the early warning score of the Royal College of Physicians: seven measurements, one number (NUR-5).

It is for people of 16 years and older, and only where all seven are known.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ADULT_FROM = 16
# For each, the highest value of every step but the last, and the points of each step.
STEPS = {
    "resp_rate": ((8, 11, 20, 24), (3, 1, 0, 2, 3)),
    "spo2": ((91, 93, 95), (3, 2, 1, 0)),
    "bp_sys": ((90, 100, 110, 219), (3, 2, 1, 0, 3)),
    "pulse": ((40, 50, 90, 110, 130), (3, 1, 0, 1, 2, 3)),
    "temperature_c": ((Decimal("35.0"), Decimal("36.0"), Decimal("38.0"), Decimal("39.0")), (3, 1, 0, 1, 2)),
}
OXYGEN, NOT_ALERT = 2, 3


@dataclass(frozen=True)
class Score:
    """The points of each part, by its name."""

    parts: dict[str, int]

    @property
    def total(self) -> int:
        """The score itself."""
        return sum(self.parts.values())

    @property
    def highest(self) -> int:
        """The points of the worst part."""
        return max(self.parts.values())


def score_of(measured, born: date | None, on: date) -> Score | None:
    """The score of what was measured at somebody born on a day; None for children, unknown ages, and what lacks a part.

    `measured` has the seven as attributes, such as a `VitalSign`.
    """
    if born is None or years_between(born, on) < ADULT_FROM:
        return None
    values = {name: getattr(measured, name) for name in STEPS}
    if measured.consciousness is None or measured.on_oxygen is None or None in values.values():
        return None
    parts = {name: points_of(name, value) for name, value in values.items()}
    parts["on_oxygen"] = OXYGEN if measured.on_oxygen else 0
    parts["consciousness"] = 0 if measured.consciousness == "A" else NOT_ALERT
    return Score(parts)


def points_of(name: str, value: int | Decimal) -> int:
    """The points of one measured value."""
    highest, points = STEPS[name]
    return points[bisect_left(highest, value)]


def years_between(born: date, on: date) -> int:
    """Whole years from one day to another."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
