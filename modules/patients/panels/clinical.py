"""The tabs of a patient's page with what is known: allergies, history, consents, who pays, documents."""

from flask import url_for

from modules.patients import module, words
from modules.patients.find_clinical import (
    allergies_of,
    consents_of,
    contacts_of,
    count_active_allergies,
    history_of_patient,
    identifiers_of,
    insurances_of,
)
from modules.patients.models import Patient
from portal.kit import _, current_user, fragment, today
from portal.kit.attachments import AttachmentForm, attachments_of


@module.tab(Patient, "history", _("History"), needs="history_view", order=20)
def history_tab(patient: Patient) -> str:
    """The past that matters today, by category."""
    return fragment("patients/_history.html", patient=patient, history=history_of_patient(patient), names=words)


@module.tab(Patient, "allergies", _("Allergies"), needs="allergy_view", order=30, count=count_active_allergies)
def allergies_tab(patient: Patient) -> str:
    """What harms the patient, and what did."""
    return fragment("patients/_allergies.html", patient=patient, allergies=allergies_of(patient), names=words)


@module.tab(Patient, "consents", _("Consents"), needs="consent_view", order=70)
def consents_tab(patient: Patient) -> str:
    """What the patient agreed to, or refused."""
    return fragment("patients/_consents.html", patient=patient, consents=consents_of(patient), names=words)


@module.tab(Patient, "insurance", _("Insurance"), needs="insurance_view", order=75)
def insurance_tab(patient: Patient) -> str:
    """Who pays for the patient's care."""
    policies = insurances_of(patient)
    return fragment("patients/_insurance.html", patient=patient, policies=policies, names=words, today=today())


@module.tab(Patient, "documents", _("Documents"), needs="document_view", order=80)
def documents_tab(patient: Patient) -> str:
    """The files that belong to the record."""
    may_add = current_user.may("patients.document_add") and patient.status != "merged"
    return fragment(
        "records/_attachments.html",
        documents=attachments_of(patient),
        kinds=words.DOCUMENT_KINDS,
        url_of=lambda one: url_for("patients.document", record_id=patient.id, attachment_id=one.id),
        form=AttachmentForm.of(words.DOCUMENT_KINDS, formdata=None) if may_add else None,
        upload_url=url_for("patients.document_new", record_id=patient.id),
    )


@module.fills("patients.summary", needs="detail_view")
def people_and_numbers(patient: Patient) -> list[str]:
    """Whom to call for the patient, and the other numbers, as cards of the summary."""
    rows = {"contacts": contacts_of(patient), "identifiers": identifiers_of(patient)}
    return [fragment("patients/_beside.html", patient=patient, names=words, **rows)]
