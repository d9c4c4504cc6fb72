"""What other modules may ask about staff."""

import sqlalchemy as sa

from modules.staff.find import active_by_department, credentials, departments, ending, filtered, listed
from modules.staff.models import Department, Staff
from portal.kit import db

__all__ = [
    "Department",
    "Staff",
    "count_credentials",
    "count_staff",
    "departments",
    "staff_by_department",
]


def count_staff(**filters: str) -> int:
    """How many people the list shows with these filters, such as `status="active"`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(filtered(listed(), filters).subquery()))


def count_credentials(**filters: str) -> int:
    """How many credentials the list shows with these filters, such as `ends="soon"`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(ending(credentials(), filters).subquery()))


def staff_by_department() -> list[tuple[Department, int]]:
    """Each department in use with the number of people who work there now."""
    counts = active_by_department()
    count = sa.func.coalesce(counts.c.count, 0)
    query = sa.select(Department, count).outerjoin(counts, counts.c.department_id == Department.id)
    query = query.where(sa.or_(Department.is_active, count > 0)).order_by(Department.name)
    return [tuple(row) for row in db.session.execute(query)]
