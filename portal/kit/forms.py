"""The fields that modules build their forms from: each says in a sentence what is wrong with an answer."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from flask_wtf.file import FileField
from wtforms import (
    DateField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)

from portal.i18n import _
from portal.kit.file_types import ACCEPTED
from portal.kit.records import ChangeForm, NewForm, RecordForm
from portal.pages.forms import (
    CURRENCY,
    LOCALE,
    AtMost,
    Email,
    Form,
    OneLine,
    PhoneNumber,
    Readable,
    Required,
    stripped,
    username_problem,
)
from portal.times import timezones, today, zone

__all__ = [
    "CURRENCY",
    "LOCALE",
    "Amount",
    "ChangeForm",
    "Day",
    "DayAndTime",
    "EmailAddress",
    "Form",
    "Measure",
    "NewForm",
    "Paragraph",
    "Phone",
    "Pick",
    "RecordForm",
    "Required",
    "Text",
    "TimeOfDay",
    "Upload",
    "Whole",
    "birth_date",
    "id_or_none",
    "timezones",
    "username_problem",
]

OLDEST_BIRTH = date(1900, 1, 1)


def or_none(value: str | None) -> str | None:
    """An empty answer is no answer."""
    return value or None


def id_or_none(value) -> int | None:
    """The id that was picked; what cannot be one is no answer."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class Text(StringField):
    """One line of text; `required` is the sentence for an empty answer, without it an empty one is None."""

    def __init__(self, label: str, most: int, required: str | None = None, validators=(), **kwargs):
        must = [Required(required)] if required else []
        rules = [*must, OneLine(label), AtMost(label, most), *validators]
        super().__init__(label, rules, filters=[stripped, or_none], **kwargs)


class Phone(Text):
    """A phone number as people write it."""

    def __init__(self, label: str, required: str | None = None, **kwargs):
        super().__init__(label, 40, required, [PhoneNumber(label)], **kwargs)


class EmailAddress(Text):
    """An email address."""

    def __init__(self, label: str, **kwargs):
        super().__init__(label, 254, validators=[Email()], **kwargs)


class Day(DateField):
    """A day of the calendar."""

    def __init__(self, label: str, required: str | None = None, validators=(), **kwargs):
        must = [Required(required)] if required else []
        super().__init__(label, [*must, *validators], **kwargs)

    def process_formdata(self, valuelist):
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            label = self.label.text
            raise ValueError(_("{label} must be a real date, like 1980-03-31", label=label)) from None


class DayAndTime(DateTimeLocalField):
    """A moment of the hospital's day, kept with its zone; nothing is filled in by itself."""

    def __init__(self, label: str, required: str | None = None, **kwargs):
        rules = [Required(required)] if required else []
        super().__init__(label, rules, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)

    def _value(self):
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.astimezone(zone()).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist):
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
            self.data = self._untouched(self.data) or _moment_of(self.data)
        except (ValueError, OverflowError):
            self.data = None
            label = self.label.text
            raise ValueError(_("{label} must be a real day and time, like 1980-03-31 14:05", label=label)) from None

    def _untouched(self, typed: datetime) -> datetime | None:
        """What the record has, where the field says the same: its seconds, and which of two hours of one name."""
        kept = self.object_data
        return kept if kept and kept.astimezone(zone()).replace(second=0, microsecond=0, tzinfo=None) == typed else None


def _moment_of(local: datetime) -> datetime:
    """The moment at which the hospital's clock shows this; raises ValueError for one that it skips."""
    at = local.replace(tzinfo=zone())
    if at.astimezone(UTC).astimezone(zone()).replace(tzinfo=None) != local:
        raise ValueError(f"the clock skips {local}")
    return at


class TimeOfDay(TimeField):
    """A time on the clock of any day."""

    def __init__(self, label: str, required: str | None = None, **kwargs):
        super().__init__(label, [Required(required)] if required else [], **kwargs)

    def process_formdata(self, valuelist):
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_("{label} must be a time like 09:30", label=self.label.text)) from None


class Whole(IntegerField):
    """A whole number between two bounds; `required` is the sentence for an empty answer, without it one is None."""

    def __init__(self, label: str, least: int, most: int, required: str | None = None, validators=(), **kwargs):
        self.least, self.most = least, most
        must = [Required(required)] if required else []
        super().__init__(label, [*must, *validators], **kwargs)

    def process_formdata(self, valuelist):
        text = valuelist[0].strip() if valuelist else ""
        self.data = id_or_none(text)
        if text and (self.data is None or not self.least <= self.data <= self.most):
            words = {"label": self.label.text, "least": self.least, "most": self.most}
            raise ValueError(_("{label} must be a whole number from {least} to {most}", **words))


class Amount(StringField):
    """An amount of two places, 0 or more; `required` is the sentence for an empty answer, without it one is None."""

    WRITTEN = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)

    def __init__(self, label: str, required: str | None = None, most: Decimal | None = None, **kwargs):
        self.most = most
        kwargs.setdefault("render_kw", {"inputmode": "decimal"})
        super().__init__(label, [Required(required)] if required else [], **kwargs)

    def _value(self):
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else f"{self.data:.2f}"

    def process_formdata(self, valuelist):
        text = valuelist[0].strip() if valuelist else ""
        self.data = Decimal(text) if self.WRITTEN.fullmatch(text) else None
        if text and self.data is None:
            raise ValueError(_("{label} must be a number like 250 or 12.50", label=self.label.text))
        if self.most is not None and self.data is not None and self.data > self.most:
            raise ValueError(_("{label} must be {most} or less", label=self.label.text, most=self.most))


class Measure(StringField):
    """A number with at most `places` decimals between two bounds; `required` answers none, without it one is None."""

    WRITTEN = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)

    def __init__(self, label: str, least: str, most: str, places: int = 0, required: str | None = None, **kwargs):
        self.like = f"{least}.{'0' * (places - 1)}5"
        self.least, self.most, self.places = Decimal(least), Decimal(most), places
        kwargs.setdefault("render_kw", {"inputmode": "decimal" if places else "numeric"})
        super().__init__(label, [Required(required)] if required else [], **kwargs)

    def _value(self):
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else f"{self.data:f}"

    def process_formdata(self, valuelist):
        text = valuelist[0].strip().replace(",", ".") if valuelist else ""
        self.data = Decimal(text) if self.WRITTEN.fullmatch(text) else None
        fits = self.data is not None and -self.data.as_tuple().exponent <= self.places
        if text and not (fits and self.least <= self.data <= self.most):
            self.data = None
            words = {"label": self.label.text, "least": self.least, "most": self.most}
            sentence = _("{label} must be a whole number from {least} to {most}", **words)
            if self.places:
                sentence = _(
                    "{label} must be a number from {least} to {most}, like {example}", **words, example=self.like
                )
            raise ValueError(sentence)


class Paragraph(TextAreaField):
    """Text of several lines; an empty answer is an empty text, or what `required` says where there must be one."""

    def __init__(self, label: str, most: int, required: str | None = None, **kwargs):
        must = [Required(required)] if required else []
        rules = [*must, Readable(label), AtMost(label, most)]
        super().__init__(label, rules, filters=[one_break, stripped], default="", **kwargs)


def one_break(value: str | None) -> str | None:
    """A filter: line breaks of one character, as the browser counts them."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


class Upload(FileField):
    """A file that somebody chooses; `sentence` answers none. What it holds is checked where it is kept."""

    def __init__(self, label: str, sentence: str, **kwargs):
        super().__init__(label, [Required(sentence)], render_kw={"accept": ACCEPTED}, **kwargs)


class Pick(SelectField):
    """One of `choices` (value: words); `sentence` answers no choice, or one that is not offered."""

    def __init__(self, label: str, sentence: str, choices=None, required: bool = True, coerce=or_none, **kwargs):
        rules = [Required(sentence)] if required else []
        kwargs |= {"coerce": coerce, "choices": choices, "invalid_choice_message": sentence}
        super().__init__(label, rules, **kwargs)


def birth_date(form, field) -> None:
    """A rule: a day on which somebody alive now may have been born."""
    if field.data and field.data > today():
        raise ValidationError(_("{label} must be today or in the past", label=field.label.text))
    if field.data and field.data < OLDEST_BIRTH:
        raise ValidationError(_("{label} must be 1 January 1900 or later", label=field.label.text))
