"""Copying a hospital: the copy's name and address, and whether it sends messages; and letting it send them later."""

from functools import partial
from uuid import uuid4

from flask import flash
from flask_login import current_user
from wtforms import BooleanField, HiddenField, StringField

from portal.admin.access import get_visible_hospital, needs
from portal.admin.confirming import ConfirmForm, Danger, ask_for, danger_page, few_guesses
from portal.admin.create import SubdomainCheck, find_made
from portal.admin.forms import UUID, NameFields
from portal.admin.hospitals import hospital_url
from portal.admin.views import admin
from portal.control.models import Tenant
from portal.i18n import _
from portal.pages.answers import go
from portal.provisioning import asking
from portal.provisioning.careful import begun_clone, end_neutralised, request_clone, request_clone_again
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.names import normalised


class CloneForm(NameFields, ConfirmForm):
    """How the copy is called, where it is found, what it may send; `form_token` makes two clicks one copy (D15)."""

    subdomain = StringField(_("Subdomain"), filters=[lambda text: normalised(text or "")])
    neutralise = BooleanField(_("Send no messages"), default=True)
    form_token = HiddenField(default=lambda: str(uuid4()))

    def __init__(self, word: str):
        super().__init__(word)
        if not UUID.fullmatch(self.form_token.data or ""):
            self.form_token.data = str(uuid4())


@admin.route("/hospitals/<subdomain>/clone", methods=["GET", "POST"])
@needs("platform_admin")
@few_guesses
def clone_hospital(subdomain: str):
    """Ask how the copy is called, then make it; its record shows how far that is."""
    tenant = get_visible_hospital(subdomain)
    form = CloneForm(tenant.subdomain)
    made = ask_to_clone(get_visible_hospital(subdomain), form) if form.is_confirmed() else None
    if made:
        return go(hospital_url(made))
    check = SubdomainCheck.of(form.subdomain.data, form.subdomain.errors)
    return danger_page(danger_of(tenant), form, hospital_url(tenant), tenant, "admin/clone.html", check=check)


@admin.post("/hospitals/<subdomain>/clone-again")
@needs("platform_admin")
def clone_again(subdomain: str):
    """Try once more to make the copy that this hospital was to begin with."""
    tenant = get_visible_hospital(subdomain)
    details = begun_clone(tenant)
    try:
        if details:
            asking.wake_after_commit(request_clone_again(tenant, details, current_user.id))
    except ProvisioningProblem as problem:
        flash(problem.sentence, "bad")
    return go(hospital_url(tenant))


@admin.post("/hospitals/<subdomain>/send-messages")
@needs("platform_admin")
def let_send(subdomain: str):
    """Let a copy for trying things out send messages from now on."""
    tenant = get_visible_hospital(subdomain)
    if end_neutralised(tenant):
        flash(_("{name} sends messages from now on.", name=tenant.name), "ok")
    return go(hospital_url(tenant))


def ask_to_clone(source: Tenant, form: CloneForm) -> Tenant | None:
    """Register the copy and ask for its database; None, with the sentence at its field, where it is refused."""
    made = find_made(form.form_token.data)
    if made:
        return made
    wanted = {"name": form.name.data, "subdomain": form.subdomain.data, "neutralise": form.neutralise.data}
    operation = ask_for(partial(request_clone, source, **wanted, requested_by=current_user.id), form.subdomain)
    if operation is None:
        return None
    operation.tenant.form_token = form.form_token.data
    return operation.tenant


def danger_of(tenant: Tenant) -> Danger:
    """What a copy holds, and what it does not do."""
    return Danger(
        heading=_("Copy {hospital}?", hospital=tenant.name),
        strong=_("The copy holds everything: patients, records, documents and the people who sign in."),
        says=(
            _("It is a hospital of its own, with the same plan and the same administrators. Nothing done in one of"
              " them reaches the other. People work on while the copy is made."),
            _("What was waiting to be sent or done is held back in the copy."),
        ),
        button=_("Copy the hospital"),
        keep=_("Cancel"),
    )  # fmt: skip
