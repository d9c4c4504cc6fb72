"""Changing a hospital's mode: who may use it, and whether anything is saved there (tenancy.md T22)."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import event

from portal.auth.audit import audit_platform
from portal.clock import now
from portal.control.models import Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import asking
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.modes import OPEN_MODES

LOOKING = ("verify", "backup")
LONGEST_REASON = 300


@dataclass(frozen=True)
class Change:
    """One way from mode to mode: its names in addresses and in the audit, and what is said of it afterwards.

    `to` is None where the hospital goes back to what it was before it was closed.
    """

    name: str
    action: str
    since: tuple[str, ...]
    to: str | None
    done: str


CHANGES = {
    change.name: change
    for change in (
        Change("suspend", "suspend_hospital", (*OPEN_MODES, "maintenance"), "suspended", _("{name} is suspended.")),
        Change("resume", "resume_hospital", ("suspended",), None, _("{name} is in use again.")),
        Change("start-maintenance", "start_maintenance", OPEN_MODES, "maintenance", _("{name} is in maintenance.")),
        Change("end-maintenance", "end_maintenance", ("maintenance",), None, _("{name} is in use again.")),
        Change("make-read-only", "make_read_only", ("active",), "read_only", _("{name} is read-only.")),
        Change("make-writable", "make_writable", ("read_only",), "active", _("{name} can be written to again.")),
    )
}
NAMES = {
    "active": _("active"),
    "read_only": _("read-only"),
    "maintenance": _("in maintenance"),
    "suspended": _("suspended"),
    "deleted": _("deleted"),
}


def change_mode(tenant: Tenant, change: Change, reason: str = "") -> bool:
    """Change the hospital's mode; False where it was so already. The caller commits.

    Every web and worker process follows within a second. Suspending ends every session. Raises `ProvisioningProblem`
    while other work on the hospital is under way, and where this mode does not follow the one it is in.
    """
    target = change.to or tenant.mode_before
    if tenant.mode == change.to or (change.to is None and tenant.mode in OPEN_MODES):
        return False
    _refuse_wrong_moment(tenant, change)
    if tenant.mode in OPEN_MODES:
        tenant.mode_before = tenant.mode
    tenant.mode, tenant.mode_since, tenant.mode_reason = target, now(), reason
    tenant.sessions_ended = Tenant.sessions_ended + int(target == "suspended")
    tenant.epoch = Tenant.epoch + 1
    if target == "active":
        tenant.outbox_due_at = now()  # what waited meanwhile
    audit_platform(change.action, tenant=tenant, details={"reason": reason} if reason else {})
    db.session.flush()
    _follow_at_once()
    return True


def _refuse_wrong_moment(tenant: Tenant, change: Change) -> None:
    active = asking.find_active(tenant.id)
    if active is not None and active.kind not in LOOKING:
        raise ProvisioningProblem(_("Other work on this hospital is under way. Try again when it has ended."))
    if tenant.mode not in change.since:
        mode = NAMES[tenant.mode]
        raise ProvisioningProblem(_("{name} is {mode}. End that first.", name=tenant.name, mode=mode))


def _follow_at_once() -> None:
    """The process that changes a mode need not wait for its own memory to end."""
    registry = current_app.extensions["registry"]
    event.listen(db.session(), "after_commit", lambda session: registry.forget(), once=True)
