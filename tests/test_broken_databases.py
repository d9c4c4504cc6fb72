"""Each way a database can be broken: its badge and sentence, what Create and Backup do, and nobody else notices.

security.md 33 and 40. tests/test_verify.py looks closer at single faults.
"""

import contextvars
import ctypes
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import flask
import pytest

from portal.auth.passwords import hashed
from portal.migrations import head
from portal.provisioning import TenantDatabaseManager, operations, verify
from portal.tenancy.databases import opening
from tests.conftest import add_user
from tests.provisioned import change, database, query, request_again, seen_operation, seen_tenant
from tests.test_repair import older_by_one
from tests.test_verify import left_open_and_killed, print_of

PASSWORD = "Long-enough-pass-9"
SIDES = ("", "-wal", "-journal")  # what is kept; -shm is only where readers of a log meet


@dataclass(frozen=True)
class Broken:
    """One fault: how it is made, and what is said of it. `site` is what a visitor of the hospital gets.

    `created` is what Create says where it refuses, or how its output begins where it mends; likewise `backed_up`.
    """

    make: Callable
    status: str
    reason: str
    site: int
    created: str
    mends: bool = False
    backed_up: str = ""


def side(name: str):
    """A file beside the database."""
    return database().with_name(database().name + name)


@contextmanager
def missing():
    """Somebody removed the file."""
    database().unlink()
    yield


@contextmanager
def zero_byte():
    """A disk that was full left nothing of it."""
    database().write_bytes(b"")
    yield


@contextmanager
def text_file():
    """Somebody put something else there."""
    database().write_bytes(b"These are not the records you are looking for.\n" * 200)
    yield


@contextmanager
def truncated():
    """A copy that was not finished."""
    os.truncate(database(), database().stat().st_size // 2 // 4096 * 4096)
    yield


@contextmanager
def flipped_header():
    """One bit of the first line."""
    content = bytearray(database().read_bytes())
    content[0] ^= 1
    database().write_bytes(content)
    yield


@contextmanager
def changed(*statements: str):
    """Somebody worked on it by hand."""
    change(database(), "PRAGMA foreign_keys=OFF", *statements)
    yield


def revision(name: str):
    """A database that says it is at another revision."""
    return changed(f"UPDATE alembic_version_tenant SET version_num = '{name}'")


@contextmanager
def locked():
    """Somebody holds it with another tool."""
    with closing(sqlite3.connect(database(), isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("DELETE FROM core_sequence WHERE 0")
        yield


@contextmanager
def unreadable():
    """Its permissions were lost; root obeys them while it does without its power to override them."""
    database().chmod(0)
    override(False)
    try:
        yield
    finally:
        override(True)


def override(may: bool) -> None:
    """Let this thread use CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, which only root has, or do without them."""
    if os.geteuid() != 0:
        return
    libc, header, sets = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    sets[0] = sets[0] | 0b110 if may else sets[0] & ~0b110
    assert libc.capset(header, sets) == 0


@contextmanager
def overriding() -> Iterator[None]:
    """Look at a file nobody may read; what its permissions say is put back."""
    mode = database().stat().st_mode if database().is_file() else None
    if mode is None or mode & 0o400:
        yield
        return
    database().chmod(0o600)
    yield
    database().chmod(mode)


@contextmanager
def symlink():
    """It was moved elsewhere, and a link put in its place."""
    database().rename(database().with_name("elsewhere.db"))
    database().symlink_to(database().with_name("elsewhere.db"))
    yield


@contextmanager
def directory():
    """A folder has its name."""
    database().unlink()
    database().mkdir()
    yield


@contextmanager
def stale_log():
    """Only the main file was replaced; the write-ahead log of another database is still there."""
    left_open_and_killed(database("lakeside"), "UPDATE core_identity SET created_at = '2020-01-01 00:00:00'")
    log = database("lakeside").with_name("hospital_lakeside.db-wal")
    shutil.copy(log, side("-wal"))
    with closing(sqlite3.connect(database("lakeside"))) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield


@contextmanager
def another_hospitals_file():
    """Somebody restored the wrong file by hand."""
    shutil.copy(database("lakeside"), database())
    yield


def of_modules(lacking: int) -> str:
    """The sentence where so many modules lack something."""
    expected = len(verify.expected_tables())
    return f"{expected - lacking} of {expected} modules are set up. Select Create to finish."


DAMAGED, OTHERS = "The database file is damaged.", "The database belongs to another hospital."
NOBODYS = "A database called hospital_city-general is there already and belongs to nobody."
UNCHANGED = " Reserving the subdomain did not work. Nothing was changed."
KEPT = " Setting up modules did not work. The database was kept as it was."
NO_COPY = " Copying the database did not work. Nothing was changed."


def refused(make, reason: str, created: str, status: str = "missing", site: int = 503, backed_up: str = "") -> Broken:
    """A fault that Create leaves alone, and of which there is no backup."""
    return Broken(make, status, reason, site, created, backed_up=(backed_up or reason) + NO_COPY)


def at(name: str) -> Broken:
    """A database of a revision that this release does not know: people work on, Create leaves it alone."""
    reason = f"The database is at revision {name}, expected {head('tenant')}."
    created = f"The database is at revision {name}, which is not known here."
    return Broken(lambda: revision(name), "incomplete", reason, 302, created + KEPT)


def newer() -> Broken:
    """A database that a newer release has changed: Create leaves it alone."""
    reason = "A newer release has changed the database, and only that one can check it: revision 9999."
    make = "UPDATE alembic_version_tenant SET version_num = '9999', serves_from = '9999'"
    created = "The database is at revision 9999, which is not known here."
    return Broken(lambda: changed(make), "incomplete", reason, 302, created + KEPT)


FAULTS = {
    "missing": lambda: Broken(
        missing, "missing", "The database cannot be found.", 503, "", mends=True,
        backed_up="The database cannot be found." + NO_COPY,
    ),
    "zero-byte": lambda: refused(zero_byte, "The database has no tables.", NOBODYS + UNCHANGED),
    "text file": lambda: refused(text_file, DAMAGED, DAMAGED + UNCHANGED),
    "truncated": lambda: refused(truncated, DAMAGED, DAMAGED + UNCHANGED),
    "flipped header": lambda: refused(flipped_header, DAMAGED, DAMAGED + UNCHANGED),
    "missing table": lambda: Broken(
        lambda: changed("DROP TABLE patients_allergy"), "incomplete", of_modules(1), 302,
        "Missing tables were added: Patient Management.", mends=True,
    ),
    "missing module": lambda: Broken(
        lambda: changed(*(f"DROP TABLE {table}" for table in verify.expected_tables()["patients"])),
        "incomplete", of_modules(1), 302, "Missing tables were added: Patient Management.", mends=True,
    ),
    "older revision": lambda: Broken(
        lambda: changed(*older_by_one()), "incomplete", of_modules(1), 302,
        f"The database was brought to revision {head('tenant')}.", mends=True,
    ),
    "newer revision": newer,
    "unknown revision": lambda: at("a word"),
    "wrong identity row": lambda: refused(
        lambda: changed("UPDATE core_identity SET tenant_uuid = '00000000-0000-4000-8000-000000000000'"), OTHERS,
        NOBODYS + UNCHANGED,
    ),
    "no identity row": lambda: refused(
        lambda: changed("DELETE FROM core_identity"), "The database does not say which hospital it belongs to.",
        NOBODYS + UNCHANGED,
    ),
    "another hospital's file": lambda: refused(another_hospitals_file, OTHERS, NOBODYS + UNCHANGED),
    "locked": lambda: refused(
        locked, "The last check did not finish.",
        "The database is busy. Try again in a moment." + UNCHANGED, status="unknown",
    ),
    "unreadable": lambda: refused(
        unreadable, "The database file cannot be opened.", "The database file cannot be opened." + UNCHANGED
    ),
    "symlink": lambda: refused(symlink, DAMAGED, DAMAGED + UNCHANGED),
    "directory": lambda: refused(directory, DAMAGED, DAMAGED + UNCHANGED),
    "stale log of another database": lambda: refused(stale_log, OTHERS, NOBODYS + UNCHANGED),
}  # fmt: skip


@pytest.fixture(params=FAULTS)
def city(request, two_hospitals, app, monkeypatch):
    """City General with one of the faults and nothing of it open, inside an application context; the fault."""
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 20)
    app.extensions["engines"].close()
    with app.app_context():
        fault = FAULTS[request.param]()
        with fault.make():
            yield fault


def outside(work: Callable):
    """Do something as a request does it, and see that it leaves nothing bound behind."""
    context = contextvars.Context()
    answer = context.run(work)
    assert not context.run(flask.has_app_context)
    return answer


def prints() -> list[tuple]:
    """City General's file and its side files: place, time, content."""
    with overriding():
        return [print_of(side(suffix)) for suffix in SIDES]


def open_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_badge_and_the_sentence_are_right_and_looking_changes_nothing(city, two_hospitals):
    before = prints()
    verdict = TenantDatabaseManager.verify_hospital_database("city-general")
    assert (verdict.status, verdict.reason) == (city.status, city.reason)
    assert prints() == before
    tenant = seen_tenant(two_hospitals[0].id)
    assert (tenant.status, tenant.reason, tenant.findings) == (city.status, city.reason, verdict.findings)


def test_visitors_get_a_page_that_says_so_and_never_an_error(city, two_hospitals, app):
    app.extensions["registry"].forget()
    before = prints()
    for path in ("/", "/sign-in", "/patients/", "/nowhere"):
        answer = outside(lambda path=path: app.test_client(hospital=two_hospitals[0]).get(path))
        if city.site == 503:
            assert answer.status_code == 503, path
            assert prints() == before
            assert "City General Hospital" in answer.text
        else:
            assert answer.status_code in (200, 302, 303, 404), path


def test_create_mends_it_or_says_why_not_and_changes_nothing(city, two_hospitals):
    before = prints()
    operation_id = request_again(two_hospitals[0].id)
    assert operations.perform(operation_id)
    operation, tenant = seen_operation(operation_id), seen_tenant(two_hospitals[0].id)
    if city.mends:
        assert (operation.state, tenant.status) == ("succeeded", "ready")
        assert " ".join(row.output for row in operation.steps if row.output) == city.created
    else:
        assert (operation.state, operation.error) == ("failed", city.created)
        assert (tenant.status, tenant.reason) == (city.status, city.reason)
        assert prints()[0] == before[0]


def test_a_backup_is_made_or_refused_in_words(city, two_hospitals):
    operation_id = request_again(two_hospitals[0].id, "backup")
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.state, operation.error or "") == ("failed" if city.backed_up else "succeeded", city.backed_up)


def test_the_other_hospital_and_the_console_work_on(city, two_hospitals, app, signed_in):
    lakeside = two_hospitals[1]
    add_user(lakeside, "rosa", "patients.view", "patients.add", password_hash=hashed(PASSWORD))
    path = database("lakeside")
    rosa = app.test_client(hospital=lakeside)
    assert outside(lambda: rosa.post("/sign-in", data={"username": "rosa", "password": PASSWORD})).status_code == 303
    assert outside(lambda: rosa.get("/patients/")).status_code == 200
    person = {"first_name": "Zoë", "last_name": "Lee", "sex": "female", "birth_date": "1990-01-05"}
    assert outside(lambda: rosa.post("/patients/new", data=person)).status_code == 303
    assert query(path, "SELECT first_name FROM patients_patient") == [("Zoë",)]
    assert TenantDatabaseManager.verify_hospital_database("lakeside").status == "ready"
    TenantDatabaseManager.verify_hospital_database("city-general")
    badge = {"missing": "Missing/Error", "incomplete": "Incomplete", "unknown": "Unknown"}[city.status]
    assert outside(lambda: signed_in.page("/admin/hospitals/?q=city")).text.count(badge) > 1
    assert f"{badge} {city.reason}" in outside(lambda: signed_in.page("/admin/hospitals/city-general")).text
    assert "Ready All" in outside(lambda: signed_in.page("/admin/hospitals/lakeside")).text
    assert outside(lambda: rosa.get("/patients/")).status_code == 200


def test_no_file_stays_open_however_often_it_is_tried(city, two_hospitals, app):
    def try_everything():
        for hospital in two_hospitals:
            outside(lambda hospital=hospital: app.test_client(hospital=hospital).get("/sign-in"))
            TenantDatabaseManager.verify_hospital_database(hospital.subdomain)

    for _warm in range(2):
        try_everything()
    before = open_files()
    for _again in range(8):
        try_everything()
    assert open_files() <= before
