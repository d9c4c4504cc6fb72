"""The pages of the settings: users, roles, the hospital's own account of itself, and what was done."""

from modules.core import module
from modules.core.views import events, hospital, logs, roles, users
from portal.kit import _, current_user, page

__all__ = ["events", "hospital", "logs", "roles", "users"]

PLACES = (
    ("user_view", ".user_index", "users", _("Users"), _("Who may sign in here, their roles and passwords.")),
    ("role_change", ".role_grid", "shield-check", _("Roles"), _("What each role may see and do.")),
    ("settings_view", ".profile", "building-hospital", _("Hospital"), _("Name, address, time zone and rules.")),
    ("settings_view", ".numbers", "list-numbers", _("Rules"), _("Times and numbers that the modules keep to.")),
    ("audit_view", ".audit", "history", _("Audit"), _("Who did what, and when.")),
    ("event_view", ".event_index", "clock-exclamation", _("Failed events"), _("What could not be done, and why.")),
    ("sequence_view", ".sequences", "list-check", _("Number sequences"), _("The numbers that are given next.")),
)


@module.get("/", needs="view")
def index():
    """The parts of the settings that the person may open."""
    return page("core/index.html", places=[place for place in PLACES if current_user.may(f"core.{place[0]}")])
