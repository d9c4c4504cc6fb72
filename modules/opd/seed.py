"""The outpatients of a demonstration hospital: two months of visits, and today's queues with people in them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from modules.doctors.api import Doctor, active_doctors, invent_prescriptions
from modules.opd.invented import CASES
from modules.opd.models import Visit
from modules.opd.seed_rows import write
from modules.patients.api import Encounter, Patient
from portal.kit import Record, current_hospital, day_bounds, db, now, today
from portal.kit.demo import HospitalSize

VISITS, OF_PATIENTS = 1600, 1200
DAYS, TODAY, OPENS, HOURS = 60, 0.02, 8, 9
LEFT, PRESCRIBED = 0.03, 0.85
OLD, MOTHERS, OTHERWISE = 70, (18, 42), ("normal",) * 12 + ("urgent",)
BOOKED = {"checked_in": "registered", "in_consultation": "in_consultation", "completed": "completed"}
STILL_HERE = ("in_consultation", "vitals_done", "registered", "awaiting_results", "registered", "vitals_done")


@dataclass
class Coming:
    """A visit that is to be written: who comes to whom, when, and how far it got."""

    patient_id: int
    doctor: Doctor
    at: datetime
    status: str
    case: tuple
    priority: str = "normal"
    appointment_id: int | None = None
    asked_for: datetime | None = None

    @property
    def session_at(self) -> datetime:
        """The time that says in whose queue the patient waits."""
        return self.asked_for or self.at


def seed(size: HospitalSize, random: Random) -> None:
    """Invent the visits: those of the appointments that took place, and walk-ins; most with a prescription."""
    doctors = active_doctors()
    people = db.session.execute(
        sa.select(Patient.created_at, Patient.id, Patient.birth_date, Patient.sex)
        .where(Patient.status == "active")
        .order_by(Patient.created_at)
    ).all()
    if not doctors or not people:
        return
    count = max(12, round(VISITS * size.patients / OF_PATIENTS))
    coming = list(_booked({one.id: one for one in doctors}, random))
    here = max(len(STILL_HERE), round(count * TODAY))
    coming += _walk_ins(random, doctors, people, max(0, count - len(coming) - here))
    coming += _still_here(random, doctors, people, here)
    visits = write(random, sorted(_without_doubles(coming), key=lambda one: (one.at, one.patient_id)))
    _prescribe(random, visits)


def _booked(doctors: dict[int, Doctor], random: Random) -> Iterator[Coming]:
    """The appointments to which somebody has come; another module's table, known here by name."""
    table = Record.metadata.tables["appointments_appointment"]
    query = sa.select(table).where(table.c.status.in_(list(BOOKED)), table.c.kind != "virtual")
    for row in db.session.execute(query.order_by(table.c.id)):
        if row.doctor_id in doctors:
            at = row.checked_in_at or row.starts_at - timedelta(minutes=10)
            how = {"appointment_id": row.id, "asked_for": row.starts_at}
            status = BOOKED[row.status]
            yield Coming(row.patient_id, doctors[row.doctor_id], at, status, random.choice(CASES), **how)


def _walk_ins(random: Random, doctors: Sequence[Doctor], people: Sequence, count: int) -> Iterator[Coming]:
    """Who came on one of the last days without an appointment; some left before the consultation."""
    for _number in range(count):
        day = today() - timedelta(days=random.randint(1, DAYS))
        opens = day_bounds(day)[0] + timedelta(hours=OPENS)
        at = opens + timedelta(minutes=random.randrange(HOURS * 60))
        status = "left" if random.random() < LEFT else "completed"
        yield _who_comes(random, doctors, people, at, status)


def _still_here(random: Random, doctors: Sequence[Doctor], people: Sequence, count: int) -> Iterator[Coming]:
    """Who came today and is with a doctor or waits; a few are seen already."""
    begin = day_bounds(today())[0]
    few = sorted(doctors, key=lambda one: not (one.user_id or one.staff.user_id))[: max(1, count // 6)]
    for number in range(count):
        status = "completed" if number % 9 == 8 else STILL_HERE[(number // len(few)) % len(STILL_HERE)]
        minutes = 100 + random.randrange(40) if status not in ("registered", "vitals_done") else random.randrange(8, 70)
        at = max(begin, now() - timedelta(minutes=minutes))
        yield _who_comes(random, [few[number % len(few)]], people, at, status)


def _who_comes(random: Random, doctors: Sequence[Doctor], people: Sequence, at: datetime, status: str) -> Coming:
    """Somebody who was registered by then."""
    known = bisect_right(people, at, key=lambda row: row.created_at) or len(people)
    who = people[random.randrange(known)]
    return Coming(who.id, random.choice(doctors), at, status, random.choice(CASES), _priority(random, who))


def _priority(random: Random, who: sa.Row) -> str:
    """Whether somebody is called before others: the old, some women who may be pregnant, a few more."""
    age = (today() - who.birth_date).days // 365 if who.birth_date else 40
    if age >= OLD:
        return random.choice(("elderly", "elderly", "disabled"))
    is_pregnant = who.sex == "female" and MOTHERS[0] <= age <= MOTHERS[1] and random.random() < 0.15
    return "pregnant" if is_pregnant else random.choice(OTHERWISE)


def _without_doubles(coming: Sequence[Coming]) -> list[Coming]:
    """One visit of a patient to a doctor a day, that of an appointment first; none of who waits there (PAT-5)."""
    zone, known, kept = current_hospital().zone, _open_already(), []
    for one in coming:
        key = (one.patient_id, one.doctor.id, one.at.astimezone(zone).date())
        if key not in known and key[:2] not in known:
            known.add(key)
            kept.append(one)
    return kept


def _open_already() -> set[tuple]:
    rows = db.session.execute(
        sa.select(Encounter.patient_id, Encounter.doctor_id).where(
            Encounter.encounter_class == "AMB", Encounter.active_key.is_not(None)
        )
    )
    return {tuple(row) for row in rows}


def _prescribe(random: Random, visits: Sequence[int]) -> None:
    """A prescription for most of the consultations."""
    query = sa.select(Encounter).join(Visit, Visit.encounter_id == Encounter.id).where(Visit.id.in_(visits))
    seen = db.session.scalars(query.where(Encounter.status.in_(("in_progress", "finished"))).order_by(Encounter.id))
    invent_prescriptions(random, [one for one in seen if random.random() < PRESCRIBED])
