"""The base of every form, and the field rules that more than one form needs."""

import re
import unicodedata

from flask_wtf import FlaskForm
from wtforms import ValidationError

from portal.i18n import _

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


class Form(FlaskForm):
    """A form whose labels and errors are sentences; unlisted fields are ignored."""

    class Meta(FlaskForm.Meta):
        def render_field(self, field, render_kw):
            return super().render_field(field, {key: value for key, value in render_kw.items() if value is not None})

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Each wrong field's id with its first sentence, in the order of the page."""
        return [(field.id, str(field.errors[0])) for field in self if field.errors]


def stripped(value: str | None) -> str | None:
    """A filter: outer spaces away, letters composed (NFC)."""
    return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else value


class Required:
    """The field must have an answer; says the given sentence."""

    field_flags = {"required": True}

    def __init__(self, sentence: str):
        self.sentence = sentence

    def __call__(self, form, field):
        if field.data is None or field.data == "" or field.data == []:
            raise ValidationError(self.sentence)


class AtMost:
    """The text must have this many characters or fewer; `label` begins the sentence."""

    def __init__(self, label: str, most: int):
        self.label, self.most = label, most
        self.field_flags = {"maxlength": most}

    def __call__(self, form, field):
        if field.data and len(field.data) > self.most:
            raise ValidationError(_("{label} must be {most} characters or fewer", label=self.label, most=self.most))


class OneLine:
    """The text must not hold line breaks, control characters or marks that turn the reading direction."""

    def __init__(self, label: str):
        self.label = label

    def __call__(self, form, field):
        if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in BIDI_CONTROLS for char in field.data or ""):
            raise ValidationError(_("{label} must not contain line breaks or control characters", label=self.label))


def email_problem(text: str) -> str | None:
    """The sentence for an address that cannot be one (D26), or None."""
    if len(text) <= 254 and EMAIL.fullmatch(text):
        return None
    return _("Email address must include an @ and a domain, like name@hospital.example")


class Email:
    """The text, where there is one, must be an email address."""

    def __call__(self, form, field):
        problem = email_problem(field.data) if field.data else None
        if problem:
            raise ValidationError(problem)
