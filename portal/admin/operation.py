"""The page of one operation: who asked, its steps, its log, what became of it; asked again, or taken back."""

from zlib import crc32

import sqlalchemy as sa
from flask import abort, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.admin.access import may, needs
from portal.admin.badges import KINDS, STATE
from portal.admin.operation_rows import asked_by
from portal.admin.operations import visible_operations
from portal.admin.record import stamp_of
from portal.admin.views import admin
from portal.auth.audit import audit_platform
from portal.control.models import Backup, Operation
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import go, page
from portal.provisioning import asking
from portal.provisioning.backups import reference_of
from portal.provisioning.cancelling import cancel
from portal.provisioning.progress import Progress

#: What may be asked for anew as it was, with the name of the act in the audit; the rest asks its own questions first.
AGAIN = {"create": "create_database", "verify": "verify_hospital", "backup": "backup_database",
         "migrate": "migrate_database"}  # fmt: skip


@admin.get("/operations/<operation>")
@needs("hospital_admin")
def operation(operation: str):
    """Everything that is known of one operation."""
    return page("admin/operation.html", **told_of(get_operation(operation)))


@admin.get("/operations/<operation>/progress")
@needs("hospital_admin")
def operation_progress(operation: str):
    """The parts of the page that change; 204 when they are as the reader has them."""
    told = told_of(get_operation(operation))
    if told["stamp"] == request.args.get("seen"):
        return "", 204
    return page("admin/_operation_poll.html", **told)


@admin.post("/operations/<operation>/again")
@needs("platform_admin")
def operation_again(operation: str):
    """Ask for the same work anew."""
    before = get_operation(operation)
    return asked_again(before) if may_try_again(before) else abort(400)


@admin.post("/operations/<operation>/cancel")
@needs("platform_admin")
def cancel_operation(operation: str):
    """Take the work back before a worker begins it."""
    found = get_operation(operation)
    if cancel(Operation.id == found.id):
        audit_platform("cancel_operation", tenant=found.tenant, details={"operation": found.reference})
        flash(_("The work is cancelled. Nothing was changed."), "ok")
    else:
        flash(_("It is too late to cancel: the work has begun or is over."), "warn")
    return go(operation_url(found))


def operation_url(found: Operation) -> str:
    """The address of an operation's page."""
    return url_for("admin.operation", operation=found.reference)


def get_operation(reference: str) -> Operation:
    """The operation with this reference; 404 where there is none or its hospital is not theirs to see."""
    query = visible_operations().where(Operation.reference == reference)
    shown = (
        contains_eager(Operation.tenant),
        joinedload(Operation.requester),
        joinedload(Operation.backup),
        selectinload(Operation.steps),
    )
    return db.session.scalar(query.options(*shown)) or abort(404)


def may_try_again(found: Operation) -> bool:
    """It ended without success, and asking for it anew needs no further question."""
    ended = found.state in ("failed", "interrupted", "cancelled")
    return ended and found.kind in AGAIN and found.tenant.mode != "deleted" and may("platform_admin")


def asked_again(before: Operation):
    """Ask for the same work; while other work is under way, that is said and shown instead."""
    found = asking.find_active(before.tenant_id)
    if found is None:
        found = asking.request(before.tenant, before.kind, current_user.id)
        audit_platform(AGAIN[before.kind], tenant=before.tenant, details={"operation": found.reference})
    elif found.kind != before.kind:
        flash(_("Other work on this hospital is under way. Try again when it has ended."), "warn")
    asking.wake_after_commit(found)
    return go(operation_url(found))


def told_of(found: Operation) -> dict:
    """What the page shows of an operation."""
    progress, lines = Progress.of(found), found.log.splitlines() if may("platform_admin") else []
    return {
        "found": found,
        "kind": KINDS[found.kind],
        "badge": STATE[found.state],
        "progress": progress,
        "modules": [{"label": label, "state": state} for label, state in progress.modules],
        "asked_by": asked_by(found),
        "backup": _backup_of(found),
        "lines": lines,
        "may_see_log": may("platform_admin"),
        "may_try_again": may_try_again(found),
        "may_cancel": found.state == "queued" and may("platform_admin"),
        "stamp": f"{stamp_of(progress)}-{crc32(found.log.encode()):x}",
    }


def _backup_of(found: Operation) -> Backup | None:
    """The backup it was made from, or the one it made; only those who see backups."""
    if not may("platform_admin") or found.backup or not found.build:
        return found.backup if may("platform_admin") else None
    made = sa.select(Backup).where(Backup.reference == reference_of(found.build), Backup.tenant_id == found.tenant_id)
    return db.session.scalar(made)
