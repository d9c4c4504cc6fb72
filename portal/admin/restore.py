"""Restoring a backup from its hospital's record: into the hospital it was made of, or as a new one."""

from uuid import uuid4

from flask import abort, current_app, flash
from flask_login import current_user
from wtforms import HiddenField, StringField, ValidationError

from portal.admin.access import get_visible_hospital, needs
from portal.admin.confirming import ConfirmForm, Danger, danger_page, few_guesses
from portal.admin.create import SubdomainCheck, find_made
from portal.admin.forms import UUID, NameFields
from portal.admin.hospitals import hospital_url
from portal.admin.views import admin
from portal.control.models import Backup, Tenant
from portal.i18n import _
from portal.pages.answers import form_page, go
from portal.provisioning import asking, backups
from portal.provisioning.compared import compared
from portal.provisioning.places import names_of
from portal.provisioning.registration import NameInUse, is_free, register_copy
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.names import normalised, subdomain_problem, taken_sentence
from portal.times import moment


class NewFromBackupForm(NameFields):
    """How the new hospital is called and where it is found; `form_token` makes two clicks one hospital (D15)."""

    subdomain = StringField(_("Subdomain"), filters=[lambda text: normalised(text or "")])
    form_token = HiddenField(default=lambda: str(uuid4()))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not UUID.fullmatch(self.form_token.data or ""):
            self.form_token.data = str(uuid4())

    def validate_subdomain(self, field):
        """The subdomain keeps the rule and is free."""
        problem = subdomain_problem(field.data) or (None if is_free(field.data) else taken_sentence(field.data))
        if problem:
            raise ValidationError(problem)


@admin.route("/hospitals/<subdomain>/backups/<reference>/restore", methods=["GET", "POST"])
@needs("superuser")
@few_guesses
def restore_backup(subdomain: str, reference: str):
    """Show what would be replaced by what, and replace it once the word and the password are right."""
    tenant, form = get_visible_hospital(subdomain), ConfirmForm(subdomain)
    backup = get_backup(tenant, reference)
    if form.is_confirmed():
        return ask_to_restore(tenant, backup)
    return danger_page(danger_of(tenant, backup), form, hospital_url(tenant), tenant, "admin/restore.html",
                       backup=backup, compared=compared(backup, tenant))  # fmt: skip


@admin.route("/hospitals/<subdomain>/backups/<reference>/restore-as-new", methods=["GET", "POST"])
@needs("superuser")
def restore_as_new(subdomain: str, reference: str):
    """Ask for the new hospital's name and address, then make it of the backup."""
    tenant, form = get_visible_hospital(subdomain), NewFromBackupForm()
    backup = get_backup(tenant, reference)
    made = find_made(form.form_token.data) if form.is_submitted() else None
    if made is None and form.validate_on_submit():
        made = make_copy(tenant, backup, form)
    if made:
        return go(hospital_url(made))
    check = SubdomainCheck.of(form.subdomain.data, form.subdomain.errors)
    return form_page("admin/restore_as_new.html", form, tenant=tenant, backup=backup, check=check)


def get_backup(tenant: Tenant, reference: str) -> Backup:
    """The backup of this hospital; 404 where it has none of this reference."""
    try:
        return backups.get_backup(tenant, reference)
    except LookupError:
        abort(404)


def ask_to_restore(tenant: Tenant, backup: Backup):
    """Ask for the restore and show its progress; a second click is the same work."""
    try:
        asking.wake_after_commit(asking.request_restore(tenant, backup, current_user.id))
    except ProvisioningProblem as problem:
        flash(problem.sentence, "warn")
    return go(hospital_url(tenant))


def make_copy(source: Tenant, backup: Backup, form: NewFromBackupForm) -> Tenant | None:
    """Register the new hospital and ask for its database; None, with the sentence at the field, when it is refused."""
    try:
        made = register_copy(source, form.name.data, form.subdomain.data)
    except NameInUse as refusal:
        form.subdomain.errors = [refusal.sentence]
        return None
    made.form_token = form.form_token.data
    asking.wake_after_commit(asking.request_restore(made, backup, current_user.id))
    return made


def danger_of(tenant: Tenant, backup: Backup) -> Danger:
    """What restoring this backup means for the people of the hospital."""
    settings = current_app.extensions["settings"]
    database = names_of(tenant).database
    return Danger(
        heading=_("Restore the database for {hospital}?", hospital=tenant.name),
        strong=_("This replaces everything in the database {database}", database=database),
        says=(
            _("The hospital will be as it was on {moment}. Staff are signed out at once.",
              moment=moment(backup.made_at).striptags()),
            _("What is there now is backed up first and kept for {days} days. If that backup fails, nothing is"
              " replaced.", days=settings.backup_keep_days),
        ),
        button=_("Restore the backup"),
        keep=_("Keep the database as it is"),
    )  # fmt: skip
