"""What tests of doctors and of those who work with them share: a doctor at work, a patient, a visit, drugs."""

from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa

from modules.doctors.models import Doctor, Specialization
from modules.inventory.models import Category, Item
from modules.patients.models import Patient
from modules.patients.models.encounters import Encounter
from modules.staff.models import Department, Staff
from portal.extensions import db
from portal.kit import now, today

AMOXICILLIN = {"name": "Amoxicillin 500 mg capsule", "generic_name": "Amoxicillin", "drug_class": "Penicillins"}
CEFTRIAXONE = {"name": "Ceftriaxone 1 g vial", "generic_name": "Ceftriaxone", "drug_class": "Cephalosporins"}


def department(name: str = "Surgery", code: str = "SUR") -> Department:
    """A department of this code, the one that is there or a new one."""
    known = db.session.scalar(sa.select(Department).where(Department.code == code))
    if known is None:
        known = Department.add(code=code, name=name, kind="clinical")
        db.session.flush()
    return known


def field(name: str = "General surgery", code: str = "GS") -> Specialization:
    """A field of medicine of this code, the one that is there or a new one."""
    known = db.session.scalar(sa.select(Specialization).where(Specialization.code == code))
    if known is None:
        known = Specialization.add(code=code, name=name)
        db.session.flush()
    return known


def doctor(
    last_name: str = "Haddad", *, user_id: int | None = None, where: Department | None = None, **facts
) -> Doctor:
    """A doctor of the register, whom this user signs in as."""
    place = where or department()
    count = db.session.scalar(sa.select(sa.func.count(Staff.id)))
    member = Staff.register(
        first_name="Samir",
        last_name=last_name,
        sex="male",
        phone="020 7946 0101",
        department_id=place.id,
        designation="Consultant",
        role_kind="doctor",
        joined_on=date(2026, 1, 5),
        user_id=user_id,
    )
    usual = {
        "license_no": f"L{count:05d}",
        "license_expiry": today() + timedelta(days=400),
        "specialization_id": field().id,
        "department_id": place.id,
        "consultation_fee": Decimal(50),
    }
    return Doctor.register(member, **usual | facts)


def patient(first_name: str = "Amina", last_name: str = "Yusuf") -> Patient:
    """Somebody who was never here before."""
    return Patient(first_name=first_name, last_name=last_name, sex="female", birth_date=date(1990, 4, 12)).register()


def visit(of: Patient, by: Doctor | None = None, encounter_class: str = "AMB", **facts) -> Encounter:
    """A visit that is going on."""
    usual = {"doctor_id": by and by.id, "department_id": by and by.department_id}
    encounter = Encounter.open(of, encounter_class, started_at=now(), **usual | facts)
    encounter.arrive()
    encounter.begin()
    return encounter


def medicine(code: str, **facts) -> Item:
    """A medicine of the catalogue."""
    category = db.session.scalar(sa.select(Category)) or Category(name="Medicines")
    db.session.add(category)
    db.session.flush()
    item = Item(code=code, kind="medicine", unit="piece", category_id=category.id, **facts)
    db.session.add(item)
    db.session.flush()
    return item
