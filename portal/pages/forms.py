"""The base of every form, and the field rules that more than one form needs."""

import re
import unicodedata

from flask_wtf import FlaskForm
from wtforms import ValidationError

from portal.i18n import _

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
CURRENCY = re.compile(r"[A-Z]{3}")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
PHONE_MARKS = frozenset("+-()./ ")
SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))
INVISIBLE = "\u00ad\u115f\u1160\u200b\u200c\u200d\u2060\u2800\u3164\ufeff\uffa0"
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
    """A filter: outer spaces and invisible marks away, so that nobody has an invisible name; letters composed (NFC)."""
    return unicodedata.normalize("NFC", value.strip(SPACES + INVISIBLE)) if isinstance(value, str) else value


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


class Readable:
    """The text may have several lines, but no control characters; `label` begins the sentence."""

    def __init__(self, label: str):
        self.label = label

    def __call__(self, form, field):
        if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in field.data or ""):
            raise ValidationError(_("{label} must not contain control characters", label=self.label))


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


def username_problem(text: str) -> str | None:
    """The sentence for a username that cannot be one, or None."""
    if len(text) > 150:
        return _("Username must be 150 characters or fewer")
    if not USERNAME.fullmatch(text):
        return _("Username must use only letters a to z, numbers, dots, hyphens and underscores")
    return None


class PhoneNumber:
    """The text, where there is one, must be a phone number as people write it; `label` begins the sentence."""

    def __init__(self, label: str):
        self.label = label

    def __call__(self, form, field):
        text = field.data or ""
        odd = any(not char.isdecimal() and char not in PHONE_MARKS for char in text)
        if text and (odd or not 5 <= sum(map(str.isdecimal, text)) <= 15):
            raise ValidationError(_("{label} must have 5 to 15 digits, like 07700 900412", label=self.label))
