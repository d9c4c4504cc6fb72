"""What can be asked for on many hospitals at once, in words and in the audit."""

from dataclasses import dataclass

from portal.i18n import _


@dataclass(frozen=True)
class Work:
    """What can be asked for on many hospitals, in words and in the audit."""

    button: str
    icon: str
    action: str
    doing: str
    done: str


WORKS = {
    "verify": Work(_("Check now"), "shield-check", "verify_hospital", _("Checking {count} hospitals"), _("checked")),
    "create": Work(_("Create Database"), "database", "create_database", _("Creating {count} databases"), _("created")),
}
