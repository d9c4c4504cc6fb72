"""Verify says what is really there, in one sentence, and changes nothing (security.md 33)."""

import hashlib
import os
import subprocess
import sys
import threading

import pytest

from portal.migrations import head
from portal.provisioning import TenantDatabaseManager, operations, verify
from portal.tenancy.databases import opening
from tests import on_postgres
from tests.conftest import make_hospital
from tests.provisioned import (
    answer_of,
    change,
    close,
    content_of,
    database,
    is_there,
    put_copy,
    register,
    remove,
    request_again,
    seen_operation,
    seen_tenant,
    spoil_table,
    which,
    without_tables,
    writer,
)

FOUND_NOT = "missing", "The database cannot be found."
DAMAGED = "missing", "The database file is damaged."
OTHERS = "missing", "The database belongs to another hospital."
NOT_OURS = "missing", "The database is not the one the platform created."
UNFINISHED = "unknown", "The last check did not finish."


@pytest.fixture
def city(hospital, app):
    """City General, with nothing of it open, inside an application context."""
    app.extensions["engines"].close()
    with app.app_context():
        yield hospital


def said() -> tuple[str, str]:
    """The status and the reason that verify gives City General now."""
    verdict = TenantDatabaseManager.verify_hospital_database("city-general")
    return verdict.status, verdict.reason


def looked_at() -> tuple[str, str]:
    """As `said`, with proof that the database stays as it is."""
    before = print_of(database())
    answer = said()
    assert print_of(database()) == before, "verify changed the database"
    return answer


def print_of(path) -> tuple:
    """What must not change: where it is, its content, and when it was written."""
    if on_postgres.WANTED:
        return (which(path), content_of(path)) if is_there(path) else ("absent",)
    if not os.path.lexists(path):
        return ("absent",)
    stat = os.lstat(path)
    content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else path.exists()
    return stat.st_ino, stat.st_mtime_ns, content


def overwrite(at: int, content: bytes) -> None:
    """Write over some bytes of the file."""
    with open(database(), "r+b") as file:
        file.seek(at)
        file.write(content)


def test_a_whole_database_is_ready(city):
    expected = sum(len(tables) for tables in verify.expected_tables().values())
    verdict = TenantDatabaseManager.verify_hospital_database("city-general")
    assert (verdict.status, verdict.reason) == ("ready", f"All {verdict.modules_expected} modules are set up.")
    assert (verdict.tables, verdict.expected_tables, verdict.revision) == (expected, expected, head("tenant"))


def test_what_was_seen_is_kept_with_its_time(city):
    before = seen_tenant(city.id).checked_at
    remove(database())
    assert looked_at() == FOUND_NOT
    tenant = seen_tenant(city.id)
    assert (tenant.status, tenant.reason, tenant.modules_ready, tenant.tables) == (*FOUND_NOT, 0, 0)
    assert tenant.checked_at > before


def test_a_missing_file_stays_missing(city):
    remove(database())
    assert looked_at() == FOUND_NOT
    assert not is_there(database())


@pytest.mark.sqlite
def test_an_empty_file_has_no_tables(city):
    database().write_bytes(b"")
    assert looked_at() == ("missing", "The database has no tables.")


def test_a_database_without_tables_is_said_to_be_one(city):
    remove(database())
    change(database(), "CREATE TABLE theirs (x INTEGER)")
    assert looked_at() == ("missing", "The database has no tables.")


@pytest.mark.sqlite
@pytest.mark.parametrize("size", [1, 100, 5000])
def test_a_text_file_is_damaged(city, size):
    database().write_bytes(b"x" * size)
    assert looked_at() == DAMAGED


@pytest.mark.sqlite
def test_a_truncated_file_is_damaged(city):
    for pages in (1, 3, 20):
        os.truncate(database(), pages * 4096)
        assert looked_at() == DAMAGED


@pytest.mark.sqlite
def test_a_file_that_lost_its_last_byte_is_damaged(city):
    os.truncate(database(), database().stat().st_size - 1)
    assert looked_at() == DAMAGED


@pytest.mark.sqlite
@pytest.mark.parametrize("at", [0, 16, 18, 19, 59, 100, 101, 105])
def test_a_flipped_header_is_never_ready(city, at):
    overwrite(at, bytes([database().read_bytes()[at] ^ 0xFF]))
    assert looked_at()[0] == "missing"


def test_a_page_of_noise_is_damaged(city):
    spoil_table(database(), "auth_permission")
    assert said() == DAMAGED


@pytest.mark.sqlite
def test_words_that_are_no_unicode_never_break_the_check(city):
    content = database().read_bytes()
    database().write_bytes(content.replace(b"CREATE TABLE staff_", b"CREATE TABLE \xff\xfe\xfdff_"))
    assert looked_at()[0] == "missing"


def incomplete(modules: int) -> tuple[str, str]:
    """What is said when so many modules lack something."""
    expected = len(verify.expected_tables())
    return "incomplete", f"{expected - modules} of {expected} modules are set up. Select Create to finish."


def test_a_missing_table_makes_its_module_incomplete(city):
    table = sorted(verify.expected_tables()["patients"])[-1]
    change(database(), *without_tables(table))
    assert looked_at() == incomplete(1)
    verdict = TenantDatabaseManager.verify_hospital_database("city-general")
    assert "patients" not in verdict.ready


def test_a_missing_column_makes_its_module_incomplete_and_is_named(city, in_app):
    change(database(), "ALTER TABLE core_hospitalprofile DROP COLUMN legal_name")
    assert looked_at() == incomplete(1)
    names = in_app.extensions["engines"].names_of(city)
    assert verify.examine(names, city.uuid, city.generation).missing == ("core_hospitalprofile.legal_name",)


def test_a_module_without_any_table_is_incomplete(city):
    change(database(), *without_tables(*sorted(verify.expected_tables()["patients"])))
    assert looked_at() == incomplete(1)


@pytest.mark.parametrize("revision", ["0001", "a word"])
def test_another_revision_is_incomplete_and_both_are_named(city, revision):
    change(database(), f"UPDATE alembic_version_tenant SET version_num = '{revision}'")
    sentence = f"The database is at revision {revision}, expected {head('tenant')}."
    assert looked_at() == ("incomplete", sentence)


NEWER = "UPDATE alembic_version_tenant SET version_num = '9999', serves_from = '{}'"


def test_what_a_newer_release_has_added_leaves_a_database_ready(city):
    change(database(), NEWER.format(head("tenant")), "ALTER TABLE core_hospitalprofile ADD COLUMN motto VARCHAR(80)")
    sentence = "All modules are set up. A newer release has added to the database: revision 9999."
    assert looked_at() == ("ready", sentence)


def test_what_a_newer_release_has_changed_is_left_to_it_to_judge(city):
    change(database(), NEWER.format("9999"), "ALTER TABLE core_hospitalprofile DROP COLUMN legal_name")
    sentence = "A newer release has changed the database, and only that one can check it: revision 9999."
    assert looked_at() == ("incomplete", sentence)
    assert (seen_tenant(city.id).revision, seen_tenant(city.id).serves_from) == ("9999", "9999")


def test_create_leaves_a_database_of_a_newer_release_alone(city):
    change(database(), NEWER.format("9999"))
    before = content_of(database())
    operation_id = request_again(city.id)
    assert operations.perform(operation_id)
    assert seen_operation(operation_id).error.startswith("The database is at revision 9999, which is not known here.")
    assert content_of(database()) == before


def test_a_database_stamped_for_another_hospital_is_never_ready(city):
    change(database(), "UPDATE core_identity SET tenant_uuid = '00000000-0000-4000-8000-000000000000'")
    assert looked_at() == OTHERS


def test_another_generation_is_not_the_database_the_platform_created(city):
    change(database(), "UPDATE core_identity SET generation = '00000000000040008000000000000000'")
    assert looked_at() == NOT_OURS


def test_a_database_without_its_stamp_belongs_to_nobody(city):
    change(database(), "DELETE FROM core_identity")
    assert looked_at() == ("missing", "The database does not say which hospital it belongs to.")


def test_another_hospitals_file_under_this_name_is_never_ready(city, app):
    make_hospital(app, "lakeside", "Lakeside Clinic")
    app.extensions["engines"].close()
    remove(database())
    put_copy(database("lakeside"), database())
    assert looked_at() == OTHERS
    assert answer_of(app).status_code == 503


KEPT_FROM_READERS = (
    ("BEGIN", "LOCK TABLE core_identity")
    if on_postgres.WANTED
    else ("PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "DELETE FROM core_auditlog")
)


def test_a_locked_database_is_unknown_and_the_check_ends(city, monkeypatch):
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 50)
    monkeypatch.setattr(verify, "ANSWER_SECONDS", 0.2)
    with writer(database()) as execute:
        for statement in KEPT_FROM_READERS:
            execute(statement)
        assert said() == UNFINISHED
    assert said()[0] == "ready"


def test_a_database_somebody_writes_to_is_still_ready(city):
    with writer(database()) as execute:
        execute("BEGIN")
        execute("UPDATE core_hospitalprofile SET name = 'half done'")
        assert looked_at()[0] == "ready"


@pytest.mark.sqlite
def test_a_folder_of_that_name_is_damage(city):
    database().unlink()
    database().mkdir()
    assert looked_at() == DAMAGED


@pytest.mark.sqlite
@pytest.mark.parametrize("target", ["nowhere", "hospital_lakeside.db", "elsewhere.db"])
def test_a_link_is_never_followed(city, app, target):
    make_hospital(app, "lakeside", "Lakeside Clinic")
    database().rename(database().with_name("elsewhere.db"))
    database().symlink_to(database().with_name(target))
    assert looked_at() == DAMAGED
    assert answer_of(app).status_code == 503


@pytest.mark.skipif(os.geteuid() == 0 and not on_postgres.WANTED, reason="root may read everything")
def test_an_unreadable_file_cannot_be_opened(city):
    close(database())
    assert said() == ("missing", "The database file cannot be opened.")


def left_open_and_killed(path, statement: str) -> None:
    """Write to a database in a process that dies without closing it: its write-ahead log stays behind."""
    program = "import os, sqlite3, sys\nsqlite3.connect(sys.argv[1]).executescript(sys.argv[2])\nos._exit(0)"
    subprocess.run([sys.executable, "-c", program, str(path), statement], check=True)
    assert path.with_name(path.name + "-wal").stat().st_size > 0


@pytest.mark.sqlite
def test_a_write_ahead_log_that_waits_is_read_and_left_as_it_is(city):
    left_open_and_killed(database(), "UPDATE core_identity SET generation = 'changed in the log only'")
    log = database().with_name(database().name + "-wal")
    before = print_of(log)
    assert looked_at() == NOT_OURS
    assert print_of(log) == before


@pytest.mark.sqlite
def test_the_write_ahead_log_of_another_database_is_noticed_and_never_written_into_the_file(city, app):
    make_hospital(app, "lakeside", "Lakeside Clinic")
    app.extensions["engines"].close()
    left_open_and_killed(database("lakeside"), "UPDATE core_identity SET created_at = '2020-01-01 00:00:00'")
    log = database("lakeside").with_name("hospital_lakeside.db-wal")
    log.rename(database().with_name("hospital_city-general.db-wal"))
    assert looked_at() == OTHERS
    assert answer_of(app).status_code == 503


def test_checks_of_one_database_at_once_agree(city, app):
    found = []

    def look():
        with app.app_context():
            names = app.extensions["engines"].names_of(city)
            found.append(verify.examine(names, city.uuid, city.generation).status)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["ready"] * 8


def test_a_hospital_without_a_database_is_missing_one(in_app):
    tenant_id, _none = register(with_database=False)
    assert looked_at() == FOUND_NOT
    assert seen_tenant(tenant_id).generation is None


def test_a_check_asked_for_on_the_page_is_an_operation(city):
    remove(database())
    operation_id = request_again(city.id, "verify")
    assert operations.perform(operation_id)
    assert seen_operation(operation_id).state == "succeeded"
    assert seen_tenant(city.id).status == "missing"


def test_a_check_that_breaks_is_a_failed_operation_and_no_endless_one(city, monkeypatch):
    def broken(*args):
        raise RuntimeError("nobody thought of this")

    operation_id = request_again(city.id, "verify")
    real = verify.examine
    calls = []

    def breaks_once(*args, **asked):
        calls.append(args)
        return broken() if len(calls) == 1 else real(*args, **asked)

    monkeypatch.setattr(verify, "examine", breaks_once)
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.state, operation.error) == ("failed", "Checking the site did not work. Nothing was changed.")
