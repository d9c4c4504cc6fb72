"""The pages of the register: the directory, registering, one person and what can be done."""

import sqlalchemy as sa
from flask import abort, flash, request, url_for

from modules.staff import module
from modules.staff.find import FILTERS, IN_THE_DIRECTORY, departments, filtered, find_visible, searched, visible
from modules.staff.forms import EditForm, LeavingForm, RegisterForm, SignInForm, SuspendForm
from modules.staff.models import Department, Staff
from modules.staff.words import ROLE_WORDS, STATUS_WORDS
from portal.kit import (
    Column,
    Listing,
    _,
    current_user,
    db,
    edit_page,
    form_page,
    get_or_404,
    go,
    once,
    page,
    record_page,
    saved,
)
from portal.kit.csv_export import csv_file

columns = (
    Column("number", _("Employee number"), value=lambda member: member.employee_no, shown=False),
    Column("name", _("Name"), sort=Staff.name_search, value=lambda member: member.full_name),
    Column("designation", _("Job title"), sort=Staff.designation, value=lambda member: member.designation),
    Column("role", _("Kind of work"), value=lambda member: ROLE_WORDS[member.role_kind], shown=False),
    Column("department", _("Department"), sort=Department.name, value=lambda member: member.department.name),
    Column("phone", _("Phone"), value=lambda member: member.phone),
    Column("joined", _("Joined"), sort=Staff.joined_on, value=lambda member: member.joined_on),
    Column("status", _("Status"), sort=Staff.status, value=lambda member: STATUS_WORDS[member.status]),
)


@module.get("/", needs="view")
def index():
    """Everybody who works here; to those who may know, also who did."""
    words = {"statuses": statuses(), "roles": ROLE_WORDS}
    return page("staff/index.html", listing=directory(), departments=departments(), count=count, **words)


def statuses() -> dict[str, str]:
    """The statuses that the person at work may look for."""
    return {
        status: words
        for status, words in STATUS_WORDS.items()
        if status in IN_THE_DIRECTORY or current_user.may("staff.detail_view")
    }


def count(**filters: str) -> int:
    """How many people of the directory have these filters."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(filtered(visible(), filters).subquery()))


def directory() -> Listing:
    """The list with the search and the filters of the address."""
    q = request.args.get("q", "").strip()
    return Listing(
        query=searched(filtered(visible(), request.args), q),
        columns=columns,
        noun=(_("person"), _("people")),
        default_sort="name",
        tie=Staff.id,
        kept=("q", *FILTERS, "sort", "page", "per_page"),
        q=q,
    )


@module.search("/export", needs="export")
def export():
    """The people of the directory as a file for a spreadsheet."""
    return csv_file(directory(), "staff")


@module.form("/new", needs="add")
def new():
    """Register a member of staff; the same form sent twice leads to the same person."""
    form = RegisterForm()
    member = once(form, Staff, form.register)
    if member is None:
        return form_page("staff/new.html", form)
    flash(_("{name} is registered as {number}.", name=member.full_name, number=member.employee_no), "success")
    return go(url_for(".show", record_id=member.id))


@module.get("/<int:record_id>", needs="view")
@module.get("/<int:record_id>/<tab>", needs="view")
def show(record_id: int, tab: str | None = None):
    """One member of staff: who it is, and one of the tabs with what is known."""
    return record_page("staff/show.html", find_visible(record_id) or abort(404), tab)


@module.form("/<int:record_id>/edit", needs="change")
def edit(record_id: int):
    """Correct what is known of a member of staff."""
    member = get_or_404(Staff, record_id)
    return edit_page("staff/edit.html", EditForm(obj=member), member, url_for(".show", record_id=record_id))


@module.form("/<int:record_id>/sign-in", needs="change")
def sign_in(record_id: int):
    """Say which user the person is."""
    member = get_or_404(Staff, record_id)
    form = SignInForm(obj=member)
    if saved(form, lambda: member.link(form.user_id.data)) is None:
        return form_page("staff/sign_in.html", form, record=member)
    return go(url_for(".show", record_id=record_id))


@module.moves(Staff, suspend=SuspendForm, end_employment=LeavingForm)
def after_move(member: Staff) -> str:
    """Back to the person; to what is left to hand over when they have gone."""
    return url_for("staff.show", record_id=member.id, tab="duties" if member.status == "left" else None)
