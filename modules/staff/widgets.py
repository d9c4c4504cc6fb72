"""What the dashboard shows of staff."""

from modules.staff import module
from modules.staff.api import count_credentials, count_staff, staff_by_department
from portal.kit import _, fragment


@module.tile("active", _("Active staff"), "id-badge-2", needs="view", roles="hr_officer staff", status="active")
def active_staff(**filters: str) -> int:
    """Who works here now."""
    return count_staff(**filters)


@module.tile("leave", _("On leave"), "calendar-user", needs="view", roles="hr_officer", status="on_leave")
def staff_on_leave(**filters: str) -> int:
    """Who is on leave."""
    return count_staff(**filters)


@module.tile(
    "credentials",
    _("Credentials ending soon"),
    "license",
    needs="credential_view",
    opens="credential_index",
    roles="hr_officer",
    ends="soon",
)
def credentials_ending_soon(**filters: str) -> int:
    """Licences and contracts that end within 60 days."""
    return count_credentials(**filters)


@module.widget("departments", _("Staff by department"), needs="view", roles="hr_officer staff", order=20)
def by_department() -> str:
    """How many people work in each department now."""
    return fragment("staff/_by_department.html", departments=staff_by_department())
