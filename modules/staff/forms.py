"""The forms about a member of staff: registering, correcting, what a move asks, who signs in."""

from modules.staff.find import departments, users_for
from modules.staff.models import Staff
from modules.staff.words import EMPLOYMENT_WORDS, ROLE_WORDS, SEX_WORDS, STATUS_WORDS
from portal.kit import MoveForm, _, filled, today
from portal.kit.forms import (
    ChangeForm,
    Day,
    EmailAddress,
    Form,
    NewForm,
    Phone,
    Pick,
    RecordForm,
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
    """Corrects what is known of a member of staff."""


class AuditForm(StaffFields):
    """The words for all that changes of a member of staff, by whichever form or move."""

    status = Pick(_("Status"), "", STATUS_WORDS)
    left_on = Day(_("Last day of work"))
    user_id = Pick(_("Sign-in"), "", coerce=id_or_none)
    credential = Text(_("Credential"), 200)

    def __init__(self, member: Staff):
        super().__init__(formdata=None, obj=member)
        self.user_id.choices = {user.id: user.username for user in users_for(member)}


class OwnForm(ChangeForm):
    """Corrects what people may correct of themselves."""

    phone = Phone(_("Phone number"), _("Enter a phone number"))


class SuspendForm(MoveForm):
    """Asks why somebody does not work for the time being."""

    note = Text(_("Reason"), 200, _("Enter the reason"))


class LeavingForm(MoveForm):
    """Asks for the last day, and shows what has to be handed over (STF-2)."""

    template = "staff/leaving.html"

    left_on = Day(_("Last day of work"), _("Enter the last day of work"), default=today)

    @property
    def duties(self) -> list:
        """What the person still has to do here."""
        return list(filled("staff.duties", self.record))


class SignInForm(RecordForm):
    """Says which user a member of staff is."""

    user_id = Pick(_("User"), _("Select a user"), required=False, coerce=id_or_none)

    def __init__(self, *args, obj: Staff, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.user_id.choices = {"": _("Nobody: this person does not sign in")} | {
            user.id: f"{user.full_name} ({user.username})" for user in users_for(obj)
        }
