"""Finding items of the catalogue by code, name, generic name and drug class."""

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from modules.inventory.models import Category, Item
from modules.inventory.words import KIND_WORDS
from portal.kit import db
from portal.kit.search import folded

FILTERS = ("kind", "only")
LONGEST_SEARCH, MOST_WORDS = 100, 4


def listed() -> sa.Select:
    """Every item with its category."""
    return sa.select(Item).join(Item.category).options(contains_eager(Item.category))


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    if wanted.get("kind") in KIND_WORDS:
        query = query.where(Item.kind == wanted["kind"])
    if wanted.get("only") == "controlled":
        query = query.where(Item.is_controlled)
    if wanted.get("only") == "unused":
        query = query.where(Item.is_active.is_(False))
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: a code or barcode, or words of the names or the class."""
    text = text.strip()[:LONGEST_SEARCH]
    if not text:
        return query
    columns = (Item.name, Item.generic_name, Item.drug_class)
    words = [
        sa.or_(*(sa.func.lower(column).contains(word, autoescape=True) for column in columns))
        for word in folded(text).split()[:MOST_WORDS]
    ]
    named = sa.and_(*words) if words else sa.false()
    return query.where(sa.or_(sa.func.lower(Item.code) == text.lower(), Item.barcode == text, named))


def categories() -> list[Category]:
    """The shelves of the catalogue, by name."""
    return list(db.session.scalars(sa.select(Category).order_by(Category.name)))
