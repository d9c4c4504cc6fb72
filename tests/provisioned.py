"""What the tests of provisioning share: a hospital to be created, and a look at what is on the disk and in the rows."""

import contextvars
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask, current_app

from portal import clock
from portal.control.models import Operation, Plan, Tenant
from portal.extensions import db
from portal.provisioning import asking, operations, schema
from portal.provisioning.registration import NewAdministrator, Registration, register_hospital
from portal.tenancy.databases import catalog
from portal.tenancy.databases.catalog import Entry
from tests import on_postgres

DRIVERS_ERRORS = (sqlite3.Error, psycopg.Error)


def register(
    subdomain: str = "city-general",
    name: str = "City General Hospital",
    *,
    with_database: bool = True,
    admin: str | None = None,
):
    """Register a hospital and commit; answers with the tenant's id and the operation's."""
    admin = admin or subdomain
    plan = db.session.scalar(sa.select(Plan).where(Plan.name == "Enterprise"))
    asked = Registration(
        name=name,
        subdomain=subdomain,
        administrator=NewAdministrator(f"{admin}-admin", "Omar Haddad", f"{admin}@hospital.test", None),
        plan_id=plan.id,
        starts_on=date(2026, 1, 1),
        timezone="Europe/London",
        currency="GBP",
        locale="en-GB",
    )
    tenant, operation = register_hospital(asked, with_database=with_database)
    db.session.commit()
    ids = tenant.id, operation and operation.id
    db.session.rollback()
    return ids


def request_again(tenant_id: int, kind: str = "create") -> int:
    """Press Create, Retry or Check: the id of the operation that follows."""
    operation = asking.request(db.session.get(Tenant, tenant_id, populate_existing=True), kind)
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def seen_tenant(tenant_id: int) -> Tenant:
    """The registry's row as it is now, free of the session."""
    return _seen(Tenant, tenant_id)


def seen_operation(operation_id: int) -> Operation:
    """The operation as it is now, with its steps, free of the session."""
    return _seen(Operation, operation_id)


def _seen(model, key):
    found = db.session.get(model, key, populate_existing=True)
    if model is Operation:
        assert found.steps
        assert found.tenant
    db.session.expunge_all()
    db.session.rollback()
    return found


def step_states(operation: Operation) -> dict[str, str]:
    """The state of each visible step by name."""
    return {row.step: row.state for row in operation.steps if not row.module}


def folder() -> Path:
    """Where the hospitals' files are."""
    return current_app.extensions["settings"].hospitals_dir


def database(subdomain: str = "city-general") -> Path:
    """A hospital's file."""
    return folder() / f"hospital_{subdomain}.db"


def files() -> set[str]:
    """Every file of the folder but the template and its lock: hospitals' files and whatever was left behind.

    Of a server every database but the template, a hospital's by the name of its file.
    """
    if on_postgres.WANTED:
        names = on_postgres.cluster().databases(*on_postgres.OURS)
        return {f"{name}.db" if name.startswith("hospital_") else name for name in names}
    return {path.name for path in folder().iterdir() if not path.name.startswith(("template_", ".template"))}


def builds() -> set[str]:
    """What is being made aside for a hospital, or was left behind."""
    return {name for name in files() if name.startswith("build_")}


def lets_in(path: Path) -> bool:
    """The server that has the database of this file lets people in; a file cannot refuse them."""
    if not on_postgres.WANTED:
        return True
    return on_postgres.cluster().execute("SELECT datallowconn FROM pg_database WHERE datname = %s", path.stem)[0][0]


def sweep() -> None:
    """The reaper comes by until what belongs to nobody on a server is old; of files all but few go with the work."""
    operations.sweep()  # of which nobody lived to say when it was begun is as old as this
    if on_postgres.WANTED:
        clock.move(timedelta(minutes=11))
        operations.sweep()


def strays() -> set[str]:
    """What dead work left: what it built aside; of a server also roles without a database, and databases kept shut."""
    if not on_postgres.WANTED:
        return builds()
    return builds() | on_postgres.shut() | on_postgres.roles_alone() - on_postgres.PASSWORDS.keys()


def is_there(path: Path) -> bool:
    """A file is there, or the database that would have it."""
    return path.stem in on_postgres.cluster().databases(path.stem) if on_postgres.WANTED else path.exists()


def which(path: Path) -> int:
    """A number that another file of the name, or another database, does not have."""
    if on_postgres.WANTED:
        return on_postgres.inside("postgres", "SELECT oid FROM pg_database WHERE datname = %s", path.stem)[0][0]
    return path.stat().st_ino


def remove(path: Path) -> None:
    """Take a file away behind the portal's back, or the database that would have it."""
    if on_postgres.WANTED:
        on_postgres.drop(path.stem)
    else:
        path.unlink()


def is_sound(path: Path) -> bool:
    """All of a file can be read, or of the database that would have it."""
    return bool(checksums(path)) if on_postgres.WANTED else query(path, "PRAGMA integrity_check") == [("ok",)]


def forget_templates() -> None:
    """Nobody has made the template of this release yet."""
    if on_postgres.WANTED:
        on_postgres.forget_templates()
    for path in folder().glob("template_*"):
        path.unlink()


def put_copy(source: Path, target: Path) -> None:
    """Copy a file, or a database, to another name behind the portal's back."""
    if on_postgres.WANTED:
        on_postgres.copy(source.stem, target.stem)
    else:
        shutil.copy(source, target)


def put_in_the_way(path: Path) -> None:
    """Have somebody else's file under the name, or somebody else's database."""
    if on_postgres.WANTED:
        on_postgres.ensure(path.stem)
    else:
        path.write_bytes(b"somebody else's")


def spoil(path: Path) -> None:
    """Let nobody read a file any more, or the database that would have it."""
    if on_postgres.WANTED:
        on_postgres.refuse_everybody(path.stem)
    else:
        path.write_bytes(b"noise" * 1000)


def tear(path: Path) -> None:
    """Damage a file so that nothing of it can be read, or the database that would have it."""
    if on_postgres.WANTED:
        on_postgres.tear(path.stem)
    else:
        path.write_bytes(b"x" * 8192)


def close(path: Path) -> None:
    """Let nobody open a file, or the database that would have it."""
    if on_postgres.WANTED:
        on_postgres.refuse_everybody(path.stem)
    else:
        path.chmod(0)


def query(path: Path, sql: str, *values) -> list[tuple]:
    """The rows a query finds in a file, or in the database that would have it."""
    if on_postgres.WANTED:
        return on_postgres.inside(path.stem, sql.replace("?", "%s"), *values)
    raw = sqlite3.connect(path)
    try:
        return raw.execute(sql, values).fetchall()
    finally:
        raw.close()


def change(path: Path, *statements: str) -> None:
    """Change a file, or the database that would have it, behind the portal's back."""
    if on_postgres.WANTED:
        on_postgres.ensure(path.stem)
        for statement in statements:
            on_postgres.inside(path.stem, statement)
        return
    raw = sqlite3.connect(path, isolation_level=None)
    try:
        for statement in statements:
            raw.execute(statement)
    finally:
        raw.close()


@contextmanager
def somebody(path: Path, patience: float = 5) -> Iterator[sqlite3.Connection | psycopg.Connection]:
    """A connection of somebody at work in a hospital, who waits for others so many seconds.

    Every statement that they do not put into a transaction is one. On PostgreSQL they have the hospital's own role.
    """
    if on_postgres.WANTED:
        server = current_app.extensions["engines"].databases().server
        raw = server.connect_as_people(path.stem)
        raw.autocommit = True
        raw.execute(f"SET lock_timeout = {max(1, int(patience * 1000))}")
    else:
        raw = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        yield raw
    finally:
        raw.close()


def content_of(path: Path) -> object:
    """All that is in a file, or in the database that would have it."""
    return (definitions(path), checksums(path)) if on_postgres.WANTED else path.read_bytes()


@contextmanager
def writer(path: Path) -> Iterator[Callable[[str], object]]:
    """A connection of somebody who changes a file, or the database that would have it: statement by statement."""
    if on_postgres.WANTED:
        with psycopg.connect(on_postgres.cluster().url_of(path.stem), autocommit=True) as raw:
            yield raw.execute
    else:
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as raw:
            yield raw.execute


def without_tables(*tables: str) -> list[str]:
    """Statements that drop tables; a server drops with them what refers to them."""
    return [f"DROP TABLE {table}{' CASCADE' if on_postgres.WANTED else ''}" for table in tables]


def without_trigger(entry: Entry) -> str:
    """A statement that drops a trigger."""
    return f"DROP TRIGGER {entry.name}{f' ON {entry.table}' if on_postgres.WANTED else ''}"


def expected(kind: str, table: str) -> list[Entry]:
    """What of this kind a table must have, by name."""
    every = schema.expected_entries("postgresql" if on_postgres.WANTED else "sqlite")
    return sorted(entry for entry in every if (entry.kind, entry.table) == (kind, table))


def definitions(path: Path) -> dict[tuple[str, str], str]:
    """What a file is made of, or the database that would have it: the text of each table, index and trigger."""
    url = on_postgres.sqlalchemy_url(path.stem) if on_postgres.WANTED else f"sqlite:///{path}"
    with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
        return {(entry.kind, entry.name): entry.sql for entry in catalog.entries_in(connection)}


def redefine(path: Path, table: str, before: str, after: str, alter: str) -> None:
    """Let a definition read differently: SQLite makes the table anew with its rows and indexes, a server alters it."""
    if on_postgres.WANTED:
        change(path, f"ALTER TABLE {table} {alter}")
        return
    [(text,)] = query(path, "SELECT sql FROM sqlite_master WHERE name = ?", table)
    indexes = query(path, "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type = 'index' AND sql > ''", table)
    assert before in text
    change(
        path,
        "PRAGMA legacy_alter_table=ON",
        f"ALTER TABLE {table} RENAME TO old_one",
        text.replace(before, after, 1),
        f"INSERT INTO {table} SELECT * FROM old_one",
        "DROP TABLE old_one",
        *(sql for (sql,) in indexes),
    )


def spoil_table(path: Path, table: str) -> None:
    """Let nobody read the rows of a table any more."""
    if on_postgres.WANTED:
        on_postgres.spoil_table(path.stem, table)
        return
    [(page,)] = query(path, "SELECT rootpage FROM sqlite_master WHERE name = ?", table)
    [(size,)] = query(path, "PRAGMA page_size")
    with open(path, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes([7]) * size)


def add_orphan(path: Path, table: str, columns: str, values: str) -> None:
    """Add a row that refers to records that are not there."""
    if on_postgres.WANTED:
        on_postgres.trust_rows(path.stem, table, f"INSERT INTO {table} ({columns}) VALUES ({values})")
    else:
        change(path, f"INSERT INTO {table} ({columns}) VALUES ({values})")


def size_of(path: Path) -> int:
    """The bytes that a file takes, or the database that would have it."""
    if on_postgres.WANTED:
        return on_postgres.inside(path.stem, "SELECT pg_database_size(%s)", path.stem)[0][0]
    return path.stat().st_size


def checksums(path: Path) -> dict[str, str]:
    """A digest of all rows of each table."""
    if on_postgres.WANTED:
        return on_postgres.checksums(path.stem)
    raw = sqlite3.connect(path)
    try:
        named = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        tables = [table for (table,) in named if not table.startswith("sqlite_")]
        rows = {table: sorted(map(repr, raw.execute(f'SELECT * FROM "{table}"'))) for table in tables}
    finally:
        raw.close()
    return {table: hashlib.sha256(repr(those).encode()).hexdigest() for table, those in rows.items()}


def answer_of(app: Flask, subdomain: str = "city-general", path: str = "/"):
    """What a visitor of the hospital's site gets now, in a context of the request's own."""
    app.extensions["registry"].forget()
    address = f"http://{subdomain}.localhost:8000"
    return contextvars.Context().run(lambda: app.test_client().get(path, base_url=address))


def assert_consistent(operation: Operation) -> None:
    """An operation that has ended holds nothing, and none of its steps waits or runs."""
    assert not operation.is_active
    assert operation.active_key is None
    assert operation.lease_until is None
    assert operation.finished_at is not None
    assert not {row.state for row in operation.steps} & {"waiting", "running"}
