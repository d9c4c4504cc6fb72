"""The users, roles and permissions of a hospital, for the module that manages them."""

from portal.auth.audit import audit_hospital
from portal.auth.models import ADMIN_ROLE, Group, GroupPermission, Permission, User, UserGroup
from portal.auth.passwords import hashed_without_lock, password_problem, temporary_password

__all__ = [
    "ADMIN_ROLE",
    "Group",
    "GroupPermission",
    "Permission",
    "User",
    "UserGroup",
    "audit_hospital",
    "hashed_without_lock",
    "password_problem",
    "temporary_password",
]
