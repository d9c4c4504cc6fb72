"""A backup is whole: the documents of records are kept with it, tested with it, and come back with it."""

import errno
import io
import json
import os
import shutil
import tarfile
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import current_app

from portal.clock import now
from portal.control.models import Backup, Tenant
from portal.extensions import db
from portal.kit import files
from portal.kit.models import Attachment
from portal.provisioning import asking, backups, documents, operations, retention
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import in_hospital, outside_hospital
from portal.tenancy.registry import get_hospital
from tests.backed_up import backed_up, listed
from tests.provisioned import change, database, request_again, seen_operation
from tests.test_restore import FULL, restored


@pytest.fixture
def city(app, hospital):
    """City General with two documents, inside an application context."""
    with app.app_context():
        for content in (b"a letter", b"a longer letter"):
            add(hospital, content)
        yield hospital


def add(hospital, content: bytes) -> str:
    """A document of a record; answers with its key."""
    with in_hospital(hospital):
        kept = files.keep(content)
        values = {"content_type": "patients_patient", "object_id": 1, "filename": "letter.txt", "mime": "text/plain"}
        row = Attachment(**values, kind="letter", file_key=kept.file_key, size=kept.size, sha256=kept.sha256)
        db.session.add(row)
        db.session.commit()
    return kept.file_key


def live(hospital) -> dict[str, bytes]:
    """What the hospital has on the disk by key."""
    return {path.name: path.read_bytes() for path in files.folder_of(hospital.uuid).glob("??/*")}


def kept(hospital) -> dict[str, bytes]:
    """What its backups keep, by name."""
    return {path.name: path.read_bytes() for path in documents.kept_folder(hospital.uuid).glob("*")}


def age(hospital, monkeypatch) -> None:
    """Let what is kept have been there for long: a change of the inode cannot be dated back."""
    monkeypatch.setattr(documents, "YOUNG_SECONDS", -60)


def fresh(backup: Backup) -> Backup:
    """The row in the session."""
    return db.session.get(Backup, backup.id, populate_existing=True)


def opened(path: Path) -> AbstractContextManager[sa.Engine]:
    """The content of a backup."""
    return current_app.extensions["engines"].databases().opened_backup(path)


def forgotten(hospital) -> list[str]:
    """The kept documents that go now, because no backup names them."""
    db.session.rollback()
    with outside_hospital():
        return retention._forget_documents_of(db.session.get(Tenant, hospital.id, populate_existing=True))


def test_every_document_is_kept_once_however_many_backups_name_it(city):
    first, second = backed_up(), backed_up()
    assert kept(city) == live(city)
    assert [row.documents["count"] for row in (first, second)] == [2, 2]
    assert first.documents["size"] == len(b"a letter") + len(b"a longer letter")
    assert all(path.stat().st_nlink == 2 for path in documents.kept_folder(city.uuid).iterdir())


def test_on_another_file_system_they_are_copied(city, monkeypatch):
    def refuse(source, target, **kwargs):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(documents.os, "link", refuse)
    assert backed_up().documents["count"] == 2
    assert kept(city) == live(city)
    assert all(path.stat().st_nlink == 1 for path in documents.kept_folder(city.uuid).iterdir())


def test_what_was_lost_comes_back_with_a_restore(city):
    backup, before = backed_up(), live(city)
    shutil.rmtree(files.folder_of(city.uuid))
    assert restored(backup).state == "succeeded"
    assert live(city) == before


def test_a_damaged_document_of_the_hospital_is_replaced_by_a_restore(city):
    backup, before = backed_up(), live(city)
    path = next(files.folder_of(city.uuid).glob("??/*"))
    path.unlink()
    path.write_bytes(b"")
    assert restored(backup).state == "succeeded"
    assert live(city) == before


def test_an_undo_finds_the_documents_that_were_added_after_the_backup(city):
    backup = backed_up()
    late = add(city, b"a late letter")
    assert restored(backup).state == "succeeded"
    with in_hospital(city):
        path = files.place_of(late)
    path.unlink()  # nobody names it now: it is gone from the hospital
    undo = next(row for row in listed() if row.reason == "before restoring")
    assert restored(undo).state == "succeeded"
    assert live(city)[late] == b"a late letter"


def test_a_new_hospital_has_them_also_where_the_old_one_has_lost_them(city):
    backup, before = backed_up(), live(city)
    shutil.rmtree(files.folder_of(city.uuid))
    operation = restored(backup, new_subdomain="city-trial", new_name="City Trial")
    assert operation.state == "succeeded"
    assert live(db.session.get(Tenant, operation.tenant_id)) == before


def test_what_is_restored_is_no_stray_before_its_row_is_in_use(city, monkeypatch):
    backup = backed_up()
    for path in files.folder_of(city.uuid).glob("??/*"):
        path.unlink()
    for path in documents.kept_folder(city.uuid).iterdir():
        os.utime(path, (0, 0))
    with opened(backups.place_of(fresh(backup))) as engine:
        assert documents.put_back(fresh(backup), city.uuid, engine) == 0
    change(database(), "DELETE FROM core_attachment")
    with in_hospital(city):
        assert files.remove_strays() == 0
    assert len(live(city)) == 2


def test_a_document_the_hospital_had_lost_is_told_and_does_not_make_the_backup_damaged(city):
    next(files.folder_of(city.uuid).glob("??/*")).unlink()
    operation_id = request_again(city.id, "backup")
    assert operations.perform(operation_id)
    output = [row.output for row in seen_operation(operation_id).steps]
    assert "1 documents are kept with it; 1 are not on the disk any more." in output
    tested = retention.test_next()
    assert (tested.state, tested.finding) == ("verified", "Restored and checked.")


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_the_scheduled_test_finds_a_document_that_is_gone_or_changed(city, harm):
    backed_up()
    path = next(documents.kept_folder(city.uuid).iterdir())
    content = path.read_bytes()
    path.unlink()
    if harm == "changed":
        path.write_bytes(content[:-1] + b"x")
    tested = retention.test_next()
    assert (tested.state, tested.finding) == ("damaged", "1 of 2 documents are gone or have changed.")


def test_the_next_backup_mends_a_kept_document_of_another_size(city):
    backed_up()
    path = next(documents.kept_folder(city.uuid).iterdir())
    path.unlink()
    path.write_bytes(b"")
    backed_up()
    assert kept(city) == live(city)


def test_documents_go_with_the_last_backup_that_names_them_and_no_sooner(city, monkeypatch):
    age(city, monkeypatch)
    first = backed_up()
    change(database(), "DELETE FROM core_attachment WHERE size = 8")
    backed_up()
    assert len(kept(city)) == 2
    assert retention.expire() == []
    assert len(kept(city)) == 2
    fresh(first).kept_until = now() - timedelta(seconds=1)
    db.session.commit()
    assert retention.expire() == [first.reference]
    assert list(kept(city).values()) == [b"a longer letter"]


def test_nothing_is_removed_while_a_backup_is_being_made_or_one_cannot_be_read(city, monkeypatch):
    age(city, monkeypatch)
    backup = backed_up()
    stray = documents.kept_folder(city.uuid) / ("0" * 32)
    stray.write_bytes(b"left by a killed worker")
    path = backups.place_of(fresh(backup))
    operation_id = request_again(city.id, "backup")
    assert forgotten(city) == []
    assert operations.perform(operation_id)
    parts = [path, path.with_suffix(".json")]
    for part in parts:
        part.rename(part.with_name(f"away-{part.name}"))
    assert forgotten(city) == []
    for part in parts:
        part.with_name(f"away-{part.name}").rename(part)
    assert forgotten(city) == [stray.name]
    assert kept(city) == live(city)


def test_what_a_backup_names_is_known_without_opening_it_unless_its_manifest_is_not_what_it_was(city, app, monkeypatch):
    """On a server opening is restoring, and the hourly work asks every backup of every hospital."""
    age(city, monkeypatch)
    backup, opened, databases = backed_up(), [], type(app.extensions["engines"].databases())
    monkeypatch.setattr(databases, "opened_backup", lambda self, path, real=databases.opened_backup: (
        opened.append(path), real(self, path))[1])  # fmt: skip
    stray = documents.kept_folder(city.uuid) / ("0" * 32)
    stray.write_bytes(b"named by nobody")
    assert forgotten(city) == [stray.name]
    assert opened == []
    manifest = backups.place_of(fresh(backup)).with_suffix(".json")
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"kept_documents": content["kept_documents"][:1]}))
    assert forgotten(city) == []
    assert opened == [manifest.with_suffix(".db")]
    assert kept(city) == live(city)


def test_a_full_disk_while_documents_are_kept_fails_the_backup_and_leaves_no_half_of_one(city, monkeypatch):
    real, calls = documents.bring, []

    def bring(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise FULL
        real(source, target)

    monkeypatch.setattr(documents, "bring", bring)
    with pytest.raises(ProvisioningProblem):
        backed_up()
    assert listed() == []
    assert not [name for name in kept(city) if name.endswith(".part")]
    monkeypatch.setattr(documents, "bring", real)
    backed_up()
    assert kept(city) == live(city)


def test_a_full_disk_while_documents_come_back_leaves_the_old_database(city, monkeypatch):
    backup = backed_up()
    for path in files.folder_of(city.uuid).glob("??/*"):
        path.unlink()

    def bring(source, target):
        raise FULL

    monkeypatch.setattr(documents, "bring", bring)
    with pytest.raises(ProvisioningProblem):
        restored(backup)
    monkeypatch.undo()
    assert restored(backup).state == "succeeded"
    assert live(city) == kept(city)


@pytest.mark.parametrize("work", ["backup", "restore"])
def test_a_worker_killed_between_documents_loses_none(app, city, later, kill, work):
    backup, whole = backed_up(), {}
    looked_at = {backup.id}
    for point in range(1, 60, 3):
        add(get_hospital("city-general"), f"letter {point}".encode())
        if work == "backup":
            operation_id = request_again(city.id, "backup")
        else:
            next(files.folder_of(city.uuid).glob("??/*")).unlink()
            row = fresh(backup)
            operation_id = asking.request_restore(db.session.get(Tenant, city.id), row).id
            db.session.commit()
        outcome = kill(operation_id, point, "documents")
        if outcome == "killed" and seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        app.extensions["engines"].close()
        app.extensions["registry"].forget()
        assert seen_operation(operation_id).state == "succeeded"
        for row in listed():
            if row.id not in looked_at:
                backups.check(fresh(row), documents.check)
                looked_at.add(row.id)
        assert whole.items() <= kept(city).items()
        whole = {name: content for name, content in kept(city).items() if files.KEY.fullmatch(name)}
        with in_hospital(get_hospital("city-general")):
            named = db.session.scalars(sa.select(Attachment.file_key)).all()
        assert set(named) <= set(live(city))
        if outcome == "survived":
            break
    assert outcome == "survived"


def test_the_download_holds_every_document(app, signed_in, city):
    backup = backed_up()
    answer = signed_in.post(f"/admin/hospitals/city-general/backups/{backup.reference}")
    assert answer.content_length == len(answer.data)
    with tarfile.open(fileobj=io.BytesIO(answer.data)) as archive:
        names = [name for name in archive.getnames() if name.startswith("files/")]
        found = {name.removeprefix("files/"): archive.extractfile(name).read() for name in names}
    assert found == live(city)
