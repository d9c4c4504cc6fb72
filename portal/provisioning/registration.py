"""Registering a hospital: its row, its administrator and the first operation, in the caller's one transaction (D23)."""

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app, has_request_context
from flask_login import current_user

from portal.auth.audit import audit_platform
from portal.control.models import Operation, Plan, Tenant, TenantAccess, User
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import asking
from portal.tenancy.names import taken_sentence
from portal.tenancy.servers import DEFAULT, choose

ALWAYS = ("core", "staff", "patients", "dashboard")


class Refused(Exception):
    """The hospital cannot be registered; `field` is the answer that is wrong, `sentence` says why."""

    def __init__(self, field: str, sentence: str):
        self.field, self.sentence = field, sentence
        super().__init__(sentence)


class NameInUse(Refused):
    """The subdomain belongs to another hospital."""


class UserExists(Refused):
    """The username or the email address belongs to somebody already."""


@dataclass(frozen=True)
class NewAdministrator:
    """A hospital administrator to be made; `password_hash` is None where an invitation will be sent."""

    username: str
    name: str
    email: str
    password_hash: str | None


@dataclass(frozen=True)
class Registration:
    """Everything asked of somebody who creates a hospital, already checked field by field."""

    name: str
    subdomain: str
    administrator: NewAdministrator | int
    plan_id: int
    starts_on: date
    timezone: str
    currency: str
    locale: str
    ends_on: date | None = None
    modules: frozenset[str] = field(default_factory=frozenset)
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    form_token: str | None = None


def register_hospital(asked: Registration, *, with_database: bool = True) -> tuple[Tenant, Operation | None]:
    """Add the hospital to the control plane and ask for its database; raises `NameInUse` or `UserExists`.

    The caller commits, and then wakes a worker (`asking.wake_after_commit`) or performs the operation itself.
    """
    if not is_free(asked.subdomain):
        raise NameInUse("subdomain", taken_sentence(asked.subdomain))
    user = _administrator(asked.administrator)
    tenant = _tenant(asked)
    db.session.add_all([tenant, TenantAccess(user=user, tenant=tenant)])
    db.session.flush()
    audit_platform("create_hospital", tenant=tenant, details={"subdomain": tenant.subdomain})
    return tenant, asking.request(tenant, "create", _actor_id()) if with_database else None


def register_copy(of: Tenant, name: str, subdomain: str, *, is_neutralised: bool = False) -> Tenant:
    """Add a hospital that will begin with another one's records: same agreement, same administrators.

    Raises `NameInUse`. The caller asks for the restore or the clone and commits.
    """
    if not is_free(subdomain):
        raise NameInUse("subdomain", taken_sentence(subdomain))
    copied = (
        "address", "phone", "email", "website", "timezone", "currency", "locale", "plan_id", "starts_on", "ends_on",
        "modules", "server",
    )  # fmt: skip
    tenant = Tenant(
        name=name, subdomain=subdomain, reason=_("Not checked yet."), **{key: getattr(of, key) for key in copied}
    )
    tenant.access = [TenantAccess(user=access.user) for access in of.access]
    tenant.copy_of, tenant.is_neutralised = of.name, is_neutralised
    db.session.add(tenant)
    db.session.flush()
    audit_platform("create_hospital", tenant=tenant, details={"subdomain": subdomain, "restored_from": of.subdomain})
    return tenant


def is_free(subdomain: str) -> bool:
    """No hospital has this subdomain, whatever its state, or is being renamed; the console does not live there."""
    settings = current_app.extensions["settings"]
    if f"{subdomain}.{settings.base_domain}" == urlsplit(settings.public_url).hostname:
        return False
    wanted = Operation.details["subdomain"].as_string(), Operation.details["before"].as_string()
    moving = sa.and_(Operation.kind == "rename", Operation.active_key.is_not(None))
    changing = sa.select(Operation.id).where(moving, sa.or_(*(name == subdomain for name in wanted)))
    taken = sa.select(Tenant.id).where(Tenant.subdomain == subdomain)
    return db.session.scalar(sa.union_all(taken, changing).limit(1)) is None


def new_user(username: str, name: str, email: str, role: str, password_hash: str | None) -> User:
    """Add a platform user to the session; raises `UserExists` with the sentence for the field."""
    username, email = username.strip().lower(), email.strip().lower()
    if db.session.scalar(sa.select(User.id).where(User.username == username)):
        sentence = _("“{username}” exists already. Select that user, or choose another username", username=username)
        raise UserExists("admin_username", sentence)
    if db.session.scalar(sa.select(User.id).where(User.email == email)):
        raise UserExists("admin_email", _("A user with this email address exists already. Select that user"))
    user = User(username=username, name=name or username, email=email, role=role, password_hash=password_hash)
    db.session.add(user)
    db.session.flush()
    return user


def _administrator(asked: NewAdministrator | int) -> User:
    if isinstance(asked, NewAdministrator):
        return new_user(asked.username, asked.name, asked.email, "hospital_admin", asked.password_hash)
    user = db.session.get(User, asked)
    if user is None or user.role != "hospital_admin" or not user.is_active:
        raise Refused("administrator", _("Select or create an administrator"))
    return user


def _tenant(asked: Registration) -> Tenant:
    plan = db.session.get(Plan, asked.plan_id)
    copied = (
        "name", "subdomain", "address", "phone", "email", "website", "timezone", "currency", "locale", "starts_on",
        "ends_on", "form_token",
    )  # fmt: skip
    return Tenant(
        **{name: getattr(asked, name) for name in copied},
        plan=plan,
        modules=enabled(asked.modules, plan),
        server=_server_with_room(),
        reason=_("Not checked yet."),
    )


def _server_with_room() -> str:
    """The server a new hospital comes to; raises `Refused` where all of them are full."""
    servers = current_app.extensions["settings"].servers
    if len(servers) == 1 and DEFAULT in servers and servers[DEFAULT].most is None:
        return DEFAULT
    chosen = choose(servers, hospitals_by_server())
    if chosen is None:
        raise Refused("subdomain", _("Every database server is full. Add one, or raise what one of them may hold"))
    return chosen


def hospitals_by_server() -> dict[str, int]:
    """How many hospitals each server holds, with those that are being moved to it."""
    coming = sa.and_(Operation.kind == "move", Operation.active_key.is_not(None))
    of_move = sa.select(Operation.details["server"].as_string(), Operation.tenant_id).where(coming)
    placed = sa.select(Tenant.server, Tenant.id).where(Tenant.mode != "deleted").union(of_move).subquery()
    return dict(db.session.execute(sa.select(placed.c[0], sa.func.count()).group_by(placed.c[0])).all())


def enabled(ticked: frozenset[str], plan: Plan) -> list[str]:
    """The modules a hospital may open: ticked and in its plan, and those no hospital is without (D22)."""
    return sorted({*ALWAYS, *(ticked & set(plan.modules))})


def _actor_id() -> int | None:
    return current_user.id if has_request_context() and current_user.is_authenticated else None
