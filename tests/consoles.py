"""Answers and people that the tests of the console share."""

import sqlalchemy as sa

from portal.control.models import Operation, Tenant, TenantAccess, User
from portal.extensions import db
from portal.provisioning.registration import ALWAYS

ANSWERS = {
    "name": "Lakeside Clinic",
    "subdomain": "lakeside",
    "administrator": "new",
    "admin_username": "grace",
    "admin_name": "Grace Mwangi",
    "admin_email": "grace@lakeside.test",
}


def add_platform_user(username: str, role: str, **values) -> User:
    """A person of the platform; needs an application context, and commits."""
    user = User(username=username, name=username.title(), email=f"{username}@portal.test", role=role, **values)
    db.session.add(user)
    db.session.commit()
    db.session.refresh(user)
    return user


def browser_as(app, username: str, role: str, hospital=None):
    """A browser on the console, signed in as somebody new with this role, perhaps a hospital's administrator."""
    browser = app.test_client()
    with app.app_context():
        user = add_platform_user(username, role)
        if hospital:
            db.session.add(TenantAccess(user_id=user.id, tenant_id=hospital.id))
            db.session.commit()
            db.session.refresh(user)
        browser.sign_in_as(user)
    return browser


def keep_only(app, monkeypatch, **optional) -> None:
    """Let only the modules no hospital is without be installed, and these that may be left out."""
    always = {name: module for name, module in app.extensions["modules"].items() if name in ALWAYS}
    monkeypatch.setitem(app.extensions, "modules", always | optional)


def tenant_of(subdomain: str) -> Tenant | None:
    """The hospital as it is kept now; needs an application context."""
    db.session.rollback()
    return db.session.scalar(sa.select(Tenant).where(Tenant.subdomain == subdomain))


def operations_of(subdomain: str) -> list[Operation]:
    """The hospital's operations, the oldest first; needs an application context."""
    db.session.rollback()
    query = sa.select(Operation).join(Tenant).where(Tenant.subdomain == subdomain).order_by(Operation.id)
    return list(db.session.scalars(query))
