"""The register of nurses: the list, one of them, entering and correcting; and who works on which ward."""

from datetime import date

from flask import flash, request, url_for

from modules.nurses import module
from modules.nurses.assigning import assign, assignments_of, remove
from modules.nurses.find import FILTERS, filtered, find_own_nurse, listed, own_wards, searched
from modules.nurses.forms.nurse import AssignForm, EditForm, RegisterForm
from modules.nurses.models import Assignment, Nurse
from modules.nurses.shifts import shift_choices
from modules.nurses.widgets import count_nurses
from modules.nurses.words import GRADE_WORDS, NURSE_STATES, ROLE_WORDS
from modules.rooms.api import Ward, wards
from modules.staff.api import Department, Staff
from portal.kit import (
    Column,
    Listing,
    _,
    acted,
    day_asked,
    edit_page,
    form_page,
    get_or_404,
    go,
    once,
    page,
    record_page,
)
from portal.kit.forms import id_or_none

SEES = "view | view_own"
ASSIGNS = "assignment_change | assignment_change_own"
columns = (
    Column("name", _("Nurse"), sort=Staff.name_search),
    Column("grade", _("Grade"), sort=Nurse.grade),
    Column("ward", _("Ward"), sort=Ward.name),
    Column("department", _("Department"), sort=Department.name),
    Column("ends", _("Licence ends"), sort=Nurse.license_expiry),
    Column("status", _("Status"), sort=Nurse.status),
)


@module.get("/register/", needs=SEES)
def nurse_index():
    """The nurses, with search and filters."""
    words = {"states": NURSE_STATES, "grades": GRADE_WORDS, "count": count_nurses, "wards": wards()}
    return page("nurses/nurses.html", listing=register_list(), **words)


def register_list() -> Listing:
    """The list with the search and the filters of the address."""
    q = request.args.get("q", "").strip()
    return Listing(
        query=searched(filtered(listed(), request.args), q),
        columns=columns,
        noun=(_("nurse"), _("nurses")),
        default_sort="name",
        tie=Nurse.id,
        kept=("q", *FILTERS, "sort", "page", "per_page"),
        q=q,
    )


@module.form("/register/new", needs="nurse_change")
def nurse_new():
    """Enter a member of staff into the register."""
    form = RegisterForm()
    nurse = once(form, Nurse, form.register)
    if nurse is None:
        return form_page("records/form.html", form, heading=_("Enter a nurse"), back=url_for(".nurse_index"))
    flash(_("{name} is in the register.", name=nurse), "success")
    return go(url_for(".nurse", record_id=nurse.id))


@module.get("/register/<int:record_id>", needs=SEES)
@module.get("/register/<int:record_id>/<tab>", needs=SEES)
def nurse(record_id: int, tab: str | None = None):
    """One nurse: grade, licence, ward and shifts."""
    words = {"states": NURSE_STATES, "grades": GRADE_WORDS}
    return record_page("nurses/nurse.html", get_or_404(Nurse, record_id), tab, **words)


@module.form("/register/<int:record_id>/edit", needs="nurse_change")
def nurse_edit(record_id: int):
    """Correct the entry of a nurse."""
    record = get_or_404(Nurse, record_id)
    return edit_page("nurses/nurse_edit.html", EditForm(obj=record), record, url_for(".nurse", record_id=record_id))


@module.moves(Nurse, "/register")
def after_nurse(record: Nurse) -> str:
    """Back to the nurse."""
    return url_for("nurses.nurse", record_id=record.id)


@module.get("/assignments/", needs=ASSIGNS)
def assignment_index():
    """Who works on which ward, on a day."""
    day = day_asked()
    words = {"shifts": shift_choices(), "roles": ROLE_WORDS, "own": find_own_nurse()}
    return page("nurses/assignments.html", rows=assignments_of(day, own_wards()), **beside_day(day), **words)


def beside_day(day: date) -> dict[str, date]:
    """The day, and those before and after it."""
    return {"day": day, "before": date.fromordinal(day.toordinal() - 1), "after": date.fromordinal(day.toordinal() + 1)}


@module.form("/assignments/new", needs=ASSIGNS)
def assignment_new():
    """Put a nurse on a shift of a ward."""
    own = find_own_nurse()
    ward_id = id_or_none(request.args.get("ward")) or (own and own.ward_id)
    usual = {"shift_date": day_asked(), "ward_id": ward_id, "shift_id": id_or_none(request.args.get("shift"))}
    form = AssignForm(data=usual)
    row = once(form, Assignment, lambda: assign(**form.answers))
    if row is None:
        return form_page("records/form.html", form, heading=_("Assign a nurse"), back=url_for(".assignment_index"))
    return go(url_for(".assignment_index", day=row.shift_date))


@module.post("/assignments/<int:record_id>/remove", needs=ASSIGNS)
def assignment_remove(record_id: int):
    """Take a nurse off a shift."""
    row = get_or_404(Assignment, record_id)
    day = row.shift_date
    acted(lambda: remove(row))
    return go(url_for(".assignment_index", day=day))
