"""What tests of inpatients share: a ward, a doctor, and patients who ask for a bed or have one."""

from collections.abc import Callable
from dataclasses import dataclass

from modules.doctors.models import Doctor
from modules.ipd.api import admit, request_admission
from modules.ipd.models import Admission
from portal.extensions import db
from tests.modules import clinic
from tests.modules.bed_ward import BedWard, open_ward


@dataclass
class Stage:
    """The ids of a ward with its beds, a doctor, and the department of both."""

    ward: BedWard
    doctor: int
    department: int


def set_up(beds: int = 4, user_id: int | None = None) -> Stage:
    """Ward A and a doctor of its department, inside a hospital."""
    ward = open_ward(beds=beds)
    where = clinic.department("Department A", "DEP-A")
    doctor = clinic.doctor(where=where, user_id=user_id)
    db.session.flush()
    return Stage(ward, doctor.id, where.id)


def asked(stage: Stage, name: str = "Amina", **more) -> Admission:
    """The admission of a new patient, who waits for a bed."""
    doctor = db.session.get(Doctor, stage.doctor)
    more = {"reason": "Appendicitis", "source": "direct"} | more
    return request_admission(clinic.patient(name), None, doctor, stage.department, **more)


def admitted(stage: Stage, place: int = 0, name: str = "Amina", **more) -> Admission:
    """The admission of a new patient who lies in this bed of the ward."""
    return admit(asked(stage, name, **more), stage.ward.beds[place])


def many(stage: Stage, count: int, of: Callable) -> list[int]:
    """The ids of this many admissions."""
    return [of(stage, name=f"Name{number}").id for number in range(count)]
