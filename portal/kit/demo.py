"""Fills a hospital of the demonstration: a user for each role, then what each module invents for itself."""

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import sqlalchemy as sa
from flask import current_app

from portal.auth.models import Group, User, UserGroup
from portal.extensions import db
from portal.kit import invented
from portal.kit.seed import ROLES
from portal.tenancy.current import current_hospital


@dataclass(frozen=True)
class HospitalSize:
    """How large a hospital is, by what its modules make in proportion to it."""

    patients: int
    staff: int


def is_filled() -> bool:
    """The hospital has users of its own, so it was filled, or somebody works in it."""
    return db.session.scalar(sa.select(User.id).where(User.platform_user_uuid.is_(None)).limit(1)) is not None


def fill(size: HospitalSize, password_hashes: Mapping[str, str]) -> None:
    """Invent the hospital's records, the same for the same hospital on the same day; the caller commits.

    `password_hashes` says which roles get a user, who is called like the role. Each module in the hospital's plan that
    has a `seed.py` then invents its own records: `seed(size, random)`, those of the modules it uses being there.
    """
    hospital = current_hospital()
    _add_users(Random(hospital.subdomain), password_hashes)  # noqa: S311 - the same people every time, not secrets
    for name, module in current_app.extensions["modules"].items():
        part = f"{module.blueprint.import_name}.seed"
        if name in hospital.modules and importlib.util.find_spec(part):
            own = Random(f"{hospital.subdomain} {name}")  # noqa: S311 - a module more leaves the others' people alone
            importlib.import_module(part).seed(size, own)
            db.session.flush()


def _add_users(random: Random, password_hashes: Mapping[str, str]) -> None:
    """Add somebody for each role, who signs in under its name."""
    groups = {group.name: group for group in db.session.scalars(sa.select(Group))}
    for role in ROLES:
        if role in password_hashes:
            one = invented.person(random)
            User.add(
                groups=[groups[role]],
                username=role,
                email=f"{role}@{current_hospital().subdomain}.test",
                first_name=one.first_name,
                last_name=one.last_name,
                password_hash=password_hashes[role],
            )


def users_by_role() -> dict[str, User]:
    """The user who has each role, for records that somebody must have made."""
    query = sa.select(Group.name, User).join(UserGroup, UserGroup.group_id == Group.id)
    query = query.join(User, User.id == UserGroup.user_id).where(User.platform_user_uuid.is_(None))
    return dict(db.session.execute(query.order_by(User.id.desc())).all())
