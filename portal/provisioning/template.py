"""The template: a finished empty hospital, made by the real migrations once and cloned ever after (tenancy.md T10)."""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app

from portal.extensions import db
from portal.kit import seed
from portal.migrations import FOLDER, upgrade
from portal.tenancy.databases.sqlite import SqliteDatabases, sync_folder

Listener = Callable[[str], None]


def modules() -> dict:
    """The modules of this application by name."""
    return current_app.extensions["modules"]


def databases() -> SqliteDatabases:
    """The folder of hospital files in which templates are kept."""
    return current_app.extensions["engines"].databases()


def template_name() -> str:
    """The template's name: it changes whenever migrations, permissions or roles do."""
    declared = tuple((name, *_declared(module)) for name, module in modules().items())
    return f"template_{_fingerprint(declared)}.db"


def _declared(module) -> tuple:
    return tuple(module.permissions.items()), tuple(module.roles.items())


@cache
def _fingerprint(declared: tuple) -> str:
    digest = hashlib.sha256(repr((declared, seed.ROLES)).encode())
    for path in (FOLDER / "env.py", *sorted((FOLDER / "tenant" / "versions").glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def has_template() -> bool:
    """The template of this release is there."""
    return databases().path(template_name()).is_file()


def migrate(build: str, on_revision: Listener | None = None) -> None:
    """Make an empty build a finished empty hospital: every migration, then the reference data."""
    engine = databases().build_engine(build)
    with engine.connect() as connection:
        upgrade("tenant", connection, on_revision)
        with connection.begin():
            seed.seed_reference(connection, modules())
    databases().settle(build)


def keep(build: str) -> None:
    """Keep a copy of a freshly migrated build as the template; of several at once one stays."""
    with _only_one():
        if not has_template():
            copy = f"build_{uuid4().hex}"
            databases().clone(build, copy)
            _put_in_place(copy)


def ensure_template() -> str:
    """The template's name, after making it where it is missing."""
    with _only_one():
        if not has_template():
            build = f"build_{uuid4().hex}"
            try:
                databases().start(build)
                migrate(build)
                _put_in_place(build)
            finally:
                databases().discard(build)
    return template_name()


def tree_engine(tree: str) -> sa.Engine:
    """The database `flask db` works on: the control plane's, or the template every hospital is cloned from."""
    return db.engine if tree == "control" else template_engine()


def template_engine() -> sa.Engine:
    """An engine on the template, for checks of the tenant tree; made where it is missing."""
    return databases().build_engine(ensure_template())


def _put_in_place(build: str) -> None:
    folder = databases()
    folder.settle(build)
    folder.path(build).rename(folder.path(template_name()))
    sync_folder(folder.folder)


@contextmanager
def _only_one() -> Iterator[None]:
    with open(databases().path(".template.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
