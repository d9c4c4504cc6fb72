"""The medicines of a stay: the grid, giving a dose, and the other moves of one."""

from datetime import timedelta
from decimal import Decimal

from flask import flash, request, url_for

from modules.doctors.api import PrescriptionItem, amount, get_doctor
from modules.nurses import module
from modules.nurses.find import refuse_other_wards, ward_choices, wards_of
from modules.nurses.forms.doses import GiveForm, GiveNowForm, HoldForm, OwnWardForm, SkipForm
from modules.nurses.giving import give_as_needed, give_dose, warnings_of
from modules.nurses.mar import amount_of, how_long, read_grid
from modules.nurses.models import MedicationAdministration
from modules.nurses.models.doses import OPEN
from modules.nurses.worklist import read_worklist
from modules.patients.api import Encounter, Patient
from portal.kit import WrongState, _, board_page, current_user, day_asked, db, form_page, get_or_404, go, once, saved
from portal.kit.forms import id_or_none


@module.get("/encounters/<int:encounter_id>/medicines", needs="dose_view")
def medicines(encounter_id: int):
    """The grid of a stay: drugs by time, and beside it the dose that was clicked."""
    encounter = get_or_404(Encounter, encounter_id)
    refuse_other_wards(encounter.patient_id)
    return board_page("nurses/medicines.html", "nurses/_grid.html", **grid_of(encounter), **chosen(encounter))


def grid_of(encounter: Encounter) -> dict:
    """What the grid and the chips above it show."""
    day = day_asked()
    ward_id = wards_of([encounter.patient_id]).get(encounter.patient_id)
    wards = [ward for ward in ward_choices() if ward.id == ward_id]
    days = {"day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1)}
    patient = db.session.get_one(Patient, encounter.patient_id)
    return {"grid": read_grid(encounter, day), "beds": read_worklist(wards).rows, "patient": patient, **days}


def chosen(encounter: Encounter) -> dict:
    """The dose or the drug that was clicked, with the form that gives it; nothing where it is not of this stay."""
    dose = db.session.get(MedicationAdministration, id_or_none(request.args.get("dose")) or 0)
    if dose and dose.encounter_id == encounter.id and dose.status in OPEN and current_user.may("nurses.give"):
        return about_dose(dose, form_of(dose))
    item = db.session.get(PrescriptionItem, id_or_none(request.args.get("item")) or 0)
    if item and item.prescription.encounter_id == encounter.id and current_user.may("nurses.give"):
        return about_item(item, form_of(item))
    return {"form": None}


def form_of(thing: MedicationAdministration | PrescriptionItem) -> GiveForm | GiveNowForm:
    """The form that gives a dose, or a dose of a drug when needed, with the dose that was prescribed."""
    is_dose = isinstance(thing, MedicationAdministration)
    item = thing.item if is_dose else thing
    form = (GiveForm if is_dose else GiveNowForm)(data={"dose_given": Decimal(amount(item.dose))})
    form.ask_about(item)
    return form


def about_dose(dose: MedicationAdministration, form: GiveForm) -> dict:
    """What stands around the form that gives a dose."""
    overdue = _("Overdue {time}", time=how_long(dose)) if dose.is_overdue else ""
    return about_item(dose.item, form) | {"dose": dose, "amount": amount_of(dose), "overdue": overdue}


def about_item(item: PrescriptionItem, form: GiveForm | GiveNowForm) -> dict:
    """What stands around the form that gives a drug when needed."""
    doctor = get_doctor(item.prescription.doctor_id)
    return {"form": form, "item": item, "warnings": warnings_of(item), "doctor": doctor, "dose": None}


def grid_url(encounter_id: int) -> str:
    """The grid of a stay."""
    return url_for("nurses.medicines", encounter_id=encounter_id)


@module.form("/doses/<int:record_id>/give", needs="give")
def dose_give(record_id: int):
    """Give a dose that is due (NUR-1)."""
    dose = get_or_404(MedicationAdministration, record_id)
    refuse_other_wards(dose.patient_id)
    form = form_of(dose)
    if dose.status != "scheduled" or saved(form, lambda: give_dose(dose, **form.facts)) is None:
        return not_given(dose, form)
    flash(_("{drug} is given.", drug=dose), "success")
    return go(grid_url(dose.encounter_id))


def not_given(dose: MedicationAdministration, form: GiveForm):
    """The form again; 409 where somebody gave the dose meanwhile, or it is not to be given."""
    if dose.status != "scheduled":
        raise WrongState(_("This dose is not to be given any more: {state}.", state=dose.said), dose)
    return give_page(dose.encounter_id, dose.patient_id, about_dose(dose, form))


def give_page(encounter_id: int, patient_id: int, about: dict):
    """The form that gives a dose, on a page of its own."""
    patient = db.session.get_one(Patient, patient_id)
    return form_page("nurses/give.html", back=grid_url(encounter_id), patient=patient, **about)


@module.form("/items/<int:record_id>/give", needs="give")
def item_give(record_id: int):
    """Give a dose of a drug that is given when needed."""
    item = get_or_404(PrescriptionItem, record_id)
    refuse_other_wards(item.prescription.patient_id)
    form, of = form_of(item), item.prescription
    if once(form, MedicationAdministration, lambda: give_as_needed(item, **form.facts)) is None:
        return give_page(of.encounter_id, of.patient_id, about_item(item, form))
    flash(_("{drug} is given.", drug=item), "success")
    return go(grid_url(of.encounter_id))


@module.moves(
    MedicationAdministration, "/doses", give=None, stop=None, skip=SkipForm, hold=HoldForm, resume=OwnWardForm
)
def after_dose(dose: MedicationAdministration) -> str:
    """Back to the grid, on the day of the dose."""
    return grid_url(dose.encounter_id)
