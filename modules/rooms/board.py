"""The bed board: every bed of every ward with its state, its patient and what other modules say of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa

from modules.patients.api import Patient
from modules.rooms.marks import PLACE, BedMark
from modules.rooms.models import Bed, BedAllocation, Maintenance, Room, Ward
from modules.rooms.policy import CHILD_BELOW, years_of
from modules.rooms.words import POLICIES, SEX_LETTERS
from portal.kit import _, current_hospital, db, filled, now, today
from portal.kit.models import StatusLog

OUT_OF_USE = ("cleaning", "maintenance", "blocked")
EXPECTED = {"reserved": "reserved", "active": "occupied"}
BAYS = "bays"
AGE_IN_WORDS_BELOW = 2


@dataclass
class Spot:
    """A bed of the board, who has it, and why it is out of use and since when."""

    bed: Bed
    room: Room
    allocation: BedAllocation | None = None
    patient: Patient | None = None
    since: datetime | None = None
    note: str = ""
    marks: list[BedMark] = field(default_factory=list)

    @property
    def badges(self) -> list[BedMark]:
        """What other modules say as badges."""
        return [mark for mark in self.marks if mark.tone]

    @property
    def last_line(self) -> str:
        """On which day of the stay the patient is, and what other modules add to it."""
        begun = self.allocation.starts_at.astimezone(current_hospital().zone).date()
        day = _("Day {number}", number=(today() - begun).days + 1)
        return " · ".join([day, *self.words])

    @property
    def words(self) -> list[str]:
        """What other modules say without a badge, such as “out 25 Nov”."""
        return [mark.text for mark in self.marks if not mark.tone]

    @property
    def is_red(self) -> bool:
        """Somebody has to come now."""
        return any(mark.is_red for mark in self.marks)

    @property
    def age_and_sex(self) -> str:
        """Such as “54 M”, as far as it is known."""
        years = years_of(self.patient.birth_date)
        age = self.patient.age if years is None or years < AGE_IN_WORDS_BELOW else str(years)
        return " ".join(filter(None, (age, SEX_LETTERS.get(self.patient.sex))))

    @property
    def initials(self) -> str:
        """Such as “K.O.”."""
        letters = (self.patient.first_name[:1], self.patient.last_name[:1])
        return "".join(f"{letter.upper()}." for letter in letters if letter)

    @property
    def disagrees(self) -> bool:
        """The state of the bed is not that of its allocation (ROOM-8)."""
        wanted = EXPECTED[self.allocation.status] if self.allocation else None
        return self.bed.status != wanted if wanted else self.bed.status in EXPECTED.values()


@dataclass
class Section:
    """The beds of a ward; without a ward, the bays that belong to none."""

    ward: Ward | None
    spots: list[Spot] = field(default_factory=list)

    @property
    def key(self) -> str:
        """How addresses name it."""
        return str(self.ward.id) if self.ward else BAYS

    @property
    def name(self) -> str:
        """What people call it."""
        return self.ward.name if self.ward else _("Bays")

    @property
    def about(self) -> str:
        """On which floor it is, and whom it takes."""
        if self.ward is None:
            return ""
        floor = _("Floor {floor}", floor=self.ward.floor) if self.ward.floor else ""
        takes = _("under {years}", years=CHILD_BELOW) if self.ward.kind == "paediatric" else ""
        return " · ".join(filter(None, (floor, takes or POLICIES[self.ward.gender_policy].lower())))

    def legend(self, states: dict, *, shown_only: bool = False) -> list[tuple]:
        """Each state with its tone, pattern, icon, word and number; `shown_only` leaves out what no bed has."""
        return [(*words, self.counts[key]) for key, words in states.items() if self.counts[key] or not shown_only]

    @cached_property
    def counts(self) -> Counter:
        """How many of its beds are in each state."""
        return Counter(spot.bed.status for spot in self.spots)

    @property
    def free(self) -> int:
        """How many beds can be given to somebody."""
        return self.counts["available"]

    @property
    def occupied(self) -> int:
        """In how many beds somebody lies."""
        return self.counts["occupied"]

    @property
    def open(self) -> int:
        """How many beds there are that are not being repaired."""
        return len(self.spots) - self.counts["maintenance"]

    @property
    def percent(self) -> int:
        """How much of it is occupied."""
        return round(100 * self.occupied / self.open) if self.open else 0


@dataclass
class Board:
    """What the board shows, and the chips above it."""

    sections: list[Section]
    wanted: str
    at: datetime

    @property
    def shown(self) -> list[Section]:
        """The section that is asked for; else every ward."""
        asked = [section for section in self.sections if section.key == self.wanted]
        return asked or self.wards

    @property
    def current(self) -> str:
        """The key of the one section that is shown; empty for all wards."""
        return self.wanted if any(section.key == self.wanted for section in self.sections) else ""

    @property
    def wards(self) -> list[Section]:
        """The sections that are wards."""
        return [section for section in self.sections if section.ward]

    @property
    def whole(self) -> Section:
        """All that is shown as one, for its numbers."""
        return Section(None, [spot for section in self.shown for spot in section.spots])


def read_board(wanted: str = "") -> Board:
    """The whole hospital in a fixed number of queries, with what other modules say of the patients."""
    spots = spots_of(open_beds())
    _add_patients(spots)
    _add_reasons(spots)
    _add_marks(spots)
    return Board(_sections(spots), wanted, now())


def read_numbers() -> Board:
    """The states of the beds alone: no patient is read, so none can be shown."""
    return Board(_sections(spots_of(open_beds())), "", now())


def open_beds() -> sa.Select:
    """Every bed in use with its room and ward, as they are laid out."""
    query = sa.select(Bed, Room, Ward).join(Room, Room.id == Bed.room_id).outerjoin(Ward, Ward.id == Room.ward_id)
    query = query.where(Bed.is_active, Room.status != "closed", sa.or_(Ward.id.is_(None), Ward.is_active))
    placed = (Bed.grid_key.is_(None), Bed.grid_row, Bed.grid_col)
    return query.order_by(Ward.id.is_(None), Ward.code, Room.number, *placed, Bed.code)


def spots_of(beds: sa.Select) -> dict[int, tuple[Spot, Ward | None]]:
    """The beds of the query, each with its ward, by id."""
    return {bed.id: (Spot(bed, room), ward) for bed, room, ward in db.session.execute(beds)}


def _sections(spots: dict[int, tuple[Spot, Ward | None]]) -> list[Section]:
    sections: dict[int | None, Section] = {}
    for spot, ward in spots.values():
        sections.setdefault(ward and ward.id, Section(ward)).spots.append(spot)
    return list(sections.values())


def _add_patients(spots: dict[int, tuple[Spot, Ward | None]]) -> None:
    held = sa.select(BedAllocation, Patient).join(Patient, Patient.id == BedAllocation.patient_id)
    for allocation, patient in db.session.execute(held.where(BedAllocation.active_bed_id.is_not(None))):
        if allocation.active_bed_id in spots:
            spot, _ward = spots[allocation.active_bed_id]
            spot.allocation, spot.patient = allocation, patient


def _add_reasons(spots: dict[int, tuple[Spot, Ward | None]]) -> None:
    """Why beds are out of use, and since when: what was said at the last move, or what is being repaired."""
    for log in last_moves(spots):
        spot, _ward = spots[log.object_id]
        if spot.bed.status in OUT_OF_USE:
            spot.since, spot.note = log.at, log.note
    for repair in db.session.scalars(sa.select(Maintenance).where(Maintenance.status == "in_progress")):
        if repair.bed_id in spots:
            spots[repair.bed_id][0].note = repair.reason


def last_moves(ids: Iterable[int]) -> Iterable[StatusLog]:
    """The latest move of each of these beds that are out of use."""
    mine = sa.and_(StatusLog.content_type == Bed.__tablename__, StatusLog.object_id == Bed.id)
    latest = sa.select(sa.func.max(StatusLog.id)).join(Bed, mine)
    latest = latest.where(Bed.status.in_(OUT_OF_USE), Bed.id.in_(list(ids))).group_by(Bed.id)
    return db.session.scalars(sa.select(StatusLog).where(StatusLog.id.in_(latest)))


def _add_marks(spots: dict[int, tuple[Spot, Ward | None]]) -> None:
    marks = defaultdict(list)
    for mark in filled(PLACE, [spot.allocation for spot, _ward in spots.values() if spot.allocation]):
        marks[mark.bed_id].append(mark)
    for bed_id, some in marks.items():
        if bed_id in spots:
            spots[bed_id][0].marks = some
