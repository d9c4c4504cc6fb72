"""What the console's forms offer: modules, plans and administrators as they are now."""

import sqlalchemy as sa
from flask import current_app

from portal.control.models import Plan, TenantAccess, User
from portal.extensions import db
from portal.i18n import _
from portal.provisioning.registration import ALWAYS


def modules() -> dict:
    """Every module by name, those it uses first."""
    return current_app.extensions["modules"]


def always_modules() -> list[str]:
    """The labels of the modules no hospital is without."""
    return [module.label for name, module in modules().items() if name in ALWAYS]


def optional_modules() -> list[tuple[str, str]]:
    """The modules that may be ticked: name and label, by label."""
    found = [(name, module.label) for name, module in modules().items() if name not in ALWAYS]
    return sorted(found, key=lambda one: one[1])


def optional_names() -> list[str]:
    """The names of the modules that may be ticked."""
    return [name for name, _label in optional_modules()]


def dependency_problem(ticked: frozenset[str]) -> str | None:
    """“Laboratory needs Patients. Select Patients too”, for the first module that lacks another; or None."""
    known = modules()
    for name in known:
        for used in known[name].uses if name in ticked else ():
            if used not in ticked and used not in ALWAYS:
                needed = known[used].menu_label
                return _("{module} needs {needed}. Select {needed} too", module=known[name].menu_label, needed=needed)
    return None


def plans() -> list[tuple[int, str]]:
    """The plans in their order: id and name."""
    query = sa.select(Plan.id, Plan.name).order_by(Plan.position, Plan.name)
    return [(plan_id, name) for plan_id, name in db.session.execute(query)]


def first_plan_id() -> int | None:
    """The plan a new hospital gets unless another is chosen."""
    found = plans()
    return found[0][0] if found else None


def administrators() -> list[tuple[str, str]]:
    """Who may administer a new hospital: an existing hospital administrator, or somebody new."""
    found = [(str(user.id), f"{user.name} ({user.email})") for user in db.session.scalars(_hospital_admins())]
    return [("", _("Choose an administrator")), ("new", _("Create a new administrator")), *found]


def other_administrators(tenant_id: int) -> list[User]:
    """The hospital administrators who do not administer this hospital yet."""
    there = sa.select(TenantAccess.user_id).where(TenantAccess.tenant_id == tenant_id)
    return list(db.session.scalars(_hospital_admins().where(User.id.not_in(there))))


def _hospital_admins() -> sa.Select:
    return sa.select(User).where(User.role == "hospital_admin", User.is_active).order_by(User.name, User.id)
