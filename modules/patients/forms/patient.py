"""The forms of a patient: registering one, and correcting what is known."""

from wtforms import BooleanField, ValidationError

from modules.patients.ages import years_before
from modules.patients.find import as_national_id
from modules.patients.look_alikes import LooksAlike, register_once
from modules.patients.models import BLOOD_GROUPS, SEX_WORDS, Patient
from portal.kit import MoveForm, _, today
from portal.kit.forms import (
    ChangeForm,
    Day,
    DayAndTime,
    EmailAddress,
    Form,
    NewForm,
    Phone,
    Pick,
    Text,
    Whole,
    birth_date,
)

MARITAL_WORDS = {
    "single": _("Single"),
    "married": _("Married or in a partnership"),
    "divorced": _("Divorced"),
    "widowed": _("Widowed"),
}


class PatientFields(Form):
    """What is asked about a patient."""

    first_name = Text(_("First name"), 80, _("Enter the first name"))
    middle_name = Text(_("Middle name"), 80)
    last_name = Text(_("Last name"), 80, _("Enter the last name"))
    sex = Pick(_("Sex"), _("Select the sex"), {"": _("Select")} | SEX_WORDS)
    birth_date = Day(_("Date of birth"), validators=[birth_date])
    birth_date_estimated = BooleanField(_("The date of birth is an estimate"))
    national_id = Text(_("National id"), 40)
    phone = Phone(_("Phone number"))
    phone_alt = Phone(_("Other phone number"))
    email = EmailAddress(_("Email address"))
    address_line = Text(_("Street and number"), 200)
    city = Text(_("Town or city"), 80)
    district = Text(_("District"), 80)
    country = Text(_("Country"), 80)
    blood_group = Pick(
        _("Blood group"),
        _("Select a blood group from the list"),
        {group: group for group in BLOOD_GROUPS} | {"unknown": _("Unknown")},
        default="unknown",
    )
    marital_status = Pick(
        _("Marital status"),
        _("Select a marital status from the list"),
        {"": _("Not recorded")} | MARITAL_WORDS,
        required=False,
    )
    occupation = Text(_("Occupation"), 80)
    language = Text(_("Language"), 40)

    @property
    def answers(self) -> dict:
        """The answers by column; a national id as it is kept."""
        answers = super().answers
        return answers | {"national_id": as_national_id(answers["national_id"])}


class RegisterForm(PatientFields, NewForm):
    """Registers a patient; the age may stand for a birth date that nobody knows."""

    age_years = Whole(_("Age in years, if the date of birth is not known"), 0, 130)
    duplicate_reason = Text(_("Reason to create another record"), 200)
    known = ()

    def validate_age_years(self, field) -> None:
        """One of the two is enough."""
        if field.data is not None and (self.birth_date.data or self.birth_date.raw_data not in ([], [""], None)):
            raise ValidationError(_("Enter the date of birth or the age, not both"))

    @property
    def answers(self) -> dict:
        """The answers by column; an age becomes an estimated birth date."""
        answers = super().answers
        age = answers.pop("age_years")
        if age is not None:
            answers |= {"birth_date": years_before(today(), age), "birth_date_estimated": True}
        return answers

    def register(self) -> Patient:
        """Register the patient; keeps who looks the same for the page to show."""
        try:
            return register_once(**self.answers)
        except LooksAlike as refusal:
            self.known = refusal.known
            raise


class EditForm(PatientFields, ChangeForm):
    """Corrects what is known of a patient."""


class DeathForm(MoveForm):
    """Asks when a patient died."""

    template = "patients/record_death.html"
    deceased_at = DayAndTime(_("Time of death"), _("Enter the day and time of death"))
