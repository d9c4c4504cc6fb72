"""What tests of beds share: a ward with beds, and patients who need one."""

from collections.abc import Callable
from dataclasses import dataclass

from modules.patients.api import open_encounter
from modules.rooms.models import Bed, Room, Ward
from portal.extensions import db
from portal.tenancy.current import in_hospital
from tests.modules.clinic import department, patient


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
    facts = {"kind": "general", "gender_policy": "any", "name": f"Ward {code}"} | facts
    ward = Ward.add(code=code, department_id=department(f"Department {code}", f"DEP-{code}").id, **facts)
    db.session.flush()
    room = Room.add(number=f"{code}1", kind="ward_room", ward_id=ward.id)
    db.session.flush()
    made = [Bed.add(code=f"{code}-{number:02}", room_id=room.id) for number in range(1, beds + 1)]
    db.session.flush()
    return BedWard(ward.id, room.id, [bed.id for bed in made])


def come(name: str = "Amina", encounter_class: str = "IMP", **facts) -> Person:
    """Somebody who needs a bed, inside a hospital."""
    one = patient(name, **facts)
    return Person(one.id, open_encounter(one, encounter_class).id)


def kept(app, hospital, work: Callable):
    """What `work` gives, done inside the hospital and kept."""
    with app.app_context(), in_hospital(hospital):
        answer = work()
        db.session.commit()
        return answer
