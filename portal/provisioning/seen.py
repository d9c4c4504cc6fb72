"""What a look at a hospital's database saw, in people's words: the same on the record and on the command line."""

from dataclasses import dataclass
from datetime import datetime

from jinja2.filters import do_filesizeformat

from portal.control.models import Tenant
from portal.i18n import _, ngettext
from portal.migrations import head
from portal.provisioning import findings, template
from portal.provisioning.schema import expected_tables
from portal.tenancy.databases.catalog import COLUMNS, INDEXES, RULES, TABLES, TRIGGERS
from portal.tenancy.session import TENANT

CONNECTIONS = {
    findings.OPEN: _("Answered"),
    findings.ABSENT: _("There is no database of this name"),
    findings.REFUSED: _("The database cannot be opened"),
    findings.BUSY: _("Somebody holds the database, or the disk did not answer"),
    findings.NO_DATABASE: _("What is there cannot be read as a database"),
}
STAMPS = {
    "same": _("This hospital, as the registry says"),
    "other database": _("This hospital, but it is not the database the registry knows"),
    "other hospital": _("Another hospital"),
    "none": _("It does not say"),
}
REVISIONS = {
    "head": _("{found}, the newest"),
    "behind": _("{found}; this release expects {head}"),
    "newer": _("{found}, of a newer release; this one expects {head}"),
    "unknown": _("{found} is not known here; this release expects {head}"),
    "none": _("None; this release expects {head}"),
}
FILES = {
    findings.SOUND: _("Sound"),
    findings.DAMAGED: _("Damaged"),
    findings.UNFINISHED: _("Not finished: the database is too big for the time a look may take"),
}
NOUNS = {
    TABLES: (_("table"), _("tables")),
    COLUMNS: (_("column"), _("columns")),
    RULES: (_("rule"), _("rules")),
    INDEXES: (_("index"), _("indexes")),
    TRIGGERS: (_("trigger"), _("triggers")),
}
HOWS = {"missing": _("Missing"), "different": _("Not as expected"), "extra": _("More than expected")}


@dataclass(frozen=True)
class Line:
    """One kind of difference in one module: “Billing, 2 missing tables” and their names."""

    how: str
    module: str
    words: str
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """The same in one line."""
        return f"{HOWS[self.how]}: {self.module} ({self.words}): {', '.join(self.names)}"


def facts_of(tenant: Tenant) -> list[tuple[str, str]]:
    """Label and words of each fact that the last look found out."""
    seen = tenant.findings
    if "connection" not in seen:
        return []
    latency = _(" in {ms} ms", ms=seen["latency"]) if "latency" in seen else ""
    facts = [(_("Connection"), CONNECTIONS[seen["connection"]] + latency)]
    if "stamp" in seen:
        facts.append((_("Belongs to"), STAMPS[seen["stamp"]]))
    if "revision" in seen:
        words = REVISIONS[seen["revision"]]
        facts.append((_("Revision"), words.format(found=tenant.revision, head=head(TENANT))))
        facts.append((_("Tables"), _counted(seen, TABLES, tenant.tables, tenant.expected_tables)))
        facts.append((_("Modules set up"), _("{ready} of {expected}", ready=tenant.modules_ready,
                                             expected=tenant.modules_expected)))  # fmt: skip
        facts.append((_("Columns"), _counted(seen, COLUMNS)))
        facts.append((_("Indexes"), _counted(seen, INDEXES, seen["indexes"], seen["expected_indexes"])))
    if "file" in seen:
        facts.append((_("File"), FILES[seen["file"]]))
    if "size" in seen:
        free = _(", {free} of it free", free=do_filesizeformat(seen["free"])) if seen.get("free") else ""
        facts.append((_("Size on disk"), do_filesizeformat(seen["size"]) + free))
    return facts


def whole_of(tenant: Tenant) -> tuple[str, datetime] | None:
    """What the last thorough look said of every page, index and reference, and when; None before the first."""
    whole = tenant.findings.get("whole")
    if not whole:
        return None
    words = [FILES[whole["file"]], *whole["lines"]]
    orphans = sum(whole["orphans"].values())
    if orphans:
        tables = ", ".join(f"{table} ({count})" for table, count in whole["orphans"].items())
        more = ngettext(
            "{count} row refers to a record that is not there: {tables}",
            "{count} rows refer to records that are not there: {tables}",
            orphans,
            tables=tables,
        )
        words.append(more)
    return ". ".join(words), datetime.fromisoformat(whole["at"])


def lines_of(tenant: Tenant) -> list[Line]:
    """Every difference, the worst first, by module."""
    modules = {table: name for name, tables in expected_tables().items() for table in tables}
    labels = {name: module.label for name, module in template.modules().items()}
    lines = []
    for how in HOWS:
        for kind, nouns in NOUNS.items():
            found = tenant.findings.get(f"{how}_{kind}", {"count": 0, "names": []})
            grouped: dict[str, list[str]] = {}
            for name in found["names"]:
                module = modules.get(name.partition(":")[0].partition(".")[0], "")
                grouped.setdefault(labels.get(module, _("No module")), []).append(name)
            lines += [Line(how, label, _number(len(names), nouns), tuple(names)) for label, names in grouped.items()]
            more = found["count"] - len(found["names"])
            if more > 0:
                lines.append(Line(how, _("Others"), _number(more, nouns), ()))
    return lines


def _number(count: int, nouns: tuple[str, str]) -> str:
    return f"{count} {nouns[count != 1]}"


def _counted(seen: dict, kind: str, found: int | None = None, expected: int | None = None) -> str:
    """“166 of 167, 1 missing”, or that all are as expected."""
    counts = {how: seen.get(f"{how}_{kind}", {}).get("count", 0) for how in HOWS}
    words = {"missing": _("{count} missing"), "different": _("{count} not as expected"), "extra": _("{count} more")}
    said = [words[how].format(count=count) for how, count in counts.items() if count]
    if found is not None:
        said.insert(0, _("{found} found, {expected} expected", found=found, expected=expected))
    return ", ".join(said) or _("As expected")
