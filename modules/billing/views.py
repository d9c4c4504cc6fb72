"""The pages of what is charged for: the list with search and filter, and a form for one."""

import sqlalchemy as sa
from flask import flash, request, url_for

from modules.billing import module
from modules.billing.forms import EditServiceForm, NewServiceForm
from modules.billing.models import Service
from modules.billing.words import CATEGORY_WORDS
from portal.kit import Column, Listing, _, edit_page, form_page, get_or_404, go, once, page
from portal.kit.csv_export import csv_file

LONGEST_SEARCH = 100
columns = (
    Column("code", _("Code"), value=lambda one: one.code, shown=False),
    Column("name", _("What is charged for"), sort=Service.name, value=lambda one: one.name),
    Column("category", _("Category"), sort=Service.category, value=lambda one: CATEGORY_WORDS[one.category]),
    Column("price", _("Price"), sort=Service.price, numeric=True, value=lambda one: one.price),
    Column("tax", _("Tax in percent"), sort=Service.tax_rate, numeric=True, value=lambda one: one.tax_rate),
    Column("used", _("In use"), value=lambda one: one.is_active, shown=False),
)


@module.get("/", needs="service_view")
def index():
    """What the hospital charges for, and its usual prices."""
    return page("billing/index.html", listing=price_list(), categories=CATEGORY_WORDS)


def price_list() -> Listing:
    """The list with the search and the filter of the address."""
    q, query = request.args.get("q", "").strip()[:LONGEST_SEARCH], sa.select(Service)
    if request.args.get("category") in CATEGORY_WORDS:
        query = query.where(Service.category == request.args["category"])
    if q:
        named = sa.func.lower(Service.name).contains(q.lower(), autoescape=True)
        query = query.where(sa.or_(sa.func.lower(Service.code) == q.lower(), named))
    return Listing(
        query=query,
        columns=columns,
        noun=(_("price"), _("prices")),
        default_sort="name",
        tie=Service.id,
        kept=("q", "category", "sort", "page", "per_page"),
        q=q,
    )


@module.search("/export", needs="service_view")
def export():
    """The prices of the list as a file for a spreadsheet."""
    return csv_file(price_list(), "prices")


@module.form("/prices/new", needs="service_add")
def price_new():
    """Add something to charge for."""
    form, words = NewServiceForm(), {"heading": _("Add something to charge for"), "back": url_for(".index")}
    row = once(form, Service, form.add)
    if row is None:
        return form_page("records/form.html", form, **words)
    flash(_("{name} can be charged.", name=row.name), "success")
    return go(url_for(".index", q=row.code))


@module.form("/prices/<int:record_id>/edit", needs="service_change")
def price_edit(record_id: int):
    """Correct it, change its price, or take it out of use."""
    row = get_or_404(Service, record_id)
    return edit_page("billing/edit.html", EditServiceForm(obj=row), row, url_for(".index"))
