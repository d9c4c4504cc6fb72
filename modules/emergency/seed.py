"""The emergency department of a demonstration hospital: 60 days of visits, and who is here now."""

from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from modules.doctors.api import Doctor, active_doctors, invent_prescriptions
from modules.emergency.invented_visits import COMPLAINTS, MODES, Course, course_of
from modules.emergency.models import Ambulance, Triage, Visit
from modules.emergency.seed_today import BOARD, IN_A_SMALL_ONE, fill_board
from modules.emergency.waits import read_targets
from modules.ipd.api import expected_today
from modules.nurses.api import Nurse, VitalSign, active_nurses, invent_vitals
from modules.patients.api import Encounter, Patient
from portal.kit import Record, _, db, new_uuid, next_number, now, today
from portal.kit.demo import HospitalSize
from portal.kit.models import StatusLog

SHARE, DAYS, LARGE_FROM = 0.35, 60, 800
ADULT = timedelta(days=18 * 366)
PRESCRIBED = 0.5
AMBULANCES = (
    ("A-1", _("Team 1, stroke call"), "to_hospital"),
    ("A-2", _("Team 2"), "available"),
    ("A-3", _("Team 3"), "out_of_service"),
)


def seed(size: HospitalSize, random: Random) -> None:
    """Invent what happened, then who is here now; nothing where no doctor works."""
    doctors = active_doctors()
    if not doctors:
        return
    board = BOARD if size.patients >= LARGE_FROM else BOARD[:IN_A_SMALL_ONE]
    db.session.add_all(Ambulance(code=code, crew=crew, status=status) for code, crew, status in AMBULANCES)
    db.session.flush()
    people = _people()
    random.shuffle(people)
    begin = now() - timedelta(days=DAYS + 1)
    here = [one for one in people if one.birth_date and one.birth_date < today() - ADULT][: len(board)]
    came = [one for one in people if one.created_at < begin and one.birth_date and one.birth_date < begin.date()]
    came = [one for one in came if one not in here][: round(size.patients * SHARE)]
    _add_past(random, came, _of_emergency(doctors), active_nurses())
    fill_board(random, board, here, _of_emergency(doctors))


def _of_emergency(doctors: list[Doctor]) -> list[Doctor]:
    """The doctors of the department; all where it has none."""
    return [one for one in doctors if one.department.code == "EMG"] or doctors


def _people() -> list[Patient]:
    """Who may come: alive, known, in no visit now, and never on a ward, so that nobody is in two places at once."""
    is_elsewhere = sa.or_(Encounter.active_key.is_not(None), Encounter.encounter_class == "IMP")
    here = sa.select(Encounter.patient_id).where(is_elsewhere)
    query = sa.select(Patient).where(Patient.status == "active", sa.not_(Patient.is_temporary), Patient.id.not_in(here))
    return list(db.session.scalars(query.where(Patient.id.not_in(expected_today())).order_by(Patient.id)))


def _add_past(random: Random, people: list[Patient], doctors: list[Doctor], nurses: list[Nurse]) -> None:
    """Visits that are over, the oldest with the lowest number: a few statements, however many there are."""
    if not people:
        return
    targets, ends = read_targets(), now() - timedelta(hours=8)
    times = sorted(ends - timedelta(minutes=random.randrange(DAYS * 1440)) for _person in people)
    rows = [
        (person, random.choice(doctors), course_of(random, at, targets))
        for person, at in zip(people, times, strict=True)
    ]
    ids = _insert(Encounter, [_encounter(person, doctor, course) for person, doctor, course in rows])
    facts = [_visit(random, row, number, targets) for row, number in zip(rows, ids, strict=True)]
    at = {number: course.triaged_at for number, (_person, _doctor, course) in zip(ids, rows, strict=True)}
    visits, measured = _insert(Visit, facts), _measure(random, at)
    log, triages = [], []
    for (_person, _doctor, course), number, encounter_id in zip(rows, visits, ids, strict=True):
        log += [_step(number, *step) for step in course.steps]
        if nurses:
            judged = {"level": course.level, "triaged_at": course.triaged_at, "pain": random.randint(0, 9)}
            judged |= {"visit_id": number, "vital_sign_id": measured.get(encounter_id), "is_retriage": False}
            triages.append(judged | {"triaged_by": random.choice(nurses).id})
    db.session.execute(sa.insert(StatusLog), log)
    _insert(Triage, triages)
    some = random.sample(ids, round(len(ids) * PRESCRIBED))
    invent_prescriptions(random, db.session.scalars(sa.select(Encounter).where(Encounter.id.in_(some))).all())


def _measure(random: Random, at: dict[int, datetime]) -> dict[int, int]:
    """The vital signs that were taken in these visits, at these times."""
    visits = db.session.scalars(sa.select(Encounter).where(Encounter.id.in_(at)).order_by(Encounter.id)).all()
    invent_vitals(random, visits, at)
    taken = sa.select(VitalSign.encounter_id, VitalSign.id).where(VitalSign.encounter_id.in_(at))
    return dict(db.session.execute(taken).all())


def _insert(model: type[Record], rows: list[dict]) -> list[int]:
    """Add the rows at once; answers with their ids, in their order."""
    if not rows:
        return []
    query = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(query, rows))


def _encounter(person: Patient, doctor: Doctor, course: Course) -> dict:
    left = course.status == "left_without_being_seen"
    return {
        "uuid": new_uuid(),
        "patient_id": person.id,
        "encounter_class": "EMER",
        "status": "cancelled" if left else "finished",
        "started_at": course.arrived_at,
        "ended_at": course.left_at,
        "doctor_id": None if left else doctor.id,
        "department_id": doctor.department_id,
        "reason": course.complaint,
    }


def _visit(random: Random, row: tuple, encounter_id: int, targets: dict[int, int]) -> dict:
    person, doctor, course = row
    due = course.arrived_at + timedelta(minutes=targets[course.level] + 1)
    is_case = course.complaint in COMPLAINTS["case"]
    return {
        "number": next_number("emergency_visit", "ER"),
        "encounter_id": encounter_id,
        "patient_id": person.id,
        "arrived_at": course.arrived_at,
        "arrival_mode": random.choices(list(MODES), list(MODES.values()))[0],
        "complaint": course.complaint,
        "is_medicolegal": is_case,
        "mlc_no": next_number("emergency_mlc", "MLC") if is_case else None,
        "triage_level": course.level,
        "triaged_at": course.triaged_at,
        "seen_at": course.seen_at,
        "breached_at": due if (course.seen_at or course.left_at) > due else None,
        "doctor_id": doctor.id if course.seen_at else None,
        "status": course.status,
        "disposition": course.disposition,
        "disposition_at": course.left_at,
        "departed_at": course.left_at,
        "created_at": course.arrived_at,
        "updated_at": course.left_at,
    }


def _step(visit_id: int, before: str, after: str, at: datetime) -> dict:
    facts = {"content_type": Visit.__tablename__, "object_id": visit_id, "note": ""}
    return facts | {"from_status": before, "to_status": after, "at": at}
