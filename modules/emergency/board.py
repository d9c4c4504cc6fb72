"""The triage board: who is here, how urgent, how long each waits, and where they are (ER-1, ER-2)."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa

from modules.emergency.models import Ambulance, Visit
from modules.emergency.waits import WAITING, Wait, in_department, read_targets, wait_of
from modules.emergency.words import LEVELS, SEX_LETTERS
from modules.nurses.api import ScoreBadge, VitalSign, latest_scores, news2_badge
from modules.patients.api import Patient
from modules.rooms.api import Bed, Room
from portal.kit import _, db, now, today

ORDER = (1, 2, None, 3, 4, 5)
FILTERS = {
    "breach": lambda case: case.is_late,
    "untriaged": lambda case: case.visit.status == "arrived",
    "waiting": lambda case: case.is_waiting,
    "bed": lambda case: case.visit.status == "awaiting_bed",
}


@dataclass(frozen=True)
class Case:
    """A patient of the board: why they came, how long they wait, where they are."""

    visit: Visit
    patient: Patient
    place: str | None
    wait: Wait
    vital: VitalSign | None

    @property
    def score(self) -> ScoreBadge | None:
        """The badge of a score of which a doctor has to hear."""
        return news2_badge(self.vital) if self.vital and self.vital.is_alert else None

    @property
    def is_waiting(self) -> bool:
        """No doctor has come yet."""
        return self.visit.status in WAITING

    @property
    def is_late(self) -> bool:
        """The patient waits past the target."""
        return self.is_waiting and self.wait.over > 0

    @property
    def seen_late(self) -> bool:
        """A doctor came, past the target."""
        return not self.is_waiting and self.wait.over > 0

    @property
    def age_and_sex(self) -> str:
        """Such as “54 M”, as far as it is known; the name of an unidentified patient says the age."""
        born, day = self.patient.birth_date, today()
        age = "" if born is None or self.patient.is_temporary else str(_years(born, day))
        return " ".join(filter(None, (age, SEX_LETTERS.get(self.patient.sex))))


def _years(born, day) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass
class Lane:
    """The patients of one level; without a level, those whom nobody has judged."""

    level: int | None
    target: int | None
    cases: list[Case] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What people call the level."""
        return LEVELS[self.level] if self.level else _("Not triaged")

    @property
    def key(self) -> str:
        """How its elements are named."""
        return str(self.level or "u")

    @property
    def says(self) -> str:
        """How soon a doctor comes."""
        if self.target is None:
            return _("Clock is running")
        return _("Be seen in {minutes} min", minutes=self.target) if self.target else _("Be seen at once")


@dataclass
class Board:
    """What the board shows, and the numbers above it."""

    lanes: list[Lane]
    ambulances: list[Ambulance]
    bays: tuple[int, int]
    wanted: str
    at: datetime

    @cached_property
    def cases(self) -> list[Case]:
        """Everybody in the department."""
        return [case for lane in self.lanes for case in lane.cases]

    def found(self, key: str) -> list[Case]:
        """Those whom a number above the board counts."""
        return [case for case in self.cases if FILTERS[key](case)]

    @property
    def shown(self) -> list[Lane]:
        """All lanes; those with somebody in them where one number is looked into."""
        if self.wanted not in FILTERS:
            return self.lanes
        chosen = FILTERS[self.wanted]
        lanes = [Lane(lane.level, lane.target, [case for case in lane.cases if chosen(case)]) for lane in self.lanes]
        return [lane for lane in lanes if lane.cases]

    @property
    def most_over(self) -> int:
        """By how many minutes the longest wait is past its target."""
        return max((case.wait.over for case in self.found("breach")), default=0)

    @property
    def longest_untriaged(self) -> int:
        """For how many minutes somebody has waited whom nobody has judged."""
        return max((case.wait.minutes for case in self.found("untriaged")), default=0)

    @property
    def bed_since(self) -> datetime | None:
        """Since when the first of those who wait for a bed does."""
        return min((case.visit.disposition_at for case in self.found("bed")), default=None)

    @property
    def coming(self) -> list[Ambulance]:
        """The ambulances that bring somebody."""
        return [one for one in self.ambulances if one.status == "to_hospital"]


def read_board(wanted: str = "") -> Board:
    """The whole department, in a fixed number of queries."""
    targets = read_targets()
    lanes = {level: Lane(level, targets.get(level)) for level in ORDER}
    rows = db.session.execute(with_places()).all()
    since = min((visit.arrived_at for visit, *_rest in rows), default=None)
    scores = latest_scores([patient.id for _visit, patient, _place in rows], since)
    for visit, patient, place in rows:
        case = Case(visit, patient, place, wait_of(visit, targets), scores.get(patient.id))
        lanes[visit.triage_level].cases.append(case)
    coming = sa.select(Ambulance).where(Ambulance.status == "to_hospital").order_by(Ambulance.code)
    return Board(list(lanes.values()), list(db.session.scalars(coming)), count_bays(), wanted, now())


def with_places() -> sa.Select:
    """Those who are here, each with the bay they are in."""
    query = in_department().join(Patient, Patient.id == Visit.patient_id)
    query = query.outerjoin(Bed, Bed.id == Visit.bed_id).outerjoin(Room, Room.id == Bed.room_id)
    return query.add_columns(Patient, Room.number)


def count_bays() -> tuple[int, int]:
    """How many bays somebody is in, and how many there are."""
    taken = sa.func.count(sa.case((Bed.status == "occupied", 1)))
    query = sa.select(taken, sa.func.count(Bed.id)).join(Room, Room.id == Bed.room_id)
    return tuple(db.session.execute(query.where(Room.kind == "er_bay", Bed.is_active, Room.status != "closed")).one())
