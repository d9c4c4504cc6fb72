"""What a hospital's database is made of, compared with this release's template to the letter (tenancy.md T17).

A database whose definitions read as the template's do is equal to it; only where one reads differently are columns
and rules looked at. So a look at a whole database costs one query.
"""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.pool import StaticPool

from portal.migrations import tree_version_table, upgrade
from portal.provisioning import template
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing
from portal.tenancy.databases.catalog import (
    COLUMNS,
    FOREIGN,
    KINDS,
    RULES,
    Entry,
    columns_in,
    entries_in,
    rules_in,
)
from portal.tenancy.session import TENANT

VERSION_TABLE = tree_version_table(TENANT)
Names = dict[str, set[str]]  # by kind; what is in a table is called “table.name”
_one_at_a_time = threading.RLock()


@dataclass(frozen=True)
class Differences:
    """What a database lacks, has besides, and has in another way than this release expects."""

    missing: Names
    extra: Names
    different: Names
    can_add_keys: bool = False  # SQLite would have to make the table anew

    def names(self, how: str, *kinds: str) -> list[str]:
        """The names of these kinds that are `missing`, `extra` or `different`."""
        return sorted(name for kind in kinds for name in getattr(self, how)[kind])

    @property
    def lost_keys(self) -> list[str]:
        """The foreign keys that are missing and can be added."""
        rules = self.names("missing", RULES) if self.can_add_keys else []
        return [rule for rule in rules if FOREIGN in rule]


def expected_tables() -> dict[str, frozenset[str]]:
    """The tables each module must have, by module name."""
    return {name: module.tables for name, module in current_app.extensions["modules"].items()}


def expected_entries(dialect: str = "sqlite") -> frozenset[Entry]:
    """Every definition that the modules of this application need in a database of that dialect."""
    return _of_modules(dialect, template.template_name(), frozenset().union(*expected_tables().values()))


@cache
def _of_modules(dialect: str, name: str, tables: frozenset[str]) -> frozenset[Entry]:
    return frozenset(entry for entry in _in_template(dialect, name) if entry.table in tables)


@cache
def _in_template(dialect: str, name: str) -> frozenset[Entry]:
    """What the template holds; that of a server is written down once, since each job of a worker begins without it."""
    if dialect == "sqlite":
        with _template(dialect) as connection:
            return entries_in(connection)
    kept = _kept(dialect, name)
    if not kept.exists():
        with _template(dialect) as connection:
            entries = sorted(entries_in(connection))
        fresh = kept.with_suffix(f".{uuid4().hex}")
        fresh.write_text(json.dumps(entries))
        fresh.rename(kept)
    return frozenset(map(Entry._make, json.loads(kept.read_text())))


def _kept(dialect: str, name: str) -> Path:
    """Where the definitions are that servers of this kind and version give of this template."""
    version = ".".join(map(str, template.first_server(dialect).dialect.server_version_info))
    return current_app.extensions["settings"].instance_dir / f"definitions_{name}_{dialect}_{version}.json"


@contextmanager
def _template(dialect: str) -> Iterator[sa.Connection]:
    """This release's template to be read; without one that can be, the same migrations run in memory."""
    with _one_at_a_time:
        with template.opened(dialect) if dialect != "sqlite" else _of_sqlite() as connection:
            yield connection


def _of_sqlite() -> sa.Connection:
    try:
        readable = template.has_template() and template.databases().build_engine(template.template_name())
        return readable.execution_options(writing=False).connect() if readable else _in_memory().connect()
    except (DatabaseDamaged, DatabaseMissing):
        return _in_memory().connect()


@cache
def _in_memory() -> sa.Engine:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.connect() as connection:
        upgrade(TENANT, connection)
    return engine


def compare(connection: sa.Connection, found: frozenset[Entry]) -> Differences:
    """How a database that holds these definitions differs from what the modules of this application need."""
    wanted = expected_entries(connection.dialect.name)
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
        with _template(connection.dialect.name) as model:
            _compare_columns(columns_in(model, changed), columns_in(connection, changed), missing, extra, different)
            _compare_rules(rules_in(model, changed), rules_in(connection, changed), missing, extra)
    return Differences(missing, extra, different, can_add_keys=connection.dialect.name == "postgresql")


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
