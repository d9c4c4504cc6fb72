"""Finding doctors by name, department, field and status, and what a doctor prescribes."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from modules.doctors.models import Doctor, OrderSet, Prescription, Specialization
from modules.doctors.models.doctor import STATUSES
from modules.patients.api import Encounter, Patient
from modules.staff.api import Department, Staff
from portal.kit import current_user, db, today
from portal.kit.forms import id_or_none
from portal.kit.search import has_words

FILTERS = ("department", "specialization", "status", "license")
SOON = timedelta(days=60)
LONGEST_SEARCH = 100


def listed() -> sa.Select:
    """Every doctor of the register, with the person, the field and the department."""
    query = sa.select(Doctor).join(Doctor.staff).join(Doctor.specialization).join(Doctor.department)
    return query.options(
        contains_eager(Doctor.staff), contains_eager(Doctor.specialization), contains_eager(Doctor.department)
    )


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    department, field = (id_or_none(wanted.get(name)) for name in ("department", "specialization"))
    if department:
        query = query.where(Doctor.department_id == department)
    if field:
        query = query.where(Doctor.specialization_id == field)
    if wanted.get("status") in STATUSES:
        query = query.where(Doctor.status == wanted["status"])
    if wanted.get("license") == "soon":
        query = query.where(Doctor.license_expiry <= today() + SOON, Doctor.status != "inactive")
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: words of the name, or a licence number."""
    text = text.strip()[:LONGEST_SEARCH]
    same = sa.func.lower(Doctor.license_no) == text.lower()
    return query.where(sa.or_(same, has_words(Staff.name_search, text))) if text else query


def find_own() -> Doctor | None:
    """The doctor who is signed in; None for everybody else."""
    return db.session.scalar(listed().where(Doctor.by_user(current_user.id)).limit(1))


def get_doctor(doctor_id: int | None) -> Doctor | None:
    """The doctor with this id; None where there is none."""
    return db.session.get(Doctor, doctor_id) if doctor_id else None


def active_doctors(department_id: int | None = None) -> list[Doctor]:
    """The doctors who treat patients now, by name."""
    query = listed().where(Doctor.status == "active")
    if department_id:
        query = query.where(Doctor.department_id == department_id)
    return list(db.session.scalars(query.order_by(Staff.name_search, Doctor.id)))


def doctor_choices(department_id: int | None = None, *, or_id: int | None = None) -> dict[int, str]:
    """The doctors a form offers: “Dr Kofi Annor, General surgery” by id; the one with `or_id` even when away."""
    chosen = [get_doctor(or_id)] if or_id else []
    rows = [*active_doctors(department_id), *(one for one in chosen if one and one.status != "active")]
    return {one.id: f"{one.full_name}, {one.specialization.name}" for one in rows}


def specializations() -> list[Specialization]:
    """The fields of medicine, by name."""
    return list(db.session.scalars(sa.select(Specialization).order_by(Specialization.name)))


def members_to_enter() -> list[Staff]:
    """Who works here as a doctor and is not in the register yet, by name."""
    known = sa.select(Doctor.staff_id)
    query = sa.select(Staff).where(Staff.role_kind == "doctor", Staff.status != "left", Staff.id.not_in(known))
    return list(db.session.scalars(query.order_by(Staff.name_search, Staff.id)))


def prescriptions_of(encounter_id: int) -> Sequence[Prescription]:
    """What was prescribed in a visit with the drugs, the newest first; drafts are among them."""
    return told(Prescription.encounter_id == encounter_id)


def told(*conditions: sa.ColumnElement[bool], most: int | None = None) -> Sequence[Prescription]:
    """Prescriptions with their doctors and drugs, the newest first: two queries, however many there are."""
    query = (
        sa.select(Prescription)
        .options(joinedload(Prescription.doctor), selectinload(Prescription.items))
        .where(Prescription.voided_at.is_(None), *conditions)
        .order_by(Prescription.prescribed_at.desc(), Prescription.id.desc())
    )
    return db.session.scalars(query.limit(most)).unique().all()


def patient_of(encounter: Encounter) -> Patient:
    """Who the visit is of."""
    return db.session.get_one(Patient, encounter.patient_id)


def departments_of_doctors() -> list[Department]:
    """The departments that doctors work in, by name."""
    query = sa.select(Department).where(Department.id.in_(sa.select(Doctor.department_id)))
    return list(db.session.scalars(query.order_by(Department.name)))


def order_sets(doctor: Doctor | None) -> list[OrderSet]:
    """The sets a doctor may order by: the own ones and those that others share, by name."""
    mine = OrderSet.owner_id == (doctor.id if doctor else None)
    query = sa.select(OrderSet).options(joinedload(OrderSet.owner)).where(sa.or_(mine, OrderSet.shared))
    return list(db.session.scalars(query.order_by(OrderSet.name, OrderSet.id)))
