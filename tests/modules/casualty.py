"""What tests of the emergency department share: who came, a nurse and a doctor at work, bays."""

from datetime import date

import sqlalchemy as sa

from modules.emergency.arriving import register_arrival
from modules.emergency.models import Visit
from modules.emergency.triaging import triage
from modules.nurses.models import Nurse
from modules.patients.models import Patient
from modules.rooms.models import Bed, Room
from portal.auth.models import User
from portal.extensions import db
from portal.kit import today
from tests.modules.clinic import department, doctor, patient
from tests.modules.nursing import enter_nurse

NURSE = ("view", "add", "change", "board_view", "triage", "bay_change")
NURSE = (*(f"emergency.{verb}" for verb in NURSE), "patients.view", "patients.add")
DOCTOR = ("view", "add", "change", "board_view", "see", "disposition")
DOCTOR = (*(f"emergency.{verb}" for verb in DOCTOR), "patients.view")


def person(name: str = "Amina", **facts) -> Patient:
    """Somebody of thirty-six years who was never here before."""
    return patient(name, **{"birth_date": date(today().year - 36, 1, 1)} | facts)


def arrive(name: str = "Amina", complaint: str = "Chest pain", **facts) -> Visit:
    """Somebody comes to the department."""
    return register_arrival(person(name), complaint, **facts)


def nurse(user: str = "leila") -> Nurse:
    """A nurse of the register, whom this user signs in as."""
    return enter_nurse(user_id=user_id(user), where=department("Emergency", "EMG"))


def user_id(name: str) -> int | None:
    """The id of somebody who signs in; None where nobody does by this name."""
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
