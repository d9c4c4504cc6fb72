"""Reads a page as a person's browser does, and refuses one that people could not use."""

from html.parser import HTMLParser

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
VOID = set("area base br col embed hr img input link meta source track wbr".split())


class Page(HTMLParser):
    """The headings, forms, fields and texts of one HTML document or fragment."""

    def __init__(self, html: str):
        super().__init__()
        self.html = html
        self.title = ""
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.forms: list[dict] = []
        self.fields: list[dict] = []
        self.labelled: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.problems: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self._label_depth = 0
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """Everything a person reads, words separated by one space."""
        return " ".join(" ".join(self.words).split())

    def check(self) -> None:
        """Raise AssertionError that names every rule this document breaks (house.md §6)."""
        problems = list(self.problems)
        if len(self.headings) != 1:
            problems.append(f"one h1, not {self.headings}")
        elif not self.title.removeprefix("Error: ").strip().startswith(self.headings[0].strip()):
            problems.append(f"the title “{self.title}” begins with the h1 “{self.headings[0]}”")
        doubled = {name for name in self.ids if self.ids.count(name) > 1}
        if doubled:
            problems.append(f"ids are used once, not {sorted(doubled)}")
        for form in self.forms:
            if not form.get("action") or not form.get("method"):
                problems.append(f"a form has an action and a method: {form}")
        for field in self.fields:
            named = field.get("id") in self.labelled or field.get("aria-label") or field.get("in_label")
            if field.get("type") not in UNLABELLED and not named:
                problems.append(f"a field has a label: {field}")
        assert not problems, "The page breaks the rules of a page:\n" + "\n".join(problems)

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        if tag not in VOID:
            self._open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if "style" in found or any(name.startswith("on") for name in found):
            self.problems.append(f"no inline style or script: <{tag} {found}>")
        if tag == "h1":
            self.headings.append("")
        elif tag == "a":
            self.links.append((found.get("href", ""), ""))
        elif tag == "form":
            self.forms.append(found)
        elif tag == "label":
            self._label_depth += 1
            self.labelled.add(found.get("for", ""))
        elif tag in ("input", "select", "textarea"):
            self.fields.append({**found, "in_label": self._label_depth > 0})

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "label":
            self._label_depth -= 1

    def handle_data(self, data):
        if "title" in self._open[:3] and "svg" not in self._open:
            self.title += data
            return
        if "script" in self._open or "style" in self._open:
            return
        self.words.append(data)
        if "h1" in self._open:
            self.headings[-1] += data
        if "a" in self._open and self.links:
            address, text = self.links[-1]
            self.links[-1] = (address, text + data)
