"""Finishing an Incomplete database: only what is missing is added, and every row stays (tenancy.md T7)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn

from portal.extensions import db
from portal.i18n import _
from portal.kit import seed
from portal.migrations import current_revision, head, rebuilding, revisions, run_to_head
from portal.provisioning import keys, schema, template
from portal.provisioning.schema import Differences
from portal.provisioning.steps import ProvisioningProblem
from portal.provisioning.verify import unmendable
from portal.tenancy.databases import catalog
from portal.tenancy.databases.catalog import COLUMNS, INDEXES, TABLES, TRIGGERS, Entry
from portal.tenancy.databases.errors import does_not_fit
from portal.tenancy.session import TENANT

ADDED = (TABLES, INDEXES, TRIGGERS)
NAMED = 5


@dataclass(frozen=True)
class Added:
    """What a database got that it lacked."""

    revision: str | None
    tables: list[str]
    columns: list[str]
    keys: list[str]
    indexes: list[str]
    triggers: list[str]

    @property
    def sentences(self) -> str:
        """The same in words, or nothing where nothing was missing."""
        labels = [
            module.label for name, module in template.modules().items()
            if schema.expected_tables()[name] & set(self.tables)
        ]  # fmt: skip
        said = [
            (self.revision, _("The database was brought to revision {names}."), [head(TENANT)]),
            (self.tables, _("Missing tables were added: {names}."), labels),
            (self.columns, _("Missing columns were added: {names}."), self.columns),
            (self.keys, _("Missing rules were added: {names}."), self.keys),
            (self.indexes, _("Missing indexes were added: {names}."), _own_names(self.indexes)),
            (self.triggers, _("Missing triggers were added: {names}."), _own_names(self.triggers)),
        ]
        return " ".join(sentence.format(names=_listed(names)) for was, sentence, names in said if was)


def complete(
    engine: sa.Engine,
    then: Callable[[sa.Connection], None] = lambda connection: None,
    *,
    begun: Callable[[sa.Connection], None] = lambda connection: None,
    on_step: Callable[[str], None] | None = None,
) -> Added:
    """Run the migrations that are missing, then add what is; all of it with `then`, or nothing.

    `begun` is called once nobody else can write any more, `on_step` with each revision that ran. Raises
    `ProvisioningProblem` for what cannot be added: a column whose values cannot be made up, a definition that is
    another one, a revision that this release does not know.
    """
    with engine.connect() as connection, _in_one_transaction(connection) as revision:
        begun(connection)
        if revision is not None:
            _migrate(connection, revision, on_step)
        differences = schema.compare(connection, catalog.entries_in(connection))
        _refuse(unmendable(differences))
        added = _add(connection, differences)
        keys.add(connection, differences.lost_keys)
        if added:
            seed.seed_reference(connection, template.modules())
        then(connection)
    paths = {kind: sorted(entry.path for entry in added if catalog.KINDS[entry.kind] == kind) for kind in ADDED}
    columns, added_keys = differences.names("missing", COLUMNS), differences.lost_keys
    return Added(revision, paths[TABLES], columns, added_keys, paths[INDEXES], paths[TRIGGERS])


@contextmanager
def _in_one_transaction(connection: sa.Connection) -> Iterator[str | None]:
    """What follows happens in one transaction; answers with the revision it begins at, unless that is the newest."""
    found = current_revision(TENANT, connection)
    connection.rollback()
    if found == head(TENANT):
        with connection.begin():
            yield None
        return
    if found not in dict(revisions(TENANT)):
        _refuse(_("The database is at revision {found}, which is not known here.", found=found))
    with rebuilding(connection):
        yield found


def _migrate(connection: sa.Connection, found: str, on_step: Callable[[str], None] | None) -> None:
    """Say in words that the migrations do not fit what is there; a full disk or a lock are said elsewhere."""
    try:
        run_to_head(TENANT, connection, on_step)
    except sa.exc.DBAPIError as error:
        if not does_not_fit(error.orig):
            raise
        sentence = _("The migrations from revision {found} on do not fit the database.", found=found)
        raise ProvisioningProblem(sentence) from error


def _add(connection: sa.Connection, differences: Differences) -> list[Entry]:
    """Add tables, columns, indexes and triggers as the template has them; what is another one is made anew."""
    for path in differences.names("missing", COLUMNS):
        connection.exec_driver_sql(_column(connection.dialect, *path.split(".")))
    for kind in (INDEXES, TRIGGERS):
        for path in differences.names("different", kind):
            connection.exec_driver_sql(_drop(connection.dialect, kind, *path.split(".")))
    lost = {*differences.names("missing", *ADDED), *differences.names("different", INDEXES, TRIGGERS)}
    tables = set(differences.names("missing", TABLES))
    wanted = schema.expected_entries(connection.dialect.name)
    added = [entry for entry in wanted if entry.path in lost or entry.table in tables]
    for statement in _in_order(added):
        connection.exec_driver_sql(statement)
    return [entry for entry in added if entry.path in lost]


def _in_order(entries: list[Entry]) -> list[str]:
    """What makes them: tables, then what refers to other tables, then what belongs to them."""
    ordered = sorted(entries, key=lambda entry: (entry.kind != "table", entry.path))
    statements = [(entry, statement) for entry in ordered for statement in entry.statements]
    return [statement for _entry, statement in sorted(statements, key=_comes_late)]


def _comes_late(made: tuple[Entry, str]) -> int:
    entry, statement = made
    return 2 if entry.kind != "table" else statement.startswith("ALTER TABLE")


def _drop(dialect: sa.Dialect, kind: str, table: str, name: str) -> str:
    """A trigger's name is its table's where the standard is kept."""
    if kind == INDEXES:
        return f'DROP INDEX "{name}"'
    return f'DROP TRIGGER "{name}"' + ("" if dialect.name == "sqlite" else f' ON "{table}"')


def _column(dialect: sa.Dialect, table: str, name: str) -> str:
    """The statement that adds a column which may be empty and which nothing else is made of."""
    column = db.metadatas[TENANT].tables[table].c[name]
    rules = column.table.constraints - {key.constraint for key in column.foreign_keys}
    is_part = any(name in rule.columns or _names(rule, name) for rule in rules)
    if not column.nullable or is_part:
        _refuse(_("The column {column} is missing and cannot be added.", column=f"{table}.{name}"))
    refers = "".join(f' REFERENCES "{key.column.table.name}" ("{key.column.name}")' for key in column.foreign_keys)
    return f'ALTER TABLE "{table}" ADD COLUMN {CreateColumn(column).compile(dialect=dialect)}{refers}'


def _names(rule: sa.Constraint, name: str) -> bool:
    return isinstance(rule, sa.CheckConstraint) and re.search(rf"\b{name}\b", str(rule.sqltext)) is not None


def _refuse(sentence: str) -> None:
    if sentence:
        raise ProvisioningProblem(sentence)


def _own_names(paths: list[str]) -> list[str]:
    return [path.partition(".")[2] for path in paths]


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    rest = _(" and {count} more", count=more) if more > 0 else ""
    return ", ".join(names[:NAMED]) + rest
