"""Renaming a hospital: the new subdomain, asked for beside the present one and the password."""

from functools import partial

from flask_login import current_user
from wtforms import StringField

from portal.admin.access import get_visible_hospital, needs
from portal.admin.confirming import ConfirmForm, Danger, ask_for, danger_page, few_guesses
from portal.admin.create import SubdomainCheck
from portal.admin.hospitals import hospital_url
from portal.admin.views import admin
from portal.control.models import Tenant
from portal.i18n import _
from portal.pages.answers import go
from portal.provisioning.careful import request_rename
from portal.tenancy.names import normalised


class RenameForm(ConfirmForm):
    """Where the hospital is to be found from now on."""

    subdomain = StringField(_("New subdomain"), filters=[lambda text: normalised(text or "")])


@admin.route("/hospitals/<subdomain>/rename", methods=["GET", "POST"])
@needs("platform_admin")
@few_guesses
def rename_hospital(subdomain: str):
    """Ask for the new subdomain, then give it to the hospital."""
    tenant = get_visible_hospital(subdomain)
    form = RenameForm(tenant.subdomain)
    if form.is_confirmed():
        wanted = partial(request_rename, get_visible_hospital(subdomain), form.subdomain.data, current_user.id)
        if ask_for(wanted, form.subdomain):
            return go(hospital_url(tenant))
    check = SubdomainCheck.of(form.subdomain.data, form.subdomain.errors)
    return danger_page(danger_of(tenant), form, hospital_url(tenant), tenant, "admin/rename.html", check=check)


def danger_of(tenant: Tenant) -> Danger:
    """What a new address means for the people of the hospital."""
    return Danger(
        heading=_("Rename {hospital}?", hospital=tenant.name),
        strong=_("The present address stops working at once."),
        says=(
            _("Nobody can open a page of the hospital for some seconds. Then everybody signs in at the new address."),
            _("Records, documents, backups and administrators stay. Tell the people of the hospital the new address:"
              " the present one says “Hospital not found”, and another hospital can have it."),
        ),
        button=_("Rename the hospital"),
        keep=_("Keep the address"),
    )  # fmt: skip
