"""Asking for work on a hospital: one operation at a time, carried out by whoever claims it (tenancy.md T7)."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import event

from portal import queue, request_ids
from portal.auth.audit import audit_platform
from portal.control.models import Backup, Operation, OperationStep, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.migrations import head
from portal.provisioning import backups
from portal.provisioning.delete import take_back
from portal.provisioning.steps import MODULES, STEPS, ProvisioningProblem
from portal.tenancy.session import TENANT


def request(
    tenant: Tenant,
    kind: str,
    requested_by: int | None = None,
    backup: Backup | None = None,
    details: dict | None = None,
) -> Operation:
    """Ask for work on a hospital; while some is waiting or under way, that is the answer. The caller commits.

    Raises `ProvisioningProblem` for a hospital that is deleted. `backup` is what a restore begins with, `details` is
    what else the work has to know.
    """
    active = find_active(tenant.id)
    if active is not None:
        return active
    if tenant.mode == "deleted":
        raise ProvisioningProblem(_("{name} is deleted. Bring it back first.", name=tenant.name))
    operation = prepared(tenant, kind, requested_by, backup=backup)
    operation.details = details or {}
    keep([operation])
    return operation


def prepared(
    tenant: Tenant, kind: str, requested_by: int | None, *, batch: str | None = None, backup: Backup | None = None
) -> Operation:
    """An operation without its steps, not yet in the session."""
    values = {"requested_by": requested_by, "batch": batch, "backup": backup, "active_key": tenant.id}
    return Operation(tenant=tenant, kind=kind, **values, **asked_here())


def asked_here() -> dict[str, str]:
    """What every operation says of where it was asked for: the request, and the release.

    A worker of an older release leaves it to one that knows what this one knows.
    """
    return {"request_id": request_ids.current(), "needs": head(TENANT)}


def keep(operations: Sequence[Operation]) -> None:
    """Write operations and the steps of their kinds, thousands at once where there are many."""
    db.session.add_all(operations)
    db.session.flush()
    rows = [{"operation_id": one.id, **step} for one in operations for step in steps_of(one.kind)]
    if rows:
        db.session.execute(sa.insert(OperationStep), rows)


def request_create(tenant: Tenant, requested_by: int | None = None) -> Operation:
    """Ask for a database, or for what one lacks; raises `ProvisioningProblem` while there is other work.

    The caller commits.
    """
    return _only(request(tenant, "create", requested_by), "create")


def request_backup(tenant: Tenant, requested_by: int | None = None, reason: str = backups.BY_HAND) -> Operation:
    """Ask for a backup; raises `ProvisioningProblem` while there is other work. The caller commits."""
    operation = _requested(tenant, "backup", requested_by)
    operation.details = {**operation.details, "reason": operation.details.get("reason", reason)}
    return operation


def request_restore(tenant: Tenant, backup: Backup, requested_by: int | None = None) -> Operation:
    """Ask for a backup to be restored; raises `ProvisioningProblem` while there is other work. The caller commits.

    A hospital that is deleted is brought back with it.
    """
    if tenant.mode == "deleted" and find_active(tenant.id) is None:
        take_back(tenant)
    return _requested(tenant, "restore", requested_by, backup)


def request_recreate(tenant: Tenant, requested_by: int | None = None) -> Operation:
    """Ask for an empty database in place of the hospital's; a second time while that is under way is the same work.

    Raises `ProvisioningProblem` while there is other work, and for a deleted hospital. The caller commits.
    """
    return _requested(tenant, "recreate", requested_by)


def _requested(tenant: Tenant, kind: str, requested_by: int | None, backup: Backup | None = None) -> Operation:
    details = {"backup": backup.reference} if backup else {}
    return request_only(tenant, kind, requested_by, action=f"{kind}_database", backup=backup, told=details)


def request_only(
    tenant: Tenant,
    kind: str,
    requested_by: int | None,
    *,
    action: str,
    backup: Backup | None = None,
    details: dict | None = None,
    told: dict | None = None,
) -> Operation:
    """As `request`, for this very work only: written down in the audit once, with what is `told` of it.

    Raises `ProvisioningProblem` while there is other work.
    """
    is_first = find_active(tenant.id) is None
    operation = request(tenant, kind, requested_by, backup, details)
    _only(operation, kind, backup, details)
    if is_first:
        audit_platform(action, tenant=tenant, details={"operation": operation.reference} | (told or {}))
    return operation


def _only(operation: Operation, kind: str, backup: Backup | None = None, details: dict | None = None) -> Operation:
    """The operation, if it is what was asked for and not other work that was there before."""
    is_another = (backup and operation.backup != backup) or (details and operation.details != details)
    if operation.kind != kind or is_another:
        raise ProvisioningProblem(_("Other work on this hospital is under way. Try again when it has ended."))
    return operation


def find_active(tenant_id: int) -> Operation | None:
    """The operation of this hospital that is waiting or under way."""
    return db.session.scalar(sa.select(Operation).where(Operation.active_key == tenant_id))


def steps_of(kind: str) -> list[dict]:
    """A row for each step, and one for each module within the step that sets modules up."""
    named = []
    for step in STEPS[kind]:
        modules = list(current_app.extensions["modules"]) if step is MODULES else []
        named += [(step.name, module) for module in ("", *modules)]
    return [{"step": step, "module": module, "position": place} for place, (step, module) in enumerate(named)]


def wake_after_commit(operation: Operation) -> None:
    """Wake a worker once the operation's row is really there."""
    operation_id = operation.id
    event.listen(db.session(), "after_commit", lambda session: queue.wake(operation_id), once=True)
