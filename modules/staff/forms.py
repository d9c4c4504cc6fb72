"""The forms of the register: a member of staff, a department."""

from wtforms import BooleanField

from modules.staff.find import departments
from modules.staff.models import MOVES, Department, Staff
from modules.staff.words import EMPLOYMENT_WORDS, KIND_WORDS, ROLE_WORDS, SEX_WORDS, STATUS_WORDS
from portal.kit import _, today
from portal.kit.forms import (
    ChangeForm,
    Day,
    EmailAddress,
    Form,
    NewForm,
    Phone,
    Pick,
    Text,
    birth_date,
    id_or_none,
)

SELECT = {"": _("Select")}


class StaffFields(Form):
    """What is asked about a member of staff."""

    first_name = Text(_("First name"), 80, _("Enter the first name"))
    last_name = Text(_("Last name"), 80, _("Enter the last name"))
    sex = Pick(_("Sex"), _("Select the sex"), SELECT | SEX_WORDS)
    birth_date = Day(_("Date of birth"), validators=[birth_date])
    national_id = Text(_("National id"), 40)
    phone = Phone(_("Phone number"), _("Enter a phone number"))
    email = EmailAddress(_("Email address"))
    department_id = Pick(_("Department"), _("Select a department"), coerce=id_or_none)
    designation = Text(_("Job title"), 120, _("Enter the job title"))
    role_kind = Pick(_("Kind of work"), _("Select the kind of work"), SELECT | ROLE_WORDS)
    employment = Pick(_("Employment"), _("Select the employment"), EMPLOYMENT_WORDS, default="full_time")
    joined_on = Day(_("First day of work"), _("Enter the first day of work"), default=today)
    emergency_name = Text(_("Emergency contact"), 160)
    emergency_phone = Phone(_("Emergency phone number"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now_in = kwargs["obj"].department_id if kwargs.get("obj") else None
        self.department_id.choices = SELECT | {one.id: one.name for one in departments(or_id=now_in)}

    @property
    def answers(self) -> dict:
        """The answers by column; a national id in capitals, without spaces."""
        answers = super().answers
        return answers | {"national_id": "".join((answers["national_id"] or "").split()).upper() or None}


class RegisterForm(StaffFields, NewForm):
    """Registers a member of staff."""

    def register(self) -> Staff:
        """Register the member of staff."""
        return Staff.register(**self.answers)


class EditForm(StaffFields, ChangeForm):
    """Corrects what is known of a member of staff, and says whether they work."""

    status = Pick(_("Status"), _("Select a status"))
    left_on = Day(_("Last day of work"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now = kwargs["obj"].status
        self.status.choices = {status: STATUS_WORDS[status] for status in (now, *MOVES[now])}


class DepartmentFields(Form):
    """What is asked about a department."""

    code = Text(_("Code"), 20, _("Enter a code"))
    name = Text(_("Name"), 120, _("Enter the name of the department"))
    kind = Pick(_("Kind"), _("Select the kind of department"), SELECT | KIND_WORDS)
    floor = Text(_("Floor"), 20)
    phone = Phone(_("Phone number"))


class NewDepartmentForm(DepartmentFields, NewForm):
    """Adds a department."""

    def add(self) -> Department:
        """Add the department."""
        return Department.add(**self.answers)


class EditDepartmentForm(DepartmentFields, ChangeForm):
    """Changes or closes a department."""

    is_active = BooleanField(_("People can be assigned to this department"))
