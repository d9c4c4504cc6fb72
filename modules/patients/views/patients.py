"""The pages of patients: the list and its search, registering, the record, correcting it."""

from flask import flash, request, url_for

from modules.patients import module
from modules.patients.api import count_patients
from modules.patients.find import FILTERS, filtered, listed, searched
from modules.patients.forms.patient import DeathForm, EditForm, RegisterForm
from modules.patients.look_alikes import look_alikes
from modules.patients.models import SEX_WORDS, Patient
from modules.patients.mrn import is_mistyped_mrn
from modules.patients.picking import patient_options
from portal.kit import (
    Column,
    Found,
    Listing,
    _,
    current_user,
    edit_page,
    filled,
    filters_in_url,
    form_page,
    get_or_404,
    go,
    once,
    page,
    record_page,
)
from portal.kit.csv_export import csv_file
from portal.kit.pickers import picked

columns = (
    Column("mrn", _("Number"), value=lambda patient: patient.mrn, shown=False),
    Column("name", _("Patient"), sort=Patient.name_search, value=lambda patient: patient.full_name),
    Column("age", _("Age, sex")),
    Column("sex", _("Sex"), value=lambda patient: SEX_WORDS[patient.sex], shown=False),
    Column("born", _("Date of birth"), value=lambda patient: patient.birth_date, shown=False),
    Column("phone", _("Phone"), value=lambda patient: patient.phone),
    Column("registered", _("Registered"), sort=Patient.created_at, value=lambda patient: patient.created_at),
)


@module.search("/", needs="view")
def index():
    """The patients; what is searched for is posted, so that no address holds a name (D16)."""
    elsewhere = filters_in_url(FILTERS)
    if elsewhere:
        return elsewhere
    q = request.form.get("q", "").strip()
    slip = is_mistyped_mrn(q)
    form = RegisterForm(formdata=None) if current_user.may("patients.add") else None
    listing = patient_list("" if slip else q)
    return page("patients/index.html", listing=listing, q=q, slip=slip, form=form, count=count_patients)


def patient_list(q: str) -> Listing:
    """The list with the filters of the address, or what is found in it."""
    query = filtered(listed(), request.args)
    return (Found if q else Listing)(
        query=searched(query, q) if q else query,
        columns=[column for column in columns if column.key != "phone" or current_user.may("patients.detail_view")],
        noun=(_("patient"), _("patients")),
        default_sort="name",
        tie=Patient.id,
        kept=(*FILTERS, "sort", "page", "per_page"),
        q=q,
    )


@module.search("/export", needs="export")
def export():
    """The patients of the list as a file for a spreadsheet; the words of the search are posted as on the page."""
    return csv_file(patient_list(request.form.get("q", "").strip()), "patients")


@module.search("/pick", needs="view")
def pick():
    """What a form of another module finds while somebody types who it is about."""
    return picked(patient_options)


@module.form("/new", needs="add")
def new():
    """Register a patient; the same form sent twice leads to the same patient."""
    form = RegisterForm()
    patient = once(form, Patient, form.register)
    if patient is None:
        return form_page("patients/new.html", form)
    flash(_("{name} is registered as {mrn}.", name=patient.full_name, mrn=patient.mrn), "success")
    return go(url_for(".show", record_id=patient.id))


@module.search("/look-alikes", needs="add")
def show_look_alikes():
    """Who looks the same as the person being typed; a fragment of the registration form."""
    form = RegisterForm()
    form.known = look_alikes(**form.answers)
    return page("patients/_look_alikes.html", form=form)


@module.get("/<int:record_id>", needs="view")
@module.get("/<int:record_id>/<tab>", needs="view")
def show(record_id: int, tab: str | None = None):
    """One patient: who it is, and one of the tabs with what is known."""
    patient = get_or_404(Patient, record_id)
    return record_page("patients/show.html", patient, tab, more=filled("patients.acts", patient))


@module.form("/<int:record_id>/edit", needs="change")
def edit(record_id: int):
    """Correct what is known of a patient."""
    patient = get_or_404(Patient, record_id)
    return edit_page("patients/edit.html", EditForm(obj=patient), patient, url_for(".show", record_id=record_id))


@module.moves(Patient, record_death=DeathForm, give_way=None)
def after_move(patient: Patient) -> str:
    """Back to the patient."""
    return url_for("patients.show", record_id=patient.id)
