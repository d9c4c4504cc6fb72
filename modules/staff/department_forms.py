"""The forms of departments: adding, changing, closing."""

from wtforms import BooleanField

from modules.staff.find import departments, possible_heads
from modules.staff.models import Department
from modules.staff.words import KIND_WORDS
from portal.kit import _
from portal.kit.forms import ChangeForm, Form, NewForm, Phone, Pick, Text, id_or_none


class DepartmentFields(Form):
    """What is asked about a department."""

    code = Text(_("Code"), 20, _("Enter a code"))
    name = Text(_("Name"), 120, _("Enter the name of the department"))
    kind = Pick(_("Kind"), _("Select the kind of department"), {"": _("Select")} | KIND_WORDS)
    parent_id = Pick(_("Stands below"), _("Select a department"), required=False, coerce=id_or_none)
    floor = Text(_("Floor"), 20)
    phone = Phone(_("Phone number"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_parents(kwargs.get("obj"))

    def offer_parents(self, department: Department | None) -> None:
        """Let every other department that is in use be chosen, and the one above now."""
        now_below = department.parent_id if department else None
        others = [one for one in departments(or_id=now_below) if department is None or one.id != department.id]
        self.parent_id.choices = {"": _("No other department")} | {one.id: one.name for one in others}


class NewDepartmentForm(DepartmentFields, NewForm):
    """Adds a department."""

    def add(self) -> Department:
        """Add the department."""
        return Department.add(**self.answers)


class EditDepartmentForm(DepartmentFields, ChangeForm):
    """Changes or closes a department, and says who leads it."""

    head_id = Pick(_("Head of department"), _("Select somebody who works there"), required=False, coerce=id_or_none)
    is_active = BooleanField(_("People can be assigned to this department"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = possible_heads(kwargs["obj"])
        self.head_id.choices = {"": _("Nobody")} | {one.id: f"{one.full_name}, {one.designation}" for one in people}
