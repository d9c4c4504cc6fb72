"""The work of a ward: every bed with its patient, the doses and tasks that are due, and the last score."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa

from modules.nurses.assigning import carers_of
from modules.nurses.badges import ScoreBadge, news2_badge
from modules.nurses.find import find_own_nurse
from modules.nurses.house import tolerance
from modules.nurses.models import MedicationAdministration, Nurse, Task, VitalSign
from modules.nurses.models.care import TO_DO
from modules.nurses.vitals import latest_scores, latest_vitals
from modules.patients.api import Patient
from modules.rooms.api import Bed, BedAllocation, Room, Ward
from portal.kit import current_hospital, db, now, today

FRESH = timedelta(days=2)
RED_EVERY, WARN_EVERY, ELSE_EVERY = timedelta(hours=1), timedelta(hours=4), timedelta(hours=12)


@dataclass
class BedWork:
    """A bed with its patient, and what is to be done there."""

    bed: Bed
    ward: Ward | None
    allocation: BedAllocation
    patient: Patient
    vital: VitalSign | None = None
    scored: VitalSign | None = None
    nurse: Nurse | None = None
    doses_due: int = 0
    doses_overdue: int = 0
    tasks: int = 0
    tasks_overdue: int = 0

    @property
    def encounter_id(self) -> int:
        """The stay."""
        return self.allocation.encounter_id

    @property
    def score(self) -> ScoreBadge | None:
        """The badge of the last score."""
        return news2_badge(self.scored)

    @property
    def is_red(self) -> bool:
        """Somebody has to come now."""
        return self.scored is not None and self.scored.is_red

    @property
    def vitals_due_at(self) -> datetime:
        """When vital signs have to be taken again: the worse the score, the sooner."""
        if self.vital is None:
            return self.allocation.starts_at
        worst = self.scored or self.vital
        often = RED_EVERY if worst.is_red else WARN_EVERY if worst.is_alert else ELSE_EVERY
        return self.vital.taken_at + often

    @property
    def vitals_overdue(self) -> bool:
        """Vital signs should have been taken again by now."""
        return self.vitals_due_at < now()

    @property
    def day(self) -> int:
        """On which day of the stay in this bed the patient is."""
        begun = self.allocation.starts_at.astimezone(current_hospital().zone).date()
        return (today() - begun).days + 1

    @property
    def needs_somebody(self) -> bool:
        """Something is overdue, or the score is red."""
        return bool(self.is_red or self.doses_overdue or self.tasks_overdue or self.vitals_overdue)


@dataclass
class Worklist:
    """What the board shows: the beds of the wards asked for, and the numbers above them."""

    wards: Sequence[Ward]
    rows: list[BedWork]
    wanted: str
    only: str
    at: datetime

    @cached_property
    def here(self) -> list[BedWork]:
        """The beds of the ward that was chosen; of every ward that may be seen else."""
        if not self.current:
            return self.rows
        return [row for row in self.rows if row.ward and str(row.ward.id) == self.current]

    @property
    def shown(self) -> list[BedWork]:
        """The beds that meet the filter."""
        return self.found(self.only)

    def found(self, only: str) -> list[BedWork]:
        """The beds that meet a filter, “red”, “overdue” or “mine”; every bed for another."""
        tests = {"red": lambda row: row.is_red, "overdue": lambda row: row.needs_somebody, "mine": self._is_mine}
        test = tests.get(only)
        return [row for row in self.here if test(row)] if test else self.here

    def _is_mine(self, row: BedWork) -> bool:
        return self.own is not None and row.nurse is not None and row.nurse.id == self.own.id

    @cached_property
    def own(self) -> Nurse | None:
        """The nurse at work, whose patients may be asked for."""
        return find_own_nurse()

    @property
    def current(self) -> str:
        """The ward that was chosen; empty for all."""
        return self.wanted if self.wanted in {str(ward.id) for ward in self.wards} else ""

    def total(self, name: str) -> int:
        """The sum of one number over the beds."""
        return sum(getattr(row, name) for row in self.here)


def read_worklist(wards: Sequence[Ward], wanted: str = "", only: str = "") -> Worklist:
    """The beds of these wards that somebody lies in, in a fixed number of queries."""
    rows = beds_in([ward.id for ward in wards])
    _add_scores(rows)
    _add_doses(rows)
    _add_tasks(rows)
    carers = carers_of([row.encounter_id for row in rows])
    for row in rows:
        row.nurse = carers.get(row.encounter_id)
    return Worklist(wards, rows, wanted, only, now())


def beds_in(ward_ids: Collection[int]) -> list[BedWork]:
    """Who lies in these wards, bed by bed."""
    query = (
        sa.select(Bed, Ward, BedAllocation, Patient)
        .join(BedAllocation, BedAllocation.active_bed_id == Bed.id)
        .join(Room, Room.id == Bed.room_id)
        .join(Ward, Ward.id == Room.ward_id)
        .join(Patient, Patient.id == BedAllocation.patient_id)
        .where(BedAllocation.status == "active", Ward.id.in_(list(ward_ids)))
        .order_by(Ward.name, Bed.code)
    )
    return [BedWork(*row) for row in db.session.execute(query)]


def _add_scores(rows: list[BedWork]) -> None:
    ids, since = [row.patient.id for row in rows], now() - FRESH
    measured, scored = latest_vitals(ids, since), latest_scores(ids, since)
    for row in rows:
        row.vital, row.scored = measured.get(row.patient.id), scored.get(row.patient.id)


def _add_doses(rows: list[BedWork]) -> None:
    dose, at = MedicationAdministration, now()
    counted = _counted(dose.due_at < at, dose.due_at >= at)
    query = sa.select(dose.encounter_id, *counted).where(
        dose.encounter_id.in_([row.encounter_id for row in rows]),
        dose.status == "scheduled", dose.due_at <= at + tolerance(), dose.voided_at.is_(None),
    )  # fmt: skip
    found = {number: counts for number, *counts in db.session.execute(query.group_by(dose.encounter_id))}
    for row in rows:
        row.doses_overdue, row.doses_due = found.get(row.encounter_id, (0, 0))


def _add_tasks(rows: list[BedWork]) -> None:
    query = sa.select(Task.encounter_id, *_counted(Task.due_at < now(), sa.true())).where(
        Task.encounter_id.in_([row.encounter_id for row in rows]), Task.status.in_(TO_DO), Task.voided_at.is_(None)
    )
    found = {number: counts for number, *counts in db.session.execute(query.group_by(Task.encounter_id))}
    for row in rows:
        row.tasks_overdue, row.tasks = found.get(row.encounter_id, (0, 0))


def _counted(*conditions: sa.ColumnElement[bool]) -> list[sa.ColumnElement[int]]:
    return [sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0) for condition in conditions]
