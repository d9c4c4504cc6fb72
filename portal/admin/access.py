"""Who may do what on the console: superusers over platform administrators over hospital administrators."""

from collections.abc import Callable
from functools import wraps

import sqlalchemy as sa
from flask import abort, flash, request, url_for
from flask_login import current_user

from portal.auth.audit import audit_platform
from portal.control.models import ROLES, Operation, Tenant, TenantAccess, User
from portal.extensions import db, login
from portal.i18n import _
from portal.pages.answers import go

OF_DELETED = ("admin.hospital", "admin.progress", "admin.bring_back", "admin.download_backup")
RANKS = {role: rank for rank, role in enumerate(reversed(ROLES))}


def needs(role: str) -> Callable:
    """A page for people of this role or a higher one: sign-in comes first, a refused act is written down."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(**values):
            if not current_user.is_authenticated:
                return login.unauthorized()
            return view(**values) if may(role) else refuse()

        guarded.needs = role
        return guarded

    return decorate


def may(role: str) -> bool:
    """The person signed in holds this role or a higher one."""
    return RANKS[current_user.role] >= RANKS[role]


def may_manage(user: User) -> bool:
    """The person signed in stands above this one, or is a superuser; nobody manages themselves."""
    above = RANKS[current_user.role] > RANKS[user.role] or current_user.role == "superuser"
    return above and user.id != current_user.id


def refuse():
    """403; an act that was tried is kept in the audit, in a transaction of its own (D12)."""
    if request.method == "POST":
        db.session.rollback()
        audit_platform(request.endpoint.removeprefix("admin."), outcome="refused", details={"path": request.path})
        db.session.commit()
    abort(403)


def visible_hospitals() -> sa.Select:
    """The hospitals the person signed in may see: all, or their own; deleted ones while they are kept."""
    query = sa.select(Tenant).where(sa.or_(Tenant.mode != "deleted", Tenant.kept_until.is_not(None)))
    if may("platform_admin"):
        return query
    own = sa.select(TenantAccess.tenant_id).where(TenantAccess.user_id == current_user.id)
    return query.where(Tenant.id.in_(own))


def get_visible_hospital(subdomain: str) -> Tenant:
    """The hospital at this subdomain; 404 where there is none or it is not theirs to see.

    Of a deleted one there is little but the record: other pages lead there.
    """
    tenant = db.session.scalar(visible_hospitals().where(Tenant.subdomain == subdomain))
    if tenant and tenant.mode == "deleted" and request.endpoint not in OF_DELETED:
        flash(_("{name} is deleted. Bring it back first.", name=tenant.name), "bad")
        abort(go(url_for("admin.hospital", subdomain=tenant.subdomain)))
    return tenant or _moved(subdomain) or abort(404)


def _moved(subdomain: str) -> None:
    """Lead to the record of the hospital that had this subdomain last, if one had: its page may still be open."""
    renamed = sa.select(Operation.tenant_id).where(
        Operation.kind == "rename", Operation.details["before"].as_string() == subdomain
    )
    tenant = db.session.scalar(visible_hospitals().where(Tenant.id.in_(renamed)).order_by(Tenant.id.desc()).limit(1))
    if tenant:
        abort(go(url_for("admin.hospital", subdomain=tenant.subdomain)))
