"""The template: a finished empty hospital, made by the real migrations once and cloned ever after (tenancy.md T10)."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app

from portal import migrations
from portal.extensions import db
from portal.kit import seed
from portal.tenancy.databases.base import Databases, NameTaken

Listener = Callable[[str], None]


def modules() -> dict:
    """The modules of this application by name."""
    return current_app.extensions["modules"]


def databases() -> Databases:
    """The server that new hospitals come to, where nobody says another one."""
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
    versions = sorted((migrations.FOLDER / "tenant" / "versions").glob("*.py"))
    for path in (migrations.FOLDER / "env.py", *versions):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def has_template(on: Databases | None = None) -> bool:
    """The template of this release is there, on the default server or `on` another."""
    return (on or databases()).has_template(template_name())


def migrate(build: str, on_revision: Listener | None = None, on: Databases | None = None) -> None:
    """Make an empty build a finished empty hospital: every migration, then the reference data."""
    engine = (on or databases()).build_engine(build)
    with engine.connect() as connection:
        migrations.upgrade("tenant", connection, on_revision)
        with connection.begin():
            seed.seed_reference(connection, modules())
    (on or databases()).settle(build)


def keep(build: str, on: Databases | None = None) -> None:
    """Keep a copy of a freshly migrated build as the template; of several at once one stays."""
    on = on or databases()
    with on.only_one():
        if not has_template(on):
            copy = f"build_{uuid4().hex}"
            on.clone(build, copy)
            _put_in_place(copy, on)


def ensure_template(on: Databases | None = None) -> str:
    """The template's name, after making it where it is missing."""
    on = on or databases()
    with on.only_one():
        if not has_template(on):
            build = f"build_{uuid4().hex}"
            try:
                on.start(build)
                migrate(build, on=on)
                _put_in_place(build, on)
            finally:
                on.discard(build)
    return template_name()


def first_server(dialect: str) -> Databases:
    """The first server of this dialect."""
    servers = current_app.extensions["engines"].servers.values()
    return next(server for server in servers if server.dialect.name == dialect)


@contextmanager
def opened(dialect: str) -> Iterator[sa.Connection]:
    """A copy of the template on the first server of this dialect, to be read and then thrown away."""
    on = first_server(dialect)
    build = f"build_{uuid4().hex}"
    try:
        on.clone(ensure_template(on), build)
        with on.build_engine(build).connect() as connection:
            yield connection
    finally:
        on.discard(build)


@contextmanager
def opened_tree(tree: str) -> Iterator[sa.Connection]:
    """The database `flask db` works on: the control plane's, or the template every hospital is cloned from.

    Nobody connects to a server's template: of that it is a copy, which is thrown away.
    """
    on = databases()
    if tree != "control" and on.dialect.name != "sqlite":
        with opened(on.dialect.name) as connection:
            yield connection
        return
    engine = db.engine if tree == "control" else on.build_engine(ensure_template())
    with engine.connect() as connection:
        yield connection


def _put_in_place(build: str, on: Databases) -> None:
    with suppress(NameTaken):  # another machine was faster
        on.keep_template(build, template_name())
