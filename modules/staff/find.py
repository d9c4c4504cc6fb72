"""Finding staff by name, number, department and status; their departments, users and credentials."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from modules.staff.credentials import Credential
from modules.staff.models import STATUSES, Department, Staff
from portal.kit import current_user, db, today
from portal.kit.forms import id_or_none
from portal.kit.people import User
from portal.kit.search import has_words

FILTERS = ("department", "status")
IN_THE_DIRECTORY = ("active", "on_leave")
SOON = timedelta(days=60)
LONGEST_SEARCH = 100


def listed() -> sa.Select:
    """Everybody in the register, with their departments."""
    return sa.select(Staff).join(Staff.department).options(contains_eager(Staff.department))


def visible() -> sa.Select:
    """The people whom the person at work may see: who was suspended or has left is not for everybody."""
    query = listed()
    return query if current_user.may("staff.detail_view") else query.where(Staff.status.in_(IN_THE_DIRECTORY))


def find_visible(record_id: int) -> Staff | None:
    """A member of staff whom the person at work may see, with department and user."""
    return db.session.scalar(visible().options(joinedload(Staff.user)).where(Staff.id == record_id))


def find_own() -> Staff | None:
    """The member of staff who is signed in."""
    return db.session.scalar(listed().where(Staff.user_id == current_user.id))


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    department = id_or_none(wanted.get("department"))
    if department:
        query = query.where(Staff.department_id == department)
    if wanted.get("status") in STATUSES:
        query = query.where(Staff.status == wanted["status"])
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: words of the name, or an employee number."""
    text = text.strip()[:LONGEST_SEARCH]
    return query.where(sa.or_(Staff.employee_no == text.upper(), has_words(Staff.name_search, text))) if text else query


def other_times_of(member: Staff) -> list[Staff]:
    """The rows of the same person who worked here before, or came back: newest first."""
    same = sa.and_(Staff.national_id == member.national_id, Staff.id != member.id)
    rows = db.session.scalars(sa.select(Staff).where(same).order_by(Staff.joined_on.desc()))
    return list(rows) if member.national_id else []


def users_for(member: Staff) -> list[User]:
    """The hospital's own users who are nobody else who works here, by name."""
    taken = sa.select(Staff.user_id).where(Staff.user_id.is_not(None), Staff.status != "left", Staff.id != member.id)
    query = sa.select(User).where(User.platform_user_uuid.is_(None), User.id.not_in(taken))
    return list(db.session.scalars(query.order_by(User.first_name, User.last_name, User.id)))


def departments(or_id: int | None = None) -> list[Department]:
    """The departments people can be assigned to, by name; the one with `or_id` even when it is closed."""
    open_or_own = sa.or_(Department.is_active, Department.id == or_id)
    return list(db.session.scalars(sa.select(Department).where(open_or_own).order_by(Department.name)))


def led_by(member: Staff) -> list[Department]:
    """The departments that a member of staff heads, by name."""
    return list(
        db.session.scalars(sa.select(Department).where(Department.head_id == member.id).order_by(Department.name))
    )


def possible_heads(department: Department) -> list[Staff]:
    """Who may lead a department: who works there, and who leads it now."""
    there = sa.and_(Staff.department_id == department.id, Staff.status != "left")
    query = sa.select(Staff).where(sa.or_(there, Staff.id == department.head_id))
    return list(db.session.scalars(query.order_by(Staff.name_search, Staff.id)))


def active_by_department() -> sa.Subquery:
    """How many people work in each department now."""
    query = sa.select(Staff.department_id, sa.func.count(Staff.id).label("count"))
    return query.where(Staff.status == "active").group_by(Staff.department_id).subquery()


def credentials_of(member: Staff) -> list[Credential]:
    """What a member of staff was given or signed; what ends first comes first, what never ends last."""
    query = sa.select(Credential).where(Credential.staff_id == member.id)
    return list(
        db.session.scalars(query.order_by(Credential.expires_on.is_(None), Credential.expires_on, Credential.id))
    )


def credentials() -> sa.Select:
    """The credentials of everybody who has not left."""
    query = sa.select(Credential).join(Credential.staff).options(contains_eager(Credential.staff))
    return query.where(Staff.status != "left")


def ending(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The credentials that have ended (`expired`), or will within 60 days (`soon`); another word changes nothing."""
    match wanted.get("ends"):
        case "expired":
            return query.where(Credential.expires_on < today())
        case "soon":
            return query.where(Credential.expires_on.between(today(), today() + SOON))
    return query
