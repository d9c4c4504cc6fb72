"""What the dashboard shows of nursing."""

import sqlalchemy as sa

from modules.nurses import module
from modules.nurses.find import filtered, listed, own_wards, ward_choices
from modules.nurses.tasks import tasks_in
from modules.nurses.worklist import read_worklist
from portal.kit import _, db, fragment

MOST = 6


def count_nurses(**filters: str) -> int:
    """How many nurses the register shows with these filters, such as `status="active"`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(filtered(listed(), filters).subquery()))


@module.tile("red", _("Red scores"), "alert-triangle", needs="view | view_own", roles="nurse doctor", show="red")
def red_scores(**filters: str) -> int:
    """The patients of the own wards with a score of 7 or more."""
    return len(read_worklist(ward_choices(), only=filters["show"]).shown)


@module.tile(
    "overdue", _("Beds that need somebody"), "clock-exclamation", needs="view | view_own", roles="nurse", show="overdue"
)
def beds_that_need_somebody(**filters: str) -> int:
    """The beds where a dose, a task or vital signs are overdue, or the score is red."""
    return len(read_worklist(ward_choices(), only=filters["show"]).shown)


@module.tile("tasks", _("Tasks of the wards"), "list-check", needs="view | view_own", opens="task_index", roles="nurse")
def tasks_of_the_wards(**_filters: str) -> int:
    """What the board of tasks shows."""
    return len(tasks_in(own_wards()))


@module.widget("ward", _("Who needs somebody now"), needs="view | view_own", roles="nurse", order=10)
def who_needs_somebody() -> str:
    """The first beds where something is overdue, the worst score first."""
    rows = [row for row in read_worklist(ward_choices()).rows if row.needs_somebody]
    rows.sort(key=lambda row: (-(row.scored.news2 if row.scored else 0), -row.doses_overdue))
    return fragment("nurses/_needs.html", rows=rows[:MOST])
