"""How a hospital's or an operation's state looks: tone, icon and word, defined once for every page."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.tenancy import modes
from portal.words import Words


@dataclass(frozen=True)
class Badge:
    """A state in a word, with the tone and the icon that go with it."""

    tone: str
    icon: str
    text: str
    spin: bool = False


STATUS = Words({
    "ready": Badge("ok", "circle-check", _("Ready")),
    "incomplete": Badge("warn", "alert-triangle", _("Incomplete")),
    "missing": Badge("bad", "circle-x", _("Missing/Error")),
    "unknown": Badge("unk", "help-circle", _("Unknown")),
}, Badge("unk", "help-circle", _("Unknown")))  # fmt: skip
MODE = {
    "read_only": Badge("warn", "lock", _("Read-only")),
    "maintenance": Badge("info", "tool", _("Maintenance")),
    "suspended": Badge("bad", "player-pause", _("Suspended")),
    "deleted": Badge("unk", "trash", _("Deleted")),
}
QUEUED = Badge("info", "clock", _("Queued"))
RUNNING = Words({
    "create": Badge("info", "loader-2", _("Creating…"), spin=True),
    "verify": Badge("info", "loader-2", _("Checking…"), spin=True),
    "backup": Badge("info", "loader-2", _("Backing up…"), spin=True),
    "restore": Badge("info", "loader-2", _("Restoring…"), spin=True),
    "recreate": Badge("info", "loader-2", _("Recreating…"), spin=True),
    "clone": Badge("info", "loader-2", _("Copying…"), spin=True),
    "delete": Badge("info", "loader-2", _("Deleting…"), spin=True),
    "move": Badge("info", "loader-2", _("Moving…"), spin=True),
    "rename": Badge("info", "loader-2", _("Renaming…"), spin=True),
    "migrate": Badge("info", "loader-2", _("Migrating…"), spin=True),
}, Badge("info", "loader-2", _("Working…"), spin=True))  # fmt: skip
STATE = Words({
    "queued": QUEUED,
    "running": Badge("info", "loader-2", _("Running"), spin=True),
    "succeeded": Badge("ok", "circle-check", _("Succeeded")),
    "failed": Badge("bad", "circle-x", _("Failed")),
    "interrupted": Badge("warn", "alert-triangle", _("Interrupted")),
    "cancelled": Badge("unk", "ban", _("Cancelled")),
}, Badge("unk", "help-circle", _("Unknown")))  # fmt: skip
KINDS = Words({
    "create": _("Create the database"),
    "verify": _("Check the database"),
    "backup": _("Back up the database"),
    "restore": _("Restore the database"),
    "recreate": _("Recreate the database"),
    "clone": _("Copy from another hospital"),
    "delete": _("Delete the hospital"),
    "rename": _("Rename the hospital"),
    "migrate": _("Migrate the database"),
    "move": _("Move to another server"),
}, _("Work of a newer release"))  # fmt: skip


def mode_badge(tenant: Tenant) -> Badge | None:
    """Who may use the hospital now and whether anything is saved there; None for one in full use, or deleted."""
    if tenant.mode == "deleted":
        return None
    if tenant.closed_by is not None:
        return MODE["maintenance"]
    if tenant.moved_by is not None and tenant.mode in modes.OPEN_MODES:
        return MODE["read_only"]
    return MODE.get("read_only" if read_only_since(tenant) else tenant.mode)


def read_only_since(tenant: Tenant) -> date | None:
    """The hospital's own day since which nothing is saved in it; None where people may save, or nobody gets in."""
    zone = ZoneInfo(tenant.timezone)
    return modes.read_only_since(tenant.mode, tenant.mode_since, tenant.ends_on, tenant.plan.grace_days, zone)


def badge_of(tenant: Tenant, operation: Operation | None) -> Badge:
    """What the hospital is doing now, or what was last seen of its database."""
    if operation is not None and operation.state == "queued":
        return QUEUED
    if operation is not None and operation.state == "running":
        return RUNNING[operation.kind]
    return MODE["deleted"] if tenant.mode == "deleted" else STATUS[tenant.status]
