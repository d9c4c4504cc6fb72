"""The forms of what is charged for."""

from decimal import Decimal

from wtforms import BooleanField

from modules.billing.models import Service
from modules.billing.words import CATEGORY_WORDS
from modules.staff.api import departments
from portal.kit import _
from portal.kit.forms import Amount, ChangeForm, Form, Measure, NewForm, Pick, Text, id_or_none

SELECT = {"": _("Select")}


class ServiceFields(Form):
    """What is asked about something to charge for."""

    code = Text(_("Code"), 40, _("Enter a code"))
    name = Text(_("Name"), 120, _("Enter the name"))
    category = Pick(_("Category"), _("Select a category"), SELECT | CATEGORY_WORDS)
    price = Amount(_("Price"), _("Enter the price"))
    tax_rate = Measure(_("Tax in percent"), "0", "100", 2)
    department_id = Pick(_("Department"), _("Select a department"), required=False, coerce=id_or_none)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now_in = kwargs["obj"].department_id if kwargs.get("obj") else None
        self.department_id.choices = {"": _("Every department")} | {one.id: one.name for one in departments(now_in)}

    @property
    def answers(self) -> dict:
        """The answers by column; no tax is 0."""
        answers = super().answers
        return answers | {"tax_rate": answers["tax_rate"] or Decimal(0)}


class NewServiceForm(ServiceFields, NewForm):
    """Adds something to charge for."""

    def add(self) -> Service:
        """Add it."""
        return Service.add(**self.answers)


class EditServiceForm(ServiceFields, ChangeForm):
    """Corrects it, changes its price, or takes it out of use."""

    is_active = BooleanField(_("In use: it can be charged"))
