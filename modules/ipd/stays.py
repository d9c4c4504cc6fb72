"""Who stays here: each admission with its patient, bed, ward and doctor, in one query."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from modules.doctors.api import Doctor
from modules.ipd.models import Admission
from modules.ipd.models.admission import IN_BED, OPEN
from modules.patients.api import Patient
from modules.rooms.api import Bed, BedAllocation, Room, Ward
from portal.kit import current_hospital, db, today


@dataclass(frozen=True)
class Stay:
    """An admission with the patient, and with the bed and its ward while the patient has one."""

    admission: Admission
    patient: Patient
    bed: Bed | None
    ward: Ward | None

    @property
    def attending(self) -> Doctor:
        """The doctor who is in charge."""
        return self.admission.attending

    @property
    def day(self) -> int:
        """On which day of the stay the patient is, the first being 1."""
        return day_of_stay(self.admission.admitted_at) if self.admission.admitted_at else 0


def day_of_stay(admitted_at: datetime) -> int:
    """How many days of the hospital's calendar a stay has touched."""
    return (today() - admitted_at.astimezone(current_hospital().zone).date()).days + 1


def stays(*conditions: sa.ColumnElement[bool]) -> sa.Select:
    """Admissions with patient, bed and ward; the doctor in charge comes with each."""
    held = sa.and_(BedAllocation.active_patient_id == Admission.patient_id, BedAllocation.admission_id == Admission.id)
    query = (
        sa.select(Admission, Bed, Ward)
        .join(Admission.patient)
        .outerjoin(BedAllocation, held)
        .outerjoin(Bed, Bed.id == BedAllocation.active_bed_id)
        .outerjoin(Room, Room.id == Bed.room_id)
        .outerjoin(Ward, Ward.id == Room.ward_id)
    )
    query = query.options(contains_eager(Admission.patient), joinedload(Admission.attending))
    return query.where(Admission.voided_at.is_(None), *conditions)


def read_stays(query: sa.Select) -> list[Stay]:
    """What a query of `stays` finds."""
    rows = db.session.execute(query).unique()
    return [Stay(admission, admission.patient, bed, ward) for admission, bed, ward in rows]


def inpatients(ward_id: int | None = None) -> list[Stay]:
    """Everybody who stays here now, by ward and bed; of one ward where one is named."""
    query = stays(Admission.status.in_(IN_BED)).order_by(Ward.name, Bed.code, Admission.id)
    return read_stays(query.where(Ward.id == ward_id) if ward_id else query)


def open_admission_of(patient_id: int) -> Admission | None:
    """The admission that a patient waits for or stays by; None where there is none."""
    mine = (Admission.patient_id == patient_id, Admission.status.in_(OPEN), Admission.voided_at.is_(None))
    return db.session.scalar(sa.select(Admission).where(*mine).limit(1))
