"""What was done for the invented inpatients: rounds, diets, the named nurse, and what those who left leave behind."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

import sqlalchemy as sa

from modules.ipd.leaving import order_discharge
from modules.ipd.models import Admission, CareTeamMember, Clearance, DietOrder, DischargeSummary, Round
from modules.ipd.models.discharge import CLEARANCES
from modules.staff.api import Staff
from portal.kit import Record, _, current_hospital, day_bounds, db, new_uuid, now, today

LEAVING, ROUND_DAYS = 4, 3
PARTS = ("subjective", "objective", "assessment", "plan")
NOTES = (
    (_("Slept well, less pain"), _("Chest clear, no fever"), _("Better"), _("Go on, blood tests tomorrow")),
    (_("Still short of breath"), _("Crackles on the right"), _("Slowly better"), _("Oxygen, physiotherapy")),
    (_("Hungry, walked in the corridor"), _("Wound dry"), _("Well"), _("Soft diet, home soon")),
)
SUMMARY = {
    "course": _("Treated on the ward and better from day to day."),
    "condition": _("Walks, eats and drinks, no fever."),
    "advice": _("Rest for a week. Come back with fever, pain or bleeding."),
}


def expected_today() -> sa.Select:
    """The patients who have an appointment today; another module's table, known here by name."""
    table, (begin, end) = Record.metadata.tables["appointments_appointment"], day_bounds(today())
    return sa.select(table.c.patient_id).where(table.c.starts_at.between(begin, end))


def made_at(at: datetime, by: int | None) -> dict:
    """Who made a row, and when."""
    return {"created_at": at, "updated_at": at, "created_by": by, "updated_by": by}


def kept(rows: list[Record]) -> list:
    """The rows, with their ids."""
    db.session.add_all(rows)
    db.session.flush()
    return rows


def note_care(random: Random, rows: list[Admission], by: int | None, nurse: int | None) -> None:
    """Note diets for everybody, rounds and a nurse for who is here, clearances and summaries for who has left."""
    nurses = db.session.scalars(sa.select(Staff.id).where(Staff.role_kind == "nurse", Staff.status == "active")).all()
    made: list[Record] = []
    for row in rows:
        times = {"from_at": row.admitted_at} | made_at(row.admitted_at, by)
        made.append(DietOrder(admission_id=row.id, diet=row.diet, to_at=row.discharged_at, **times))
        if row.discharged_at:
            made.extend(_left_behind(row, by, nurse))
            continue
        if nurses:
            made.append(
                CareTeamMember(admission_id=row.id, staff_id=random.choice(nurses), role=_("Named nurse"), **times)
            )
        made.extend(_rounds(random, row, by))
    kept(made)


def _rounds(random: Random, row: Admission, by: int | None) -> Iterator[Round]:
    """A round for each of the last mornings of the stay."""
    for ago in range(ROUND_DAYS, -1, -1):
        morning = datetime.combine(today() - timedelta(days=ago), time(8, 30), current_hospital().zone)
        at = morning + timedelta(minutes=random.randint(0, 90))
        notes = dict(zip(PARTS, random.choice(NOTES), strict=True))
        if row.admitted_at < at < now():
            who = {"admission_id": row.id, "doctor_id": row.attending_id}
            yield Round(at=at, signed_at=at, **who, **notes, **made_at(at, by))


def _left_behind(row: Admission, by: int | None, nurse: int | None) -> list[Record]:
    """The clearances and the signed summary of somebody who has left."""
    at = row.discharged_at - timedelta(minutes=20)
    given = {"status": "cleared", "by": nurse, "at": at} | made_at(at, nurse)
    signed = {
        "status": "signed",
        "signed_by": by,
        "signed_at": at,
        "followup_on": (at + timedelta(days=10)).date(),
    }
    summary = DischargeSummary(uuid=new_uuid(), admission_id=row.id, diagnoses=row.provisional_dx, **SUMMARY, **signed)
    return [summary, *(Clearance(admission_id=row.id, kind=kind, **given) for kind in CLEARANCES)]


def let_some_leave(random: Random, rows: list[Admission]) -> None:
    """A few discharges are ordered today, with some clearances given."""
    for row in random.sample(rows, min(LEAVING, len(rows) // 3)):
        order_discharge(row, None, now().date())
        row.discharge_ordered_at = now() - timedelta(minutes=random.randint(20, 150))
        for one in db.session.scalars(sa.select(Clearance).where(Clearance.admission_id == row.id)):
            if one.kind in ("pharmacy", "laboratory") and random.random() < 0.6:
                getattr(one, f"clear_{one.kind}")()
