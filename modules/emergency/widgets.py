"""What the dashboard shows of the emergency department."""

from modules.emergency import module, words
from modules.emergency.board import read_board
from modules.emergency.find import count_visits
from portal.kit import _, fragment

CARING = "hospital_admin nurse doctor"


@module.tile("waiting", _("Waiting in emergency"), "hourglass", needs="board_view", roles=CARING, f="waiting")
def waiting_count(**filters: str) -> int:
    """Who waits for a doctor."""
    return len(read_board().found(filters["f"]))


@module.tile(
    "breach", _("Past triage target"), "clock-exclamation", needs="board_view",
    roles="hospital_admin", f="breach",
)  # fmt: skip
def breach_count(**filters: str) -> int:
    """Who waits past the target of their level."""
    return len(read_board().found(filters["f"]))


@module.tile("today", _("Emergency visits today"), "ambulance", needs="view", opens="visits", day="today")
def today_count(**filters: str) -> int:
    """Who came today."""
    return count_visits(**filters)


@module.widget("now", _("Emergency now"), needs="board_view", roles=f"{CARING} receptionist", order=18)
def department_now() -> str:
    """How many wait and are treated at each level."""
    return fragment("emergency/_now.html", board=read_board(), words=words)
