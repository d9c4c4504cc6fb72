"""What is asked of somebody who creates or edits a hospital, in the order of the page."""

import re
from uuid import uuid4

from flask import current_app
from wtforms import HiddenField, IntegerField, PasswordField, StringField, ValidationError
from wtforms.widgets import HiddenInput

from portal.admin import choices
from portal.admin.fields import ChoiceField, DayField, ModulesField, Phone, Website, lowered, username_problem
from portal.auth.passwords import password_problem
from portal.i18n import _
from portal.pages.forms import CURRENCY, LOCALE, AtMost, Email, Form, OneLine, Required, email_problem, stripped
from portal.provisioning.registration import is_free
from portal.tenancy.names import normalised, subdomain_problem, taken_sentence
from portal.times import day, timezones, today

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _default(name: str):
    return lambda: getattr(current_app.extensions["settings"], f"default_{name}")


def _rules(label: str, most: int) -> list:
    return [AtMost(label, most), OneLine(label)]


class NameFields(Form):
    """How the hospital is called."""

    name = StringField(
        _("Hospital name"),
        [Required(_("Enter the hospital name")), *_rules(_("Hospital name"), 120)],
        filters=[stripped],
    )


class AccountFields(Form):
    """Where the hospital is found, and who administers it."""

    subdomain = StringField(_("Subdomain"), filters=[lambda text: normalised(text or "")])
    administrator = ChoiceField(_("Administrator"), _("Select or create an administrator"), default="")
    admin_username = StringField(_("Username"), filters=[stripped, lowered])
    admin_name = StringField(_("Full name"), _rules(_("Full name"), 150), filters=[stripped])
    admin_email = StringField(_("Email address"), filters=[stripped, lowered])
    admin_password = PasswordField(_("Password"))

    @property
    def is_new_administrator(self) -> bool:
        """A new administrator is asked for; their answers count only then."""
        return self.administrator.data == "new"

    def validate_admin_username(self, field):
        """A new administrator has a username."""
        self._new_one_has(field, _("Enter a username"), username_problem)

    def validate_admin_email(self, field):
        """A new administrator has an email address."""
        self._new_one_has(field, _("Enter an email address"), email_problem)

    def validate_admin_password(self, field):
        """A password is a good one; none means an invitation link."""
        self._new_one_has(field, None, password_problem)

    def _new_one_has(self, field, missing: str | None, problem_of) -> None:
        if not self.is_new_administrator:
            return
        problem = problem_of(field.data) if field.data else missing
        if problem:
            raise ValidationError(problem)

    def validate_subdomain(self, field):
        """The subdomain keeps the rule and is free."""
        problem = subdomain_problem(field.data) or (None if is_free(field.data) else taken_sentence(field.data))
        if problem:
            raise ValidationError(problem)


class DetailFields(Form):
    """How to reach the hospital, how it writes, and what it has agreed to."""

    address = StringField(_("Address"), _rules(_("Address"), 300), filters=[stripped])
    phone = StringField(_("Phone"), [*_rules(_("Phone"), 40), Phone()], filters=[stripped])
    email = StringField(_("Email address of the hospital"), [Email()], filters=[stripped])
    website = StringField(_("Website"), [*_rules(_("Website"), 200), Website()], filters=[stripped])
    timezone = ChoiceField(_("Time zone"), _("Select a time zone"), default=_default("timezone"))
    currency = StringField(_("Currency"), default=_default("currency"), filters=[stripped])
    locale = StringField(_("Language and region"), default=_default("locale"), filters=[stripped])
    plan = ChoiceField(_("Plan"), _("Select a plan"), coerce=int, default=choices.first_plan_id)
    starts_on = DayField(_("Start date"), default=today)
    ends_on = DayField(_("End date"))
    modules = ModulesField(_("Modules"), default=choices.optional_names)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.plan.choices = choices.plans()
        self.modules.choices = choices.optional_modules()
        for field in (self.timezone, self.currency, self.locale):
            field.data = field.data or field.default()
        self.timezone.choices = timezones(self.timezone.data)
        self.currency.data = self.currency.data.upper()
        if self.starts_on.data is None and not self.starts_on.process_errors:
            self.starts_on.data = today()

    @property
    def ticked(self) -> frozenset[str]:
        """The modules that were ticked, of those that are offered."""
        return frozenset(self.modules.data or ()) & {name for name, _label in self.modules.choices}

    def validate_currency(self, field):
        """The currency is written as banks write it."""
        if not CURRENCY.fullmatch(field.data):
            raise ValidationError(_("Currency must be three letters, like USD"))

    def validate_locale(self, field):
        """The language is written as browsers write it."""
        if not LOCALE.fullmatch(field.data):
            raise ValidationError(_("Language and region must be like en-GB"))

    def validate_ends_on(self, field):
        """The agreement ends after it starts."""
        if field.data and self.starts_on.data and field.data <= self.starts_on.data:
            raise ValidationError(_("End date must be after the start date, {date}", date=day(self.starts_on.data)))

    def validate_modules(self, field):
        """Something is ticked, and with each module those it needs."""
        if self.modules.choices and not self.ticked:
            raise ValidationError(_("Select at least one module"))
        problem = choices.dependency_problem(self.ticked)
        if problem:
            raise ValidationError(problem)


class NewHospitalForm(NameFields, AccountFields, DetailFields):
    """Everything asked of somebody who creates a hospital; `form_token` makes two clicks one hospital (D15)."""

    form_token = HiddenField(default=lambda: str(uuid4()))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.administrator.choices = choices.administrators()
        if not self.is_submitted():
            self.administrator.data = "new"
        if not UUID.fullmatch(self.form_token.data or ""):
            self.form_token.data = str(uuid4())


class EditHospitalForm(NameFields, DetailFields):
    """What may change later; the subdomain may not. `version` refuses an edit of what somebody else has changed."""

    version = IntegerField(widget=HiddenInput())
