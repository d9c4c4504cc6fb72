"""What tests of beds share: a ward with beds, and patients who need one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from modules.patients.api import open_encounter
from modules.patients.models import Patient
from modules.rooms.models import Bed, Room, Ward
from modules.staff.models import Department
from portal.extensions import db
from portal.tenancy.current import in_hospital


@dataclass
class BedWard:
    """The ids of a general ward, its room and its beds A-01 to A-04."""

    ward: int
    room: int
    beds: list[int]


@dataclass
class Person:
    """The ids of a patient and of their open visit."""

    patient: int
    visit: int


def open_ward(code: str = "A", beds: int = 4, **facts) -> BedWard:
    """A ward with one room of beds, inside a hospital."""
    department = Department.add(code=f"DEP-{code}", name=f"Department {code}", kind="clinical")
    db.session.flush()
    facts = {"kind": "general", "gender_policy": "any", "name": f"Ward {code}"} | facts
    ward = Ward.add(code=code, department_id=department.id, **facts)
    db.session.flush()
    room = Room.add(number=f"{code}1", kind="ward_room", ward_id=ward.id)
    db.session.flush()
    made = [Bed.add(code=f"{code}-{number:02}", room_id=room.id) for number in range(1, beds + 1)]
    db.session.flush()
    return BedWard(ward.id, room.id, [bed.id for bed in made])


def come(name: str = "Amina", encounter_class: str = "IMP", **facts) -> Person:
    """Somebody who needs a bed, inside a hospital."""
    facts = {"last_name": "Yusuf", "sex": "female", "birth_date": date(1990, 4, 12)} | facts
    patient = Patient(first_name=name, **facts).register()
    visit = open_encounter(patient, encounter_class)
    return Person(patient.id, visit.id)


def kept(app, hospital, work: Callable):
    """What `work` gives, done inside the hospital and kept."""
    with app.app_context(), in_hospital(hospital):
        answer = work()
        db.session.commit()
        return answer
