"""Backups on the hospital's record: made by platform staff, taken away by superusers only, each time written down."""

import hashlib
import io
import tarfile

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry
from portal.extensions import db
from portal.provisioning import operations
from tests.backed_up import backed_up, listed
from tests.consoles import browser_as, operations_of

PAGE = "/admin/hospitals/city-general"


@pytest.fixture
def backup(app, hospital):
    """A backup of City General."""
    with app.app_context():
        return backed_up()


def test_back_up_now_makes_one_that_the_record_shows(app, signed_in, hospital):
    assert "There are no backups yet." in signed_in.page(PAGE).text
    answer = signed_in.post(f"{PAGE}/backup")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "Backing up City General Hospital" in signed_in.page(PAGE).text
    with app.app_context():
        assert operations.perform(operations_of("city-general")[-1].id)
        [row] = listed()
    text = signed_in.page(PAGE).text
    assert all(word in text for word in (row.reference, "Verified", "By hand", "MB"))
    assert "Backing up" not in text


def test_a_superuser_downloads_it_and_that_is_written_down(app, signed_in, backup):
    answer = signed_in.post(f"{PAGE}/backups/{backup.reference}")
    with tarfile.open(fileobj=io.BytesIO(answer.data)) as archive:
        content = {name: archive.extractfile(name).read() for name in archive.getnames()}
    assert set(content) == {backup.filename, backup.filename.replace(".db", ".json")}
    assert hashlib.sha256(content[backup.filename]).hexdigest() == backup.sha256
    assert answer.content_length == len(answer.data)
    name = backup.filename.replace(".db", ".tar")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=city-general-{name}"
    assert answer.headers["Cache-Control"] == "no-store"
    with app.app_context():
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "download_backup")).one()
        assert (entry.actor, entry.details) == ("root", {"backup": backup.reference})


@pytest.mark.parametrize(("role", "makes"), [("platform_admin", 303), ("hospital_admin", 403)])
def test_nobody_else_takes_one_away(app, hospital, backup, role, makes):
    browser = browser_as(app, "grace", role, hospital)
    assert browser.post(f"{PAGE}/backups/{backup.reference}").status_code == 403
    assert browser.post(f"{PAGE}/backup").status_code == makes
    text = browser.page(PAGE).text
    assert "Download" not in text
    assert (backup.reference in text) == (makes == 303)


def test_a_backup_of_another_hospital_is_not_there(app, two_hospitals, signed_in):
    with app.app_context():
        other = backed_up("lakeside")
    assert signed_in.post(f"{PAGE}/backups/{other.reference}").status_code == 404


def test_a_backup_whose_file_is_gone_is_not_there(app, signed_in, hospital, backup):
    (app.extensions["settings"].backups_dir / hospital.uuid / backup.filename).unlink()
    assert signed_in.post(f"{PAGE}/backups/{backup.reference}").status_code == 404
