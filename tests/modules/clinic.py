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
    one = member("doctor", where, last_name=last_name, user_id=user_id)
    usual = licence_of(one) | {"specialization_id": field().id, "consultation_fee": Decimal(50)}
    return Doctor.register(one, **usual | facts)


def member(role_kind: str, where: Department | None = None, **facts) -> Staff:
    """Somebody who works in a department, as a doctor or a nurse."""
    names = {"first_name": "Samir", "last_name": "Haddad", "sex": "male", "phone": "020 7946 0101"}
    work = {"role_kind": role_kind, "designation": role_kind.capitalize(), "joined_on": date(2026, 1, 5)}
    return Staff.register(department_id=(where or department()).id, **names | work | facts)


def licence_of(one: Staff) -> dict:
    """What every register of a profession knows of somebody: the department, and a licence that goes on."""
    until = today() + timedelta(days=400)
    return {"department_id": one.department_id, "license_no": f"L{one.id:05d}", "license_expiry": until}


def patient(first_name: str = "Amina", last_name: str = "Yusuf", **facts) -> Patient:
    """Somebody who was never here before."""
    usual = {"sex": "female", "birth_date": date(1990, 4, 12)}
    return Patient(first_name=first_name, last_name=last_name, **usual | facts).register()


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
