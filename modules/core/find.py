"""Finding users by name, username or email address, by role and by state; and the roles one may give."""

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from portal.kit import current_user, db
from portal.kit.forms import id_or_none
from portal.kit.people import Group, GroupPermission, Permission, User, UserGroup

FILTERS = ("role", "state")
SEARCHED = (User.first_name, User.last_name, User.username, User.email)
LONGEST_SEARCH = 100
MOST_WORDS = 6


def listed() -> sa.Select:
    """Every user with their roles."""
    return sa.select(User).options(selectinload(User.groups))


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    role = id_or_none(wanted.get("role"))
    if role:
        query = query.where(User.id.in_(sa.select(UserGroup.user_id).where(UserGroup.group_id == role)))
    match wanted.get("state"):
        case "active":
            query = query.where(User.is_active, ~User.is_locked)
        case "locked":
            query = query.where(User.is_active, User.is_locked)
        case "disabled":
            query = query.where(~User.is_active)
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: each word stands somewhere in the name, the username or the email address."""
    for word in text.strip()[:LONGEST_SEARCH].split()[:MOST_WORDS]:
        query = query.where(sa.or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
    return query


def state_of(user: User) -> str:
    """“active”, “locked” or “disabled”."""
    if not user.is_active:
        return "disabled"
    return "locked" if user.is_locked else "active"


def roles() -> list[Group]:
    """Every role, in the order in which they were seeded."""
    return list(db.session.scalars(sa.select(Group).order_by(Group.id)))


def roles_to_give() -> list[Group]:
    """The roles that the person at work may give: none that opens more of the settings than they may open."""
    beyond = _roles_beyond_mine()
    return [role for role in roles() if role.id not in beyond]


def _roles_beyond_mine() -> set[int]:
    """The roles that hold a permission of the settings which the person at work does not hold."""
    held = sa.select(GroupPermission.group_id, Permission.codename).join(
        Permission, Permission.id == GroupPermission.permission_id
    )
    rows = db.session.execute(held.where(Permission.module == "core"))
    return {role for role, codename in rows if not current_user.may(f"core.{codename}")}
