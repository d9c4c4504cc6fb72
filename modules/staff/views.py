"""The pages of the staff register and of departments."""

import sqlalchemy as sa
from flask import flash, request, url_for

from modules.staff import module
from modules.staff.api import count_staff
from modules.staff.find import FILTERS, active_by_department, departments, filtered, listed, searched
from modules.staff.forms import EditDepartmentForm, EditForm, NewDepartmentForm, RegisterForm
from modules.staff.models import Department, Staff
from modules.staff.words import KIND_WORDS, ROLE_WORDS, STATUS_WORDS
from portal.kit import Column, Listing, _, db, edit_page, form_page, get_or_404, go, history_of, once, page

columns = (
    Column("name", _("Name"), sort=Staff.name_search),
    Column("designation", _("Job title"), sort=Staff.designation),
    Column("department", _("Department"), sort=Department.name),
    Column("phone", _("Phone")),
    Column("joined", _("Joined"), sort=Staff.joined_on),
    Column("status", _("Status"), sort=Staff.status),
)
counts = active_by_department()
department_columns = (
    Column("name", _("Department"), sort=Department.name),
    Column("kind", _("Kind"), sort=Department.kind),
    Column("floor", _("Floor"), sort=Department.floor),
    Column("phone", _("Phone")),
    Column("active", _("Active staff"), sort=sa.func.coalesce(counts.c.count, 0), numeric=True),
)


@module.get("/", needs="view")
def index():
    """Everybody who works here, and who did."""
    words = {"statuses": STATUS_WORDS, "roles": ROLE_WORDS}
    return page("staff/index.html", listing=directory(), departments=departments(), count=count_staff, **words)


def directory() -> Listing:
    """The list with the search and the filters of the address."""
    q = request.args.get("q", "").strip()
    return Listing(
        query=searched(filtered(listed(), request.args), q),
        columns=columns,
        noun=(_("person"), _("people")),
        default_sort="name",
        tie=Staff.id,
        kept=("q", *FILTERS, "sort", "page", "per_page"),
        q=q,
    )


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
def show(record_id: int):
    """One member of staff: who it is, where they work, what was changed."""
    member = get_or_404(Staff, record_id)
    form = EditForm(formdata=None, obj=member)
    department = db.session.get(Department, member.department_id)
    return page("staff/show.html", member=member, department=department, form=form, history=history_of(member, form))


@module.form("/<int:record_id>/edit", needs="change")
def edit(record_id: int):
    """Correct what is known of a member of staff."""
    member = get_or_404(Staff, record_id)
    return edit_page("staff/edit.html", EditForm(obj=member), member, url_for(".show", record_id=record_id))


@module.get("/departments/", needs="department_view")
def department_index():
    """The departments, and how many people work in each."""
    return page("staff/departments.html", listing=department_list(), kinds=KIND_WORDS)


def department_list() -> Listing:
    """Every department with the number of people who work there now."""
    return Listing(
        query=sa.select(Department, sa.func.coalesce(counts.c.count, 0).label("count")).outerjoin(
            counts, counts.c.department_id == Department.id
        ),
        columns=department_columns,
        noun=(_("department"), _("departments")),
        default_sort="name",
        tie=Department.id,
        kept=("sort", "page", "per_page"),
        rows=lambda query: db.session.execute(query).all(),
    )


@module.form("/departments/new", needs="department_add")
def department_new():
    """Add a department."""
    form = NewDepartmentForm()
    department = once(form, Department, form.add)
    if department is None:
        return form_page("staff/department_form.html", form, record=None)
    flash(_("{name} is added.", name=department.name), "success")
    return go(url_for(".department_index"))


@module.form("/departments/<int:record_id>/edit", needs="department_change")
def department_edit(record_id: int):
    """Change or close a department."""
    department = get_or_404(Department, record_id)
    form = EditDepartmentForm(obj=department)
    return edit_page("staff/department_form.html", form, department, url_for(".department_index"))
