"""What tests of the emergency department share: who came, a nurse and a doctor at work, bays."""

from datetime import date, timedelta

import sqlalchemy as sa

from modules.emergency.arriving import register_arrival
from modules.emergency.models import Visit
from modules.emergency.triaging import triage
from modules.nurses.models import Nurse
from modules.patients.models import Patient
from modules.rooms.models import Bed, Room
from modules.staff.models import Staff
from portal.auth.models import User
from portal.extensions import db
from portal.kit import today
from tests.modules.clinic import department, doctor


def person(name: str = "Amina", **facts) -> Patient:
    """Somebody who was never here before."""
    usual = {"last_name": "Yusuf", "sex": "female", "birth_date": date(today().year - 36, 1, 1)}
    return Patient(first_name=name, **usual | facts).register()


def arrive(name: str = "Amina", complaint: str = "Chest pain", **facts) -> Visit:
    """Somebody comes to the department."""
    return register_arrival(person(name), complaint, **facts)


def nurse(user: str = "leila") -> Nurse:
    """A nurse of the register, whom this user signs in as."""
    where = department("Emergency", "EMG")
    known = db.session.scalar(sa.select(User).where(User.username == user))
    facts = {"designation": "Nurse", "role_kind": "nurse", "joined_on": date(2026, 1, 5), "phone": "020 7946 0102"}
    member = Staff.register(first_name="Noor", last_name="Rahman", sex="female", department_id=where.id, **facts)
    one = Nurse(
        staff_id=member.id,
        user_id=known and known.id,
        license_no=f"N{member.id:05d}",
        license_expiry=today() + timedelta(days=400),
        grade="registered",
        department_id=where.id,
    )
    db.session.add(one)
    db.session.flush()
    return one


def user_id(name: str) -> int:
    """The id of somebody who signs in."""
    return db.session.scalar(sa.select(User.id).where(User.username == name))


def treated(level: int = 3, name: str = "Amina") -> Visit:
    """Somebody whom a doctor treats."""
    visit = arrive(name)
    triage(visit, level, nurse("nobody").id)
    visit.see(doctor().id)
    return visit


def open_bays(count: int = 3) -> list[int]:
    """The beds of so many bays."""
    made = []
    for number in range(1, count + 1):
        room = Room.add(number=f"Bay {number}", kind="er_bay", ward_id=None)
        db.session.flush()
        made.append(Bed.add(code=f"ER-{number}", room_id=room.id))
        db.session.flush()
    return [bed.id for bed in made]
