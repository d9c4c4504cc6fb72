"""What a revision adds to a database that another release works on meanwhile, and why it is more than an addition.

It is read from what the revision says to a PostgreSQL server, offline: so raw SQL counts too.
"""

import io
import re
from dataclasses import dataclass, field

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

TABLE = re.compile(r"CREATE TABLE (?P<table>\w+) \(")
COLUMN = re.compile(r"ALTER TABLE (?P<table>\w+) ADD COLUMN (?P<column>\w+) (?P<kind>.+)", re.DOTALL)
INDEX = re.compile(r"CREATE (?P<unique>UNIQUE )?INDEX \w+ ON (?P<table>\w+) ")
RULE = re.compile(
    r"ALTER TABLE (?P<table>\w+) ADD CONSTRAINT \w+"
    r" (FOREIGN KEY ?\((?P<keys>[\w, ]+)\) REFERENCES .+|CHECK \((?P<checked>\w+) IN \([^()]*\)\))",
    re.DOTALL,
)


class MoreThanAdditions(Exception):
    """The revision does what a release that does not know it cannot work with."""


@dataclass
class Additions:
    """The tables, and the columns of other tables, that a revision adds."""

    tables: set[str] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)

    def are_mapped(self, metadata: sa.MetaData) -> bool:
        """The models read or write something of it, so that they cannot work without."""
        known = metadata.tables
        return any(name in known for name in self.tables) or any(
            table in known and column in known[table].c for table, column in self.columns
        )

    def take(self, statement: str) -> None:
        """Count a statement in; raises `MoreThanAdditions`."""
        found = TABLE.match(statement) or COLUMN.fullmatch(statement) or INDEX.match(statement)
        found = found or RULE.fullmatch(statement)
        parts = found.groupdict() if found else {}
        if found is None or not (parts["table"] in self.tables or self._spares(parts)):
            raise MoreThanAdditions(" ".join(statement.split())[:200])
        if found.re is TABLE:
            self.tables.add(parts["table"])
        if found.re is COLUMN:
            self.columns.add((parts["table"], parts["column"]))

    def _spares(self, parts: dict[str, str | None]) -> bool:
        """Rows that are there already, and those that somebody writes who does not know of this, are as they may be."""
        if "kind" in parts:
            return "NOT NULL" not in parts["kind"] or "DEFAULT" in parts["kind"]
        if "keys" in parts:
            named = re.findall(r"\w+", parts["keys"] or parts["checked"])
            return {(parts["table"], name) for name in named} <= self.columns
        return not parts.get("unique")


def additions_of(upgrade, metadata: sa.MetaData) -> Additions:
    """What a revision's `upgrade` adds; raises `MoreThanAdditions` where that is not all it does.

    Alembic's `op` is the process's own meanwhile: the caller sees to it that no migration runs.
    """
    written = io.StringIO()
    options = {"as_sql": True, "output_buffer": written, "target_metadata": metadata}
    with Operations.context(MigrationContext.configure(dialect_name="postgresql", opts=options)):
        try:
            upgrade()
        except Exception as error:  # it asks the database something, which nobody can judge
            raise MoreThanAdditions(f"{type(error).__name__}: {error}"[:200]) from error
    added = Additions()
    for statement in filter(None, (part.strip() for part in written.getvalue().split(";\n\n"))):
        added.take(statement)
    return added
