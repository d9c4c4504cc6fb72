"""The pages of departments: the list, the chart, adding, changing and closing."""

import sqlalchemy as sa
from flask import flash, url_for

from modules.staff import module
from modules.staff.chart import chart
from modules.staff.department_forms import EditDepartmentForm, NewDepartmentForm
from modules.staff.find import active_by_department
from modules.staff.models import Department, Staff
from modules.staff.words import KIND_WORDS
from portal.kit import Column, Listing, _, db, edit_page, form_page, get_or_404, go, once, page
from portal.kit.csv_export import csv_file

counts = active_by_department()
working = sa.func.coalesce(counts.c.count, 0)
columns = (
    Column("code", _("Code"), value=lambda row: row.Department.code, shown=False),
    Column("name", _("Department"), sort=Department.name, value=lambda row: row.Department.name),
    Column("kind", _("Kind"), sort=Department.kind, value=lambda row: KIND_WORDS[row.Department.kind]),
    Column("head", _("Head"), sort=Staff.name_search, value=lambda row: row.Staff and row.Staff.full_name),
    Column("floor", _("Floor"), sort=Department.floor, value=lambda row: row.Department.floor),
    Column("phone", _("Phone"), value=lambda row: row.Department.phone),
    Column("active", _("Active staff"), sort=working, numeric=True, value=lambda row: row.count),
    Column("open", _("In use"), value=lambda row: row.Department.is_active, shown=False),
)


@module.get("/departments/", needs="department_view")
def department_index():
    """The departments, who leads them, and how many people work in each."""
    return page("staff/departments.html", listing=department_list(), kinds=KIND_WORDS)


def department_list() -> Listing:
    """Every department with its head and the number of people who work there now."""
    query = sa.select(Department, Staff, working.label("count")).outerjoin(Staff, Staff.id == Department.head_id)
    return Listing(
        query=query.outerjoin(counts, counts.c.department_id == Department.id),
        columns=columns,
        noun=(_("department"), _("departments")),
        default_sort="name",
        tie=Department.id,
        kept=("sort", "page", "per_page"),
        rows=db.session.execute,
    )


@module.search("/departments/export", needs="department_view")
def department_export():
    """The departments as a file for a spreadsheet."""
    return csv_file(department_list(), "departments")


@module.get("/departments/chart", needs="department_view")
def department_chart():
    """The departments as they stand one below the other."""
    return page("staff/chart.html", branches=chart())


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
    """Change or close a department, and say who leads it."""
    department = get_or_404(Department, record_id)
    form = EditDepartmentForm(obj=department)
    return edit_page("staff/department_form.html", form, department, url_for(".department_index"))
