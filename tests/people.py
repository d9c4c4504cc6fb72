"""Somebody at work in a browser without scripts: reads a page, fills in the form that stands there, and sends it.

Forms are found by their button, fields by their label, links by their words: what people see is what is tested.
"""

from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from tests.clients import PageClient
from tests.page import Page

UNSENT = {"submit", "button", "reset", "image", "file"}


@dataclass
class Sheet:
    """A form as it stands on a page: what it would send now, and its buttons."""

    action: str
    method: str
    sent: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    buttons: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def fill(self, label: str, answer) -> None:
        """Answer the field with this label: words of a choice, whether a box is ticked, or text."""
        found = [label] if label in self.names else [one for one in self.names if one.startswith(label)]
        assert len(found) == 1, f"no one field “{label}”, only {sorted(self.names)}"
        name, value, kind = self.names[found[0]]
        if answer is True:
            self.sent[name] = [value] if kind == "radio" else [*self.sent.get(name, []), value]
        elif answer is False:
            self.sent[name] = [one for one in self.sent.get(name, []) if one != value]
        elif name in self.choices:
            offered = self.choices[name].items()
            found = [key for key, words in offered if words == answer]
            found = found or [key for key, words in offered if words.startswith(answer)]
            assert len(found) == 1, f"“{label}” offers {list(self.choices[name].values())}, not one “{answer}”"
            self.sent[name] = found
        else:
            self.sent[name] = [str(answer)]


class Screen(Page):
    """A page with its forms as they can be filled in and sent."""

    def __init__(self, html: str):
        self.sheets: list[Sheet] = []
        self._labels: dict[str, str] = {}
        self._controls: list[tuple[Sheet, dict]] = []
        self._sheet: Sheet | None = None
        self._inside: list[tuple[str, list[str], dict]] = []
        self._select: tuple[str, dict] | None = None
        super().__init__(html)
        for sheet, control in self._controls:
            label = control.get("label") or self._labels.get(control.get("id"), control.get("aria-label"))
            if label and control.get("type") != "hidden":
                sheet.names.setdefault(label, (control["name"], control.get("value", "on"), control.get("type", "")))

    def handle_starttag(self, tag, attributes):
        """Also keep what forms hold."""
        super().handle_starttag(tag, attributes)
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._sheet = Sheet(found.get("action", ""), found.get("method", "get").lower())
            self.sheets.append(self._sheet)
        if tag in ("label", "button", "textarea", "option"):
            self._inside.append((tag, [], found))
        if self._sheet is None or not found.get("name") or "disabled" in found:
            return
        kind = found.get("type", "text") if tag == "input" else tag
        if tag in ("input", "select", "textarea") and kind not in UNSENT:
            self._controls.append((self._sheet, found))
            if self._inside and self._inside[-1][0] == "label":
                self._inside[-1][2].setdefault("around", []).append(found)
            if kind not in ("checkbox", "radio", "select", "textarea") or "checked" in found:
                value = found.get("value", "on" if kind in ("checkbox", "radio") else "")
                self._sheet.sent.setdefault(found["name"], []).append(value)
        if tag == "select":
            self._select = (found["name"], {})
            self._sheet.choices[found["name"]] = self._select[1]

    def handle_endtag(self, tag):
        """Also keep the words of labels, buttons and choices."""
        super().handle_endtag(tag)
        if tag == "form":
            self._sheet = None
        if tag == "select" and self._select and self._sheet:
            name, choices = self._select
            self._sheet.sent.setdefault(name, list(choices)[:1])
            self._select = None
        if self._inside and self._inside[-1][0] == tag:
            _tag, words, found = self._inside.pop()
            self._keep(tag, " ".join("".join(words).split()), "".join(words), found)

    def _keep(self, tag: str, text: str, raw: str, found: dict) -> None:
        if tag == "label":
            label = text.removesuffix("(optional)").strip()
            self._labels[found.get("for")] = label
            for control in found.get("around", []):
                control["label"] = label
        elif tag == "button" and self._sheet and found.get("type", "submit") == "submit":
            named = {found["name"]: found.get("value", "")} if found.get("name") else {}
            self._sheet.buttons.append((text, named))
        elif tag == "option" and self._select:
            name, choices = self._select
            choices[found.get("value", text)] = text
            if "selected" in found:
                self._sheet.sent.setdefault(name, []).append(found.get("value", text))
        elif tag == "textarea" and self._sheet and found.get("name"):
            self._sheet.sent.setdefault(found["name"], []).append(raw.removeprefix("\r").removeprefix("\n"))

    def handle_data(self, data):
        """Also keep the words inside labels, buttons and choices."""
        super().handle_data(data)
        for _tag, words, _found in self._inside:
            words.append(data)

    def sheet(self, button: str) -> tuple[Sheet, dict[str, str]]:
        """The one form with this button: its whole words, or how they begin."""
        offered = [(text, sheet, named) for sheet in self.sheets for text, named in sheet.buttons]
        for fits in (lambda text: text == button, lambda text: text.startswith(button)):
            found = [(sheet, named) for text, sheet, named in offered if fits(text)]
            if found:
                assert len(found) == 1, f"“{button}” stands {len(found)} times on “{self.title}”"
                return found[0]
        raise AssertionError(f"no “{button}” on “{self.title}”, only {[text for text, *_rest in offered]}")

    def link(self, words: str) -> str:
        """The address behind these words, or behind those that begin with them or hold them."""
        known = [(" ".join(text.split()), address) for address, text in self.links]
        tests = (words.__eq__, lambda text: text.startswith(words), lambda text: words in text)
        found = next(filter(None, ({one for text, one in known if fits(text)} for fits in tests)), set())
        assert len(found) == 1, f"“{words}” leads to {found or 'nothing'} on “{self.title}”: {self.links}"
        return found.pop()


class Person:
    """Somebody at work, and the page they look at."""

    def __init__(self, browser: PageClient):
        self.browser = browser
        self.path, self.screen = "/", None

    def see(self, path: str) -> Screen:
        """Open a page; redirects are followed."""
        answer = self.browser.get(path)
        return self._arrive(path, answer)

    def follow(self, *words: str) -> Screen:
        """Click one link after the other."""
        for one in words:
            self.see(urljoin(self.path, self.screen.link(one)))
        return self.screen

    def press(self, button: str, answers: dict | None = None, status: int | None = 200) -> Screen:
        """Fill in the form with this button, and press it; the page that follows answers with this status, or any."""
        sheet, named = self.screen.sheet(button)
        for label, answer in (answers or {}).items():
            sheet.fill(label, answer)
        path = urljoin(self.path, sheet.action)
        send = self.browser.post if sheet.method == "post" else self.browser.get
        key = "data" if sheet.method == "post" else "query_string"
        return self._arrive(path, send(path, **{key: sheet.sent | named}), status)

    def press_twice(self, button: str, answers: dict, second: int) -> Screen:
        """Press a button of one page two times, as who goes back does; the second time answers with this status."""
        before = self.path, self.screen
        after = self.press(button, answers)
        self.path, self.screen = before
        self.press(button, status=second)
        return after

    def is_refused(self, path: str) -> bool:
        """Whether this page is not for them."""
        return self.browser.get(path).status_code == 403

    def _arrive(self, path: str, answer, status: int | None = 200) -> Screen:
        for _redirect in range(5):
            if answer.status_code not in (302, 303):
                break
            where = urlsplit(urljoin(path, answer.location))
            path = where.path + (f"?{where.query}" if where.query else "")
            answer = self.browser.get(path)
        html = answer.get_data(as_text=True)
        assert status in (None, answer.status_code), f"{path} answered {answer.status_code}: {Page(html).text[:800]}"
        self.path, self.screen = path, Screen(html)
        return self.screen


def signs_in(browser: PageClient, username: str, password: str, own: str | None = None) -> Person:
    """Somebody who signs in on the sign-in page, and replaces a temporary password by an own one."""
    person = Person(browser)
    person.see("/sign-in")
    person.press("Sign in", {"Username or email": username, "Password": password})
    if own:
        present = {"Present password": password, "New password": own, "New password again": own}
        person.press("Set password", present)
    return person
