"""Checking a name and a password against the right list of people, and remembering how it went."""

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from flask_login import login_user

from portal.auth.audit import audit_hospital, audit_platform
from portal.auth.identity import (
    HospitalIdentity,
    PlatformIdentity,
    find_administrator,
    find_platform_user,
    identity_of,
)
from portal.auth.models import User as HospitalUser
from portal.auth.passwords import matches
from portal.auth.read_only import MOST_FAILURES, WINDOW, is_locked
from portal.clock import now
from portal.control.models import User as PlatformUser
from portal.extensions import db
from portal.tenancy.current import Hospital, find_current_hospital
from portal.tenancy.session import TENANT

LOCKED_FOR = timedelta(minutes=15)


def sign_in(name: str, password: str) -> bool:
    """Sign the person in where they are; False, with the failure written down, when name or password is wrong."""
    hospital = find_current_hospital()
    identity = _platform(name, password) if hospital is None else _hospital(hospital, name, password)
    if identity is None:
        remember_failure(hospital, name)
        return False
    login_user(identity)
    return True


def _named(model, name: str):
    wanted = name.strip().lower()
    return sa.or_(model.username == wanted, model.email == wanted)


def _platform(name: str, password: str) -> PlatformIdentity | None:
    user = find_platform_user(_named(PlatformUser, name))
    if not matches(password, user.password_hash if user else None):
        return None
    db.session.execute(sa.update(PlatformUser).where(PlatformUser.id == user.id).values(last_login_at=now()))
    audit_platform("sign_in", actor=user)
    return PlatformIdentity(user)


def _hospital(hospital: Hospital, name: str, password: str) -> HospitalIdentity | None:
    """A user of this hospital by their own password, or its administrator by the one the platform keeps."""
    own, administrator = _own_hash(hospital, name), find_administrator(hospital, _named(PlatformUser, name))
    kept = administrator.password_hash if administrator else own
    if not matches(password, kept):
        return None
    where = HospitalUser.platform_user_uuid == administrator.uuid if administrator else _named(HospitalUser, name)
    user = db.session.scalar(sa.select(HospitalUser).where(where))
    if user is None or (hospital.saves_nothing and is_locked(hospital, user)):
        return None
    if administrator and not hospital.saves_nothing:
        _mirror(user, administrator)
    identity = identity_of(hospital, user)
    if identity:
        if not hospital.saves_nothing:
            _note(user, last_login_at=now(), failed_logins=0)
        audit_hospital("login", user, actor=user)
    return identity


def _mirror(user: HospitalUser, administrator: sa.Row) -> None:
    """Copy the platform's name and email; an address that somebody of the hospital has by now stays theirs (D23)."""
    user.first_name, user.last_name = administrator.name, ""
    taken = sa.select(HospitalUser.id).where(HospitalUser.email == administrator.email, HospitalUser.id != user.id)
    if db.session.scalar(taken) is None:
        user.email = administrator.email


def _note(user: HospitalUser, **values) -> None:
    """Keep what sign-in counts without a new version, so that nobody's edit of the user goes stale by it."""
    same_time = {"updated_at": HospitalUser.updated_at, "updated_by": HospitalUser.updated_by}
    db.session.execute(sa.update(HospitalUser).where(HospitalUser.id == user.id).values(values | same_time))


def _own_hash(hospital: Hospital, name: str) -> str | None:
    """The kept password of one of the hospital's own users who may sign in now, read before any transaction (D11)."""
    may_enter = HospitalUser.is_active & ~HospitalUser.is_locked
    query = sa.select(HospitalUser.password_hash).where(_named(HospitalUser, name), may_enter)
    engine = current_app.extensions["engines"].get(hospital, writing=False)
    with engine.connect() as connection:
        return connection.scalar(query)


def remember_failure(hospital: Hospital | None, name: str) -> None:
    """Write down a refused sign-in in a transaction of its own, because the refusal rolls back (D12)."""
    if hospital is None:
        audit_platform("sign_in", outcome="refused", details={"name": name[:150]})
    else:
        mine = sa.select(HospitalUser).where(_named(HospitalUser, name))
        user = db.session.scalar(mine if hospital.saves_nothing else mine.with_for_update(key_share=True))
        if hospital.saves_nothing and user and is_locked(hospital, user):
            user = None  # knocking in vain does not make the lock last longer
        audit_hospital("login_failed", user)
        if user and not (hospital.saves_nothing or user.is_mirror or user.is_locked):
            _count_failure(user)
    db.session.commit()


def _count_failure(user: HospitalUser) -> None:
    """Count the bad passwords of the last minutes, from the last good one or unlocking on; too many lock the user."""
    log = db.metadatas[TENANT].tables["core_auditlog"]
    begin = max(filter(None, (now() - WINDOW, user.last_login_at, user.locked_until)))
    failures = sa.select(sa.func.count()).where(
        log.c.content_type == user.__tablename__,
        log.c.object_id == user.id,
        log.c.at > begin,
        log.c.action == "login_failed",
    )
    count = db.session.scalar(failures)
    _note(user, failed_logins=count)
    if count >= MOST_FAILURES:
        until = now() + LOCKED_FOR
        _note(user, locked_until=until)
        audit_hospital("update", user, {"locked_until": [None, until.isoformat()]})
