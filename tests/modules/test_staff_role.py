"""The role “staff” of the seed, which porters and cleaners have: it opens nothing clinical."""

import sqlalchemy as sa

from portal.auth.models import Group, GroupPermission, Permission, UserGroup
from portal.extensions import db
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.test_every_module import MODULES, routes_of

GROUPS = ("Clinical", "Diagnostics", "Front desk")
# What the catalogue gives the role of those groups: two directories, beds to clean, and the board without names.
NO_PATIENT_IN_IT = {"contact.directory_view", "doctors.view", "rooms.board_view", "rooms.clean"}
CARE = [module for module in MODULES.values() if module.group in GROUPS]


def porter(app, hospital):
    """A browser of somebody who has the role `staff` and nothing else."""
    browser = app.test_client(hospital=hospital)
    with app.app_context():
        user = add_user(hospital, "porter")
        with in_hospital(hospital):
            role = db.session.scalar(sa.select(Group.id).where(Group.name == "staff"))
            db.session.add(UserGroup(user_id=user.id, group_id=role))
            db.session.commit()
        browser.sign_in_as(user)
    return browser


def test_role_staff_holds_no_clinical_permission(in_app, hospital):
    """STF-4, what the seed gives."""
    with in_hospital(hospital):
        query = (
            sa.select(Permission.module, Permission.codename)
            .join(GroupPermission, GroupPermission.permission_id == Permission.id)
            .join(Group, Group.id == GroupPermission.group_id)
            .where(Group.name == "staff")
        )
        held = {f"{module}.{codename}" for module, codename in db.session.execute(query)}
    assert "staff.view" in held
    clinical = {name for name in held if name.split(".")[0] in {module.name for module in CARE}}
    assert clinical == NO_PATIENT_IN_IT


def test_role_staff_alone_opens_no_clinical_page(app, hospital):
    """STF-4, every page of every clinical module."""
    browser = porter(app, hospital)
    assert browser.get("/staff/").status_code == 200
    routes = [(module, route) for module in CARE for route in routes_of(app, module)]
    assert {module.name for module, _route in routes} >= {"patients"}
    opened = [
        f"{route} answered {answer.status_code}"
        for module, route in routes
        if NO_PATIENT_IN_IT.isdisjoint(module.permission(route.verb).split(" | "))
        and (answer := browser.open(route.path, method=route.method)).status_code != 403
    ]
    assert not opened, opened
