"""Work on a hospital's database as people ask for it and watch it: create, check, progress."""

from flask import flash, request
from flask_login import current_user

from portal.admin.access import get_visible_hospital, needs
from portal.admin.hospitals import hospital_url
from portal.admin.record import record_of
from portal.admin.views import admin
from portal.auth.audit import audit_platform
from portal.control.models import Tenant
from portal.i18n import _
from portal.pages.answers import go, page
from portal.provisioning import asking


@admin.post("/hospitals/<subdomain>/create-database")
@needs("platform_admin")
def create_database(subdomain: str):
    """Create the database, or try again; while that is under way a second click changes nothing."""
    return ask_for(get_visible_hospital(subdomain), "create", "create_database")


@admin.post("/hospitals/<subdomain>/verify")
@needs("platform_admin")
def verify_hospital(subdomain: str):
    """Look at the database anew."""
    return ask_for(get_visible_hospital(subdomain), "verify", "verify_hospital")


@admin.get("/hospitals/<subdomain>/progress")
@needs("hospital_admin")
def progress(subdomain: str):
    """The parts of the record that change with its work; 204 when they are as the reader has them."""
    record = record_of(get_visible_hospital(subdomain))
    if record["stamp"] == request.args.get("seen"):
        return "", 204
    if record["is_gone"]:
        return go(hospital_url(record["tenant"]))
    return page("admin/_progress.html", polled=True, **record)


def ask_for(tenant: Tenant, kind: str, action: str):
    """Ask for work on a hospital, and show its progress."""
    operation = asking.find_active(tenant.id)
    if operation is None:
        operation = asking.request(tenant, kind, current_user.id)
        audit_platform(action, tenant=tenant, details={"operation": operation.reference})
    elif operation.kind != kind:
        flash(_("Other work on this hospital is under way. Try again when it has ended."), "warn")
    asking.wake_after_commit(operation)
    return go(hospital_url(tenant))
