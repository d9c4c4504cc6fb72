"""Fields and rules that only the console's forms need."""

import re
from datetime import date

from wtforms import DateField, SelectField, SelectMultipleField, ValidationError

from portal.i18n import _
from portal.pages.forms import username_problem

PHONE = re.compile(r"[0-9 +()./-]*")
WEBSITE = re.compile(r"https?://[^\s/@]+\.[^\s@]+", re.IGNORECASE)


class DayField(DateField):
    """A day; one that cannot be is refused in a sentence that begins with the field's label."""

    def process_formdata(self, valuelist):
        """Read the day; an empty answer is None."""
        if not valuelist:
            return
        text, self.data = valuelist[0].strip(), None
        if not text:
            return
        try:
            self.data = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            pass
        if self.data is None:
            raise ValueError(_("{label} must be a real date, like 2026-11-30", label=self.label.text))


class ChoiceField(SelectField):
    """One of a list; anything else is refused with the given sentence."""

    def __init__(self, label, sentence: str, **kwargs):
        super().__init__(label, **kwargs)
        self.sentence = sentence

    def process_formdata(self, valuelist):
        """Read the answer; a foreign kind of value is as good as none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None

    def pre_validate(self, form):
        """The answer is one that was offered."""
        if not self.data or not any(value == self.data for value, _label, *_rest in self.iter_choices()):
            raise ValidationError(self.sentence)


class ModulesField(SelectMultipleField):
    """Modules to tick, all ticked until somebody answers; names that are not offered are ignored (D22)."""

    def process_formdata(self, valuelist):
        """Keep the answer; a form that does not ask for modules leaves them as they are."""
        if valuelist:
            self.data = valuelist

    def pre_validate(self, form):
        """Unknown names do no harm: what is enabled is what is offered, ticked and in the plan."""


class Username:
    """The text, where there is one, must be a username."""

    def __call__(self, form, field):
        problem = username_problem(field.data) if field.data else None
        if problem:
            raise ValidationError(problem)


class Phone:
    """The text, where there is one, must look like a telephone number."""

    def __call__(self, form, field):
        if field.data and not PHONE.fullmatch(field.data):
            raise ValidationError(_("Phone number must use only numbers, spaces and + - ( ) . /"))


class Website:
    """The text, where there is one, must be a web address, so that it can stand in a link."""

    def __call__(self, form, field):
        if field.data and not WEBSITE.fullmatch(field.data):
            raise ValidationError(_("Website must be an address, like https://hospital.example"))


def lowered(value: str | None) -> str | None:
    """A filter: small letters, as usernames and addresses are kept."""
    return value.lower() if isinstance(value, str) else value
