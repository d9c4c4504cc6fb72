"""What the dashboard shows of appointments."""

from flask import url_for

from modules.appointments import module, words
from modules.appointments.find import count_found, listed
from modules.appointments.models import Appointment
from portal.kit import Act, _, day_bounds, db, fragment, now, today

MOST = 8


@module.fills("dashboard.acts", needs="add")
def what_to_do_first() -> list[Act]:
    """What people at the desk do most."""
    return [Act(_("Book appointment"), "calendar-plus", url_for("appointments.new"))]


@module.tile(
    "today", _("Appointments today"), "calendar", needs="view | view_own", opens="listing",
    roles="hospital_admin receptionist doctor", when="today",
)  # fmt: skip
def today_count(**filters: str) -> int:
    """Who is expected today."""
    return count_found(**filters)


@module.tile(
    "waiting", _("Checked in now"), "user-check", needs="view | view_own", opens="listing",
    roles="receptionist", when="today", status="checked_in",
)  # fmt: skip
def checked_in_count(**filters: str) -> int:
    """Who is here and waits."""
    return count_found(**filters)


@module.tile(
    "no-shows", _("No-shows today"), "user-x", needs="view", opens="listing", when="today", status="no_show",
)  # fmt: skip
def no_show_count(**filters: str) -> int:
    """Who did not come today."""
    return count_found(**filters)


@module.widget("next", _("Expected next"), needs="view | view_own", roles="receptionist nurse doctor", order=12)
def expected_next() -> str:
    """The next patients of today."""
    coming = (Appointment.status == "scheduled", Appointment.starts_at > now())
    query = listed().where(*coming, Appointment.starts_at < day_bounds(today())[1])
    rows = db.session.scalars(query.order_by(Appointment.starts_at, Appointment.id).limit(MOST)).all()
    return fragment("appointments/_next.html", rows=rows, words=words)
