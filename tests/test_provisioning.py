"""Creating a hospital's database: once, completely, or not at all."""

import errno
import os
import shutil
import stat

import pytest
import sqlalchemy as sa

from portal import migrations
from portal.control.models import TenantAccess, User
from portal.extensions import db
from portal.provisioning import operations, template
from portal.provisioning.fresh import FreshDatabase, mrn_prefix
from portal.provisioning.ledger import Ledger
from portal.provisioning.progress import Progress
from portal.tenancy.databases import sqlite
from tests import on_postgres
from tests.provisioned import (
    answer_of,
    assert_consistent,
    change,
    checksums,
    database,
    files,
    folder,
    put_copy,
    query,
    register,
    remove,
    request_again,
    seen_operation,
    seen_tenant,
    step_states,
)

REMOVED = " did not work, so the unfinished database was removed. Nothing else was changed."


@pytest.fixture
def created(in_app) -> tuple[int, int]:
    """A hospital that was created: the ids of its row and its operation."""
    ids = register()
    assert operations.perform(ids[1])
    return ids


def remove_templates():
    """As on the first start of a release."""
    if on_postgres.WANTED:
        on_postgres.forget_templates()
    for path in folder().glob("template_*"):
        path.unlink()


def test_a_created_hospital_is_ready_and_every_step_is_done(created, in_app):
    tenant, operation = seen_tenant(created[0]), seen_operation(created[1])
    assert (tenant.status, tenant.modules_ready) == ("ready", len(in_app.extensions["modules"]))
    assert tenant.reason == f"All {tenant.modules_expected} modules are set up."
    assert tenant.tables == tenant.expected_tables > 10
    assert operation.state == "succeeded"
    assert {row.state for row in operation.steps} == {"done"}
    assert_consistent(operation)


@pytest.mark.sqlite
def test_its_file_is_private_stamped_and_alone_in_the_folder(created):
    assert files() == {"hospital_city-general.db"}
    assert stat.S_IMODE(database().stat().st_mode) == 0o600
    tenant = seen_tenant(created[0])
    assert query(database(), "SELECT tenant_uuid, generation FROM core_identity") == [(tenant.uuid, tenant.generation)]


def test_its_administrator_is_mirrored_with_the_role_and_without_a_password(created):
    rows = query(
        database(),
        "SELECT u.username, u.email, u.password_hash, u.platform_user_uuid, g.name FROM auth_user u"
        " JOIN auth_user_groups ug ON ug.user_id = u.id JOIN auth_group g ON g.id = ug.group_id",
    )
    user = db.session.scalar(sa.select(User).where(User.username == "city-general-admin"))
    assert rows == [("city-general-admin", "city-general@hospital.test", None, user.uuid, "hospital_admin")]
    access = db.session.scalars(sa.select(TenantAccess.user_id).where(TenantAccess.tenant_id == created[0])).all()
    assert access == [user.id]


def test_its_profile_is_seeded_from_what_was_registered(created):
    rows = query(database(), "SELECT name, timezone, currency, locale, mrn_prefix FROM core_hospitalprofile")
    assert rows == [("City General Hospital", "Europe/London", "GBP", "en-GB", "CG")]


def test_its_site_opens_at_once(created, app):
    assert answer_of(app).status_code == 302


def test_a_second_create_changes_no_row(created, in_app):
    before, registered = checksums(database()), seen_tenant(created[0])
    again = request_again(created[0])
    assert again != created[1]
    assert operations.perform(again)
    operation, tenant = seen_operation(again), seen_tenant(created[0])
    assert operation.state == "succeeded"
    assert checksums(database()) == before
    assert (tenant.uuid, tenant.generation, tenant.status) == (registered.uuid, registered.generation, "ready")
    assert files() == {"hospital_city-general.db"}
    assert_consistent(seen_operation(again))


def test_while_work_is_under_way_asking_again_is_the_same_operation(in_app):
    tenant_id, operation_id = register()
    assert request_again(tenant_id) == operation_id


def test_a_hospital_registered_without_a_database_gets_it_later(in_app, app):
    tenant_id, operation_id = register(with_database=False)
    assert operation_id is None
    assert files() == set()
    assert answer_of(app).status_code == 503
    assert operations.perform(request_again(tenant_id))
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app).status_code == 302


@pytest.mark.sqlite
def test_create_adds_only_what_an_incomplete_database_lacks_and_says_so(created):
    before = checksums(database())
    lost = sorted(table for table in before if table.startswith("patients_"))
    change(database(), *(f"DROP TABLE {table}" for table in lost))
    assert operations.perform(request_again(created[0], "verify"))
    expected = seen_tenant(created[0]).modules_expected
    incomplete = f"{expected - 1} of {expected} modules are set up. Select Create to finish."
    assert (seen_tenant(created[0]).status, seen_tenant(created[0]).reason) == ("incomplete", incomplete)

    again = request_again(created[0])
    assert operations.perform(again)
    assert seen_tenant(created[0]).status == "ready"
    assert checksums(database()) == before
    assert [row.output for row in seen_operation(again).steps if row.output] == [
        "Missing tables were added: Patient Management."
    ]


def test_a_column_that_is_missing_is_named_and_nothing_is_changed(created):
    change(database(), "ALTER TABLE core_hospitalprofile DROP COLUMN legal_name")
    before = checksums(database())
    again = request_again(created[0])
    assert operations.perform(again)
    sentence = (
        "The column core_hospitalprofile.legal_name is missing and cannot be added."
        " Setting up modules did not work. The database was kept as it was."
    )
    assert seen_operation(again).error == sentence
    assert checksums(database()) == before


@pytest.mark.sqlite
@pytest.mark.parametrize("content", [b"", b"a letter, not a database", None])
def test_somebody_elses_file_of_that_name_is_refused_and_left_alone(in_app, content):
    if content is None:
        change(database(), "CREATE TABLE theirs (x)", "INSERT INTO theirs VALUES (1)")
    else:
        database().write_bytes(content)
    before = database().read_bytes()
    tenant_id, operation_id = register()
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert operation.state == "failed"
    assert operation.error.endswith("Reserving the subdomain did not work. Nothing was changed.")
    assert database().read_bytes() == before
    assert files() == {"hospital_city-general.db"}
    assert seen_tenant(tenant_id).generation is None


def test_another_hospitals_database_is_never_taken_over(created, in_app):
    put_copy(database(), database("lakeside"))
    tenant_id, operation_id = register("lakeside", "Lakeside Clinic")
    assert operations.perform(operation_id)
    assert seen_operation(operation_id).error.startswith("A database called hospital_lakeside is there already")
    assert seen_tenant(tenant_id).status == "missing"


def test_an_older_copy_of_the_hospitals_own_database_is_not_put_into_use(created):
    put_copy(database(), database("kept"))
    remove(database())
    assert operations.perform(request_again(created[0]))
    assert seen_tenant(created[0]).status == "ready"
    remove(database())
    put_copy(database("kept"), database())
    again = request_again(created[0])
    assert operations.perform(again)
    assert seen_operation(again).error.startswith("The database is not the one the platform created.")
    assert seen_tenant(created[0]).status == "missing"


FULL = OSError, errno.ENOSPC, os.strerror(errno.ENOSPC)
REFUSED = OSError, errno.EACCES, os.strerror(errno.EACCES)
UNEXPLAINED = RuntimeError, "a detail for the log only"


def failing_once(monkeypatch, owner, name: str, error: tuple) -> None:
    """Let a function fail when it is called first, and work ever after."""
    real, calls = getattr(owner, name), []

    def fail(*args, **kwargs):
        calls.append(name)
        if len(calls) == 1:
            raise error[0](*error[1:])
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, fail)


SEAMS = {
    "clone": (sqlite.SqliteDatabases, "clone", FULL, f"The disk is full. Creating the database{REMOVED}"),
    "clone refused": (
        *(sqlite.SqliteDatabases, "clone", REFUSED),
        f"The hospitals folder cannot be written to. Creating the database{REMOVED}",
    ),
    "look at the modules": (Ledger, "module_states", UNEXPLAINED, f"Setting up modules{REMOVED}"),
    "stamp": (FreshDatabase, "stamp_and_grant", UNEXPLAINED, f"Creating the administrator{REMOVED}"),
    "profile": (FreshDatabase, "_profile", FULL, f"The disk is full. Creating the administrator{REMOVED}"),
    "sync the file": (sqlite, "sync_file", FULL, f"The disk is full. Checking the site{REMOVED}"),
    "link": (sqlite, "link_file", REFUSED, f"The hospitals folder cannot be written to. Checking the site{REMOVED}"),
    "sync the folder": (sqlite, "sync_folder", FULL, f"The disk is full. Checking the site{REMOVED}"),
    "write the first step": (
        Ledger,
        "_fence",
        UNEXPLAINED,
        "Reserving the subdomain did not work. Nothing was changed.",
    ),
}


OF_FILES = {name: pytest.mark.sqlite for name, seam in SEAMS.items() if seam[0] in (sqlite, sqlite.SqliteDatabases)}


@pytest.mark.parametrize("seam", [pytest.param(name, marks=OF_FILES.get(name, ())) for name in SEAMS])
def test_a_step_that_fails_says_which_and_leaves_nothing_and_retry_works(in_app, app, monkeypatch, seam):
    owner, name, error, sentence = SEAMS[seam]
    tenant_id, operation_id = register()
    failing_once(monkeypatch, owner, name, error)
    assert operations.perform(operation_id)

    operation, tenant = seen_operation(operation_id), seen_tenant(tenant_id)
    assert (operation.state, operation.error) == ("failed", sentence)
    assert list(step_states(operation).values()).count("failed") == 1
    assert_consistent(operation)
    assert (tenant.status, tenant.reason) == ("missing", "The database cannot be found.")
    assert files() == set()
    page = answer_of(app)
    assert (page.status_code, "is not set up yet" in page.text) == (503, True)
    assert "a detail for the log only" not in Progress.of(operation).text

    retry = request_again(tenant_id)
    assert retry != operation_id
    assert operations.perform(retry)
    assert seen_operation(retry).state == "succeeded"
    assert seen_tenant(tenant_id).status == "ready"
    assert files() == {"hospital_city-general.db"}
    assert answer_of(app).status_code == 302


def test_a_database_that_was_published_before_the_registry_failed_is_kept_and_put_into_use(in_app, app, monkeypatch):
    tenant_id, operation_id = register()
    failing_once(monkeypatch, Ledger, "succeed", UNEXPLAINED)
    assert operations.perform(operation_id)
    sentence = "Checking the site did not work. The database is finished; try again to put it into use."
    assert seen_operation(operation_id).error == sentence
    reason = "The database is finished but not in use. Select Create to put it into use."
    assert (seen_tenant(tenant_id).status, seen_tenant(tenant_id).reason) == ("incomplete", reason)
    assert answer_of(app).status_code == 503
    made = checksums(database())
    assert operations.perform(request_again(tenant_id))
    assert seen_tenant(tenant_id).status == "ready"
    assert checksums(database()) == made
    assert answer_of(app).status_code == 302


def test_a_migration_that_fails_names_its_module_and_keeps_no_template(in_app, monkeypatch):
    remove_templates()
    tenant_id, operation_id = register()
    real = Ledger.module_states

    def failing_after_core(ledger, done, running=None):
        real(ledger, done, running)
        if running == "staff":
            raise FULL[0](*FULL[1:])

    monkeypatch.setattr(Ledger, "module_states", failing_after_core)
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    label = in_app.extensions["modules"]["staff"].label
    assert operation.error == f"The disk is full. Setting up {label}{REMOVED}"
    assert {row.module: row.state for row in operation.steps if row.module}["staff"] == "failed"
    assert files() == set()
    assert not template.has_template()
    monkeypatch.setattr(Ledger, "module_states", real)
    assert operations.perform(request_again(tenant_id))
    assert seen_tenant(tenant_id).status == "ready"


def test_the_first_creation_migrates_module_by_module_and_keeps_the_template(in_app, monkeypatch):
    remove_templates()
    _tenant_id, operation_id = register()
    lines, real = [], Ledger.module_states

    def heard(ledger, done, running=None):
        real(ledger, done, running)
        lines.append(Progress.of(seen_operation(operation_id)).line)

    monkeypatch.setattr(Ledger, "module_states", heard)
    assert operations.perform(operation_id)
    total = len(in_app.extensions["modules"])
    expected = [f"Step 3 of 5: setting up modules ({done} of {total})" for done in range(total + 1)]
    assert list(dict.fromkeys(lines)) == expected
    assert seen_operation(operation_id).state == "succeeded"
    assert template.has_template()
    assert files() == {"hospital_city-general.db"}


def test_the_template_is_made_anew_when_a_permission_changes(in_app, monkeypatch):
    before = template.ensure_template()
    staff = in_app.extensions["modules"]["staff"]
    monkeypatch.setattr(staff, "permissions", {**staff.permissions, "juggle": "Juggle"})
    assert template.template_name() != before
    _tenant_id, operation_id = register()
    assert operations.perform(operation_id)
    rows = query(database(), "SELECT module FROM auth_permission WHERE codename = 'juggle'")
    assert rows == [("staff",)]


def test_the_template_is_made_anew_when_a_migration_changes(in_app, monkeypatch, tmp_path):
    before = template.template_name()
    changed = shutil.copytree(migrations.FOLDER, tmp_path / "migrations")
    newest = max((changed / "tenant" / "versions").glob("*.py"))
    newest.write_text(newest.read_text() + "\n# one more line\n")
    monkeypatch.setattr(migrations, "FOLDER", changed)
    template._fingerprint.cache_clear()
    try:
        assert template.template_name() != before
    finally:
        template._fingerprint.cache_clear()


def test_progress_says_each_step_in_peoples_words(in_app, monkeypatch):
    _tenant_id, operation_id = register()
    seen, real = [], Ledger.begin

    def heard(ledger, step):
        real(ledger, step)
        progress = Progress.of(seen_operation(operation_id))
        seen.append((progress.heading, progress.line, progress.text))

    monkeypatch.setattr(Ledger, "begin", heard)
    assert operations.perform(operation_id)
    total = len(in_app.extensions["modules"])
    assert [line for _heading, line, _text in seen] == [
        "Step 1 of 5: reserving the subdomain",
        "Step 2 of 5: creating the database",
        f"Step 3 of 5: setting up modules (0 of {total})",
        "Step 4 of 5: creating the administrator",
        "Step 5 of 5: checking the site",
    ]
    assert {heading for heading, _line, _text in seen} == {"Creating City General Hospital"}
    assert all(text == f"{line}. You can leave this page; the work continues." for _heading, line, text in seen)


def test_the_end_of_progress_lists_every_module(created, in_app):
    progress = Progress.of(seen_operation(created[1]))
    assert progress.heading == "City General Hospital is ready"
    assert (progress.done, progress.total, progress.percent) == (len(progress.modules), progress.total, 100)
    assert {label for label, _state in progress.modules} == {m.label for m in in_app.extensions["modules"].values()}
    assert 0 < progress.seconds < 10


def test_a_failed_operation_says_that_the_hospital_is_not_ready(in_app, monkeypatch):
    _tenant_id, operation_id = register()
    failing_once(monkeypatch, type(in_app.extensions["engines"].databases()), "clone", FULL)
    operations.perform(operation_id)
    progress = Progress.of(seen_operation(operation_id))
    assert (progress.outcome, progress.heading) == ("failed", "City General Hospital is not ready")
    assert progress.text == f"The disk is full. Creating the database{REMOVED}"
    assert progress.reference == seen_operation(operation_id).reference


@pytest.mark.parametrize(
    ("subdomain", "prefix"),
    [
        ("city-general", "CG"),
        ("lakeside", "LA"),
        ("clinic-2", "CL"),
        ("a-b-c-d-e-f-g", "ABCDEF"),
        ("1-st-mary", "SM"),
        ("0a1", "A"),
        ("1-2-3", "H"),
    ],
)
def test_patients_numbers_begin_with_letters_only(subdomain, prefix):
    assert mrn_prefix(subdomain) == prefix
