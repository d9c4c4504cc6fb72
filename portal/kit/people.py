"""The users, roles and permissions of a hospital, who may do what, and who may manage whom."""

import sqlalchemy as sa

from portal.auth.audit import audit_hospital
from portal.auth.identity import permissions_of
from portal.auth.models import ADMIN_ROLE, Group, GroupPermission, Permission, User, UserGroup, UserPermission
from portal.auth.passwords import hashed_without_lock, password_problem, temporary_password
from portal.extensions import db
from portal.record import Actor

SETTINGS = "core."

__all__ = [
    "ADMIN_ROLE",
    "Group",
    "GroupPermission",
    "Permission",
    "User",
    "UserGroup",
    "audit_hospital",
    "hashed_without_lock",
    "may_manage",
    "password_problem",
    "temporary_password",
    "who_may",
]


def may_manage(user: User) -> bool:
    """The person at work may change this user: not the platform's, and nobody who manages more than they do.

    Work that nobody asked for, such as a job, may change all but the platform's.
    """
    at_work = Actor.find_id()
    return not user.is_mirror and (at_work is None or settings_of(user.id) <= settings_of(at_work))


def settings_of(user_id: int) -> frozenset[str]:
    """What of the hospital's settings somebody may see and change."""
    return frozenset(one for one in permissions_of(user_id) if one.startswith(SETTINGS))


def who_may(permission: str) -> list[User]:
    """The users who may sign in and hold this permission, such as nurses.witness, by name; none of the platform."""
    module, codename = permission.split(".")
    wanted = sa.select(Permission.id).where(Permission.module == module, Permission.codename == codename)
    through_roles = (
        sa.select(UserGroup.user_id)
        .join(GroupPermission, GroupPermission.group_id == UserGroup.group_id)
        .where(GroupPermission.permission_id.in_(wanted))
    )
    own = sa.select(UserPermission.user_id).where(UserPermission.permission_id.in_(wanted))
    query = sa.select(User).where(User.id.in_(through_roles.union(own)), User.is_active)
    query = query.where(User.platform_user_uuid.is_(None))
    return list(db.session.scalars(query.order_by(User.last_name, User.first_name, User.id)))
