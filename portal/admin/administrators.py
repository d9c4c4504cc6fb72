"""A hospital's administrators: a new invitation link, one more, one less."""

from flask import abort, flash, request, session

from portal.admin import choices
from portal.admin.access import get_visible_hospital, needs
from portal.admin.hospitals import hospital_url
from portal.admin.invitation import show_once
from portal.admin.views import admin
from portal.auth.audit import audit_platform
from portal.auth.invitations import invite
from portal.control.models import Tenant, User
from portal.i18n import _
from portal.pages.answers import go
from portal.provisioning.access import grant_access, withdraw_access
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, WrongDatabase

NOT_THERE = (DatabaseDamaged, DatabaseMissing, WrongDatabase)


@admin.post("/hospitals/<subdomain>/administrators/<int:user_id>/invitation")
@needs("platform_admin")
def invite_administrator(subdomain: str, user_id: int):
    """Make a new invitation link, which replaces an older one and is shown once."""
    tenant = get_visible_hospital(subdomain)
    user = administrator_or_404(tenant, user_id)
    show_once(session, user, invite(user))
    audit_platform("invite_user", tenant=tenant, details={"user": user.username})
    return go(hospital_url(tenant))


@admin.post("/hospitals/<subdomain>/administrators")
@needs("platform_admin")
def add_administrator(subdomain: str):
    """Let another hospital administrator into this hospital."""
    tenant = get_visible_hospital(subdomain)
    wanted = request.form.get("administrator", type=int)
    user = next((user for user in choices.other_administrators(tenant.id) if user.id == wanted), None)
    if user is None:
        flash(_("Select an administrator"), "bad")
    else:
        _try(lambda: grant_access(tenant, user), tenant, "add_administrator", user)
    return go(hospital_url(tenant, _anchor="administrators"))


@admin.post("/hospitals/<subdomain>/administrators/<int:user_id>/remove")
@needs("platform_admin")
def remove_administrator(subdomain: str, user_id: int):
    """End an administrator's access to this hospital; the last one stays."""
    tenant = get_visible_hospital(subdomain)
    user = administrator_or_404(tenant, user_id)
    _try(lambda: withdraw_access(tenant, user), tenant, "remove_administrator", user)
    return go(hospital_url(tenant, _anchor="administrators"))


def administrator_or_404(tenant: Tenant, user_id: int) -> User:
    """The administrator of this hospital with this id."""
    return next((access.user for access in tenant.access if access.user_id == user_id), None) or abort(404)


def _try(act, tenant: Tenant, action: str, user: User) -> None:
    """Do it and write it down, or say in the refusal's own words why not."""
    try:
        act()
    except ProvisioningProblem as problem:
        flash(problem.sentence, "bad")
    except NOT_THERE:
        flash(_("The hospital’s database cannot be opened, so nothing was changed."), "bad")
    else:
        audit_platform(action, tenant=tenant, details={"user": user.username})
