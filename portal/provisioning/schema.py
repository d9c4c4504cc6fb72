"""What a hospital's database is made of, compared with this release's template to the letter (tenancy.md T17).

A database whose definitions read as the template's do is equal to it; only where one reads differently are columns
and rules looked at. So a look at a whole database costs one query.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.pool import StaticPool

from portal.migrations import tree_version_table, upgrade
from portal.provisioning import template
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing
from portal.tenancy.session import TENANT

TABLES, COLUMNS, RULES, INDEXES, TRIGGERS = "tables", "columns", "rules", "indexes", "triggers"
KINDS = {"table": TABLES, "index": INDEXES, "trigger": TRIGGERS, "view": TABLES}
VERSION_TABLE = tree_version_table(TENANT)
Names = dict[str, set[str]]  # by kind; what is in a table is called “table.name”
_one_at_a_time = threading.RLock()


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


@dataclass(frozen=True)
class Differences:
    """What a database lacks, has besides, and has in another way than this release expects."""

    missing: Names
    extra: Names
    different: Names

    def names(self, how: str, *kinds: str) -> list[str]:
        """The names of these kinds that are `missing`, `extra` or `different`."""
        return sorted(name for kind in kinds for name in getattr(self, how)[kind])


def expected_tables() -> dict[str, frozenset[str]]:
    """The tables each module must have, by module name."""
    return {name: module.tables for name, module in current_app.extensions["modules"].items()}


def entries_in(connection: sa.Connection) -> frozenset[Entry]:
    """Every definition a database holds, but for what SQLite makes by itself."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%'"
    return frozenset(map(Entry._make, connection.exec_driver_sql(f"{query} ESCAPE '!'").all()))


def expected_entries() -> frozenset[Entry]:
    """Every definition that the modules of this application need."""
    return _of_modules(template.template_name(), frozenset().union(*expected_tables().values()))


@cache
def _of_modules(name: str, tables: frozenset[str]) -> frozenset[Entry]:
    return frozenset(entry for entry in _in_template(name) if entry.table in tables)


@cache
def _in_template(name: str) -> frozenset[Entry]:
    with _template() as connection:
        return entries_in(connection)


@contextmanager
def _template() -> Iterator[sa.Connection]:
    """This release's template to be read; without one that can be, the same migrations run in memory."""
    with _one_at_a_time:
        try:
            readable = template.has_template() and template.databases().build_engine(template.template_name())
            connection = readable.execution_options(writing=False).connect() if readable else _in_memory().connect()
        except (DatabaseDamaged, DatabaseMissing):
            connection = _in_memory().connect()
        with connection:
            yield connection


@cache
def _in_memory() -> sa.Engine:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.connect() as connection:
        upgrade(TENANT, connection)
    return engine


def columns_in(connection: sa.Connection, tables: set[str]) -> dict[str, dict[str, str]]:
    """The columns of these tables, each with its type and whether it may be empty."""
    query = """
        SELECT t.name, c.name, upper(c.type) || iif(c."notnull" OR c.pk, ' NOT NULL', '')
        FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table'
    """
    found: dict[str, dict[str, str]] = {table: {} for table in tables}
    for table, column, shape in connection.exec_driver_sql(query):
        if table in found:
            found[table][column] = shape
    return found


def rules_in(connection: sa.Connection, tables: set[str]) -> dict[str, set[str]]:
    """The keys these tables keep in words: unique ones, and foreign ones with the table they point to."""
    unique = """
        SELECT t.name, l.name, i.name FROM sqlite_master t JOIN pragma_index_list(t.name) l
        JOIN pragma_index_info(l.name) i WHERE t.type = 'table' AND l.origin <> 'c' ORDER BY l.name, i.seqno
    """
    foreign = """
        SELECT t.name, k."from", k."table" FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k
        WHERE t.type = 'table'
    """
    together = defaultdict(list)
    for table, key, column in connection.exec_driver_sql(unique):
        together[table, key].append(column)
    found: dict[str, set[str]] = {table: set() for table in tables}
    for (table, _key), columns in together.items():
        if table in found:
            found[table].add(f"unique ({', '.join(columns)})")
    for table, column, target in connection.exec_driver_sql(foreign):
        if table in found:
            found[table].add(f"foreign key ({column}) to {target}")
    return found


def compare(connection: sa.Connection, found: frozenset[Entry]) -> Differences:
    """How a database that holds these definitions differs from what the modules of this application need."""
    wanted = expected_entries()
    missing, extra, different = (defaultdict(set) for _how in range(3))
    if wanted <= found and all(entry.table == VERSION_TABLE for entry in found - wanted):
        return Differences(missing, extra, different)  # nearly always
    here, there = ({(entry.kind, entry.name): entry for entry in side} for side in (found, wanted))
    changed = set()
    for entry in wanted - found:
        other = here.get((entry.kind, entry.name))
        if entry.kind == "table" and other is not None:
            changed.add(entry.name)
        elif other is None and (entry.kind == "table" or ("table", entry.table) in here):
            missing[KINDS[entry.kind]].add(entry.path)
        elif other is not None and _plain(other.sql) != _plain(entry.sql):
            different[KINDS[entry.kind]].add(entry.path)
    for entry in found - wanted:
        if (entry.kind, entry.name) not in there and entry.table != VERSION_TABLE:
            extra[KINDS[entry.kind]].add(entry.path)
    if changed:
        with _template() as model:
            _compare_columns(columns_in(model, changed), columns_in(connection, changed), missing, extra, different)
            _compare_rules(rules_in(model, changed), rules_in(connection, changed), missing, extra)
    return Differences(missing, extra, different)


def _compare_columns(wanted, found, missing: Names, extra: Names, different: Names) -> None:
    for table, columns in found.items():
        missing[COLUMNS] |= {f"{table}.{name}" for name in wanted[table].keys() - columns.keys()}
        extra[COLUMNS] |= {f"{table}.{name}" for name in columns.keys() - wanted[table].keys()}
        both = wanted[table].keys() & columns.keys()
        different[COLUMNS] |= {f"{table}.{name}" for name in both if columns[name] != wanted[table][name]}


def _compare_rules(wanted, found, missing: Names, extra: Names) -> None:
    """What a missing column was part of is not missing besides."""
    for table, rules in found.items():
        gone = {name.partition(".")[2] for name in missing[COLUMNS] if name.startswith(f"{table}.")}
        lost = {rule for rule in wanted[table] - rules if not gone & set(re.findall(r"\w+", rule))}
        missing[RULES] |= {f"{table}: {rule}" for rule in lost}
        extra[RULES] |= {f"{table}: {rule}" for rule in rules - wanted[table]}


def _plain(sql: str) -> str:
    """A definition without what makes no difference: quotes, spaces, large letters."""
    return " ".join(re.sub(r'["`\[\]]', "", sql).lower().split())
