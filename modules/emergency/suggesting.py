"""Which level the vital signs speak for, as a hint to the nurse who judges."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

from modules.emergency.words import LEVELS
from modules.nurses.api import score_of
from portal.kit import _, today

# From which NEWS2 score on which level is suggested.
BY_SCORE = ((7, 2), (5, 3), (1, 4), (0, 5))
ALERTING_SINGLE = 3
SEVERE_PAIN = 8


@dataclass(frozen=True)
class Suggestion:
    """A level, and why."""

    level: int
    why: str

    def __str__(self) -> str:
        return _("Suggested: {level} {word} ({why})", level=self.level, word=LEVELS[self.level], why=self.why)


def suggest(measured: dict, born: date | None) -> Suggestion | None:
    """The most urgent level that what was measured speaks for; None where it says nothing.

    The score needs all seven parts and an adult; somebody who does not respond, or is in severe pain, needs no score.
    """
    found = list(_signs(measured))
    score = score_of(SimpleNamespace(**measured), born, today())
    if score is not None:
        level = next(level for least, level in BY_SCORE if score.total >= least)
        if score.highest >= ALERTING_SINGLE:
            level = min(level, 3)
        found.append(Suggestion(level, _("NEWS2 {score}", score=score.total)))
    return min(found, key=lambda one: one.level, default=None)


def _signs(measured: dict):
    if measured["consciousness"] == "U":
        yield Suggestion(1, _("does not respond"))
    if (measured["pain"] or 0) >= SEVERE_PAIN:
        yield Suggestion(3, _("severe pain"))
