"""What each hospital sets for its nurses."""

from datetime import timedelta

from portal.kit import _
from portal.kit.house import house_number

dose_minutes = house_number(
    "nurses",
    "dose_minutes",
    _("Minutes around the time of a dose"),
    60,
    least=5,
    most=240,
    hint=_("Earlier it is not given; later it is given and marked late."),
)


def tolerance() -> timedelta:
    """How much earlier a dose may be given, and from when on it is late (NUR-2)."""
    return timedelta(minutes=dose_minutes())
