"""The rows of invented visits, a table at a time: encounters, queues, visits, numbers, notes, diagnoses, fees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import sqlalchemy as sa

from modules.opd.models import Consultation, FeeValidity, Queue, Token, Visit
from modules.opd.queueing import session_of
from modules.patients.api import Diagnosis, Encounter
from modules.rooms.api import rooms_of_kind
from portal.kit import Record, current_hospital, db, new_uuid, next_number, now, today
from portal.kit.demo import users_by_role
from portal.kit.models import StatusLog
from portal.kit.profile import hospital_profile

if TYPE_CHECKING:
    from modules.opd.seed import Coming

SEEN = ("in_consultation", "awaiting_results", "completed")
ENCOUNTERS = {"registered": "arrived", "vitals_done": "triaged", "completed": "finished", "left": "cancelled"}
TOKENS = {"completed": "done", "left": "cancelled", "in_consultation": "serving", "awaiting_results": "serving"}
OUTCOMES = ("home",) * 8 + ("review", "review", "refer")


class Times:
    """When the steps of a visit were, none of them in the future."""

    def __init__(self, random: Random, one: Coming):
        latest = now()
        later = lambda at, least, most: min(at + timedelta(minutes=random.randint(least, most)), latest)  # noqa: E731
        self.arrived = min(one.at, latest)
        measured = one.status != "registered" and one.status != "left"
        self.vitals = later(self.arrived, 4, 12) if measured else None
        self.started = later(self.vitals, 5, 40) if one.status in SEEN else None
        self.ended = later(self.started, 8, 20) if one.status == "completed" else None
        if one.status == "left":
            self.ended = later(self.arrived, 20, 60)


def write(random: Random, coming: Sequence[Coming]) -> Sequence[int]:
    """Write all of it; the ids of the visits. Their order is that in which the patients arrived."""
    times = [Times(random, one) for one in coming]
    by = {role: user.id for role, user in users_by_role().items()}
    encounters = insert(Encounter, [_encounter(one, at, by) for one, at in zip(coming, times, strict=True)])
    rows = [_visit(random, *three, by) for three in zip(coming, times, encounters, strict=True)]
    visits = insert(Visit, rows)
    _write_tokens(coming, times, visits, by)
    _write_notes(random, coming, times, visits, encounters)
    _write_fees(coming, times, visits)
    lives = [_life(*row, by) for row in zip(coming, times, visits, strict=True)]
    db.session.execute(sa.insert(StatusLog), [line for life in lives for line in life])
    return visits


def insert(model: type[Record], rows: list[dict]) -> Sequence[int]:
    """Add the rows at once; their ids in the same order."""
    if not rows:
        return []
    query = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return db.session.scalars(query, rows).all()


def stamps(at: datetime, user_id: int | None) -> dict:
    """When and by whom a row was made."""
    return {"created_at": at, "updated_at": at, "created_by": user_id, "updated_by": user_id, "version": 1}


def _user(one: Coming) -> int | None:
    return one.doctor.user_id or one.doctor.staff.user_id


def _encounter(one: Coming, at: Times, by: dict) -> dict:
    status = ENCOUNTERS.get(one.status, "in_progress")
    is_over = status in ("finished", "cancelled")
    return {
        "uuid": new_uuid(),
        "patient_id": one.patient_id,
        "encounter_class": "AMB",
        "status": status,
        "started_at": at.arrived,
        "ended_at": at.ended if is_over else None,
        "doctor_id": one.doctor.id,
        "department_id": one.doctor.department_id,
        "reason": one.case[0],
        "active_key": None if is_over else f"{one.patient_id}:AMB:{one.doctor.id}",
        **stamps(at.arrived, by.get("receptionist")),
    }


def _visit(random: Random, one: Coming, at: Times, encounter_id: int, by: dict) -> dict:
    is_done = one.status == "completed"
    return {
        "number": next_number("opd_visit", "OP"),
        "encounter_id": encounter_id,
        "patient_id": one.patient_id,
        "appointment_id": one.appointment_id,
        "doctor_id": one.doctor.id,
        "department_id": one.doctor.department_id,
        "visit_type": "new",
        "status": one.status,
        "arrived_at": at.arrived,
        "vitals_at": at.vitals,
        "started_at": at.started,
        "completed_at": at.ended if is_done else None,
        "disposition": random.choice(OUTCOMES) if is_done else None,
        **stamps(at.arrived, by.get("receptionist")),
    }


def _write_tokens(coming: Sequence[Coming], times: Sequence[Times], visits: Sequence[int], by: dict) -> None:
    """The numbers of each queue in the order of arrival, and the queues that counted them."""
    groups, zone = defaultdict(list), current_hospital().zone
    for one, at, visit_id in zip(coming, times, visits, strict=True):
        key = (one.doctor.id, one.session_at.astimezone(zone).date(), session_of(one.session_at))
        groups[key].append((one, at, visit_id))
    rooms = rooms_of_kind("consulting")
    of_doctor = {
        doctor_id: rooms[number % len(rooms)] if rooms else None
        for number, doctor_id in enumerate(sorted({key[0] for key in groups}))
    }
    queues = insert(Queue, [_queue(key, rows, of_doctor[key[0]], by) for key, rows in groups.items()])
    tokens = []
    for queue_id, (key, rows) in zip(queues, groups.items(), strict=True):
        counter = str(of_doctor[key[0]] or rows[0][0].doctor)[:20]
        is_free = True
        for number, (one, at, visit_id) in enumerate(rows, 1):
            serves = one.status == "in_consultation" and is_free
            is_free = is_free and not serves
            row = _token(one, at, visit_id, by) | {"queue_id": queue_id, "number": number}
            row |= {"label": f"{one.doctor.initials.upper()}-{number:03}", "counter": counter if at.started else None}
            tokens.append(row | {"serving_key": f"{queue_id}:{counter}" if serves else None})
    insert(Token, tokens)


def _queue(key: tuple, rows: list, room: Record | None, by: dict) -> dict:
    doctor_id, day, session = key
    first = rows[0]
    return {
        "queue_key": f"doctor:{doctor_id}:{day}:{session}",
        "doctor_id": doctor_id,
        "department_id": first[0].doctor.department_id,
        "queue_date": day,
        "session": session,
        "room_id": room.id if room else None,
        "status": "open" if day >= today() else "closed",
        "last_number": len(rows),
        **stamps(first[1].arrived, by.get("receptionist")),
    }


def _token(one: Coming, at: Times, visit_id: int, by: dict) -> dict:
    return {
        "patient_id": one.patient_id,
        "appointment_id": one.appointment_id,
        "visit_id": visit_id,
        "priority": one.priority,
        "status": TOKENS.get(one.status, "issued"),
        "issued_at": at.arrived,
        "called_at": at.started,
        "served_at": at.started,
        "done_at": at.ended if one.status == "completed" else None,
        "recalls": 0,
        **stamps(at.arrived, by.get("receptionist")),
    }


def _write_notes(random, coming, times, visits, encounters) -> None:
    """A note for everybody the doctor has seen, with a diagnosis where it is signed."""
    notes, found = [], []
    for one, at, visit_id, encounter_id in zip(coming, times, visits, encounters, strict=True):
        if one.status not in SEEN:
            continue
        complaint, history, examination, diagnosis, code, plan = one.case
        is_signed, user = one.status == "completed", _user(one)
        notes.append(
            {
                "uuid": new_uuid(),
                "visit_id": visit_id,
                "complaint": complaint,
                "history": history,
                "examination": examination if is_signed else "",
                "assessment": diagnosis if is_signed else "",
                "plan": plan if is_signed else "",
                "status": "signed" if is_signed else "draft",
                "signed_by": user if is_signed else None,
                "signed_at": at.ended if is_signed else None,
                **stamps(at.started, user),
            }
        )
        if is_signed:
            found.append(
                {
                    "uuid": new_uuid(),
                    "encounter_id": encounter_id,
                    "patient_id": one.patient_id,
                    "code": code,
                    "description": diagnosis,
                    "kind": random.choice(("confirmed", "confirmed", "provisional")),
                    "is_primary": True,
                    "primary_key": str(encounter_id),
                    "diagnosed_by": one.doctor.id,
                    **stamps(at.started, user),
                }
            )
    insert(Consultation, notes)
    insert(Diagnosis, found)


def _write_fees(coming: Sequence[Coming], times: Sequence[Times], visits: Sequence[int]) -> None:
    """The windows that paid visits opened, and what further visits used of them (OPD-8)."""
    zone, windows, last, rule = current_hospital().zone, [], {}, hospital_profile()
    for one, at, visit_id in zip(coming, times, visits, strict=True):
        if one.status == "left":
            continue
        key, day = (one.patient_id, one.doctor.id), at.arrived.astimezone(zone).date()
        window = last.get(key)
        if window and day <= window["valid_to"] and window["used_visits"] < window["max_visits"]:
            window["used_visits"] += 1
            continue
        last[key] = {
            "patient_id": one.patient_id,
            "doctor_id": one.doctor.id,
            "valid_from": day,
            "valid_to": day + timedelta(days=rule.followup_days),
            "max_visits": rule.followup_visits,
            "used_visits": 0,
            "source_visit_id": visit_id,
            **stamps(at.arrived, None),
        }
        windows.append(last[key])
    insert(FeeValidity, windows)


def _life(one: Coming, at: Times, visit_id: int, by: dict) -> list[dict]:
    """The moves of a visit up to where it stands."""
    steps = []
    if at.vitals:
        steps.append(("vitals_done", at.vitals, by.get("nurse")))
    if at.started:
        steps.append(("in_consultation", at.started, _user(one)))
    if one.status not in ("registered", "vitals_done", "in_consultation"):
        steps.append((one.status, at.ended or now(), _user(one) if at.started else by.get("receptionist")))
    base = {"content_type": Visit.__tablename__, "object_id": visit_id, "note": ""}
    before, lines = "registered", []
    for status, moment, actor in steps:
        lines.append(base | {"from_status": before, "to_status": status, "at": moment, "actor_id": actor})
        before = status
    return lines
