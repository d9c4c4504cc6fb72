"""The reference data every hospital starts with: permissions, and the roles that hold them."""

import sqlalchemy as sa

from portal.auth.models import ADMIN_ROLE, Group, GroupPermission, Permission
from portal.clock import now
from portal.kit.module import Module

ROLES = {
    ADMIN_ROLE: "Hospital administrator",
    "doctor": "Doctor",
    "nurse": "Nurse",
    "receptionist": "Receptionist",
    "lab_technician": "Laboratory technician",
    "radiographer": "Radiographer",
    "pharmacist": "Pharmacist",
    "cashier": "Cashier",
    "hr_officer": "HR officer",
    "staff": "Staff",
}


def seed_reference(connection: sa.Connection, modules: dict[str, Module]) -> None:
    """Add what is missing; a permission that is there already is not given again, so edited roles stay (D27)."""
    roles = _roles(connection)
    known = {tuple(row) for row in connection.execute(sa.select(Permission.module, Permission.codename))}
    for module in modules.values():
        for verb, label in module.permissions.items():
            if (module.name, verb) not in known:
                _add(connection, module, verb, label, roles)


def _roles(connection: sa.Connection) -> dict[str, int]:
    known = dict(connection.execute(sa.select(Group.name, Group.id)).all())
    for name, label in ROLES.items():
        if name not in known:
            values = {"name": name, "label": label, "created_at": now(), "updated_at": now(), "version": 1}
            known[name] = connection.execute(sa.insert(Group.__table__).values(values)).inserted_primary_key[0]
    return known


def _add(connection: sa.Connection, module: Module, verb: str, label: str, roles: dict[str, int]) -> None:
    values = {"module": module.name, "codename": verb, "label": label}
    permission = connection.execute(sa.insert(Permission.__table__).values(values)).inserted_primary_key[0]
    holders = {role for role, verbs in module.roles.items() if verb in verbs} | {ADMIN_ROLE}
    rows = [{"group_id": roles[role], "permission_id": permission} for role in sorted(holders)]
    connection.execute(sa.insert(GroupPermission.__table__), rows)
