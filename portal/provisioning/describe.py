"""Everything scripts ask about a hospital, in one dictionary."""

import sqlalchemy as sa
from flask import current_app

from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.provisioning import verify
from portal.provisioning.places import names_of


def described(found: Tenant) -> dict:
    """What the registry knows of a hospital; times are `datetime`, days are `date`."""
    settings = current_app.extensions["settings"]
    return {
        "name": found.name,
        "subdomain": found.subdomain,
        "url": settings.hospital_url(found.subdomain),
        "database": names_of(found).database,
        "status": found.status,
        "reason": found.reason,
        "tables": found.tables,
        "expected_tables": found.expected_tables,
        "modules": _migrated(found),
        "enabled_modules": found.modules,
        "revision": found.revision,
        "server": found.server,
        "mode": found.mode,
        "mode_since": found.mode_since,
        "mode_reason": found.mode_reason,
        "plan": found.plan.name,
        "ends_on": found.ends_on,
        "administrators": [access.user.username for access in found.access],
        "checked_at": found.checked_at,
        "findings": found.findings,
        "operation": _latest_operation(found),
    }


def _migrated(found: Tenant) -> list[str]:
    """The modules whose tables are all there."""
    if found.status == "ready":
        return list(current_app.extensions["modules"])
    if found.status != "incomplete":
        return []
    names = names_of(found)
    return list(verify.examine(names, found.uuid, found.generation, found.server).ready)


def _latest_operation(found: Tenant) -> dict | None:
    query = sa.select(Operation).where(Operation.tenant_id == found.id).order_by(Operation.id.desc()).limit(1)
    operation = db.session.scalar(query)
    names = ("kind", "state", "attempt", "reference", "error", "queued_at", "started_at", "finished_at")
    return operation and {name: getattr(operation, name) for name in names}
