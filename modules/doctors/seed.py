"""The doctors of a demonstration hospital: those of the staff who hold a licence, with field, fees and what they do."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from modules.doctors.models import Doctor, OrderSet, Specialization
from modules.staff.api import Department, Staff
from portal.kit import _, db, today
from portal.kit.demo import HospitalSize

STAFF_TO_A_DOCTOR, MOST = 10, 12
# Code, name, the department it is practised in, what these doctors do, the fee of a consultation.
FIELDS = (
    ("GM", _("General medicine"), "GEN", "telemedicine", 50),
    ("GS", _("General surgery"), "SUR", "is_surgeon", 60),
    ("EM", _("Emergency medicine"), "EMG", "", 55),
    ("PD", _("Paediatrics"), "PAE", "telemedicine", 50),
    ("OG", _("Obstetrics and gynaecology"), "MAT", "is_surgeon", 65),
    ("AN", _("Anaesthetics"), "SUR", "is_anaesthetist", 60),
    ("CA", _("Cardiology"), "GEN", "telemedicine", 75),
    ("OR", _("Orthopaedics"), "SUR", "is_surgeon", 70),
    ("RA", _("Radiology"), "RAD", "is_radiologist", 60),
    ("PA", _("Pathology"), "LAB", "is_pathologist", 60),
    ("DE", _("Dermatology"), "GEN", "telemedicine", 60),
    ("NE", _("Neurology"), "GEN", "", 80),
)
QUALIFICATIONS = ("MBBS, MRCP", "MD, FRCS", "MBChB, FRCEM", "MD, PhD", "MBBS, MRCPCH", "MD")
PARACETAMOL = ("Paracetamol 500 mg tablet", "1", "g", "qds", 5)
SETS = (
    (_("Chest infection"), (("Amoxicillin 500 mg capsule", "500", "mg", "tds", 7), PARACETAMOL)),
    (_("After an operation"), (PARACETAMOL, ("Omeprazole 20 mg capsule", "20", "mg", "od", 7))),
)


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Enter the doctors, those who sign in first, and the sets they share."""
    fields = [Specialization.add(code=code, name=name) for code, name, *_more in FIELDS]
    db.session.flush()
    places = {one.code: one for one in db.session.scalars(sa.select(Department))}
    wanted = max(3, min(MOST, hospital_size.staff // STAFF_TO_A_DOCTOR))
    doctors = []
    for number, member in enumerate(_members(wanted)):
        field, (_code, _name, place, does, fee) = fields[number % len(fields)], FIELDS[number % len(FIELDS)]
        facts = _facts(random, number, fee) | ({does: True} if does else {})
        where = places[place] if place in places else places["GEN"]
        doctors.append(Doctor.register(member, specialization_id=field.id, department_id=where.id, **facts))
    if len(doctors) > 4:
        doctors[-1].go_on_leave()
    for name, drugs in SETS if doctors else ():
        items = {"drugs": [_drug(*drug) for drug in drugs]}
        db.session.add(OrderSet(owner_id=doctors[0].id, name=name, shared=True, items=items))
    db.session.flush()


def _members(count: int) -> list[Staff]:
    """Who works as a doctor now; who signs in comes first."""
    query = sa.select(Staff).where(Staff.role_kind == "doctor", Staff.status == "active")
    return list(db.session.scalars(query.order_by(Staff.user_id.is_(None), Staff.id).limit(count)))


def _facts(random: Random, number: int, fee: int) -> dict:
    """Licence, experience and fees; one licence in ten or so ends soon."""
    days = random.randint(10, 55) if number % 10 == 1 else random.randint(120, 1400)
    return {
        "license_no": f"GMC-{random.randrange(10**6):06d}{number:02d}",
        "license_expiry": today() + timedelta(days=days),
        "qualification": random.choice(QUALIFICATIONS),
        "experience_years": random.randint(3, 28),
        "default_slot_minutes": random.choice((15, 20, 20, 30)),
        "consultation_fee": Decimal(fee),
        "followup_fee": Decimal(fee * 6 // 10),
        "ipd_visit_fee": Decimal(fee * 8 // 10),
    }


def _drug(name: str, dose: str, unit: str, frequency: str, days: int) -> dict:
    """A drug of a set, as the pad takes it; it is written, so that no catalogue has to hold it."""
    times = {"od": 1, "tds": 3, "qds": 4}[frequency]
    return {
        "item_id": None,
        "drug_text": name,
        "dose": dose,
        "dose_unit": unit,
        "route": "oral",
        "frequency": frequency,
        "times": [],
        "duration_days": days,
        "quantity": str(Decimal(dose) * times * days),
        "is_prn": False,
        "instructions": None,
    }
