"""What emergency visits of a demonstration are about, and how they went."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from portal.kit import _

# Of how many in a hundred each level is.
LEVELS = {1: 2, 2: 12, 3: 38, 4: 33, 5: 15}
MODES = {"walk_in": 62, "ambulance": 26, "referral": 8, "police": 2, "other": 2}
DISPOSITIONS = {"discharged": 78, "admitted": 16, "transferred": 3, "left_against_advice": 3}
UNSEEN = 0.04
COMPLAINTS = {
    1: (_("Collapse, no pulse found"), _("Severe shock"), _("Fits without pause")),
    2: (_("Chest pain"), _("Weakness of one side since this morning"), _("Very short of breath")),
    3: (_("Abdominal pain"), _("Asthma, speaking in sentences"), _("Fever and confusion"), _("Head injury, awake")),
    4: (_("Wrist injury after a fall"), _("Urinary symptoms"), _("Vomiting since yesterday"), _("Cut on the hand")),
    5: (_("Dressing change"), _("Sore throat"), _("Insect bite"), _("Repeat prescription")),
    "case": (_("Road traffic accident"), _("Assault, injuries of the face"), _("Dog bite")),
}
CASES = 0.03


@dataclass(frozen=True)
class Course:
    """How one visit went, from the arrival until the patient left."""

    level: int
    complaint: str
    arrived_at: datetime
    triaged_at: datetime
    seen_at: datetime | None
    left_at: datetime
    disposition: str

    @property
    def status(self) -> str:
        """The state in which the visit ended."""
        return "departed" if self.seen_at else "left_without_being_seen"

    @property
    def steps(self) -> list[tuple[str, str, datetime]]:
        """Each move: from, to, when."""
        first = ("arrived", "triaged", self.triaged_at)
        if self.seen_at is None:
            return [first, ("triaged", self.status, self.left_at)]
        return [first, ("triaged", "in_treatment", self.seen_at), ("in_treatment", "departed", self.left_at)]


def course_of(random: Random, arrived_at: datetime, targets: dict[int, int]) -> Course:
    """How a visit went; chance is asked the same questions whatever it answers."""
    level = random.choices(list(LEVELS), list(LEVELS.values()))[0]
    judged, factor, stays = random.randint(0, 6), random.triangular(0.2, 1.6, 0.6), random.randint(40, 260)
    complaint, case = random.choice(COMPLAINTS[level]), random.choice(COMPLAINTS["case"])
    unseen, is_case = random.random() < UNSEEN, random.random() < CASES
    became = random.choices(list(DISPOSITIONS), list(DISPOSITIONS.values()))[0]
    waits = 0 if level == 1 else max(judged + 1, round(targets[level] * factor))
    triaged_at = arrived_at + timedelta(minutes=0 if level == 1 else judged)
    facts = {"level": level, "complaint": case if is_case else complaint, "arrived_at": arrived_at}
    facts["triaged_at"] = triaged_at
    if unseen and level > 2:
        left_at = arrived_at + timedelta(minutes=waits + 20)
        return Course(**facts, seen_at=None, left_at=left_at, disposition="left_without_being_seen")
    seen_at = arrived_at + timedelta(minutes=waits)
    return Course(**facts, seen_at=seen_at, left_at=seen_at + timedelta(minutes=stays), disposition=became)
