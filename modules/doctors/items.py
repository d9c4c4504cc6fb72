"""The medicines of the catalogue, as a prescription picks them; they are the inventory's, known by their table."""

import sqlalchemy as sa

from portal.kit import Record, _, db
from portal.kit.pickers import MOST_FOUND, Option, PickRecord
from portal.kit.search import folded

MOST_WORDS = 4


def _medicines() -> sa.Select:
    items = Record.metadata.tables["inventory_item"]
    columns = ("id", "code", "name", "generic_name", "drug_class", "form", "strength", "unit", "is_controlled")
    query = sa.select(*(items.c[name] for name in columns))
    return query.where(items.c.kind == "medicine", items.c.is_active)


def item_options(text: str, item_id: int | None) -> list[Option]:
    """The medicines that a text finds by name, generic name or code, or the one with this id."""
    items = Record.metadata.tables["inventory_item"]
    query = _medicines()
    if item_id:
        query = query.where(items.c.id == item_id)
    for word in [] if item_id else folded(text).split()[:MOST_WORDS]:
        named = (sa.func.lower(items.c[name]).contains(word, autoescape=True) for name in ("name", "generic_name"))
        query = query.where(sa.or_(sa.func.lower(items.c.code) == word, *named))
    rows = db.session.execute(query.order_by(items.c.name, items.c.id).limit(MOST_FOUND))
    return [Option(row.id, row.name, _detail(row)) for row in rows]


def _detail(row: sa.Row) -> str:
    controlled = _("controlled") if row.is_controlled else None
    told = (row.generic_name if row.generic_name != row.name else None, row.strength, row.form, row.drug_class)
    return " · ".join(filter(None, (*told, controlled)))


def name_of(item_id: int) -> str | None:
    """What a prescription calls a medicine of the catalogue; None for one that is not there any more."""
    items = Record.metadata.tables["inventory_item"]
    return db.session.scalar(_medicines().with_only_columns(items.c.name).where(items.c.id == item_id))


class PickItem(PickRecord):
    """A medicine of the catalogue."""

    def __init__(self, label: str = _("Drug"), **kwargs):
        sentence = _("Find and select a drug")
        super().__init__(label, sentence, options=item_options, endpoint="doctors.pick_item", **kwargs)
