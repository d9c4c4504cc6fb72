"""The forms of the catalogue: an item, and a category of items."""

from decimal import Decimal

from wtforms import BooleanField

from modules.inventory.find import categories
from modules.inventory.models import Category, Item
from modules.inventory.words import KIND_WORDS, STORAGE_WORDS
from portal.kit import _, db
from portal.kit.forms import Amount, ChangeForm, Form, Measure, NewForm, Pick, Text, Whole, id_or_none

SELECT = {"": _("Select")}
ZERO = Decimal(0)


class ItemFields(Form):
    """What is asked about an item."""

    code = Text(_("Code"), 40, _("Enter a code"))
    name = Text(_("Name"), 120, _("Enter the name"), description=_("As people order it, with strength and form."))
    kind = Pick(_("Kind"), _("Select the kind"), SELECT | KIND_WORDS)
    category_id = Pick(_("Category"), _("Select a category"), coerce=id_or_none)
    generic_name = Text(_("Generic name"), 120, description=_("What a medicine is made of; allergies are compared."))
    drug_class = Text(_("Drug class"), 80, description=_("Such as Penicillins; allergies are compared."))
    form = Text(_("Form"), 40)
    strength = Text(_("Strength"), 40)
    unit = Text(_("Unit"), 20, _("Enter the unit, such as tablet or piece"))
    pack_size = Whole(_("Pieces in a pack"), 1, 100_000, _("Enter the pieces in a pack"), default=1)
    barcode = Text(_("Barcode"), 60)
    storage = Pick(_("Storage"), _("Select the storage"), STORAGE_WORDS, default="room")
    reorder_level = Measure(_("Order more at"), "0", "999999", 3)
    sale_price = Amount(_("Price"))
    tax_rate = Measure(_("Tax in percent"), "0", "100", 2)
    is_controlled = BooleanField(_("Controlled drug: kept locked, and counted by two"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.category_id.choices = SELECT | {one.id: one.name for one in categories()}

    @property
    def answers(self) -> dict:
        """The answers by column; numbers that nobody typed are 0."""
        answers = super().answers
        return answers | {name: answers[name] or ZERO for name in ("reorder_level", "sale_price", "tax_rate")}


class NewItem(ItemFields, NewForm):
    """Adds an item."""

    def add(self) -> Item:
        """Add the item."""
        return Item.add(**self.answers)


class EditItem(ItemFields, ChangeForm):
    """Corrects an item, or takes it out of use."""

    is_active = BooleanField(_("In use: it can be prescribed, ordered and given out"))


class NewCategory(NewForm):
    """Adds a category."""

    name = Text(_("Name"), 120, _("Enter the name of the category"))

    def add(self) -> Category:
        """Add the category."""
        category = Category(name=self.name.data)
        db.session.add(category)
        return category
