"""Who is signed in: a platform user on platform hosts, a hospital's own user on its host, never across (D21)."""

import re
from functools import cached_property

import sqlalchemy as sa
from flask import g
from flask_login import UserMixin, current_user

from portal.auth.models import GroupPermission, Permission, UserGroup, UserPermission
from portal.auth.models import User as HospitalUser
from portal.control.models import TenantAccess
from portal.control.models import User as PlatformUser
from portal.extensions import db
from portal.tenancy.current import Hospital, find_current_hospital, outside_hospital

PLATFORM = "platform"
KEPT = re.compile(r"([a-z0-9-]+):([a-z0-9]*):([0-9]{1,18}):([0-9]{1,18})")


class PlatformIdentity(UserMixin):
    """Somebody signed in to the console."""

    def __init__(self, user: sa.Row | PlatformUser):
        self.user = user
        self.id = user.id
        self.display_name = user.name or user.username

    def get_id(self) -> str:
        """What the session keeps: useless on any hospital's host."""
        return f"{PLATFORM}::{self.user.id}:{self.user.session_version}"

    @property
    def role(self) -> str:
        """superuser, platform_admin or hospital_admin."""
        return self.user.role


class HospitalIdentity(UserMixin):
    """Somebody signed in to one hospital."""

    def __init__(self, hospital: Hospital, user: HospitalUser, version: int):
        self.hospital, self.user, self.version = hospital, user, version
        self.id = user.id
        self.display_name = user.full_name

    def get_id(self) -> str:
        """What the session keeps: tied to this hospital and this file of it."""
        return f"{self.hospital.uuid}:{self.hospital.generation}:{self.user.id}:{self.version}"

    def may(self, permission: str) -> bool:
        """The person holds this permission, such as patients.add, or one of several: “opd.view | opd.view_own”."""
        return not self.permissions.isdisjoint(permission.split(" | "))

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Every permission of the person's roles and own, read once a request (CORE-6)."""
        return permissions_of(self.user.id)


def permissions_of(user_id: int) -> frozenset[str]:
    """Every permission that a hospital's user holds, through roles and beside them."""
    through_roles = (
        sa.select(GroupPermission.permission_id)
        .join(UserGroup, UserGroup.group_id == GroupPermission.group_id)
        .where(UserGroup.user_id == user_id)
    )
    own = sa.select(UserPermission.permission_id).where(UserPermission.user_id == user_id)
    query = sa.select(Permission.module, Permission.codename).where(Permission.id.in_(through_roles.union(own)))
    return frozenset(f"{module}.{codename}" for module, codename in db.session.execute(query))


def load(kept: str) -> UserMixin | None:
    """The person a session belongs to, or None when it was made elsewhere, is outdated, or they may no longer enter."""
    found = KEPT.fullmatch(kept)
    if found is None:
        return None
    place, generation, user_id, version = found[1], found[2], int(found[3]), int(found[4])
    hospital = find_current_hospital()
    if hospital is None:
        return _load_platform(user_id, version) if place == PLATFORM else None
    if (place, generation) != (hospital.uuid, hospital.generation):
        return None
    user = db.session.get(HospitalUser, user_id)
    identity = user and identity_of(hospital, user)
    return identity if identity and identity.version == version else None


def identity_of(hospital: Hospital, user: HospitalUser) -> HospitalIdentity | None:
    """The identity of a hospital's user who may enter now, or None.

    Its version also counts how often the hospital was suspended, for that ends every session (security.md 15).
    """
    if not user.is_active:
        return None
    if user.platform_user_uuid is None:
        return HospitalIdentity(hospital, user, user.session_epoch + hospital.sessions_ended)
    administrator = find_administrator(hospital, PlatformUser.uuid == user.platform_user_uuid)
    version = administrator.session_version + hospital.sessions_ended if administrator else 0
    return administrator and HospitalIdentity(hospital, user, version)


def find_administrator(hospital: Hospital, where) -> sa.Row | None:
    """The active platform user who meets the condition and has access to this hospital, read now (D11: no lock)."""
    query = (
        sa.select(*PlatformUser.__table__.columns)
        .join(TenantAccess, TenantAccess.user_id == PlatformUser.id)
        .where(TenantAccess.tenant_id == hospital.id, PlatformUser.is_active, where)
    )
    with outside_hospital(), db.engine.connect() as connection:
        return connection.execution_options(writing=False).execute(query).first()


def _load_platform(user_id: int, version: int) -> PlatformIdentity | None:
    user = find_platform_user(PlatformUser.id == user_id)
    return PlatformIdentity(user) if user and user.session_version == version else None


def find_platform_user(where) -> sa.Row | None:
    """The active platform user who meets the condition, read without a lock and before any transaction begins."""
    query = sa.select(*PlatformUser.__table__.columns).where(PlatformUser.is_active, where)
    with db.engine.connect() as connection:
        return connection.execution_options(writing=False).execute(query).first()


def hospital_user_id() -> int | None:
    """The id of the hospital's user at work, for `created_by`; None in jobs and before signing in."""
    if find_current_hospital() is None or "_login_user" not in g:
        return None
    return current_user.id if current_user.is_authenticated else None
