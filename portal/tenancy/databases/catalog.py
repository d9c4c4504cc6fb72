"""What a database is made of, read from its own catalogue: one query for all of it, as text that can make it anew."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa

from portal.tenancy.databases import postgres_catalog, sqlite_catalog

TABLES, COLUMNS, RULES, INDEXES, TRIGGERS = "tables", "columns", "rules", "indexes", "triggers"
KINDS = {"table": TABLES, "index": INDEXES, "trigger": TRIGGERS, "view": TABLES}
FOREIGN = "foreign key"  # so begin the words of one
THEN = "\n-- then\n"  # between the statements of a definition that needs more than one
KNOWN = {"sqlite": sqlite_catalog, "postgresql": postgres_catalog}
Execute = Callable[[str], sa.CursorResult]  # or the cursor of a driver, which answers in the same words


class Entry(NamedTuple):
    """One definition of a database."""

    kind: str
    name: str
    table: str
    sql: str

    @property
    def path(self) -> str:
        """A table's name, or that of its table and its own."""
        return self.name if KINDS[self.kind] == TABLES else f"{self.table}.{self.name}"

    @property
    def statements(self) -> list[str]:
        """What makes it, in order; after the first of a table comes what refers to others."""
        return self.sql.split(THEN)


def entries_in(connection: sa.Connection) -> frozenset[Entry]:
    """Every definition a database holds, but for what it makes by itself."""
    rows = KNOWN[connection.dialect.name].entries_in(connection)
    return frozenset(map(Entry._make, rows))


def table_names(connection: sa.Connection) -> list[str]:
    """The tables of a database, without what they are made of."""
    return names_through(_execute(connection), connection.dialect.name)


def count_rows(connection: sa.Connection) -> dict[str, int]:
    """How many rows each table has, asked for at once."""
    return count_through(_execute(connection), connection.dialect.name)


def count_through(execute: Execute, dialect: str) -> dict[str, int]:
    """As `count_rows`, where there is a driver's own connection alone: through its `execute(statement)`."""
    names = names_through(execute, dialect)
    quoted = (name.replace('"', '""') for name in names)
    counts = ", ".join(f'(SELECT count(*) FROM "{name}")' for name in quoted)  # noqa: S608 what the catalogue says
    return dict(zip(names, execute(f"SELECT {counts}").fetchone(), strict=True)) if names else {}


def names_through(execute: Execute, dialect: str) -> list[str]:
    """As `table_names`, in the same way."""
    return sorted(name for (name,) in execute(KNOWN[dialect].TABLE_NAMES).fetchall())


def _execute(connection: sa.Connection) -> Execute:
    """Statements as they are: a per cent sign in a name is no place for a value."""
    return partial(connection.exec_driver_sql, execution_options={"no_parameters": True})


def columns_in(connection: sa.Connection, tables: set[str]) -> dict[str, dict[str, str]]:
    """The columns of these tables, each with its type and whether it may be empty."""
    found: dict[str, dict[str, str]] = {table: {} for table in tables}
    for table, column, shape in KNOWN[connection.dialect.name].columns_in(connection):
        if table in found:
            found[table][column] = shape
    return found


def rules_in(connection: sa.Connection, tables: set[str]) -> dict[str, set[str]]:
    """The keys these tables keep in words: unique ones, and foreign ones with the table they point to."""
    found: dict[str, set[str]] = {table: set() for table in tables}
    for table, rule in KNOWN[connection.dialect.name].rules_in(connection):
        if table in found:
            found[table].add(rule)
    return found
