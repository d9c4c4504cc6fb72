"""What is printed of a patient: the face sheet of the record, the card to carry, the band to wear."""

from flask import request, url_for

from modules.patients import module
from modules.patients.find_clinical import active_allergies, contacts_of
from modules.patients.models import SEX_WORDS, Patient
from modules.patients.words import SEVERITIES
from portal.kit import Act, _, current_user, get_or_404, go
from portal.kit.printing import print_page


@module.get("/<int:record_id>/print/face-sheet", needs="detail_view")
def print_face_sheet(record_id: int):
    """The first sheet of the record on A4: who it is, whom to call, and what harms the patient."""
    more = {"contacts": contacts_of(get_or_404(Patient, record_id)), "severities": SEVERITIES}
    return printed("patients/print_face_sheet.html", record_id, _("Face sheet"), **more)


@module.get("/<int:record_id>/print/id-card", needs="view")
def print_id_card(record_id: int):
    """The card that a patient carries, of the size of a bank card."""
    return printed("patients/print_id_card.html", record_id, _("Patient card"))


@module.get("/<int:record_id>/print/wristband", needs="allergy_view")
def print_wristband(record_id: int):
    """The band that a patient wears: who it is, and what harms them."""
    return printed("patients/print_wristband.html", record_id, _("Wristband"))


@module.fills("patients.acts", needs="view")
def sheets(patient: Patient) -> list[Act]:
    """What may be printed of a patient by the person at work; of a merged record nothing is."""
    pages = (
        ("print_face_sheet", _("Face sheet"), "detail_view"),
        ("print_id_card", _("Patient card"), "view"),
        ("print_wristband", _("Wristband"), "allergy_view"),
    )
    return [
        Act(label, "printer", url_for(f"patients.{page}", record_id=patient.id), group="print")
        for page, label, verb in pages
        if current_user.may(f"patients.{verb}") and not patient.merged_into_id
    ]


def printed(template: str, record_id: int, title: str, **more):
    """The page that prints something of a patient under the patient's number.

    A merged record leads to the one that took its place: what harms the patient is known there (PAT-4).
    """
    patient = get_or_404(Patient, record_id)
    if patient.merged_into_id:
        return go(url_for(request.endpoint, record_id=patient.merged_into_id))
    back = url_for(".show", record_id=patient.id)
    more |= {"allergies": active_allergies(patient), "sexes": SEX_WORDS}
    return print_page(template, patient, title=title, number=patient.mrn, back=back, **more)
