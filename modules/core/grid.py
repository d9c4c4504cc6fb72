"""What each role may do: permissions by module against roles, and the ticks that differ from what a page showed."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app

from portal.kit import db, held
from portal.kit.people import ADMIN_ROLE, Group, GroupPermission, Permission, audit_hospital

SETTINGS = "core"
Cell = tuple[int, int]


@dataclass(frozen=True)
class Section:
    """The permissions of one module."""

    label: str
    permissions: list[Permission]


def sections() -> list[Section]:
    """The permissions of every module, in the order of the menu's names."""
    found: dict[str, list[Permission]] = {}
    for permission in db.session.scalars(sa.select(Permission).order_by(Permission.id)):
        found.setdefault(permission.module, []).append(permission)
    labels = {name: module.menu_label for name, module in current_app.extensions["modules"].items()}
    known = [Section(labels[name], permissions) for name, permissions in found.items() if name in labels]
    return sorted(known, key=lambda section: section.label)


def granted() -> set[Cell]:
    """The ticks as they are: pairs of role and permission."""
    query = sa.select(GroupPermission.group_id, GroupPermission.permission_id)
    return {tuple(row) for row in db.session.execute(query)}


def is_fixed(role: Group, permission: Permission) -> bool:
    """The hospital's administrators keep the settings, or nobody could give anything back."""
    return role.name == ADMIN_ROLE and permission.module == SETTINGS


def read_cells(texts: Collection[str]) -> set[Cell]:
    """The ticks of a form, written “role:permission”; what cannot be one is left out."""
    pairs = (text.split(":") for text in texts)
    return {(int(pair[0]), int(pair[1])) for pair in pairs if len(pair) == 2 and all(map(_is_id, pair))}


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def change(shown: set[Cell], ticked: set[Cell]) -> int:
    """Give what was ticked and take what was unticked since the page was shown, and answer with how many that were.

    Other ticks stay as they are now, also where somebody else changed them meanwhile (CORE-6: from the next request).
    """
    roles = {role.id: role for role in db.session.scalars(held(sa.select(Group).order_by(Group.id)))}
    permissions = {permission.id: permission for permission in db.session.scalars(sa.select(Permission))}
    now, done = granted(), 0
    for cell in sorted(shown ^ ticked):
        role, permission = roles.get(cell[0]), permissions.get(cell[1])
        is_news = (cell in ticked) != (cell in now)
        if role and permission and is_news and not is_fixed(role, permission):
            _set(role, permission, cell in ticked)
            done += 1
    return done


def _set(role: Group, permission: Permission, wanted: bool) -> None:
    cell = {"group_id": role.id, "permission_id": permission.id}
    if wanted:
        db.session.execute(sa.insert(GroupPermission).values(cell))
    else:
        db.session.execute(sa.delete(GroupPermission).filter_by(**cell))
    audit_hospital("permission", role, {f"{role.label}: {permission.label}": [not wanted, wanted]})
