"""What the tests of provisioning share: a hospital to be created, and a look at what is on the disk and in the rows."""

import contextvars
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask, current_app

from portal import clock
from portal.control.models import Operation, Plan, Tenant
from portal.extensions import db
from portal.provisioning import asking, operations
from portal.provisioning.registration import NewAdministrator, Registration, register_hospital
from tests import on_postgres


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
    """The reaper comes by until what belongs to nobody on a server is old; of files all goes with the work itself."""
    if not on_postgres.WANTED:
        return
    operations.sweep()  # of which nobody lived to say when it was begun is as old as this
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
