"""The pages of the register: the directory, entering and correcting a doctor, the fields of medicine."""

from flask import flash, request, url_for

from modules.doctors import module
from modules.doctors.find import (
    FILTERS,
    departments_of_doctors,
    filtered,
    find_own,
    listed,
    searched,
    specializations,
)
from modules.doctors.forms.doctor import (
    DeactivateForm,
    EditForm,
    EditSpecialization,
    NewSpecialization,
    OwnForm,
    RegisterForm,
)
from modules.doctors.models import Doctor, Specialization
from modules.doctors.widgets import count_doctors
from modules.doctors.words import LICENSE_WORDS, STATUS_WORDS
from modules.staff.api import Department, Staff
from portal.kit import Column, Listing, _, edit_page, form_page, get_or_404, go, once, page, record_page
from portal.kit.csv_export import csv_file

columns = (
    Column("name", _("Doctor"), sort=Staff.name_search, value=lambda one: one.full_name),
    Column("field", _("Field of medicine"), sort=Specialization.name, value=lambda one: one.specialization.name),
    Column("department", _("Department"), sort=Department.name, value=lambda one: one.department.name),
    Column("license", _("Licence number"), value=lambda one: one.license_no, shown=False),
    Column("ends", _("Licence ends"), sort=Doctor.license_expiry, value=lambda one: one.license_expiry),
    Column("status", _("Status"), sort=Doctor.status, value=lambda one: STATUS_WORDS[one.status]),
)


@module.get("/", needs="view")
def index():
    """The doctors as cards, with search and filters."""
    words = {"statuses": STATUS_WORDS, "licenses": LICENSE_WORDS, "count": count_doctors, "own": find_own()}
    choices = {"departments": departments_of_doctors(), "specializations": specializations()}
    return page("doctors/index.html", listing=directory(), **words, **choices)


def directory() -> Listing:
    """The list with the search and the filters of the address."""
    q = request.args.get("q", "").strip()
    return Listing(
        query=searched(filtered(listed(), request.args), q),
        columns=columns,
        noun=(_("doctor"), _("doctors")),
        default_sort="name",
        tie=Doctor.id,
        kept=("q", *FILTERS, "sort", "page", "per_page"),
        q=q,
    )


@module.search("/export", needs="change")
def export():
    """The doctors of the directory as a file for a spreadsheet."""
    return csv_file(directory(), "doctors")


@module.form("/new", needs="add")
def new():
    """Enter a member of staff into the register."""
    form = RegisterForm()
    doctor = once(form, Doctor, form.register)
    if doctor is None:
        return form_page("doctors/new.html", form, record=None)
    flash(_("{name} is in the register.", name=doctor.full_name), "success")
    return go(url_for(".show", record_id=doctor.id))


@module.get("/<int:record_id>", needs="view")
@module.get("/<int:record_id>/<tab>", needs="view")
def show(record_id: int, tab: str | None = None):
    """One doctor: who it is, and one of the tabs."""
    own = find_own()
    return record_page("doctors/show.html", get_or_404(Doctor, record_id), tab, own=own)


@module.form("/<int:record_id>/edit", needs="change")
def edit(record_id: int):
    """Correct the profile of a doctor."""
    doctor = get_or_404(Doctor, record_id)
    return edit_page("doctors/edit.html", EditForm(obj=doctor), doctor, url_for(".show", record_id=record_id))


@module.form("/me/edit", needs="change_own")
def me_edit():
    """Let doctors correct what they say of themselves."""
    doctor = find_own()
    if doctor is None:
        return page("doctors/nobody.html", title=_("My profile"))
    return edit_page("doctors/edit.html", OwnForm(obj=doctor), doctor, url_for(".show", record_id=doctor.id))


@module.moves(Doctor, deactivate=DeactivateForm)
def after_move(doctor: Doctor) -> str:
    """Back to the doctor."""
    return url_for("doctors.show", record_id=doctor.id)


@module.get("/specializations/", needs="view")
def specialization_index():
    """The fields of medicine."""
    return page("doctors/specializations.html", fields=specializations())


@module.form("/specializations/new", needs="add")
def specialization_new():
    """Add a field of medicine."""
    form, back = NewSpecialization(), url_for(".specialization_index")
    if once(form, Specialization, form.add) is None:
        return form_page("records/form.html", form, heading=_("Add a field of medicine"), back=back)
    return go(back)


@module.form("/specializations/<int:record_id>/edit", needs="change")
def specialization_edit(record_id: int):
    """Correct a field of medicine."""
    field, back = get_or_404(Specialization, record_id), url_for(".specialization_index")
    return edit_page("doctors/specialization.html", EditSpecialization(obj=field), field, back)
