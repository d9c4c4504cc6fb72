"""Who did what: one row for each act, in the database the act belongs to, in the act's own transaction."""

import sqlalchemy as sa
from flask import g, has_request_context, request
from flask_login import current_user

from portal.auth import read_only
from portal.control.models import AuditEntry, Tenant
from portal.extensions import db
from portal.record import Actor
from portal.tenancy.current import current_hospital
from portal.tenancy.session import TENANT


def audit_platform(
    action: str, *, actor=None, tenant: Tenant | None = None, outcome: str = "done", details: dict | None = None
) -> None:
    """Add an entry to the platform's audit; the actor is the person signed in unless one is given."""
    if actor is None and has_request_context() and current_user.is_authenticated:
        actor = current_user.user
    entry = AuditEntry(
        actor_id=actor.id if actor else None,
        actor=actor.username if actor else "",
        tenant_id=tenant.id if tenant else None,
        action=action,
        outcome=outcome,
        details=details or {},
        **_origin(),
    )
    db.session.add(entry)


def audit_hospital(action: str, record=None, changes: dict | None = None, *, actor=None, connection=None) -> None:
    """Add an entry to the current hospital's audit about a record; the actor is who is signed in unless given.

    A `connection` writes it in a transaction of its own instead of the session's. A hospital that is read-only keeps
    nothing: the platform's audit gets the entry.
    """
    hospital = current_hospital()
    if hospital.saves_nothing:
        read_only.write(hospital, action, _username(actor), record, changes or {}, _origin())
        return
    log = db.metadatas[TENANT].tables["core_auditlog"]
    values = {
        "actor_id": actor.id if actor else Actor.find_id(),
        "action": action,
        "content_type": type(record).__tablename__ if record is not None else None,
        "object_id": record.id if record is not None else None,
        "changes": changes or {},
        **_origin(),
    }
    (connection or db.session).execute(sa.insert(log).values(values))


def _username(actor) -> str:
    if actor is None and has_request_context() and current_user.is_authenticated:
        actor = current_user.user
    return actor.username if actor else ""


def _origin() -> dict[str, str]:
    if not has_request_context():
        return {}
    return {"ip": request.remote_addr or "", "request_id": g.get("request_id", "")}
