"""Finding nurses, and which wards the person at work cares for."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask import abort
from sqlalchemy.orm import contains_eager

from modules.nurses.models import Assignment, Nurse
from modules.nurses.models.nurse import STATUSES
from modules.nurses.shifts import shift_at_work
from modules.rooms.api import Bed, BedAllocation, Room, Ward
from modules.staff.api import Department, Staff
from portal.kit import current_user, db, today
from portal.kit.forms import id_or_none
from portal.kit.search import has_words

FILTERS = ("ward", "status", "grade")
LONGEST_SEARCH = 100


def listed() -> sa.Select:
    """Every nurse of the register, with the person, the department and the ward."""
    query = sa.select(Nurse).join(Nurse.staff).join(Nurse.department).outerjoin(Nurse.ward)
    return query.options(contains_eager(Nurse.staff), contains_eager(Nurse.department), contains_eager(Nurse.ward))


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    ward = id_or_none(wanted.get("ward"))
    if ward:
        query = query.where(Nurse.ward_id == ward)
    if wanted.get("status") in STATUSES:
        query = query.where(Nurse.status == wanted["status"])
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: words of the name, or a licence number."""
    text = text.strip()[:LONGEST_SEARCH]
    same = sa.func.lower(Nurse.license_no) == text.lower()
    return query.where(sa.or_(same, has_words(Staff.name_search, text))) if text else query


def find_own_nurse() -> Nurse | None:
    """The nurse who is signed in; None for everybody else."""
    return db.session.scalar(listed().where(Nurse.by_user(current_user.id)).limit(1))


def active_nurses(ward_id: int | None = None) -> list[Nurse]:
    """The nurses at work, by name; those of a ward where one is asked for."""
    query = listed().where(Nurse.status == "active")
    if ward_id:
        query = query.where(Nurse.ward_id == ward_id)
    return list(db.session.scalars(query.order_by(Staff.name_search, Nurse.id)))


def members_to_enter() -> list[Staff]:
    """Who works here as a nurse and is not in the register yet, by name."""
    known = sa.select(Nurse.staff_id)
    query = sa.select(Staff).where(Staff.role_kind == "nurse", Staff.status != "left", Staff.id.not_in(known))
    return list(db.session.scalars(query.order_by(Staff.name_search, Staff.id)))


def departments_of_nurses() -> list[Department]:
    """The departments in use, by name."""
    return list(db.session.scalars(sa.select(Department).where(Department.is_active).order_by(Department.name)))


def own_wards() -> set[int] | None:
    """The wards whose patients the person at work sees: the own one and today's; None where it is every ward."""
    if current_user.may("nurses.view") or not current_user.may("nurses.view_own"):
        return None
    return wards_cared_for()


def wards_cared_for() -> set[int]:
    """The wards that the nurse at work cares for: the own one, and those of today's shifts and of the one at work."""
    mine = sa.select(Nurse.id, Nurse.ward_id).where(Nurse.by_user(current_user.id)).limit(1)
    nurse = db.session.execute(mine).first()
    if nurse is None:
        return set()
    here = Assignment.shift_date == today()
    at_work = shift_at_work()
    if at_work:
        day, shift = at_work  # a night shift began yesterday
        here = sa.or_(here, sa.and_(Assignment.shift_date == day, Assignment.shift_id == shift.id))
    today_at = sa.select(Assignment.ward_id).where(Assignment.nurse_id == nurse.id, here)
    return {*db.session.scalars(today_at), nurse.ward_id} - {None}


def refuse_other_wards(patient_id: int) -> None:
    """Answer 403 where the patient lies in a ward that is not the own one of who only sees that."""
    wards = own_wards()
    if wards is None:
        return
    ward_id = wards_of([patient_id]).get(patient_id)
    if ward_id is not None and ward_id not in wards:
        abort(403)


def wards_of(patient_ids: Iterable[int]) -> dict[int, int | None]:
    """The wards in which these patients lie, by patient; None for a bed that stands in none."""
    held = sa.select(BedAllocation.patient_id, Room.ward_id).join(Bed, Bed.id == BedAllocation.bed_id)
    held = held.join(Room, Room.id == Bed.room_id).where(
        BedAllocation.active_patient_id.in_(list(patient_ids)), BedAllocation.status == "active"
    )
    return dict(db.session.execute(held).all())


def ward_choices() -> list[Ward]:
    """The wards in use that the person at work sees, by name."""
    query, wards = sa.select(Ward).where(Ward.is_active), own_wards()
    if wards is not None:
        query = query.where(Ward.id.in_(wards))
    return list(db.session.scalars(query.order_by(Ward.name)))
