"""The forms of the register of nurses, and of who works on which ward."""

from modules.nurses.find import active_nurses, departments_of_nurses, members_to_enter, ward_choices
from modules.nurses.models import Nurse
from modules.nurses.shifts import shift_choices
from modules.nurses.words import GRADE_WORDS, ROLE_WORDS
from modules.rooms.api import wards
from modules.staff.api import Staff
from portal.kit import Refused, _, db
from portal.kit.forms import ChangeForm, Day, Form, NewForm, Pick, Text, id_or_none

SELECT = {"": _("Select")}


class NurseFields(Form):
    """What is asked about a nurse."""

    grade = Pick(_("Grade"), _("Select the grade"), SELECT | GRADE_WORDS)
    license_no = Text(_("Licence number"), 40, _("Enter the licence number"))
    license_expiry = Day(_("Licence ends"), _("Enter when the licence ends"))
    department_id = Pick(_("Department"), _("Select the department"), coerce=id_or_none)
    ward_id = Pick(_("Ward"), _("Select the ward"), coerce=id_or_none, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.department_id.choices = SELECT | {one.id: one.name for one in departments_of_nurses()}
        self.ward_id.choices = {"": _("No ward of their own")} | {one.id: one.name for one in wards()}


class RegisterForm(NurseFields, NewForm):
    """Enters a member of staff into the register of nurses."""

    staff_id = Pick(_("Member of staff"), _("Select who it is"), coerce=id_or_none)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = members_to_enter()
        self.staff_id.choices = SELECT | {one.id: f"{one.full_name}, {one.employee_no}" for one in people}

    def register(self) -> Nurse:
        """Enter the nurse."""
        answers = self.answers
        member = db.session.get(Staff, answers.pop("staff_id"))
        if member is None:
            raise Refused(_("Select who it is"), "staff_id")
        return Nurse.register(member, **answers)


class EditForm(NurseFields, ChangeForm):
    """Corrects the entry of a nurse."""


class AssignForm(NewForm):
    """Puts a nurse on a shift of a ward."""

    nurse_id = Pick(_("Nurse"), _("Select the nurse"), coerce=id_or_none)
    ward_id = Pick(_("Ward"), _("Select the ward"), coerce=id_or_none)
    shift_date = Day(_("Day"), _("Enter the day"))
    shift_id = Pick(_("Shift"), _("Select the shift"), coerce=id_or_none)
    role = Pick(_("Role"), _("Select the role"), ROLE_WORDS, default="bedside")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.nurse_id.choices = SELECT | {one.id: one.full_name for one in active_nurses()}
        self.ward_id.choices = SELECT | {one.id: one.name for one in ward_choices()}
        self.shift_id.choices = SELECT | shift_choices()
