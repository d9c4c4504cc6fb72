"""What each hospital sets for its beds."""

from datetime import timedelta

from portal.kit import _
from portal.kit.house import house_number

reserved_minutes = house_number(
    "rooms",
    "reserved_minutes",
    _("Minutes that a bed is kept for somebody"),
    120,
    least=10,
    most=2880,
    hint=_("Where no other time is entered; then the bed is free again."),
)
names_on_board = house_number(
    "rooms", "names_on_board", _("The bed board shows full names, not initials"), 0, least=0, most=1
)


def reserved_for() -> timedelta:
    """How long a bed is kept where nobody says otherwise (ROOM-5)."""
    return timedelta(minutes=reserved_minutes())
