"""A field that finds one record while somebody types: what is found stands below it as radio buttons."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import request
from wtforms import Field, ValidationError

from portal.kit.forms import id_or_none
from portal.pages.answers import page
from portal.pages.forms import Required

LEAST_LETTERS = 2
MOST_FOUND = 8


@dataclass(frozen=True)
class Option:
    """A record that may be picked: its id, what people call it, and what tells it from others of that name."""

    id: int
    text: str
    detail: str = ""


Options = Callable[[str, int | None], list[Option]]
"""Gives the records a text finds (`MOST_FOUND` at most), or the one record with an id; see `PickRecord`."""


class PickRecord(Field):
    """Finds a record by `options` and holds its id.

    `endpoint` is the view that answers while somebody types (`picked`); without JavaScript the button beside the box
    sends the form, which comes back with what was found. `sentence` answers no choice, or one that is not offered.
    """

    def __init__(self, label: str, sentence: str, *, options: Options, endpoint: str, required: bool = True, **kwargs):
        self.sentence, self.find, self.endpoint = sentence, options, endpoint
        super().__init__(label, [Required(sentence)] if required else [], **kwargs)
        self.type = "PickRecord"  # what templates know it by, whatever a module calls its own

    @property
    def typed(self) -> str:
        """What was typed to find it."""
        return _typed(self.name)

    @property
    def options(self) -> list[Option]:
        """The record that is chosen, then what was found."""
        return offered(self.find, self.typed, self.data)

    def process_formdata(self, valuelist):
        self.data = id_or_none(valuelist[0]) if valuelist else None

    def pre_validate(self, form):
        if self.data is not None and not self.find("", self.data):
            raise ValidationError(self.sentence)


def offered(find: Options, typed: str, chosen: int | None) -> list[Option]:
    """The chosen record first, then those that the typed text finds."""
    first = find("", chosen) if chosen is not None else []
    found = find(typed, None)[:MOST_FOUND] if len(typed) >= LEAST_LETTERS else []
    return [*first, *(option for option in found if option.id != chosen)]


def picked(find: Options):
    """The fragment below the box while somebody types; the field's name comes with what is typed."""
    name = request.form.get("field", "")[:60]
    typed, chosen = _typed(name), id_or_none(request.form.get(name))
    words = {"name": name, "typed": typed, "chosen": chosen}
    return page("components/_picked.html", options=offered(find, typed, chosen), least=LEAST_LETTERS, **words)


def _typed(name: str) -> str:
    return request.form.get(f"{name}-q", "").strip()[:100]
