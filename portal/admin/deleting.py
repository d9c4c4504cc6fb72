"""Deleting a hospital, asked twice; and bringing it back while its backup is kept."""

from datetime import timedelta

from flask import current_app, flash
from flask_login import current_user

from portal.admin.access import get_visible_hospital, needs
from portal.admin.confirming import ConfirmForm, Danger, danger_page, few_guesses
from portal.admin.hospitals import hospital_url
from portal.admin.views import admin
from portal.clock import now
from portal.control.models import Tenant
from portal.i18n import _
from portal.pages.answers import go
from portal.provisioning import asking
from portal.provisioning.careful import request_delete
from portal.provisioning.contents import contents_of
from portal.provisioning.delete import kept_backup
from portal.provisioning.steps import ProvisioningProblem
from portal.times import day


@admin.route("/hospitals/<subdomain>/delete", methods=["GET", "POST"])
@needs("superuser")
@few_guesses
def delete_hospital(subdomain: str):
    """Ask twice, then delete the hospital."""
    tenant = get_visible_hospital(subdomain)
    form = ConfirmForm(tenant.subdomain)
    if form.is_confirmed():
        ask(lambda: request_delete(get_visible_hospital(subdomain), current_user.id))
        return go(hospital_url(tenant))
    return danger_page(danger_of(tenant), form, hospital_url(tenant), tenant)


@admin.post("/hospitals/<subdomain>/bring-back")
@needs("superuser")
def bring_back(subdomain: str):
    """Restore a deleted hospital from the backup that was made before; a second click changes nothing."""
    tenant = get_visible_hospital(subdomain)
    backup = kept_backup(tenant)
    if backup:
        ask(lambda: asking.request_restore(tenant, backup, current_user.id))
    elif tenant.mode == "deleted":
        flash(_("There is no backup to bring {name} back from.", name=tenant.name), "bad")
    return go(hospital_url(tenant))


def ask(request) -> None:
    """Ask for work, or say why that cannot be now."""
    try:
        asking.wake_after_commit(request())
    except ProvisioningProblem as problem:
        flash(problem.sentence, "bad")


def danger_of(tenant: Tenant) -> Danger:
    """What goes, with what is in it now, what stays and for how long."""
    contents = contents_of(tenant)
    out = _("Everybody is signed out at once, and the address says “Hospital not found”.")
    until = now() + timedelta(days=current_app.extensions["settings"].backup_keep_days)
    later = _(
        "Until {day} a superuser can bring the hospital back. Then its backups and documents are removed, its name is"
        " forgotten, and “{subdomain}” is free for another hospital.",
        day=day(until),
        subdomain=tenant.subdomain,
    )
    if contents.exists:
        strong = _("This deletes the hospital and everything in the database {database}:", database=contents.database)
        says = (f"{contents.words}. {out}", contents.kept, later)
    else:
        strong = _("This deletes the hospital. There is no database {database}.", database=contents.database)
        says = (out, later)
    heading = _("Delete {hospital}?", hospital=tenant.name)
    return Danger(heading, strong, says, _("Delete the hospital"), _("Keep the hospital"))
