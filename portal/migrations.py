"""Two trees of migrations, control and tenant, run inside one transaction each (D7)."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from flask import current_app

from portal.additions import Additions, MoreThanAdditions, additions_of
from portal.extensions import db, migrate
from portal.settings import ROOT
from portal.tenancy.session import TENANT

FOLDER = ROOT / "migrations"
TREES = {"control": None, TENANT: TENANT}
OLDEST = "serves_from"
_one_at_a_time = threading.RLock()  # Alembic keeps what it works on in a place that all threads share


class Unmarked(RuntimeError):
    """The control database cannot be migrated while another release works on it; the message is a sentence."""


class CommittedTooSoon(RuntimeError):
    """A migration ended the transaction it ran in, so what it did cannot be taken back with it."""


@migrate.configure
def choose_tree(config):
    """Point Alembic at the tree that `-x tree=…` names; the control tree when it names none."""
    asked = dict(argument.partition("=")[::2] for argument in config.cmd_opts.x)
    tree = config.attributes.get("tree") or asked.get("tree", "control")
    if tree not in TREES:
        raise ValueError(f"There is no tree of migrations called {tree!r}; use tree=control or tree=tenant.")
    config.attributes["tree"] = tree
    config.set_main_option("version_locations", str(FOLDER / tree / "versions"))
    return config


def tree_metadata(tree: str) -> sa.MetaData:
    """The tables the models declare for a tree."""
    return db.metadatas[TREES[tree]]


def tree_version_table(tree: str) -> str:
    """Each tree counts in a table of its own, so that one can never run on the other's database."""
    return f"alembic_version_{tree}"


def upgrade(tree: str, connection: sa.Connection, on_step: Callable[[str], None] | None = None) -> None:
    """Bring a database to the head of its tree; `on_step(revision)` hears of each revision that ran.

    Must not start inside a transaction. Raises RuntimeError when nothing ran on an empty database or when rows were
    left without their parents.
    """
    with rebuilding(connection):
        run_to_head(tree, connection, on_step)


def run_to_head(tree: str, connection: sa.Connection, on_step: Callable[[str], None] | None = None) -> None:
    """As `upgrade`, as a part of what the caller does in one transaction of `rebuilding`.

    Raises RuntimeError for a database that a newer release has changed: nobody takes that back.
    """
    found = current_revision(tree, connection)
    if found is not None and found not in dict(revisions(tree)):
        raise RuntimeError(f"the {tree} database is at revision {found}, which only a newer release knows")
    _run(tree, connection, on_step)
    if current_revision(tree, connection) != head(tree):
        raise RuntimeError(f"the {tree} migrations did not reach {head(tree)}")


@contextmanager
def rebuilding(connection: sa.Connection) -> Iterator[None]:
    """One transaction in which Alembic may rebuild tables, checked at its end for rows without their parents.

    While foreign keys are on, the rebuild of a SQLite table drops the old one and with it every row that cascades.
    SQLite ignores the switch inside a transaction, so it goes to the driver, before SQLAlchemy begins one.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin(), _still_open(connection):
            yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin(), _still_open(connection):
            yield
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if orphans:
                raise RuntimeError(
                    f"the migration leaves {len(orphans)} rows without their parent, first in {orphans[0][0]}"
                )
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _still_open(connection: sa.Connection) -> Iterator[None]:
    """The transaction that it begins in is there at its end, or `CommittedTooSoon` is raised."""
    begun = connection.get_transaction()

    def ended() -> bool:
        if connection.dialect.name == "sqlite":
            is_open = connection.connection.driver_connection.in_transaction
        else:
            is_open = connection.connection.driver_connection.info.transaction_status.name != "IDLE"
        return not is_open or connection.get_transaction() is not begun

    try:
        yield
    except Exception as error:
        if ended():
            raise CommittedTooSoon("it ended its own transaction") from error
        raise
    if ended():
        raise CommittedTooSoon("it ended its own transaction")


def _run(tree: str, connection: sa.Connection, on_step) -> None:
    config = configured(tree)
    config.attributes["connection"] = connection.execution_options(compiled_cache=None)
    if on_step:
        config.attributes["on_version_apply"] = lambda *, step, **_: on_step(step.up_revision_id)
    script = _script(tree, FOLDER)
    try:
        with (
            _one_at_a_time,
            EnvironmentContext(config, script, fn=lambda revision, _context: script._upgrade_revs("head", revision)),
        ):
            script.run_env()
    finally:
        # A dialect remembers each type, and with it all tables of the migration; ours lives as long as the process.
        vars(connection.dialect).pop("_type_memos", None)


def add_late_foreign_keys(edges: Iterable[tuple[str, str, str, list[str], list[str]]]) -> None:
    """Add the keys whose target came after their table: (name, table, target, columns, target's columns).

    SQLite has them in CREATE TABLE already, where a target may still be missing; others take them now (D2).
    """
    if op.get_context().dialect.name == "sqlite":
        return
    for edge in edges:
        op.create_foreign_key(*edge)


def current_revision(tree: str, connection: sa.Connection) -> str | None:
    """The revision a database says it is at, or None when it says nothing."""
    table = tree_version_table(tree)
    if not sa.inspect(connection).has_table(table):
        return None
    return connection.execute(sa.text(f"SELECT version_num FROM {table}")).scalar()  # noqa: S608 a name of ours


def current_standing(tree: str, connection: sa.Connection) -> tuple[str | None, str | None]:
    """The revision a database says it is at, and the oldest one whose release works on it, where it says so."""
    table = tree_version_table(tree)
    if not sa.inspect(connection).has_table(table):
        return None, None
    row = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings().first()  # noqa: S608 a name of ours
    return (row["version_num"], row.get(OLDEST)) if row else (None, None)


def keep_oldest(tree: str, connection: sa.Connection) -> None:
    """Let a database that was just migrated say which releases work on it, for those that do not know its revision."""
    table = tree_version_table(tree)
    if OLDEST not in {column["name"] for column in sa.inspect(connection).get_columns(table)}:
        connection.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {OLDEST} VARCHAR(32)"))
    oldest = oldest_release(tree, current_revision(tree, connection))
    connection.execute(sa.text(f"UPDATE {table} SET {OLDEST} = :oldest"), {"oldest": oldest})  # noqa: S608


def oldest_release(tree: str, revision: str | None) -> str | None:
    """The oldest revision whose release works on a database at this one; None for one not known here."""
    names = [name for name, _module in revisions(tree)]
    if revision not in names:
        return None
    place = names.index(revision)
    while place and is_marked_additive(tree, names[place]):
        place -= 1
    return names[place]


@cache
def _script(tree: str, folder: Path) -> ScriptDirectory:
    """A tree's revisions, read once in a process: thousands of hospitals are migrated with the same ones."""
    return ScriptDirectory(str(folder), version_locations=[str(folder / tree / "versions")])


@cache
def revisions(tree: str) -> tuple[tuple[str, str], ...]:
    """Each revision of a tree, first to last, with the name of the module it belongs to."""
    ordered = _scripts(FOLDER, tree).values()
    return tuple((entry.revision, entry.path.rpartition("/")[2].split("_")[1]) for entry in ordered)


@cache
def _scripts(folder: Path, tree: str) -> dict[str, Script]:
    """The files of a tree by revision, first to last."""
    return {entry.revision: entry for entry in reversed(list(_script(tree, folder).walk_revisions()))}


def is_marked_additive(tree: str, revision: str) -> bool:
    """The file of this revision says `additive = True`; False for one that this release does not know."""
    return bool(getattr(getattr(_scripts(FOLDER, tree).get(revision), "module", None), "additive", False))


def additions(tree: str, revision: str) -> Additions:
    """The tables and columns that a revision adds; raises `MoreThanAdditions` where it does anything else."""
    with _one_at_a_time:
        return additions_of(_scripts(FOLDER, tree)[revision].module.upgrade, tree_metadata(tree))


def lacking_marks(tree: str, found: str | None = None) -> list[str]:
    """A sentence for each revision of the control tree after the one that was found, or the first, without a mark.

    Hospitals are closed one by one where they must be; the one control database every process works on all the time.
    """
    names = [revision for revision, _module in revisions(tree)]
    later = names[names.index(found) + 1 if found in names else 1 :]
    return [
        f"Revision {revision} of the {tree} tree is not marked additive, and older releases work on the control"
        " database meanwhile. Let it only add, and take one release for each step (CONTRIBUTING.md)."
        for revision in later
        if TREES[tree] is None and not is_marked_additive(tree, revision)
    ]


def refuse_unmarked(tree: str, connection: sa.Connection) -> None:
    """Raise `Unmarked` where migrating a control database that is in use would stop the releases that use it."""
    found = current_revision(tree, connection)
    sentences = lacking_marks(tree, found) if found is not None else []
    if sentences:
        raise Unmarked(sentences[0])


def wrong_marks(tree: str) -> list[str]:
    """A sentence for each revision that is marked additive and is not, or must be marked."""
    found = lacking_marks(tree)
    for revision, _module in revisions(tree):
        try:
            if is_marked_additive(tree, revision):
                additions(tree, revision)
        except MoreThanAdditions as error:
            found.append(f"Revision {revision} of the {tree} tree is marked additive and does more: {error}")
    return found


def head(tree: str) -> str:
    """The newest revision of a tree."""
    return revisions(tree)[-1][0]


def configured(tree: str):
    """Alembic’s configuration for a tree."""
    config = current_app.extensions["migrate"].migrate.get_config(str(FOLDER), x_arg=f"tree={tree}")
    config.attributes["tree"] = tree
    return config
