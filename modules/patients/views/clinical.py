"""The pages that add, correct and end what is known of a patient; the tabs that list it are in `panels`."""

from collections.abc import Callable

from flask import flash, url_for

from modules.patients import module
from modules.patients.forms import clinical as forms
from modules.patients.models import Patient
from modules.patients.models.beside import Contact, Identifier, Insurance
from modules.patients.models.clinical import Allergy, Consent, MedicalHistory, rule_out_allergies
from modules.patients.words import DOCUMENT_KINDS
from portal.kit import Record, _, edit_page, form_page, get_or_404, go, once, saved
from portal.kit.attachments import AttachmentForm, attach, attach_page, send_attachment, takes_files


def tab_url(patient_id: int, tab: str | None) -> str:
    """Where a tab of a patient's record stands; None is the summary."""
    return url_for("patients.show", record_id=patient_id, tab=tab)


def add_page(form: forms.NewPart, record_id: int):
    """The page that adds a part to a patient's record, then goes to its tab."""
    patient = get_or_404(Patient, record_id)
    part = once(form, form.model, lambda: form.add(patient))
    if part is None:
        return form_page("patients/part_form.html", form, patient=patient, record=None)
    flash(_("{part} is recorded.", part=part), "success")
    return go(tab_url(record_id, form.tab))


def correct_page(form_class: type[forms.ChangeForm], model: type[Record], record_id: int):
    """The page that corrects a part of a patient's record, then goes to its tab."""
    part = get_or_404(model, record_id)
    return edit_page("patients/part_form.html", form_class(obj=part), part, tab_url(part.patient_id, form_class.tab))


def ask_page(part: Record, form: forms.AskForm, act: Callable[[], Record], tab: str | None, label: str, says: str):
    """The page that asks before something that cannot be taken back, does it, and goes to the tab."""
    back = tab_url(part.patient_id, tab)
    if saved(form, act) is None:
        return form_page(form.template, form, record=part, label=label, asks=says, back=back)
    flash(_("{part}: {label}.", part=part, label=label), "success")
    return go(back)


def void_page(model: type[Record], record_id: int, tab: str):
    """The page that voids an entry, with a reason."""
    part, form = get_or_404(model, record_id), forms.VoidForm()
    says = _("It leaves every list, and this cannot be taken back. The audit keeps what it was.")
    return ask_page(part, form, lambda: part.void(form.reason.data), tab, _("Void"), says)


def remove_page(model: type[Record], record_id: int):
    """The page that asks before it removes somebody to call, or a number."""
    part = get_or_404(model, record_id)
    says = _("This cannot be taken back. The audit keeps what it was.")
    return ask_page(part, forms.AskForm(), part.remove, None, _("Remove"), says)


@module.form("/<int:record_id>/allergies/new", needs="allergy_add")
def allergy_new(record_id: int):
    """Record an allergy."""
    return add_page(forms.NewAllergy(), record_id)


@module.post("/<int:record_id>/allergies/none-known", needs="allergy_add")
def allergy_rule_out(record_id: int):
    """Note that the patient has no known allergies."""
    rule_out_allergies(get_or_404(Patient, record_id))
    flash(_("No known allergies: recorded."), "success")
    return go(tab_url(record_id, "allergies"))


@module.form("/allergies/<int:record_id>/edit", needs="allergy_change")
def allergy_edit(record_id: int):
    """Correct an allergy."""
    return correct_page(forms.EditAllergy, Allergy, record_id)


@module.moves(Allergy, "/allergies", mark_as_error=forms.AskForm)
def after_allergy_move(allergy: Allergy) -> str:
    """Back to the allergies."""
    return tab_url(allergy.patient_id, "allergies")


@module.form("/<int:record_id>/history/new", needs="history_add")
def history_new(record_id: int):
    """Add an entry to the history."""
    return add_page(forms.NewHistory(), record_id)


@module.form("/history/<int:record_id>/edit", needs="history_change")
def history_edit(record_id: int):
    """Correct an entry of the history."""
    return correct_page(forms.EditHistory, MedicalHistory, record_id)


@module.form("/history/<int:record_id>/void", needs="history_void")
def history_void(record_id: int):
    """Void an entry of the history."""
    return void_page(MedicalHistory, record_id, "history")


@module.moves(MedicalHistory, "/history", resolve=forms.ResolveHistory)
def after_history_move(entry: MedicalHistory) -> str:
    """Back to the history."""
    return tab_url(entry.patient_id, "history")


@module.form("/<int:record_id>/consents/new", needs="consent_add")
def consent_new(record_id: int):
    """Record what a patient agreed to, or refused."""
    return add_page(forms.NewConsent(), record_id)


@module.form("/consents/<int:record_id>/edit", needs="consent_change")
def consent_edit(record_id: int):
    """Correct what was written down of a consent."""
    return correct_page(forms.EditConsent, Consent, record_id)


@module.form("/consents/<int:record_id>/withdraw", needs="consent_change")
def consent_withdraw(record_id: int):
    """The patient does not agree any more."""
    consent = get_or_404(Consent, record_id)
    says = _("The patient does not agree any more, from now on. This cannot be taken back.")
    return ask_page(consent, forms.AskForm(), consent.withdraw, "consents", _("Withdraw"), says)


@module.form("/consents/<int:record_id>/void", needs="consent_void")
def consent_void(record_id: int):
    """Void a consent that should never have been written."""
    return void_page(Consent, record_id, "consents")


@takes_files(module)
@module.form("/consents/<int:record_id>/signed/attach", needs="consent_change")
def consent_attach(record_id: int):
    """Keep the signed sheet with a consent."""
    consent = get_or_404(Consent, record_id)
    form = AttachmentForm.of({"consent": DOCUMENT_KINDS["consent"]}, data={"kind": "consent"})
    return attach_page(form, consent, tab_url(consent.patient_id, "consents"), keep_signed)


def keep_signed(consent: Consent, upload, kind: str):
    """Keep the sheet of a consent that is not void."""
    consent.refuse_voided()
    return consent.keep_signed(attach(consent, upload, kind))


@module.get("/consents/<int:record_id>/signed/<int:attachment_id>", needs="consent_view")
def consent_signed(record_id: int, attachment_id: int):
    """The signed sheet of a consent."""
    return send_attachment(get_or_404(Consent, record_id), attachment_id)


@module.form("/<int:record_id>/insurance/new", needs="insurance_add")
def insurance_new(record_id: int):
    """Add a policy."""
    return add_page(forms.NewInsurance(), record_id)


@module.form("/insurance/<int:record_id>/edit", needs="insurance_change")
def insurance_edit(record_id: int):
    """Correct a policy."""
    return correct_page(forms.EditInsurance, Insurance, record_id)


@module.moves(Insurance, "/insurance", cancel_policy=forms.AskForm)
def after_insurance_move(insurance: Insurance) -> str:
    """Back to the policies."""
    return tab_url(insurance.patient_id, "insurance")


@module.form("/<int:record_id>/contacts/new", needs="change")
def contact_new(record_id: int):
    """Add somebody to call."""
    return add_page(forms.NewContact(), record_id)


@module.form("/contacts/<int:record_id>/edit", needs="change")
def contact_edit(record_id: int):
    """Correct somebody to call."""
    return correct_page(forms.EditContact, Contact, record_id)


@module.form("/contacts/<int:record_id>/remove", needs="change")
def contact_remove(record_id: int):
    """Remove somebody to call."""
    return remove_page(Contact, record_id)


@module.form("/<int:record_id>/identifiers/new", needs="change")
def identifier_new(record_id: int):
    """Add another number."""
    return add_page(forms.NewIdentifier(), record_id)


@module.form("/identifiers/<int:record_id>/edit", needs="change")
def identifier_edit(record_id: int):
    """Correct another number."""
    return correct_page(forms.EditIdentifier, Identifier, record_id)


@module.form("/identifiers/<int:record_id>/remove", needs="change")
def identifier_remove(record_id: int):
    """Remove another number."""
    return remove_page(Identifier, record_id)


@takes_files(module)
@module.form("/<int:record_id>/documents/new", needs="document_add")
def document_new(record_id: int):
    """Add a document."""
    patient = get_or_404(Patient, record_id)
    return attach_page(AttachmentForm.of(DOCUMENT_KINDS), patient, tab_url(record_id, "documents"), keep_document)


def keep_document(patient: Patient, upload, kind: str):
    """Keep a document with a record that no other took the place of."""
    patient.refuse_merged()
    return attach(patient, upload, kind)


@module.get("/<int:record_id>/documents/<int:attachment_id>", needs="document_view")
def document(record_id: int, attachment_id: int):
    """A document of a patient."""
    return send_attachment(get_or_404(Patient, record_id), attachment_id)
