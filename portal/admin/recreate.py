"""Recreating databases: one hospital's or several, asked twice, and taken back with one button (T21, ux.md 7)."""

from uuid import UUID

import sqlalchemy as sa
from flask import abort, flash
from flask_login import current_user

from portal.admin.access import get_visible_hospital, needs, visible_hospitals
from portal.admin.bulk import list_url, started
from portal.admin.confirming import ConfirmForm, Danger, danger_page, few_guesses
from portal.admin.hospitals import hospital_url
from portal.admin.views import admin
from portal.admin.works import WORKS
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.i18n import _, ngettext
from portal.pages.answers import go
from portal.provisioning import asking, bulk
from portal.provisioning.contents import Contents, contents_of
from portal.provisioning.steps import ProvisioningProblem


@admin.route("/hospitals/<subdomain>/recreate", methods=["GET", "POST"])
@needs("superuser")
@few_guesses
def recreate_hospital(subdomain: str):
    """Ask before everything a hospital has entered is deleted."""
    tenant = get_visible_hospital(subdomain)
    form = ConfirmForm(tenant.subdomain)
    if form.is_confirmed():
        return asked_for(get_visible_hospital(subdomain))
    return danger_page(danger_of(tenant), form, hospital_url(tenant), tenant)


@admin.route("/hospitals/bulk/recreate/<ids>", methods=["GET", "POST"])
@needs("superuser")
@few_guesses
def recreate_hospitals(ids: str):
    """Ask before everything that several hospitals have entered is deleted."""
    tenants = named(ids)
    form = ConfirmForm(f"recreate {len(tenants)}")
    if form.is_confirmed():
        return started(bulk.request_all(named(ids), "recreate", WORKS["recreate"].action, current_user.id))
    rows = [(tenant, contents_of(tenant)) for tenant in tenants]
    template = "admin/recreate_several.html"
    return danger_page(danger_of_several(rows), form, list_url(), template=template, rows=rows)


@admin.post("/hospitals/<subdomain>/recreate/<reference>/undo")
@needs("superuser")
def undo_recreate(subdomain: str, reference: str):
    """Restore what was there before a recreation whose database is still the one in use."""
    tenant = get_visible_hospital(subdomain)
    done = sa.select(Operation).where(Operation.tenant_id == tenant.id, Operation.reference == reference)
    operation = db.session.scalar(done) or abort(404)
    if not can_undo(operation):
        flash(_("The database is not the recreated one any more, or its backup is gone. Look at the backups."), "bad")
        return go(hospital_url(tenant))
    return followed(tenant, lambda: asking.request_restore(tenant, operation.backup, current_user.id))


def named(ids: str) -> list[Tenant]:
    """The hospitals with these ids, which the address names."""
    wanted = [int(text) for text in ids.split(",") if text.isdecimal() and len(text) < 16]
    if not 0 < len(wanted) <= WORKS["recreate"].most:
        abort(400)
    query = visible_hospitals().where(Tenant.id.in_(wanted), Tenant.mode != "deleted")
    return list(db.session.scalars(query.order_by(sa.func.lower(Tenant.name), Tenant.id))) or abort(404)


def danger_of(tenant: Tenant) -> Danger:
    """What recreating this hospital's database means, with what is in it now."""
    contents = contents_of(tenant)
    heading = _("Recreate the database for {hospital}?", hospital=tenant.name)
    if not contents.exists:
        return Danger(heading, contents.deleted, (contents.kept,), _("Recreate the database"), _("Cancel"))
    says = (f"{contents.words}. {_('Staff are signed out at once.')}", contents.kept)
    return Danger(heading, contents.deleted, says, _("Delete and recreate the database"), _("Keep the database"))


def danger_of_several(rows: list[tuple[Tenant, Contents]]) -> Danger:
    """What recreating several databases means; the list with their contents follows on the page."""
    count = len(rows)
    kept = dict.fromkeys(contents.kept for _tenant, contents in rows)
    return Danger(
        heading=ngettext("Recreate {count} database?", "Recreate {count} databases?", count),
        strong=ngettext(
            "This deletes everything in {count} database.", "This deletes everything in {count} databases.", count
        ),
        says=(_("Staff are signed out at once."), *kept),
        button=ngettext("Delete and recreate {count} database", "Delete and recreate {count} databases", count),
        keep=_("Keep the databases"),
    )


def asked_for(tenant: Tenant):
    """Ask for the work; a second click while it is under way shows the same work."""
    return followed(tenant, lambda: asking.request_recreate(tenant, current_user.id))


def followed(tenant: Tenant, ask):
    """Go to the hospital's record, where the work asked for can be followed; or say there why it cannot be done now."""
    try:
        asking.wake_after_commit(ask())
    except ProvisioningProblem as problem:
        flash(problem.sentence, "bad")
    return go(hospital_url(tenant))


def can_undo(operation: Operation) -> bool:
    """What was there before is in a backup, and nothing has replaced the recreated database since."""
    saved = operation.backup is not None and operation.backup.state == "verified"
    ended = operation.kind == "recreate" and operation.state == "succeeded"
    return ended and saved and operation.tenant.generation == UUID(operation.reference).hex
