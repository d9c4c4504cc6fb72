"""What can be asked for on many hospitals at once, in words and in the audit."""

from dataclasses import dataclass

from portal.admin.access import may
from portal.i18n import _
from portal.provisioning.bulk import MOST
from portal.words import Words


@dataclass(frozen=True)
class Work:
    """What can be asked for on many hospitals, in words and in the audit."""

    button: str
    icon: str
    action: str
    doing: str
    done: str
    role: str = "platform_admin"
    most: int = MOST
    asks: str | None = None  # the page that asks first, where a click is not enough, and the one for a single hospital
    asks_one: str | None = None


WORKS: dict[str, Work] = Words({
    "verify": Work(
        _("Verify Database"), "shield-check", "verify_hospital", _("Checking {count} hospitals"), _("checked")
    ),
    "create": Work(_("Create Database"), "database", "create_database", _("Creating {count} databases"), _("created")),
    "migrate": Work(
        _("Migrate Database"), "arrows-exchange", "migrate_hospitals", _("Migrating {count} hospitals"), _("migrated"),
    ),
    "recreate": Work(
        _("Recreate Database"), "database", "recreate_database", _("Recreating {count} databases"), _("recreated"),
        role="superuser", most=100, asks="recreate_hospitals", asks_one="recreate_hospital",
    ),
}, Work(_("Work of a newer release"), "help-circle", "", _("Working on {count} hospitals"), _("done")))  # fmt: skip


def offered() -> dict[str, Work]:
    """The work that the person signed in may ask for."""
    return {kind: work for kind, work in WORKS.items() if may(work.role)}
