"""What must be there before anybody can use the portal: a migrated control database, plans, and a superuser."""

import secrets

import sqlalchemy as sa
from flask import Flask, current_app

from portal.auth.passwords import hashed_without_lock
from portal.control.models import Plan, User
from portal.extensions import db
from portal.migrations import current_standing, upgrade
from portal.provisioning.registration import ALWAYS
from portal.tenancy import control_engine, releases

SMALL = ("appointments", "doctors", "nurses", "opd", "billing", "rooms", "notifications", "contact", "feedback")
MIDDLE = (*SMALL, "laboratory", "radiology", "inventory", "ipd", "emergency", "hr")


def prepare(app: Flask) -> str | None:
    """Make everything ready; answers with the superuser's new password when one was made up, else None."""
    with app.app_context():
        ensure_control()
        return ensure_superuser()


def ensure_control() -> None:
    """Migrate the control database to its head and add the first plans; one process at a time does so (D24)."""
    settings = current_app.extensions["settings"]
    with control_engine.only_one(db.engine, settings.instance_dir):
        with db.engine.connect() as connection:
            if not releases.fits("control", *current_standing("control", connection)):
                connection.rollback()
                upgrade("control", connection)
        _add_plans()


def _add_plans() -> None:
    if db.session.scalar(sa.select(Plan.id).limit(1)) is None:
        every = list(current_app.extensions["modules"])
        for position, (name, modules, staff) in enumerate(
            (("Basic", SMALL, 50), ("Standard", MIDDLE, 500), ("Enterprise", every, None))
        ):
            chosen = sorted({*ALWAYS, *modules})
            db.session.add(Plan(name=name, position=position, modules=chosen, staff_limit=staff))
    db.session.commit()


def ensure_superuser() -> str | None:
    """Make the first superuser where there is none; answers with a made-up password, None when it was given."""
    if _has_superuser():
        return None
    settings = current_app.extensions["settings"]
    password = settings.admin_password or secrets.token_urlsafe(15)
    user = User(
        username=settings.admin_username.lower(),
        name=settings.admin_username,
        email=settings.admin_email.lower(),
        role="superuser",
        password_hash=hashed_without_lock(password),
    )
    if _has_superuser():  # made by somebody else meanwhile; from here to the commit nobody makes one
        return None
    db.session.add(user)
    db.session.commit()
    return None if settings.admin_password else password


def _has_superuser() -> bool:
    found = db.session.scalar(sa.select(User.id).where(User.role == "superuser").limit(1))
    if found:
        db.session.rollback()
    return found is not None
