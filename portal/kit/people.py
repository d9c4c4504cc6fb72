"""The users, roles and permissions of a hospital, and who may manage whom."""

from portal.auth.audit import audit_hospital
from portal.auth.identity import permissions_of
from portal.auth.models import ADMIN_ROLE, Group, GroupPermission, Permission, User, UserGroup
from portal.auth.passwords import hashed_without_lock, password_problem, temporary_password
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
