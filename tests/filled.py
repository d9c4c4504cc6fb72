"""Reads a form as a browser does: what it holds, what it insists on, and what it would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

UNSENT = {"submit", "button", "image", "reset", "file"}
TICKED = {"checkbox", "radio"}
TYPED = {"date": "2026-01-05", "time": "09:30", "number": "1", "datetime-local": "2026-01-05T09:30"}
WORDS = "Zoë <b>1</b> & “2”"


@dataclass
class Field:
    """One field of a form."""

    name: str
    kind: str
    value: str
    required: bool = False
    checked: bool = False
    longest: int | None = None
    options: list[str] = field(default_factory=list)

    @property
    def is_sent(self) -> bool:
        """A browser sends it."""
        return bool(self.name) and self.kind not in UNSENT and (self.checked or self.kind not in TICKED)


class FilledForm(HTMLParser):
    """The fields of the form that is sent to `action`."""

    def __init__(self, html: str, action: str):
        super().__init__()
        self.action = action
        self.fields: list[Field] = []
        self._inside = self._writing = False
        self.feed(html)
        self.close()
        assert self.fields, f"the page has no form that is sent to {action}"

    @property
    def sent(self) -> list[tuple[str, str]]:
        """What a browser sends: each name with its value."""
        return [(one.name, one.value) for one in self.fields if one.is_sent]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form must still hold after it was refused; a password is typed again."""
        kinds = {one.name: one.kind for one in self.fields}
        return [(name, value) for name, value in self.sent if name != "csrf_token" and kinds[name] != "password"]

    def answer_what_is_optional(self) -> None:
        """Type, tick and choose everywhere; where an answer is required there is none, as far as a page allows."""
        for one in self.fields:
            if one.kind == "select":
                one.value = "" if one.required and "" in one.options else (one.options or [""])[-1]
            elif one.required:
                one.value, one.checked = "", False
            elif one.kind in TICKED:
                one.checked = True
            elif one.kind != "hidden":
                one.value = TYPED.get(one.kind, WORDS[: one.longest])

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = found.get("action", "") == self.action
        elif self._inside and tag in ("input", "select", "textarea"):
            kind = found.get("type", "text") if tag == "input" else tag
            longest = int(found["maxlength"]) if "maxlength" in found else None
            value = found.get("value", "on" if kind in TICKED else "")
            self.fields.append(
                Field(found.get("name", ""), kind, value, "required" in found, "checked" in found, longest)
            )
            self._writing = tag == "textarea"
        elif self._inside and tag == "option":
            self._offer(found)

    def _offer(self, found: dict[str, str]) -> None:
        """One more choice; a browser takes the first where none is selected."""
        chooser = self.fields[-1]
        chooser.options.append(found.get("value", ""))
        if "selected" in found or len(chooser.options) == 1:
            chooser.value = chooser.options[-1]

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._writing:
            self._writing = False
            self.fields[-1].value = self.fields[-1].value.removeprefix("\r\n").removeprefix("\n")

    def handle_data(self, data):
        if self._writing:
            self.fields[-1].value += data
