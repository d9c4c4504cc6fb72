"""When the doses of an inpatient prescription are due: planned a day ahead, and extended every hour (NUR-7)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from modules.doctors.api import RUNNING, Prescription, PrescriptionItem
from modules.nurses.house import tolerance
from modules.nurses.models import MedicationAdministration
from modules.patients.api import Encounter
from portal.kit import current_hospital, db, held, now

AHEAD = timedelta(hours=24)
ENDED = ("finished", "cancelled")
HOURS_BETWEEN = {"od": 24, "bd": 12, "tds": 8, "qds": 6, "q4h": 4, "q6h": 6, "q8h": 8}
BY_ELAPSED_TIME = ("q4h", "q6h", "q8h")  # the others keep their place on the clock when that is put forward or back


def is_as_needed(item: PrescriptionItem) -> bool:
    """The drug has no times: somebody gives it when the patient needs it."""
    return item.is_prn or item.frequency == "prn"


def plan_prescription(prescription: Prescription) -> int:
    """Plan the doses of the next 24 hours of a prescription for the ward; answers with how many are new."""
    if prescription.kind != "inpatient":
        return 0
    return _plan(PrescriptionItem.prescription_id == prescription.id)


def extend_doses() -> int:
    """Plan the next 24 hours of everybody who stays; answers with how many doses are new. The caller commits."""
    return _plan(Encounter.status.not_in(ENDED), Prescription.voided_at.is_(None))


def _plan(*conditions: sa.ColumnElement[bool]) -> int:
    """Take the drugs, then see which of their doses are there, so that nobody plans one twice."""
    query = sa.select(PrescriptionItem).join(Prescription, Prescription.id == PrescriptionItem.prescription_id)
    query = query.join(Encounter, Encounter.id == Prescription.encounter_id).where(
        Prescription.kind == "inpatient", Prescription.status.in_((*RUNNING, "completed")), _goes_on(), *conditions
    )
    query = query.options(contains_eager(PrescriptionItem.prescription))
    items = db.session.scalars(held(query.order_by(PrescriptionItem.id))).all()
    begin, until = now() - tolerance(), now() + AHEAD
    known = _known([item.id for item in items], begin)
    rows = [
        _dose(item, at) for item in items for at in due_times(item, until) if at >= begin and (item.id, at) not in known
    ]
    db.session.add_all(rows)
    db.session.flush()
    return len(rows)


def _goes_on() -> sa.ColumnElement[bool]:
    """The drug is given; one that was given out wholly is given until its days are over."""
    item = PrescriptionItem
    given_out = sa.and_(item.status == "completed", item.duration_days.is_not(None))
    return sa.and_(item.voided_at.is_(None), sa.or_(item.status == "active", given_out))


def _known(item_ids: Sequence[int], since: datetime) -> set[tuple[int, datetime]]:
    dose = MedicationAdministration
    query = sa.select(dose.prescription_item_id, dose.due_at).where(dose.prescription_item_id.in_(item_ids))
    return {tuple(row) for row in db.session.execute(query.where(dose.due_at >= since))}


def _dose(item: PrescriptionItem, at: datetime) -> MedicationAdministration:
    of = item.prescription
    return MedicationAdministration(
        prescription_item_id=item.id, patient_id=of.patient_id, encounter_id=of.encounter_id, due_at=at
    )


def due_times(item: PrescriptionItem, until: datetime) -> Iterator[datetime]:
    """When a drug is due, from its first dose to a moment or the end of its days; none for one given when needed.

    The first dose is due at the full hour, on time or next; a single one, to be given now, at its very minute.
    """
    if is_as_needed(item):
        return
    start = item.start_at.astimezone(current_hospital().zone)
    if item.frequency == "stat":
        times = iter([start.replace(second=0, microsecond=0)])
    elif item.frequency == "custom":
        times = _at_set_times(start, item.times)
    else:
        times = _in_steps(_full_hour(start), item.frequency)
    for at in times:
        if at.astimezone(UTC) > until or _is_over(item, start, at):
            return
        yield at.astimezone(UTC)


def _is_over(item: PrescriptionItem, start: datetime, at: datetime) -> bool:
    """The days of the drug have passed: as many doses as that takes are due before."""
    if item.duration_days is None:
        return False
    first = start if item.frequency == "custom" else _full_hour(start)
    return at.replace(tzinfo=None) >= first.replace(tzinfo=None) + timedelta(days=item.duration_days)


def _full_hour(at: datetime) -> datetime:
    """This hour where it is full, else the next."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if at - hour < timedelta(minutes=1) else hour + timedelta(hours=1)


def _in_steps(first: datetime, frequency: str) -> Iterator[datetime]:
    step, number = timedelta(hours=HOURS_BETWEEN[frequency]), 0
    while True:
        if frequency in BY_ELAPSED_TIME:
            yield (first.astimezone(UTC) + number * step).astimezone(first.tzinfo)
        else:
            yield first + number * step  # the same place on the clock, whatever the day's length
        number += 1


def _at_set_times(start: datetime, times: Sequence[str]) -> Iterator[datetime]:
    day, begin = start.date(), start.replace(second=0, microsecond=0)
    while times:
        for text in times:
            at = datetime.combine(day, time.fromisoformat(text), start.tzinfo)
            if at >= begin:
                yield at
        day += timedelta(days=1)
