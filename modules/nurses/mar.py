"""The medicines of a stay on one day: drugs as rows, times as columns, in each cell what became of the dose."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from modules.doctors.api import RUNNING, Prescription, PrescriptionItem, amount
from modules.doctors.api import dose_in_words as in_words
from modules.nurses.giving import controlled_of
from modules.nurses.models import MedicationAdministration
from modules.nurses.slots import is_as_needed
from modules.patients.api import Encounter
from portal.kit import _, current_hospital, day_bounds, db, ngettext, now, today
from portal.kit.models import StatusLog
from portal.kit.people import User

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Cell:
    """How one dose looks in its cell; `opens` where something can be done with it."""

    dose: MedicationAdministration
    tone: str
    icon: str
    title: str
    detail: str
    is_planned: bool = False
    opens: bool = False


@dataclass
class Line:
    """A drug of the grid, with the doses of the day by their hour."""

    item: PrescriptionItem
    is_controlled: bool
    cells: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    last_given_at: datetime | None = None

    @property
    def is_as_needed(self) -> bool:
        """It stands in the lower part of the grid."""
        return is_as_needed(self.item)

    @property
    def can_be_given(self) -> bool:
        """A dose may be given now, without one that is due."""
        item = self.item
        return self.is_as_needed and item.status == "active" and item.prescription.status in RUNNING

    @property
    def dose(self) -> str:
        """Such as “500 mg by mouth, three times a day, 5 days”."""
        return in_words(self.item)


@dataclass
class Grid:
    """The grid of a stay on one day."""

    encounter: Encounter
    day: date
    lines: list[Line]
    at: datetime

    @property
    def is_today(self) -> bool:
        """The day is this one."""
        return self.day == today()

    @cached_property
    def hour(self) -> int | None:
        """The column of now; none on another day."""
        return self.at.astimezone(current_hospital().zone).hour if self.is_today else None

    @cached_property
    def hours(self) -> list[int]:
        """The columns: every hour with a dose, and the one it is now."""
        found = {hour for line in self.lines for hour in line.cells}
        return sorted(found | ({self.hour} if self.hour is not None else set()))

    @property
    def parts(self) -> list[tuple[str, list[Line]]]:
        """The scheduled drugs, then those given when needed; a part without any is left out."""
        scheduled = [line for line in self.lines if not line.is_as_needed]
        needed = [line for line in self.lines if line.is_as_needed]
        return [(title, lines) for title, lines in ((_("Scheduled"), scheduled), (_("When needed"), needed)) if lines]

    @property
    def doses(self) -> Iterable[MedicationAdministration]:
        """Every dose of the day."""
        return (cell.dose for line in self.lines for some in line.cells.values() for cell in some)

    @property
    def says(self) -> str:
        """Such as “1 overdue, 2 due within the hour”."""
        doses = list(self.doses)
        overdue = sum(dose.is_overdue for dose in doses)
        due = sum(is_due(dose) and not dose.is_overdue for dose in doses)
        return _("{overdue} overdue, {due} due within the hour", overdue=overdue, due=due)


def is_due(dose: MedicationAdministration) -> bool:
    """The dose may be given now."""
    return dose.status == "scheduled" and not dose.is_early


def read_grid(encounter: Encounter, day: date) -> Grid:
    """The medicines of a stay on a day of the hospital, in a fixed number of queries."""
    doses = _doses(encounter, day)
    items = _items(encounter, {dose.prescription_item_id for dose in doses})
    controlled = controlled_of([item.item_id for item in items if item.item_id])
    lines = {item.id: Line(item, item.item_id in controlled) for item in items}
    names, notes = _initials(doses), _why_on_hold(doses)
    zone = current_hospital().zone
    for dose in doses:
        cell = cell_of(dose, names.get(dose.given_by or dose.updated_by, ""), notes.get(dose.id, ""))
        lines[dose.prescription_item_id].cells[dose.due_at.astimezone(zone).hour].append(cell)
    for item_id, at in _last_given([item.id for item in items if is_as_needed(item)]):
        lines[item_id].last_given_at = at
    return Grid(encounter, day, list(lines.values()), now())


def _doses(encounter: Encounter, day: date) -> Sequence[MedicationAdministration]:
    dose, (begin, end) = MedicationAdministration, day_bounds(day)
    query = sa.select(dose).where(
        dose.encounter_id == encounter.id, dose.due_at >= begin, dose.due_at < end, dose.voided_at.is_(None)
    )
    return db.session.scalars(query.order_by(dose.due_at, dose.id)).all()


def _items(encounter: Encounter, with_doses: set[int]) -> Sequence[PrescriptionItem]:
    """What runs for the ward, and what has a dose on the day."""
    runs = sa.and_(
        Prescription.kind == "inpatient", Prescription.status.in_(RUNNING), PrescriptionItem.status == "active"
    )
    query = (
        sa.select(PrescriptionItem)
        .join(Prescription, Prescription.id == PrescriptionItem.prescription_id)
        .options(contains_eager(PrescriptionItem.prescription).options(joinedload(Prescription.doctor)))
        .where(Prescription.encounter_id == encounter.id, Prescription.voided_at.is_(None))
        .where(sa.or_(runs, PrescriptionItem.id.in_(with_doses)))
    )
    return db.session.scalars(query.order_by(PrescriptionItem.drug_text, PrescriptionItem.id)).unique().all()


def _initials(doses: Sequence[MedicationAdministration]) -> dict[int, str]:
    ids = {dose.given_by or dose.updated_by for dose in doses} - {None}
    query = sa.select(User.id, User.first_name, User.last_name).where(User.id.in_(ids))
    return {number: f"{first[:1]}{last[:1]}".upper() for number, first, last in db.session.execute(query)}


def _why_on_hold(doses: Sequence[MedicationAdministration]) -> dict[int, str]:
    held = [dose.id for dose in doses if dose.status == "on_hold"]
    query = sa.select(StatusLog.object_id, StatusLog.note).where(
        StatusLog.content_type == MedicationAdministration.__tablename__,
        StatusLog.object_id.in_(held),
        StatusLog.to_status == "on_hold",
    )
    return dict(db.session.execute(query.order_by(StatusLog.id)).all())


def _last_given(item_ids: Sequence[int]) -> Iterable[tuple[int, datetime]]:
    dose = MedicationAdministration
    query = sa.select(dose.prescription_item_id, sa.func.max(dose.given_at)).where(
        dose.prescription_item_id.in_(item_ids), dose.status == "completed", dose.voided_at.is_(None)
    )
    return db.session.execute(query.group_by(dose.prescription_item_id)).all()


def cell_of(dose: MedicationAdministration, initials: str, note: str) -> Cell:
    """How a dose looks."""
    due = f"{dose.due_at.astimezone(current_hospital().zone):%H:%M}"
    if dose.status == "completed":
        given = f"{dose.given_at.astimezone(current_hospital().zone):%H:%M} · {initials}"
        if dose.is_late:
            return Cell(dose, "warn", "clock", _("Given late"), given)
        return Cell(dose, "ok", "circle-check", _("Given"), given)
    if dose.status == "not_done":
        return Cell(dose, "unk", "circle-x", _("Not given"), f"{dose.reason_not_given} · {initials}")
    if dose.status == "on_hold":
        return Cell(dose, "warn", "player-pause", _("On hold"), note or due, opens=True)
    if dose.status == "stopped":
        return Cell(dose, "unk", "ban", _("Stopped"), due)
    if dose.is_overdue:
        return Cell(dose, "bad", "alert-triangle", _("Overdue {time}", time=how_long(dose)), _("Give now"), opens=True)
    if is_due(dose):
        return Cell(dose, "info", "clock", _("Due {at}", at=due), _("Give"), opens=True)
    return Cell(dose, "unk", "calendar", due, _("Planned"), is_planned=True)


def how_long(dose: MedicationAdministration) -> str:
    """How long a dose is overdue, such as “42 min” or “3 h”."""
    passed = now() - dose.due_at
    if passed < 2 * HOUR:
        return ngettext("{count} min", "{count} min", int(passed.total_seconds() // 60))
    return ngettext("{count} h", "{count} h", int(passed / HOUR))


def amount_of(dose: MedicationAdministration) -> str:
    """What was prescribed for one dose, such as “500 mg”."""
    return f"{amount(dose.item.dose)} {dose.item.dose_unit}"
