"""A portal of its own for each test: real SQLite files, cloned in milliseconds from one set made per run."""

import gc
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal import clock, create_app, first_start, migrations
from portal.auth.models import Permission, UserPermission
from portal.auth.models import User as HospitalUser
from portal.control.models import Plan, Tenant, User
from portal.extensions import db
from portal.provisioning import move, operations, template
from portal.provisioning.registration import NewAdministrator, Registration, register_hospital
from portal.settings import Settings
from portal.tenancy.current import Hospital, find_current_hospital, in_hospital
from portal.tenancy.registry import get_hospital
from portal.tenancy.servers import Server
from tests import newer, on_postgres, ready
from tests.clients import PageClient
from tests.processes import ROOT
from tests.running import Running

# The pages are driven only where Playwright is there: `make test` does not install it, `make test-browser` does.
collect_ignore = [] if find_spec("playwright") else ["browser"]

pytest.register_assert_rewrite("tests.day_clinic", "tests.day_ward")


NORTH = "north"  # the second server of a portal in whose folder a test made one


@cache
def usual_settings() -> Settings:
    """The settings every portal of the tests has; reading them looks at every time zone there is."""
    return Settings.from_environ({"SECRET_KEY": "a key that only tests use", "REQUEST_LINES": "no"})


def make_settings(folder: Path, **changes) -> Settings:
    """The settings of a portal in this folder, without Redis."""
    instance = folder / "instance"
    own = {
        "instance_dir": instance,
        "hospitals_dir": folder / "hospitals",
        "backups_dir": folder / "backups",
        "database_url": f"sqlite:///{instance / 'control.db'}",
    }
    own["servers"] = on_postgres.servers() if on_postgres.WANTED else folder_of_files(own["hospitals_dir"])
    if on_postgres.WANTED:
        own["database_url"] = on_postgres.control_url()
    if (folder / NORTH).is_dir():
        own["servers"] = own["servers"] | {NORTH: Server.parse(f"{NORTH}=sqlite:///{NORTH}?most=2", folder)}
    return replace(usual_settings(), **own | changes)


def folder_of_files(hospitals: Path) -> dict[str, Server]:
    """The one server of an installation that names none."""
    return {"default": Server("default", sa.URL.create("sqlite", database=str(hospitals)))}


def shut(app: Flask) -> None:
    """Close every connection of an application."""
    app.extensions["engines"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def blank(tmp_path_factory) -> Path:
    """A folder with a migrated control database, plans, a superuser and the hospitals' template."""

    def make(folder: Path) -> None:
        if on_postgres.WANTED:
            on_postgres.make_control()
        app = create_app(make_settings(folder))
        with app.app_context():
            first_start.ensure_control()
            template.ensure_template()
            db.session.add(User(username="root", name="Root", email="root@portal.test", role="superuser"))
            db.session.commit()
        shut(app)
        if on_postgres.WANTED:
            on_postgres.keep(0)

    folder = ready.made_once(tmp_path_factory, "blank", make)
    gc.freeze()  # all that is loaded by now stays; a full collection that looks at it again takes half a second
    return folder


@pytest.fixture(scope="session")
def portal_with(tmp_path_factory, blank):
    """The blank folder with the first of our hospitals: `portal_with(2)` has two."""

    def make_with(count: int, folder: Path) -> None:
        ready.copy(blank, folder)
        if on_postgres.WANTED:
            on_postgres.begin(0)
        app = create_app(make_settings(folder))
        for subdomain, name in list(ready.HOSPITALS.items())[:count]:
            make_hospital(app, subdomain, name)
        shut(app)
        if on_postgres.WANTED:
            on_postgres.keep(count)

    return lambda count: ready.made_once(tmp_path_factory, f"with-{count}", partial(make_with, count))


@pytest.fixture
def settings(tmp_path, blank, portal_with, request) -> Settings:
    """The settings of this test's portal: a copy of the blank one, or of one with the hospitals the test asks for."""
    asked = set(request.fixturenames)
    count = 2 if "two_hospitals" in asked else 1 if asked & {"hospital", "client_with"} else 0
    ready.copy(portal_with(count) if count else blank, tmp_path)
    if on_postgres.WANTED:
        on_postgres.begin(count)
    if "second_server" in asked:
        (tmp_path / NORTH).mkdir()
    return make_settings(tmp_path)


@pytest.fixture
def second_server(monkeypatch) -> None:
    """The portal has a second server, a folder of files; moving there waits for no other process: there is none."""
    monkeypatch.setattr(move, "DRAIN_SECONDS", 0)


@pytest.fixture
def app(settings) -> Iterator[Flask]:
    """The application, without CSRF tokens; a test of those uses `strict_app`."""
    app = create_app(settings)
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False)
    app.test_client_class = PageClient
    app.jinja_env.bytecode_cache = ready.COMPILED_TEMPLATES
    yield app
    assert find_current_hospital() is None, "the test ended inside a hospital"
    clock.reset()
    shut(app)


@pytest.fixture
def in_app(app) -> Iterator[Flask]:
    """The application with a context, for tests without requests."""
    with app.app_context():
        yield app


@pytest.fixture
def newer_release(tmp_path, monkeypatch):
    """This process becomes one of a release with more migrations: `newer_release(body, …)`; answers with its head."""

    def become(*bodies: str) -> str:
        monkeypatch.setattr(migrations, "FOLDER", newer.write(tmp_path / "newer", *bodies))
        newer.forget()
        return migrations.head("tenant")

    yield become
    monkeypatch.undo()
    newer.forget()


@pytest.fixture
def client(app) -> PageClient:
    """A browser on the console that nobody is signed in to."""
    return app.test_client()


@pytest.fixture
def signed_in(app) -> PageClient:
    """A browser on the console, signed in as the superuser."""
    browser = app.test_client()
    with app.app_context():
        browser.sign_in_as(db.session.scalar(sa.select(User).where(User.username == "root")))
    return browser


def make_hospital(app: Flask, subdomain: str = "city-general", name: str = "City General Hospital") -> Hospital:
    """A Ready hospital with its own administrator, `<subdomain>-admin`."""
    with app.app_context():
        plan = db.session.scalar(sa.select(Plan).where(Plan.name == "Enterprise"))
        administrator = NewAdministrator(f"{subdomain}-admin", "Omar Haddad", f"{subdomain}@hospital.test", None)
        asked = Registration(
            name=name,
            subdomain=subdomain,
            administrator=administrator,
            plan_id=plan.id,
            starts_on=date(2026, 1, 1),
            modules=frozenset(app.extensions["modules"]),
            timezone="Europe/London",
            currency="GBP",
            locale="en-GB",
        )
        tenant, operation = register_hospital(asked)
        db.session.commit()
        operation_id, tenant_id = operation.id, tenant.id
        db.session.rollback()
        assert operations.perform(operation_id)
        assert db.session.get(Tenant, tenant_id, populate_existing=True).status == "ready"
        db.session.rollback()
        return get_hospital(subdomain)


def our_hospital(app: Flask, subdomain: str) -> Hospital:
    """One of our hospitals: from the copied portal, or made now."""
    with app.app_context():
        is_there = db.session.scalar(sa.select(Tenant.id).where(Tenant.subdomain == subdomain))
        db.session.rollback()
        return get_hospital(subdomain) if is_there else make_hospital(app, subdomain, ready.HOSPITALS[subdomain])


@pytest.fixture
def hospital(app) -> Hospital:
    """A Ready hospital: city-general."""
    return our_hospital(app, "city-general")


@pytest.fixture
def two_hospitals(app) -> tuple[Hospital, Hospital]:
    """Two Ready hospitals that must never know of each other: city-general and lakeside."""
    return our_hospital(app, "city-general"), our_hospital(app, "lakeside")


def add_user(hospital: Hospital, username: str, *permissions: str, **values) -> HospitalUser:
    """A user of a hospital who holds exactly these permissions; needs an application context."""
    return add_users(hospital, [username], *permissions, **values)[0]


def add_users(hospital: Hospital, usernames: Iterable[str], *permissions: str, **values) -> list[HospitalUser]:
    """Users of a hospital who each hold exactly these permissions; needs an application context."""
    values = {"first_name": "Leila"} | values
    with in_hospital(hospital):
        users = [HospitalUser(username=username, **values) for username in usernames]
        db.session.add_all(users)
        db.session.flush()
        wanted = [permission.split(".") for permission in permissions]
        query = sa.select(Permission).where(sa.tuple_(Permission.module, Permission.codename).in_(wanted or [("", "")]))
        found = db.session.scalars(query).all()
        assert len(found) == len(permissions), f"not all of {permissions} exist"
        held = (UserPermission(user_id=user.id, permission_id=one.id) for user in users for one in found)
        db.session.add_all(held)
        db.session.commit()
        for user in users:
            db.session.refresh(user)
        return users


@pytest.fixture
def client_with(app, request):
    """A browser on a hospital's host, signed in as somebody with exactly these permissions."""

    def make(*permissions: str, hospital: Hospital | None = None, username: str = "leila") -> PageClient:
        where = hospital or request.getfixturevalue("hospital")
        browser = app.test_client(hospital=where)
        with app.app_context():
            browser.sign_in_as(add_user(where, username, *permissions))
        return browser

    return make


@pytest.fixture
def count_queries():
    """Counts the statements that run inside `with count_queries() as statements`."""
    from contextlib import contextmanager

    @contextmanager
    def counting():
        statements: list[str] = []

        def heard(conn, cursor, statement, parameters, context, executemany):
            if not statement.startswith(("BEGIN", "PRAGMA")):
                statements.append(statement)

        sa.event.listen(sa.Engine, "before_cursor_execute", heard)
        try:
            yield statements
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", heard)

    return counting


@pytest.fixture
def kill(tmp_path, app):
    """Carries an operation out in a process that ends at a point: `kill(operation, point, seams)`."""
    command = [sys.executable, "-m", "tests.killed", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"

        def ask(operation_id: int, point: int, seams: str) -> str:
            process.stdin.write(f"{operation_id} {point} {seams}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask
        process.stdin.close()


@pytest.fixture
def running(settings) -> Iterator[Running]:
    """The portal's own processes on this test's folders, with a Redis of their own."""
    started = Running(settings)
    yield started
    started.close()


@pytest.fixture
def later(in_app):
    """Every lease the killed process took has run out by this clock."""
    clock.move(timedelta(seconds=60))
