"""Finding staff: by name, employee number or job title, in a department, by status."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from modules.staff.models import STATUSES, Department, Staff
from portal.kit import db
from portal.kit.forms import id_or_none
from portal.kit.search import has_words

FILTERS = ("department", "status")
LONGEST_SEARCH = 100


def listed() -> sa.Select:
    """Everybody in the register, with their departments."""
    return sa.select(Staff).join(Staff.department).options(joinedload(Staff.department))


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


def departments(or_id: int | None = None) -> list[Department]:
    """The departments people can be assigned to, by name; the one with `or_id` even when it is closed."""
    open_or_own = sa.or_(Department.is_active, Department.id == or_id)
    return list(db.session.scalars(sa.select(Department).where(open_or_own).order_by(Department.name)))


def active_by_department() -> sa.Subquery:
    """How many people work in each department now."""
    query = sa.select(Staff.department_id, sa.func.count(Staff.id).label("count"))
    return query.where(Staff.status == "active").group_by(Staff.department_id).subquery()
