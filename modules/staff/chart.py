"""The departments as they stand one below the other, with who leads them and how many work there."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from modules.staff.find import active_by_department
from modules.staff.models import Department, Staff
from portal.kit import db


@dataclass(eq=False)
class Branch:
    """A department of the chart and what stands below it."""

    department: Department
    head: Staff | None
    count: int
    below: list["Branch"] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many people work here and in everything below."""
        return self.count + sum(branch.total for branch in self.below)


def chart() -> list[Branch]:
    """The departments in use that stand below no other, by name; the others hang on them."""
    branches = {branch.department.id: branch for branch in _branches()}
    tops = []
    for branch in branches.values():
        above = branches.get(branch.department.parent_id)
        (above.below if above else tops).append(branch)
    return tops


def _branches() -> list[Branch]:
    counts = active_by_department()
    query = (
        sa.select(Department, Staff, sa.func.coalesce(counts.c.count, 0))
        .outerjoin(Staff, Staff.id == Department.head_id)
        .outerjoin(counts, counts.c.department_id == Department.id)
        .where(Department.is_active)
        .order_by(Department.name)
    )
    return [Branch(*row) for row in db.session.execute(query)]
