"""The forms of the settings: a user, and how the hospital presents itself and counts."""

import re
from decimal import Decimal

from wtforms import BooleanField, DecimalField, PasswordField, SelectMultipleField, ValidationError

from modules.core.find import roles, roles_to_give
from portal.kit import _, emit
from portal.kit.forms import (
    CURRENCY,
    LOCALE,
    ChangeForm,
    EmailAddress,
    Form,
    NewForm,
    Phone,
    Pick,
    Required,
    Text,
    Whole,
    id_or_none,
    timezones,
    username_problem,
)
from portal.kit.models import TRIAGE_TARGETS
from portal.kit.people import User, password_problem

MRN_PREFIX = re.compile(r"[A-Z]{2,6}")
PERCENT = re.compile(r"[0-9]{1,3}([.,][0-9]{1,2})?")


class Roles(SelectMultipleField):
    """Roles to tick, of those that are offered."""

    def __init__(self, label: str, **kwargs):
        super().__init__(label, coerce=id_or_none, **kwargs)

    def pre_validate(self, form) -> None:
        """Every role is one that was offered."""
        offered = {value for value, _label in self.choices}
        if not offered.issuperset(self.data or ()):
            raise ValidationError(_("Select roles from the list"))


class UserFields(Form):
    """What is asked about a user."""

    username = Text(_("Username"), 150, _("Enter a username"))
    first_name = Text(_("First name"), 80, _("Enter the first name"))
    last_name = Text(_("Last name"), 80, _("Enter the last name"))
    email = EmailAddress(_("Email address"))
    phone = Phone(_("Phone number"))
    roles = Roles(_("Roles"))

    def __init__(self, *args, **kwargs):
        user = kwargs.get("obj")
        ticked = {"roles": [role.id for role in user.groups]} if user else {}
        super().__init__(*args, data=ticked, **kwargs)
        self.roles.choices = [(role.id, role.label) for role in roles_to_give()]

    def validate_username(self, field) -> None:
        """The username keeps the rule."""
        problem = username_problem(field.data.lower()) if field.data else None
        if problem:
            raise ValidationError(problem)

    @property
    def answers(self) -> dict:
        """The answers by column, and the roles; names to sign in with are kept in small letters."""
        answers = super().answers
        ticked = set(answers.pop("roles") or ())
        lower = {name: answers[name] and answers[name].lower() for name in ("username", "email")}
        return answers | lower | {"groups": [role for role in roles() if role.id in ticked]}


class NewUserForm(UserFields, NewForm):
    """Adds a user; without a password they get a temporary one."""

    password = PasswordField(_("First password"))
    must_change_password = BooleanField(_("Ask for a new password at the first sign-in"), default=True)

    def validate_password(self, field) -> None:
        """A password that is typed is a good one."""
        problem = password_problem(field.data) if field.data else None
        if problem:
            raise ValidationError(problem)

    def add(self, password_hash: str | None) -> User:
        """Add the user; who gets a temporary password always has to change it."""
        answers = self.answers
        typed = bool(answers.pop("password"))
        answers["must_change_password"] = answers["must_change_password"] or not typed
        user = User.add(**answers, password_hash=password_hash)
        emit("user.created", user)
        return user


class EditUserForm(UserFields, ChangeForm):
    """Changes a user."""


class Percent(DecimalField):
    """A percentage with at most two places."""

    def process_formdata(self, valuelist):
        """Read the percentage, with a point or a comma."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = Decimal(text.replace(",", ".")) if PERCENT.fullmatch(text) else None
        if self.data is None or self.data > 100:
            raise ValueError(_("{label} must be a percentage from 0 to 100, like 17.5", label=self.label.text))


def enter(what: str) -> list:
    """The rule of a number that must be there."""
    return [Required(_("Enter {what}", what=what))]


def triage_minutes(label: str) -> Whole:
    """The minutes within which a doctor should see a patient of one triage level."""
    return Whole(label, 0, 480, validators=enter(_("a number of minutes")))


class ProfileForm(ChangeForm):
    """How the hospital presents itself, writes, and counts."""

    name = Text(_("Hospital name"), 120, _("Enter the hospital name"))
    legal_name = Text(_("Legal name"), 160)
    address = Text(_("Address"), 300)
    phone = Phone(_("Phone number"))
    email = EmailAddress(_("Email address"))
    timezone = Pick(_("Time zone"), _("Select a time zone"))
    currency = Text(_("Currency"), 3, _("Enter the currency"))
    locale = Text(_("Language and region"), 10, _("Enter the language and region"))
    mrn_prefix = Text(_("Letters of patient numbers"), 6, _("Enter the letters of patient numbers"))
    default_tax_rate = Percent(_("Usual tax rate, %"))
    followup_days = Whole(_("Days in which a follow-up is free"), 0, 365, validators=enter(_("a number of days")))
    followup_visits = Whole(_("Free follow-ups"), 0, 20, validators=enter(_("a number of visits")))
    noshow_grace_min = Whole(_("Minutes until a no-show"), 0, 240, validators=enter(_("a number of minutes")))
    pay_first = BooleanField(_("Outpatients pay before tests and examinations"))
    discharge_needs_zero_balance = BooleanField(_("A discharge needs a settled account"))
    triage_1 = triage_minutes(_("Level 1, resuscitation"))
    triage_2 = triage_minutes(_("Level 2, emergency"))
    triage_3 = triage_minutes(_("Level 3, urgent"))
    triage_4 = triage_minutes(_("Level 4, semi-urgent"))
    triage_5 = triage_minutes(_("Level 5, non-urgent"))

    def __init__(self, *args, **kwargs):
        self.kept = kwargs["obj"]
        targets = {f"triage_{level}": minutes for level, minutes in self.kept.triage_targets.items()}
        super().__init__(*args, **targets, **kwargs)
        self.timezone.choices = timezones(self.kept.timezone)

    def validate_currency(self, field) -> None:
        """The currency is written as banks write it."""
        if field.data and not CURRENCY.fullmatch(field.data.upper()):
            raise ValidationError(_("Currency must be three letters, like USD"))

    def validate_locale(self, field) -> None:
        """The language is written as browsers write it."""
        if field.data and not LOCALE.fullmatch(field.data):
            raise ValidationError(_("Language and region must be like en-GB"))

    def validate_mrn_prefix(self, field) -> None:
        """New letters can stand before a number."""
        text = (field.data or "").upper()
        if text and text != self.kept.mrn_prefix and not MRN_PREFIX.fullmatch(text):
            raise ValidationError(_("Letters of patient numbers must be 2 to 6 letters, like CG"))

    @property
    def answers(self) -> dict:
        """The answers by column: no answer is an empty text, letters are capitals, triage targets go by level."""
        answers = super().answers
        answers["triage_targets"] = {level: answers.pop(f"triage_{level}") for level in TRIAGE_TARGETS}
        texts = {name: answers[name] or "" for name in ("legal_name", "address", "phone", "email")}
        return answers | texts | {name: answers[name].upper() for name in ("currency", "mrn_prefix")}
