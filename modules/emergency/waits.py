"""How long patients wait for a doctor, and who waits longer than they should (ER-2)."""

from dataclasses import dataclass

import sqlalchemy as sa

from modules.emergency.models import OPEN, Visit
from portal.kit import HospitalProfile, db

WAITING = ("arrived", "triaged")


@dataclass(frozen=True)
class Wait:
    """The whole minutes a patient has waited, and the minutes of their level; the clock that people see decides."""

    minutes: int
    target: int | None

    @property
    def over(self) -> int:
        """By how many minutes the target is passed; 0 where it is kept, or nobody has judged the level."""
        return 0 if self.target is None else max(0, self.minutes - self.target)


def read_targets() -> dict[int, int]:
    """Within how many minutes a doctor sees a patient of each level; the hospital sets them."""
    kept = db.session.scalar(sa.select(HospitalProfile.triage_targets))
    return {int(level): minutes for level, minutes in kept.items()}


def wait_of(visit: Visit, targets: dict[int, int]) -> Wait:
    """How long the patient of a visit has waited, or did wait until a doctor came."""
    return Wait(int(visit.waited.total_seconds() // 60), targets.get(visit.triage_level))


def in_department() -> sa.Select:
    """The visits of those who are here: the most urgent first, then who came first (ER-1)."""
    here = sa.select(Visit).where(Visit.status.in_(OPEN), Visit.voided_at.is_(None))
    return here.order_by(Visit.triage_level, Visit.arrived_at, Visit.id)


def tell_breaches() -> int:
    """Say of each patient who waits past the target that they do, once (ER-2, ER-5); answers with how many."""
    targets = read_targets()
    waiting = in_department().where(Visit.status.in_(WAITING), Visit.breached_at.is_(None))
    late = [visit for visit in db.session.scalars(waiting).all() if wait_of(visit, targets).over]
    return sum(visit.tell_breach() for visit in late)
