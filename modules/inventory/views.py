"""The pages of the catalogue: the items with search and filters, and a form for one."""

from flask import flash, request, url_for

from modules.inventory import module
from modules.inventory.find import FILTERS, filtered, listed, searched
from modules.inventory.forms import EditItem, NewCategory, NewItem
from modules.inventory.models import Category, Item
from modules.inventory.words import KIND_WORDS
from portal.kit import Column, Listing, _, edit_page, form_page, get_or_404, go, once, page
from portal.kit.csv_export import csv_file

columns = (
    Column("code", _("Code"), value=lambda item: item.code, shown=False),
    Column("name", _("Item"), sort=Item.name, value=lambda item: item.name),
    Column("generic", _("Generic name"), sort=Item.generic_name, value=lambda item: item.generic_name),
    Column("class", _("Drug class"), sort=Item.drug_class, value=lambda item: item.drug_class),
    Column("kind", _("Kind"), sort=Item.kind, value=lambda item: KIND_WORDS[item.kind]),
    Column("category", _("Category"), sort=Category.name, value=lambda item: item.category.name),
    Column("controlled", _("Controlled"), value=lambda item: item.is_controlled, shown=False),
    Column("price", _("Price"), sort=Item.sale_price, numeric=True, value=lambda item: item.sale_price),
)


@module.get("/", needs="view")
def index():
    """The catalogue of items."""
    return page("inventory/index.html", listing=catalogue(), kinds=KIND_WORDS)


def catalogue() -> Listing:
    """The items with the search and the filters of the address."""
    q = request.args.get("q", "").strip()
    return Listing(
        query=searched(filtered(listed(), request.args), q),
        columns=columns,
        noun=(_("item"), _("items")),
        default_sort="name",
        tie=Item.id,
        kept=("q", *FILTERS, "sort", "page", "per_page"),
        q=q,
    )


@module.search("/export", needs="view")
def export():
    """The items of the list as a file for a spreadsheet."""
    return csv_file(catalogue(), "items")


@module.form("/new", needs="add")
def new():
    """Add an item."""
    form, words = NewItem(), {"heading": _("Add an item"), "back": url_for(".index")}
    item = once(form, Item, form.add)
    if item is None:
        return form_page("records/form.html", form, **words)
    flash(_("{name} is in the catalogue.", name=item.name), "success")
    return go(url_for(".index", q=item.code))


@module.form("/<int:record_id>/edit", needs="change")
def edit(record_id: int):
    """Correct an item, or take it out of use."""
    item = get_or_404(Item, record_id)
    return edit_page("inventory/edit.html", EditItem(obj=item), item, url_for(".index"))


@module.form("/categories/new", needs="add")
def category_new():
    """Add a category of items."""
    form, words = NewCategory(), {"heading": _("Add a category"), "back": url_for(".index")}
    if once(form, Category, form.add) is None:
        return form_page("records/form.html", form, **words)
    return go(url_for(".new"))
