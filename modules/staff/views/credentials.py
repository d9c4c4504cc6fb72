"""The pages of credentials: what ends soon, adding, renewing, removing."""

from flask import flash, request, url_for

from modules.staff import module
from modules.staff.api import count_credentials
from modules.staff.credential_forms import EditCredentialForm, NewCredentialForm
from modules.staff.credentials import Credential
from modules.staff.find import credentials, ending
from modules.staff.models import Staff
from modules.staff.words import CREDENTIAL_WORDS, ENDING_WORDS
from portal.kit import Column, Listing, _, edit_page, form_page, get_or_404, go, once, page, saved, today
from portal.kit.csv_export import csv_file
from portal.kit.forms import RecordForm

columns = (
    Column("name", _("Name"), sort=Staff.name_search, value=lambda one: one.staff.full_name),
    Column("employee", _("Employee number"), value=lambda one: one.staff.employee_no, shown=False),
    Column("kind", _("Kind"), sort=Credential.kind, value=lambda one: CREDENTIAL_WORDS[one.kind]),
    Column("title", _("Title"), sort=Credential.title, value=lambda one: one.title),
    Column("number", _("Number"), value=lambda one: one.number),
    Column("expires", _("Last day"), sort=Credential.expires_on, value=lambda one: one.expires_on),
)


@module.get("/credentials/", needs="credential_view")
def credential_index():
    """What ends when, for everybody who has not left."""
    words = {"kinds": CREDENTIAL_WORDS, "endings": ENDING_WORDS, "today": today()}
    return page("staff/credentials.html", listing=credential_list(), count=count_credentials, **words)


def credential_list() -> Listing:
    """The credentials with the filter of the address; what ends first comes first."""
    return Listing(
        query=ending(credentials(), request.args),
        columns=columns,
        noun=(_("credential"), _("credentials")),
        default_sort="expires",
        tie=Credential.id,
        kept=("ends", "sort", "page", "per_page"),
    )


@module.search("/credentials/export", needs="credential_view")
def credential_export():
    """The credentials of the list as a file for a spreadsheet."""
    return csv_file(credential_list(), "credentials")


@module.form("/<int:record_id>/credentials/new", needs="credential_add")
def credential_new(record_id: int):
    """Add what a person was given or has signed."""
    member = get_or_404(Staff, record_id)
    form = NewCredentialForm()
    credential = once(form, Credential, lambda: form.add_to(member))
    if credential is None:
        return form_page("staff/credential_form.html", form, record=None, member=member)
    flash(_("{title} is added.", title=credential.title), "success")
    return go(tab_of(credential))


@module.form("/credentials/<int:record_id>/edit", needs="credential_change")
def credential_edit(record_id: int):
    """Correct or renew a credential."""
    credential = get_or_404(Credential, record_id)
    return edit_page("staff/credential_form.html", EditCredentialForm(obj=credential), credential, tab_of(credential))


@module.form("/credentials/<int:record_id>/remove", needs="credential_change")
def credential_remove(record_id: int):
    """Take away a credential that was never right; asks first."""
    credential = get_or_404(Credential, record_id)
    back, form = tab_of(credential), RecordForm()
    if saved(form, credential.remove) is None:
        words = {"label": _("Remove"), "asks": _("Remove only what was never right. What has ended can stay.")}
        return form_page("records/move.html", form, record=credential, back=back, **words)
    flash(_("{title} is removed.", title=credential.title), "success")
    return go(back)


def tab_of(credential: Credential) -> str:
    """Where the credentials of a person stand."""
    return url_for(".show", record_id=credential.staff_id, tab="credentials")
