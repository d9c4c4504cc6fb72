"""The nurses of a demonstration hospital: those of the staff, with their wards and the shifts of these days."""

from datetime import timedelta
from random import Random

import sqlalchemy as sa

from modules.nurses.models import Assignment, Nurse
from modules.nurses.shifts import shifts
from modules.nurses.visits_seed import invent_stays, invent_vitals
from modules.patients.api import Encounter
from modules.rooms.api import wards
from modules.staff.api import Staff
from portal.kit import db, today
from portal.kit.demo import HospitalSize

STAFF_TO_A_NURSE, LEAST, MOST = 4, 4, 28
GRADES = ("registered", "registered", "registered", "enrolled", "assistant")
DAYS = (-1, 0, 1)


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Enter the nurses, who signs in first and as a head nurse, assign them, and measure who is here."""
    wanted = max(LEAST, min(MOST, hospital_size.staff // STAFF_TO_A_NURSE))
    places = sorted(wards(), key=lambda ward: (ward.kind != "general", ward.code))
    nurses = [_enter(random, number, member, places) for number, member in enumerate(_members(wanted))]
    db.session.flush()
    _assign(nurses)
    visits = db.session.scalars(sa.select(Encounter).order_by(Encounter.id)).all()
    invent_vitals(random, visits)
    invent_stays(random, visits)


def _members(count: int) -> list[Staff]:
    """Who works as a nurse now; who signs in comes first."""
    query = sa.select(Staff).where(Staff.role_kind == "nurse", Staff.status == "active")
    return list(db.session.scalars(query.order_by(Staff.user_id.is_(None), Staff.id).limit(count)))


def _enter(random: Random, number: int, member: Staff, places: list) -> Nurse:
    """A nurse of the next ward; the first of each ward leads it, and one licence in ten ends soon."""
    ward = places[number % len(places)] if places else None
    days = random.randint(10, 55) if number % 10 == 3 else random.randint(120, 1400)
    grade = "head_nurse" if number < len(places) else random.choice(GRADES)
    if ward and ward.kind == "maternity" and grade == "registered":
        grade = "midwife"
    return Nurse.register(
        member,
        license_no=f"NMC-{random.randrange(10**6):06d}{number:02d}",
        license_expiry=today() + timedelta(days=days),
        grade=grade,
        department_id=ward.department_id if ward else member.department_id,
        ward_id=ward.id if ward else None,
    )


def _assign(nurses: list[Nurse]) -> None:
    """The shifts of yesterday, today and tomorrow; head nurses are in charge of the early one."""
    parts = shifts()
    rows = [
        {
            "nurse_id": nurse.id,
            "ward_id": nurse.ward_id,
            "shift_date": today() + timedelta(days=day),
            "shift_id": parts[0 if nurse.is_head else (number + day) % len(parts)].id,
            "role": "charge" if nurse.is_head else "bedside",
        }
        for number, nurse in enumerate(nurses)
        for day in DAYS
        if nurse.ward_id
    ]
    db.session.add_all(Assignment(**row) for row in rows)
    db.session.flush()
