"""The prescription pad of a visit: drugs one by one, repeated, or by a set; corrected until it is signed."""

from collections.abc import Callable

from flask import flash, request, url_for

from modules.doctors import module
from modules.doctors.allergies import allergy_matches
from modules.doctors.find import find_own, order_sets, patient_of, told
from modules.doctors.forms.drug import AgainForm, DrugForm, EditDrugForm, SetForm
from modules.doctors.items import item_options
from modules.doctors.models import Doctor, OrderSet, Prescription, PrescriptionItem
from modules.doctors.models.prescription import RUNNING
from modules.doctors.notes import may_open_notes
from modules.doctors.prescribing import issue_again, keep_as_set, last_signed, order_by, prescribe, repeat_last
from modules.doctors.words import ITEM_STATES, KIND_WORDS
from modules.patients.api import Encounter
from portal.kit import Refused, _, db, edit_page, form_page, get_or_404, go, ngettext, once, page, saved
from portal.kit.forms import RecordForm
from portal.kit.pickers import picked


def pad_url(encounter_id: int) -> str:
    """The pad of a visit."""
    return url_for("doctors.pad", encounter_id=encounter_id)


def closed_to(doctor: Doctor | None, patient_id: int) -> bool:
    """The patient is somebody else's, and the doctor gave no reason to see the notes (DOC-6)."""
    return doctor is not None and not may_open_notes(doctor, patient_id)


@module.form("/encounters/<int:encounter_id>/prescribe", needs="prescription_add")
def pad(encounter_id: int):
    """The prescription pad: what is on it, and a form for the next drug."""
    encounter, doctor = get_or_404(Encounter, encounter_id), find_own()
    if closed_to(doctor, encounter.patient_id):
        return go(url_for(".glass", patient_id=encounter.patient_id))
    form = DrugForm.of(encounter)
    item = once(form, PrescriptionItem, lambda: prescribe(encounter, doctor, form.wanted_kind, **form.answers))
    if item is None:
        return form_page("doctors/pad.html", form, **desk(encounter, doctor))
    flash(_("{drug} is on the pad. Sign when everything is there.", drug=item.drug_text), "success")
    return go(pad_url(encounter_id))


def desk(encounter: Encounter, doctor: Doctor | None) -> dict:
    """What lies beside the pad: drafts, what runs, what was prescribed last, the sets."""
    here = told(Prescription.encounter_id == encounter.id, Prescription.status.in_(("draft", *RUNNING)))
    return {
        "encounter": encounter,
        "doctor": doctor,
        "patient": patient_of(encounter),
        "drafts": [one for one in here if one.status == "draft" and doctor and one.doctor_id == doctor.id],
        "running": [one for one in here if one.status in RUNNING],
        "last": last_signed(encounter.patient_id),
        "sets": order_sets(doctor),
        "kinds": KIND_WORDS,
        "states": ITEM_STATES,
        "back": url_for("patients.show", record_id=encounter.patient_id, tab="prescriptions"),
    }


@module.search("/items/pick", needs="prescription_add")
def pick_item():
    """The medicines found while somebody types."""
    return picked(item_options)


@module.search("/encounters/<int:encounter_id>/check", needs="prescription_add")
def check(encounter_id: int):
    """What the drug being typed would do: allergies it matches, and the quantity; a fragment of the pad (DOC-2)."""
    encounter, form = get_or_404(Encounter, encounter_id), DrugForm(formdata=request.form)
    warnings = allergy_matches(encounter.patient_id, form.item_id.data, form.drug_text.data)
    return page("doctors/_check.html", warnings=warnings, counted=form.counted, form=form)


@module.post("/encounters/<int:encounter_id>/repeat", needs="prescription_add")
def repeat(encounter_id: int):
    """Put what was prescribed last on the pad."""
    return put_on_pad(encounter_id, repeat_last)


@module.post("/encounters/<int:encounter_id>/order-sets/<int:set_id>", needs="prescription_add")
def apply_set(encounter_id: int, set_id: int):
    """Put the drugs of a set on the pad."""
    chosen = get_or_404(OrderSet, set_id)
    return put_on_pad(encounter_id, lambda encounter, doctor: order_by(chosen, encounter, doctor))


def put_on_pad(encounter_id: int, put: Callable):
    """Put several drugs on the pad, and say which are not."""
    encounter, doctor = get_or_404(Encounter, encounter_id), find_own()
    try:
        if closed_to(doctor, encounter.patient_id):
            raise Refused(_("This is not a patient of yours. Open the notes with a reason first"))
        count, refused = put(encounter, doctor)
    except Refused as problem:
        db.session.rollback()
        count, refused = 0, [problem.sentence]
    if count:
        flash(ngettext("{count} drug is on the pad.", "{count} drugs are on the pad.", count), "success")
    for sentence in refused:
        flash(sentence, "warning")
    return go(pad_url(encounter_id))


@module.form("/items/<int:record_id>/edit", needs="prescription_change")
def item_edit(record_id: int):
    """Correct a drug that is not signed yet."""
    item = get_or_404(PrescriptionItem, record_id)
    item.prescription.refuse_not_draft_of(find_own())
    return edit_page("doctors/item_edit.html", EditDrugForm(obj=item), item, pad_url(item.prescription.encounter_id))


@module.post("/items/<int:record_id>/remove", needs="prescription_change")
def item_remove(record_id: int):
    """Take a drug off a draft."""
    item = get_or_404(PrescriptionItem, record_id)
    item.prescription.refuse_not_draft_of(find_own())
    item.cancel()
    flash(_("{drug} is off the pad.", drug=item.drug_text), "success")
    return go(pad_url(item.prescription.encounter_id))


@module.post("/prescriptions/<int:record_id>/discard", needs="prescription_change")
def discard(record_id: int):
    """Throw a draft away."""
    prescription = get_or_404(Prescription, record_id)
    prescription.refuse_not_draft_of(find_own())
    prescription.cancel()
    flash(_("The draft {number} is gone.", number=prescription.number), "success")
    return go(pad_url(prescription.encounter_id))


@module.form("/items/<int:record_id>/again", needs="prescription_change")
def item_again(record_id: int):
    """Stop a drug and issue it again, changed (DOC-4)."""
    item, doctor = get_or_404(PrescriptionItem, record_id), find_own()
    if closed_to(doctor, item.prescription.patient_id):
        return go(url_for(".glass", patient_id=item.prescription.patient_id))
    form = AgainForm(obj=item)
    again = once(form, PrescriptionItem, lambda: issue_again(item, doctor, **form.answers))
    if again is None:
        return form_page("doctors/item_again.html", form, record=item)
    flash(_("{drug} is issued again, and signed.", drug=again.drug_text), "success")
    return go(url_for(".prescription", record_id=again.prescription_id))


@module.form("/prescriptions/<int:record_id>/order-set", needs="prescription_add")
def keep_set(record_id: int):
    """Keep the drugs of a prescription as a set to order by."""
    prescription, form = get_or_404(Prescription, record_id), SetForm()
    if closed_to(find_own(), prescription.patient_id):
        return go(url_for(".glass", patient_id=prescription.patient_id))
    words = {"heading": _("Keep as an order set"), "back": url_for(".prescription", record_id=record_id)}
    kept = once(form, OrderSet, lambda: keep_as_set(prescription, find_own(), form.name.data, form.shared.data))
    if kept is None:
        return form_page("records/form.html", form, **words)
    flash(_("{name} is kept. It stands on every pad.", name=kept.name), "success")
    return go(url_for(".order_set_index"))


@module.get("/order-sets/", needs="prescription_add")
def order_set_index():
    """The sets that the doctor may order by."""
    doctor = find_own()
    return page("doctors/order_sets.html", sets=order_sets(doctor), doctor=doctor)


@module.form("/order-sets/<int:record_id>/remove", needs="prescription_add")
def order_set_remove(record_id: int):
    """Take a set of one's own away; asks first."""
    chosen, doctor, form = get_or_404(OrderSet, record_id), find_own(), RecordForm()
    back = url_for(".order_set_index")
    if saved(form, lambda: chosen.remove(doctor)) is None:
        words = {"label": _("Remove"), "asks": _("What was ordered by it stays as it is.")}
        return form_page("records/move.html", form, record=chosen, back=back, **words)
    return go(back)
