"""What was measured, given and to be done in the visits of a demonstration; who invents the visits asks for it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from modules.doctors.api import RUNNING, Prescription, PrescriptionItem
from modules.nurses.models import MedicationAdministration, Task, VitalSign
from modules.nurses.news2 import score_of
from modules.nurses.slots import AHEAD, due_times
from modules.patients.api import Encounter, Patient
from portal.kit import _, db, new_uuid, now
from portal.kit.demo import users_by_role
from portal.kit.people import User

EVERY, EVERY_BEFORE, MOST_OF_A_STAY = timedelta(hours=8), timedelta(hours=12), 24
# How ill somebody is: the share, then the middle of breaths, SpO2, systolic, pulse, temperature, and whether on oxygen.
WELL, ILL, VERY_ILL = (15, 98, 126, 76, 36.8, False), (20, 95, 108, 96, 38.0, False), (25, 91, 98, 118, 38.9, True)
TASKS = (
    (_("Change the dressing"), "routine", "routine"),
    (_("Help with washing"), "routine", "routine"),
    (_("Blood sugar before the meal"), "routine", "urgent"),
    (_("Fluid balance"), "routine", "routine"),
    (_("Turn the patient"), "routine", "urgent"),
    (_("Explain the medicines for home"), "discharge", "routine"),
)
REASONS = (_("Patient refused"), _("Nil by mouth"), _("Away from the ward"))


def invent_vitals(random: Random, encounters: Iterable[Encounter], at: Mapping[int, datetime] | None = None) -> int:
    """Invent vital signs for these visits: one each, at the times given by their ids, and several of a stay.

    Answers with how many. One statement, however many visits there are; a visit is given once.
    """
    visits = [one for one in encounters if one.status not in ("planned", "cancelled")]
    born = _birth_dates(visits)
    by = _nurse_user()
    known = at or {}
    rows = [row for visit in visits for row in _course(random, visit, born[visit.patient_id], by, known.get(visit.id))]
    if rows:
        db.session.execute(sa.insert(VitalSign), rows)
    return len(rows)


def _birth_dates(visits: list[Encounter]) -> dict:
    ids = {visit.patient_id for visit in visits}
    return dict(db.session.execute(sa.select(Patient.id, Patient.birth_date).where(Patient.id.in_(ids))).all())


def _nurse_user() -> int:
    nurse = users_by_role().get("nurse")
    return nurse.id if nurse else db.session.scalar(sa.select(sa.func.min(User.id)))


def _course(random: Random, visit: Encounter, born, by: int, at: datetime | None) -> Iterator[dict]:
    """What was measured in a visit; who left was well by then."""
    ill = random.choices((WELL, ILL, VERY_ILL), (82, 14, 4))[0]
    until = visit.ended_at or now()
    first = at or min(visit.started_at + timedelta(minutes=random.randint(4, 25)), until)
    moments = [first]
    if visit.encounter_class == "IMP":
        latest = until - timedelta(minutes=random.randint(15, 420))
        every = EVERY_BEFORE if visit.ended_at else EVERY
        moments = [latest - every * step for step in range(MOST_OF_A_STAY)]
        moments = [at for at in moments if at > visit.started_at][::-1] or [first]
    weight = Decimal(random.randint(480, 980)) / 10
    for number, at in enumerate(moments):
        now_ill = ill if visit.ended_at is None or number * 2 < len(moments) else WELL
        is_weighed = number == 0 and visit.encounter_class == "IMP"
        yield _measured(random, visit, at, now_ill, born, by) | {"weight_kg": weight if is_weighed else None}


def _measured(random: Random, visit: Encounter, at: datetime, ill: tuple, born, by: int) -> dict:
    breaths, spo2, systolic, pulse, heat, oxygen = ill
    systolic += random.randint(-12, 14)
    row = VitalSign(
        resp_rate=breaths + random.randint(-2, 2),
        spo2=min(100, spo2 + random.randint(-1, 1)),
        on_oxygen=oxygen,
        bp_sys=systolic,
        bp_dia=systolic * 62 // 100,
        pulse=pulse + random.randint(-9, 10),
        temperature_c=Decimal(str(round(heat + random.uniform(-0.3, 0.4), 1))),
        consciousness="A",
        pain=random.choice((0, 0, 1, 2, 3, 5)),
    )
    score = score_of(row, born, at.date())
    names = ("resp_rate", "spo2", "on_oxygen", "bp_sys", "bp_dia", "pulse", "temperature_c", "consciousness", "pain")
    return {name: getattr(row, name) for name in names} | {
        "uuid": new_uuid(),
        "patient_id": visit.patient_id,
        "encounter_id": visit.id,
        "taken_at": at,
        "taken_by": by,
        "news2": score and score.total,
        "news2_max_single": score and score.highest,
        **_stamps(at, by),
    }


def _stamps(at: datetime, by: int) -> dict:
    return {"created_at": at, "updated_at": at, "created_by": by, "updated_by": by, "version": 1}


def invent_stays(random: Random, encounters: Iterable[Encounter]) -> int:
    """Invent the doses and tasks of these stays that go on; answers with how many doses. A stay is given once."""
    stays = [one for one in encounters if one.encounter_class == "IMP" and one.status == "in_progress"]
    by = _nurse_user()
    rows = [row for item, of in _items([one.id for one in stays]) for row in _doses(random, item, of, by)]
    if rows:
        db.session.execute(sa.insert(MedicationAdministration), rows)
    tasks = [_task(random, stay, by) for stay in stays for _time in range(random.choice((0, 1, 1, 2)))]
    if tasks:
        db.session.execute(sa.insert(Task), tasks)
    return len(rows)


def _items(encounter_ids: list[int]) -> list[sa.Row]:
    query = sa.select(PrescriptionItem, Prescription).join(
        Prescription, Prescription.id == PrescriptionItem.prescription_id
    )
    wanted = (Prescription.kind == "inpatient", Prescription.status.in_(RUNNING), PrescriptionItem.status == "active")
    return list(db.session.execute(query.where(Prescription.encounter_id.in_(encounter_ids), *wanted)))


def _doses(random: Random, item: PrescriptionItem, of: Prescription, by: int) -> Iterator[dict]:
    """The doses of a drug since it was prescribed; one or two of today are overdue."""
    for due in due_times(item, now() + AHEAD):
        is_past = due < now() - timedelta(minutes=random.choice((0, 0, 0, 0, 50)))
        given_at = min(due + timedelta(minutes=random.choice((-20, -5, 2, 6, 12, 25, 70))), now())
        given_at = max(given_at, item.start_at)
        status = random.choices(("completed", "not_done"), (96, 4))[0] if is_past else "scheduled"
        yield {
            "uuid": new_uuid(),
            "prescription_item_id": item.id,
            "patient_id": of.patient_id,
            "encounter_id": of.encounter_id,
            "due_at": due,
            "status": status,
            "given_at": given_at if status == "completed" else None,
            "given_by": by if status == "completed" else None,
            "dose_given": item.dose if status == "completed" else None,
            "reason_not_given": random.choice(REASONS) if status == "not_done" else None,
            **_stamps(min(due, now()), by),
        }


def _task(random: Random, stay: Encounter, by: int) -> dict:
    title, phase, priority = random.choice(TASKS)
    due = now() + timedelta(minutes=random.choice((-40, 20, 60, 90, 150, 240, 360)))
    return {
        "uuid": new_uuid(),
        "patient_id": stay.patient_id,
        "encounter_id": stay.id,
        "title": title,
        "phase": phase,
        "priority": priority,
        "due_at": due,
        "mandatory": phase == "discharge",
        "status": "in_progress" if random.random() < 0.2 else "requested",
        **_stamps(now() - timedelta(hours=2), by),
    }
