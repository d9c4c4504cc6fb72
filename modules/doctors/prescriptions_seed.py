"""What was prescribed in the visits of a demonstration hospital; who invents the visits asks for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from modules.doctors.allergies import names_allergy
from modules.doctors.doses import quantity_of
from modules.doctors.models import Prescription, PrescriptionItem
from modules.doctors.prescribing import kind_of
from modules.patients.api import Allergy, Encounter
from portal.kit import Record, db, new_uuid, next_number, now
from portal.kit.models import StatusLog

# What it is made of and its class, dose, unit, route, how often, days.
COURSES = (
    ("Amoxicillin", "Penicillins", "500", "mg", "oral", "tds", 7),
    ("Clarithromycin", "Macrolides", "500", "mg", "oral", "bd", 7),
    ("Ceftriaxone", "Cephalosporins", "1", "g", "iv", "od", 5),
    ("Paracetamol", "Analgesics", "1", "g", "oral", "qds", 5),
    ("Ibuprofen", "NSAIDs", "400", "mg", "oral", "tds", 5),
    ("Omeprazole", "Proton pump inhibitors", "20", "mg", "oral", "od", 28),
    ("Amlodipine", "Calcium channel blockers", "5", "mg", "oral", "od", 28),
    ("Metformin", "Biguanides", "500", "mg", "oral", "bd", 28),
    ("Atorvastatin", "Statins", "20", "mg", "oral", "od", 28),
    ("Salbutamol", "Beta agonists", "200", "mcg", "inhaled", "qds", 14),
    ("Enoxaparin", "Heparins", "40", "mg", "sc", "od", 5),
    ("Ondansetron", "Antiemetics", "4", "mg", "oral", "tds", 3),
)
ENDED, MOST_DRUGS = ("finished", "cancelled"), 3


def invent_prescriptions(random: Random, encounters: Iterable[Encounter]) -> int:
    """Invent a signed prescription for each of these visits that has a doctor; answers with how many.

    A visit is given once. What was prescribed in a visit that is over is completed, in one that goes on it is active.
    Nobody gets what they are allergic to. Three statements, however many visits there are.
    """
    visits = [one for one in encounters if one.doctor_id and one.status not in ("planned", "cancelled")]
    allergies, items = _allergies(), _items()
    users = dict(db.session.execute(sa.select(*_doctor_users())).all())
    prescriptions, drugs = [], []
    for visit in visits:
        head = _prescription(random, visit, users.get(visit.doctor_id))
        chosen = _courses(random, allergies.get(visit.patient_id, ()))
        prescriptions.append(head)
        drugs.append([_drug(course, items, visit, head) for course in chosen])
    ids = _insert(Prescription, prescriptions)
    rows = [drug | {"prescription_id": number} for number, some in zip(ids, drugs, strict=True) for drug in some]
    if rows:
        db.session.execute(sa.insert(PrescriptionItem), rows)
        log = [line for number, head in zip(ids, prescriptions, strict=True) for line in _life(number, head)]
        db.session.execute(sa.insert(StatusLog), log)
    return len(prescriptions)


def _insert(model: type[Record], rows: list[dict]) -> Sequence[int]:
    """Add the rows at once; their ids in the same order."""
    if not rows:
        return []
    query = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return db.session.scalars(query, rows).all()


def _doctor_users() -> tuple[sa.ColumnElement, ...]:
    doctors, members = (Record.metadata.tables[name] for name in ("doctors_doctor", "staff_staff"))
    user = sa.select(members.c.user_id).where(members.c.id == doctors.c.staff_id).scalar_subquery()
    return doctors.c.id, user


def _allergies() -> dict[int, list[str]]:
    """What harms each patient who is allergic to something."""
    found: dict[int, list[str]] = {}
    active = sa.select(Allergy.patient_id, Allergy.substance).where(Allergy.status == "active")
    for patient_id, substance in db.session.execute(active):
        found.setdefault(patient_id, []).append(substance)
    return found


def _items() -> dict[str, sa.Row]:
    """The first item of the catalogue for each thing a medicine is made of; empty where there is none yet."""
    table = Record.metadata.tables["inventory_item"]
    query = sa.select(table.c.generic_name, table.c.id, table.c.name).where(table.c.kind == "medicine")
    return {row.generic_name: row for row in db.session.execute(query.order_by(table.c.id.desc()))}


def _courses(random: Random, substances: Sequence[str]) -> list[tuple]:
    """One to three drugs, none of which harms the patient."""
    chosen = random.sample(COURSES, random.randint(1, MOST_DRUGS))
    harmless = [one for one in chosen if not any(names_allergy(said, one[:2]) for said in substances)]
    return harmless or [next(one for one in COURSES if one[0] == "Omeprazole")]


def _prescription(random: Random, visit: Encounter, user_id: int | None) -> dict:
    """The head of a prescription, written a while after the visit began."""
    latest = visit.ended_at or now()
    at = min(visit.started_at + timedelta(minutes=random.randint(10, 40)), latest)
    return {
        "uuid": new_uuid(),
        "number": next_number("prescription", "RX"),
        "patient_id": visit.patient_id,
        "encounter_id": visit.id,
        "doctor_id": visit.doctor_id,
        "kind": kind_of(visit),
        "status": "completed" if visit.status in ENDED else "active",
        "prescribed_at": at,
        **_stamps(at, user_id),
    }


def _drug(course: tuple, items: dict[str, sa.Row], visit: Encounter, head: dict) -> dict:
    """One drug of a prescription; what is over was given out wholly."""
    generic, _class, dose, unit, route, frequency, days = course
    item, quantity = items.get(generic), quantity_of(Decimal(dose), frequency, [], days)
    is_over = head["status"] == "completed"
    return {
        "uuid": new_uuid(),
        "item_id": item.id if item else None,
        "drug_text": item.name if item else generic,
        "dose": Decimal(dose),
        "dose_unit": unit,
        "route": route,
        "frequency": frequency,
        "times": [],
        "duration_days": days,
        "quantity": quantity,
        "is_prn": False,
        "start_at": head["prescribed_at"],
        "status": head["status"],
        "dispensed_qty": quantity if is_over else Decimal(0),
        "active_key": None if is_over else f"{visit.id}:{item.id if item else generic.lower()}",
        **_stamps(head["prescribed_at"], head["created_by"]),
    }


def _stamps(at: datetime, user_id: int | None) -> dict:
    return {"created_at": at, "updated_at": at, "created_by": user_id, "updated_by": user_id, "version": 1}


def _life(number: int, head: dict) -> list[dict]:
    """That it was signed, and that all of it was given out."""
    line = {"content_type": Prescription.__tablename__, "object_id": number, "actor_id": head["created_by"], "note": ""}
    at = head["prescribed_at"]
    lines = [line | {"from_status": "draft", "to_status": "active", "at": at}]
    if head["status"] == "completed":
        lines.append(
            line | {"from_status": "active", "to_status": "completed", "at": min(at + timedelta(minutes=30), now())}
        )
    return lines
