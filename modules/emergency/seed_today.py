"""Who is in the emergency department of a demonstration hospital now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from modules.doctors.api import Doctor
from modules.emergency.arriving import register_arrival, register_unidentified
from modules.emergency.bays import free_bays, put_into_bay
from modules.emergency.leaving import decide
from modules.emergency.models import Note, Triage, Visit
from modules.emergency.triaging import triage
from modules.nurses.api import Nurse, active_nurses, record_vitals
from modules.patients.api import Encounter, Patient
from modules.rooms.api import held_by
from portal.kit import Record, _, db, now
from portal.kit.demo import users_by_role
from portal.kit.models import StatusLog

CALM = {"temperature_c": Decimal("37.1"), "pulse": 84, "resp_rate": 17, "bp_sys": 128, "bp_dia": 78, "spo2": 97}
ILL = {"temperature_c": Decimal("38.4"), "pulse": 118, "resp_rate": 25, "bp_sys": 98, "bp_dia": 60, "spo2": 92}
STEPS = ("arrived", "triaged", "in_treatment", "observation", "awaiting_bed")


@dataclass(frozen=True)
class Here:
    """Somebody who is here: how urgent, since when, what for, and how far it went; `seen` after so many minutes."""

    level: int | None
    minutes: int
    complaint: str
    status: str = "triaged"
    bay: bool = False
    mode: str = "walk_in"
    seen: int = 0
    unknown: bool = False


BOARD = (
    Here(1, 26, _("Chest pain, low pressure"), "in_treatment", bay=True, mode="ambulance"),
    Here(2, 13, _("Chest pain"), bay=True),
    Here(None, 4, _("Headache since this morning"), "arrived"),
    Here(3, 140, _("Fever, confusion"), "awaiting_bed", bay=True, seen=22),
    Here(3, 18, _("Asthma, speaking in sentences")),
    Here(4, 34, _("Wrist injury after a fall")),
    Here(2, 49, _("Found unconscious in the street"), "in_treatment", bay=True, mode="police", seen=9, unknown=True),
    Here(None, 2, _("Fall at home, hip pain"), "arrived", mode="ambulance"),
    Here(3, 51, _("Abdominal pain"), bay=True),
    Here(4, 190, _("Urinary symptoms"), "observation", seen=62),
    Here(5, 48, _("Dressing change")),
)
IN_A_SMALL_ONE = 5


def fill_board(random: Random, board: tuple[Here, ...], people: list[Patient], doctors: list[Doctor]) -> None:
    """Bring them in by the verbs that people use, then date it back."""
    nurses, users = active_nurses(), users_by_role()
    known = iter(people)
    for one in board:
        patient = _unknown() if one.unknown else next(known, None)
        if patient is None:  # a hospital so small that everybody else is on a ward
            return
        at = now() - timedelta(minutes=one.minutes)
        visit = register_arrival(patient, one.complaint, one.mode, is_medicolegal=one.unknown)
        if one.level:
            _judge(visit, one, random.choice(nurses) if nurses else None, users)
        if one.seen or one.status in STEPS[2:]:
            visit.see(random.choice(doctors).id)
            _write(visit, users)
        if one.status == "observation":
            visit.observe()
        if one.bay and free_bays():
            put_into_bay(visit, next(iter(free_bays())))
        if one.status == "awaiting_bed":
            decide(visit, "admitted")
        _date_back(visit, one, at)


def _unknown() -> Patient:
    """A man whom nobody knows: one of those who came without a name, or a new one."""
    here = sa.select(Encounter.patient_id).where(Encounter.active_key.is_not(None))
    query = sa.select(Patient).where(Patient.is_temporary, Patient.sex == "male", Patient.status == "active")
    known = db.session.scalar(query.where(Patient.id.not_in(here)).order_by(Patient.id.desc()).limit(1))
    return known or register_unidentified("male", 40)


def _judge(visit: Visit, one: Here, nurse: Nurse | None, users: dict[str, Record]) -> None:
    """With vital signs where somebody signs in as a nurse; without a triage where the register holds none."""
    if nurse is None:
        visit.triage(one.level)
        return
    facts, by = {"discriminator": one.complaint, "pain": 7 - one.level}, users.get("nurse")
    if by:
        signs = (ILL if one.level < 3 else CALM) | {"on_oxygen": one.level == 1, "consciousness": "A"}
        taken_at = now() - timedelta(minutes=max(0, one.minutes - 3))
        vital = record_vitals(visit.encounter, taken_at=taken_at, taken_by=by.id, **signs)
        db.session.flush()
        facts["vital_sign_id"] = vital.id
    triage(visit, one.level, nurse.id, **facts)


def _write(visit: Visit, users: dict[str, Record]) -> None:
    by = users.get("doctor") or users.get("nurse")
    if by:
        body = _("History taken, examined, blood sent. Reassess with the results.")
        db.session.add(Note(visit_id=visit.id, author_id=by.id, body=body))


def _date_back(visit: Visit, one: Here, at: datetime) -> None:
    """Let it have happened when it is said to have."""
    db.session.flush()
    judged = min(3, one.seen if visit.seen_at else one.minutes)
    times = [at + timedelta(minutes=minutes) for minutes in (judged, one.seen, one.seen + 30)]
    visit.arrived_at = visit.encounter.started_at = at
    visit.triaged_at = times[0] if visit.triaged_at else None
    visit.seen_at = times[1] if visit.seen_at else None
    visit.disposition_at = times[2] if visit.disposition_at else None
    db.session.execute(sa.update(Triage).where(Triage.visit_id == visit.id).values(triaged_at=times[0]))
    held = held_by(visit.patient_id)
    if held is not None:
        held.starts_at = at + timedelta(minutes=1)
    mine = (StatusLog.content_type == Visit.__tablename__, StatusLog.object_id == visit.id)
    for status, when in zip(STEPS[1:], (times[0], times[1], times[2], times[2]), strict=True):
        query = sa.update(StatusLog).where(*mine, StatusLog.to_status == status)
        db.session.execute(query.values(at=min(when, now())))
