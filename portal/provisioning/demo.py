"""Two hospitals to look at: registered, created and filled once, then left alone."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from portal.auth.models import ADMIN_ROLE
from portal.auth.passwords import hashed
from portal.control.models import Plan, Tenant, User
from portal.extensions import db
from portal.i18n import _
from portal.kit import demo
from portal.kit.demo import HospitalSize
from portal.kit.seed import ROLES
from portal.provisioning.manager import TenantDatabaseManager
from portal.provisioning.registration import NameInUse, NewAdministrator, Refused, Registration, register_hospital
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from portal.times import today


@dataclass(frozen=True)
class DemoHospital:
    """A hospital of the demonstration, before it exists."""

    subdomain: str
    name: str
    administrator: str
    administrator_name: str
    plan: str
    timezone: str
    currency: str
    locale: str
    size: HospitalSize

    @property
    def mark(self) -> str:
        """What the registry keeps as the token of the form that made this hospital: nobody else's form has it."""
        return f"demo:{self.subdomain}"


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in, and with what."""

    url: str
    role: str
    username: str
    password: str


HOSPITALS = (
    DemoHospital(
        "city-general", "City General Hospital", "city-general-admin", "Amina Yusuf", "Enterprise", "Europe/London",
        "GBP", "en-GB", HospitalSize(patients=1200, staff=120),
    ),
    DemoHospital(
        "lakeside", "Lakeside Clinic", "lakeside-admin", "Daniel Roy", "Basic", "America/Toronto",
        "CAD", "en-CA", HospitalSize(patients=400, staff=40),
    ),
)  # fmt: skip
STAFF_ROLES = tuple(role for role in ROLES if role != ADMIN_ROLE)


def make(wanted: DemoHospital, password: str) -> list[Account]:
    """Register, create and fill a hospital; answers with who may sign in, with nobody where that was done before.

    An interrupted run is taken up where it ended. Raises `Refused` where the hospital's subdomain or its
    administrator's name belong to somebody else, and `ProvisioningProblem` when its database cannot be made.
    """
    if is_made(wanted):
        return []
    password_hash = hashed(password)
    tenant = find(wanted)
    if tenant is None:
        _register(wanted, password_hash)
    else:
        _administrator(tenant).password_hash = password_hash
    db.session.commit()
    TenantDatabaseManager.create_hospital_database(wanted.subdomain)
    db.session.rollback()
    _fill(wanted, password)
    usernames = {ADMIN_ROLE: wanted.administrator} | {role: role for role in STAFF_ROLES}
    url = current_app.extensions["settings"].hospital_url(wanted.subdomain)
    return [Account(url, ROLES[role], username, password) for role, username in usernames.items()]


def is_made(wanted: DemoHospital) -> bool:
    """The demonstration has made and filled this hospital; raises `NameInUse` for a hospital of somebody else."""
    tenant = find(wanted)
    is_there = tenant is not None and tenant.generation is not None
    db.session.rollback()
    if not is_there:
        return False
    with in_hospital(get_hospital(wanted.subdomain), writing=False):
        return demo.is_filled()


def find(wanted: DemoHospital) -> Tenant | None:
    """The hospital, where the demonstration has registered it; raises `NameInUse` for one of somebody else."""
    tenant = db.session.scalar(sa.select(Tenant).where(Tenant.subdomain == wanted.subdomain))
    if tenant is not None and tenant.form_token != wanted.mark:
        sentence = _("“{subdomain}” is a hospital that the demonstration did not make.", subdomain=wanted.subdomain)
        raise NameInUse("subdomain", sentence)
    return tenant


def _register(wanted: DemoHospital, password_hash: str) -> None:
    email = f"{wanted.administrator}@{wanted.subdomain}.test"
    asked = Registration(
        name=wanted.name,
        subdomain=wanted.subdomain,
        administrator=NewAdministrator(wanted.administrator, wanted.administrator_name, email, password_hash),
        plan_id=_plan(wanted).id,
        starts_on=today() - timedelta(days=2 * 365),
        modules=frozenset(current_app.extensions["modules"]),
        timezone=wanted.timezone,
        currency=wanted.currency,
        locale=wanted.locale,
        form_token=wanted.mark,
    )
    register_hospital(asked)


def _plan(wanted: DemoHospital) -> Plan:
    """The plan of that name, or the largest there is, that covers everybody who works in the hospital."""
    covers = sa.or_(Plan.staff_limit.is_(None), Plan.staff_limit >= wanted.size.staff)
    best = (Plan.name == wanted.plan).desc(), Plan.position.desc()
    plan = db.session.scalar(sa.select(Plan).where(covers).order_by(*best).limit(1))
    if plan is None:
        facts = {"count": wanted.size.staff, "name": wanted.name}
        raise Refused("plan", _("No plan covers the {count} staff of {name}.", **facts))
    return plan


def _administrator(tenant: Tenant) -> User:
    return tenant.access[0].user


def _fill(wanted: DemoHospital, password: str) -> None:
    """Everything in one transaction, so that a hospital is filled or is not; passwords are hashed before it (D11)."""
    password_hashes = {role: hashed(password) for role in STAFF_ROLES}
    with in_hospital(get_hospital(wanted.subdomain)):
        demo.fill(wanted.size, password_hashes)
        db.session.commit()
