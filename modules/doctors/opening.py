"""Whether clinical notes are open to the person at work, and what their pages do where they are not (DOC-6)."""

from typing import NoReturn

from flask import abort, request, url_for

from modules.doctors.find import find_own
from modules.doctors.notes import may_open_notes
from portal.kit import current_user, go


def opens_notes(patient_id: int) -> bool:
    """The person at work is a doctor, and the notes of this patient are open to them."""
    own = find_own()
    return own is not None and may_open_notes(own, patient_id)


def may_ask(patient_id: int) -> bool:
    """The person at work is a doctor to whom the notes are closed, and who may open them with a reason."""
    return current_user.may("doctors.prescription_view_own") and find_own() is not None and not opens_notes(patient_id)


def ask_why_or_403(patient_id: int) -> NoReturn:
    """End the request: a doctor who wants to read is asked for a reason, and comes back; everybody else may not."""
    if request.method != "GET" or not may_ask(patient_id):
        abort(403)
    abort(go(url_for("doctors.glass", patient_id=patient_id, then=request.full_path.removesuffix("?"))))
