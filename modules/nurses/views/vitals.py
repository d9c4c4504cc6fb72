"""Taking vital signs in a visit, and taking back what was recorded wrongly."""

from flask import flash, url_for

from modules.nurses import module
from modules.nurses.find import refuse_other_wards
from modules.nurses.forms.vitals import NewVitalsForm
from modules.nurses.models import VitalSign
from modules.nurses.vitals import record_vitals, told_of
from modules.patients.api import Encounter, Patient
from portal.kit import _, back_to, db, form_page, get_or_404, go, once
from portal.kit.voiding import void_page


@module.form("/encounters/<int:encounter_id>/vitals/new", needs="vitalsign_add")
def vitals_new(encounter_id: int):
    """Take vital signs in a visit."""
    encounter, form = get_or_404(Encounter, encounter_id), NewVitalsForm()
    refuse_other_wards(encounter.patient_id)
    taken = {"taken_at": form.taken_at.data}
    row = once(form, VitalSign, lambda: record_vitals(encounter, **taken, **form.vitals))
    if row is None:
        return form_page("nurses/vitals_new.html", form, **beside(encounter))
    flash(told_of(row), "warning" if row.is_alert else "success")
    return go(back_to(vitals_tab(encounter.patient_id)))


def beside(encounter: Encounter, tab: str = "vitals") -> dict:
    """What stands around a form in a visit: who it is about, and the way back."""
    patient = db.session.get_one(Patient, encounter.patient_id)
    back = back_to(url_for("patients.show", record_id=patient.id, tab=tab))
    return {"encounter": encounter, "patient": patient, "back": back}


def vitals_tab(patient_id: int) -> str:
    """The vital signs on the patient's page."""
    return url_for("patients.show", record_id=patient_id, tab="vitals")


@module.form("/vitals/<int:record_id>/void", needs="change")
def vitals_void(record_id: int):
    """Take back what was recorded wrongly; it stays to be read in the history."""
    row = get_or_404(VitalSign, record_id)
    refuse_other_wards(row.patient_id)
    return void_page(row, vitals_tab(row.patient_id), _("It leaves charts and scores, and cannot be brought back."))
