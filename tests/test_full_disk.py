"""A full disk, a folder nobody may write to, too many open files: a clear sentence, and nothing lies about (34)."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from portal import clock
from portal.provisioning import TenantDatabaseManager, operations
from portal.provisioning.ledger import LEASE
from tests.backed_up import assert_nothing_half_made, backed_up, kept
from tests.limited import NOBODY
from tests.processes import ROOT
from tests.provisioned import (
    answer_of,
    assert_consistent,
    checksums,
    database,
    files,
    folder,
    register,
    request_again,
    seen_operation,
    seen_tenant,
)
from tests.test_restore import ask, mark, set_mark

FULL = ("The disk is full.", "The disk is full or does not work.")
TOO_MANY = ("Too many files are open.", "The database file cannot be opened.", *FULL)


@pytest.fixture
def tmp_path():
    """A folder that is not below one of root's, so that nobody may come to it."""
    with tempfile.TemporaryDirectory(prefix="portal-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def process():
    """One process that carries operations out in forks of it, so that each portal is made once."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.limited"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout.readline() == "ready\n"
        yield started
        started.stdin.close()


@pytest.fixture
def limited(app, in_app, hospital, tmp_path, process):
    """Carries an operation out as nobody, with limits: `limited(operation, "size", 4096)`."""

    def run(operation_id: int, *limits: object) -> str:
        app.extensions["engines"].close()
        if os.getuid() == 0:
            for path in [tmp_path, *tmp_path.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)
        process.stdin.write(" ".join(map(str, (tmp_path, operation_id, *limits))) + "\n")
        process.stdin.flush()
        outcome = process.stdout.readline().strip()
        app.extensions["registry"].forget()
        return outcome

    return run


def assert_failed(operation_id: int, *reasons: str) -> None:
    """The operation ended with a sentence that begins with one of these."""
    operation = seen_operation(operation_id)
    assert operation.state == "failed"
    assert operation.error.startswith(reasons)
    assert_consistent(operation)
    assert not list(folder().glob("build_*"))


def test_without_a_limit_nobody_can_do_the_work(limited):
    tenant_id, operation_id = register("riverside", "Riverside Hospital")
    assert limited(operation_id) == "performed"
    assert seen_tenant(tenant_id).status == "ready"


def test_a_hospital_is_not_created_in_a_folder_that_cannot_be_written_to(limited):
    tenant_id, operation_id = register("riverside", "Riverside Hospital")
    folder().chmod(0o500)
    assert limited(operation_id) == "performed"
    folder().chmod(0o700)
    assert_failed(operation_id, "The hospitals folder cannot be written to.")
    assert (seen_tenant(tenant_id).status, seen_tenant(tenant_id).generation) == ("missing", None)
    assert limited(request_again(tenant_id)) == "performed"
    assert seen_tenant(tenant_id).status == "ready"


def test_a_backup_is_not_made_in_a_folder_that_cannot_be_written_to(limited, app, hospital):
    backed_up()
    before = kept()
    place = app.extensions["settings"].backups_dir / hospital.uuid
    operation_id = request_again(hospital.id, "backup")
    place.chmod(0o500)
    assert limited(operation_id) == "performed"
    place.chmod(0o700)
    assert_failed(operation_id, "The backups folder cannot be written to.")
    assert (kept(), seen_tenant(hospital.id).status) == (before, "ready")
    assert limited(request_again(hospital.id, "backup")) == "performed"
    assert_nothing_half_made()


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_no_room_for_a_hospital_is_a_sentence_and_leaves_nothing(limited, share):
    tenant_id, operation_id = register("riverside", "Riverside Hospital")
    size = next(folder().glob("template_*")).stat().st_size
    assert limited(operation_id, "size", max(700_000, int(share * size))) == "performed"
    assert_failed(operation_id, *FULL)
    assert files() == {"hospital_city-general.db"}
    assert (seen_tenant(tenant_id).status, seen_tenant(tenant_id).generation) == ("missing", None)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_no_room_for_a_backup_is_a_sentence_and_leaves_nothing(limited, hospital, share):
    operation_id = request_again(hospital.id, "backup")
    assert limited(operation_id, "size", max(700_000, int(share * database().stat().st_size))) == "performed"
    assert_failed(operation_id, *FULL)
    assert kept() == []
    assert seen_tenant(hospital.id).status == "ready"


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_no_room_for_a_restore_leaves_the_old_database(limited, app, hospital, share):
    set_mark(7)
    backup = backed_up()
    set_mark(99)
    before = checksums(database())
    operation_id = ask(hospital.id, backup)
    limited(operation_id, "size", max(700_000, int(share * database().stat().st_size)))
    assert_failed(operation_id, *FULL)
    assert checksums(database()) == before
    assert seen_tenant(hospital.id).status == "ready"
    assert answer_of(app).status_code == 302
    assert_nothing_half_made()
    assert limited(ask(hospital.id, backup)) == "performed"
    assert mark() == 7


@pytest.mark.parametrize("kind", ["create", "backup", "restore"])
@pytest.mark.parametrize("number", [1, 5])
def test_too_many_open_files_are_a_sentence_and_the_work_is_done_later(limited, app, hospital, kind, number):
    tenant_id, operation_id = hospital.id, None
    if kind == "create":
        tenant_id, operation_id = register("riverside", "Riverside Hospital")
    elif kind == "backup":
        operation_id = request_again(tenant_id, kind)
    else:
        operation_id = ask(tenant_id, backed_up())
    limited(operation_id, "files", number)
    operation = seen_operation(operation_id)
    assert seen_tenant(tenant_id).status in ("ready", "unknown", "missing")
    if operation.state == "failed":
        assert_failed(operation_id, *TOO_MANY)
    if operation.state == "running":  # not even the control database could be opened to say so
        clock.move(LEASE * 2)
        assert operations.reap() == [operation_id]
    if seen_operation(operation_id).state == "queued":
        assert limited(operation_id) == "performed"
    elif seen_operation(operation_id).state == "failed":
        assert limited(request_again(tenant_id, "create" if kind == "create" else "verify")) == "performed"
    TenantDatabaseManager.verify_hospital_database(seen_tenant(tenant_id).subdomain)
    assert seen_tenant(tenant_id).status == "ready"
    assert not list(folder().glob("build_*"))
    assert_nothing_half_made()
