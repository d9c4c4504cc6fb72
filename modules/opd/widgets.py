"""What the dashboard shows of outpatients."""

from flask import url_for

from modules.opd import module, words
from modules.opd.board import read_desk
from modules.opd.find import count_visits
from portal.kit import Act, _, fragment

SEEN = "view | view_own | add | charge_view"


@module.tile(
    "waiting",
    _("Outpatients waiting"),
    "clipboard-list",
    needs=SEEN,
    opens="visit_index",
    roles="receptionist doctor",
    status="waiting",
    day="today",
)
def outpatients_waiting(**filters: str) -> int:
    """Who is here today and waits for the doctor."""
    return count_visits(**filters)


@module.tile(
    "today", _("Outpatient visits today"), "users", needs=SEEN, opens="visit_index", roles="hospital_admin", day="today"
)
def visits_today(**filters: str) -> int:
    """Everybody who came today."""
    return count_visits(**filters)


@module.widget("queues", _("Queues of today"), needs="token_view", roles="hospital_admin receptionist nurse", order=20)
def queues() -> str:
    """How many wait in each queue, and who is called."""
    return fragment("opd/_queues.html", board=read_desk(), words=words)


@module.fills("dashboard.acts", needs="add")
def what_the_desk_does_first() -> list[Act]:
    """Where the reception desk begins."""
    return [Act(_("Register a walk-in"), "user-check", url_for("opd.walk_in"))]
