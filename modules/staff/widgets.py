"""What the dashboard shows of staff."""

from modules.staff import module
from modules.staff.api import count_credentials, count_staff, staff_by_department
from portal.kit import _, fragment

PEOPLE = "hospital_admin hr_officer"


@module.tile("active", _("Active staff"), "id-badge-2", needs="view", roles=f"{PEOPLE} staff", status="active")
def active_staff(**filters: str) -> int:
    """Who works here now."""
    return count_staff(**filters)


@module.tile("leave", _("On leave"), "calendar-user", needs="view", roles=PEOPLE, status="on_leave")
def staff_on_leave(**filters: str) -> int:
    """Who is on leave."""
    return count_staff(**filters)


@module.tile(
    "credentials",
    _("Credentials ending soon"),
    "license",
    needs="credential_view",
    opens="credential_index",
    roles=PEOPLE,
    ends="soon",
)
def credentials_ending_soon(**filters: str) -> int:
    """Licences and contracts that end within 60 days."""
    return count_credentials(**filters)


@module.widget("departments", _("Staff by department"), needs="view", roles=f"{PEOPLE} staff", order=20)
def by_department() -> str:
    """How many people work in each department now."""
    return fragment("staff/_by_department.html", departments=staff_by_department())
