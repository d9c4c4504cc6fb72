"""Backups on the hospital's record: made by platform staff, taken away by superusers only, each time written down."""

import hashlib
import io
import tarfile

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry
from portal.extensions import db
from portal.provisioning import operations, retention
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


LIST = "/admin/backups/"


def test_the_list_holds_the_backups_of_all_hospitals_the_newest_first(app, signed_in, two_hospitals):
    assert "No backups yet" in signed_in.page(LIST).text
    with app.app_context():
        first, second = backed_up(), backed_up("lakeside")
    page = signed_in.page(LIST)
    assert page.text.index(second.reference) < page.text.index(first.reference)
    assert "All 2 Verified 2 Damaged 0" in page.text
    assert page.text.count("Not tested yet") == 2
    assert page.html.count("/backups/" + first.reference) == 1
    assert "are free on that disk" in page.text
    found = signed_in.page(f"{LIST}?q=lake").text
    assert (second.reference in found, first.reference in found) == (True, False)
    assert "No backups match" in signed_in.page(f"{LIST}?state=damaged").text


def test_it_says_when_a_restore_was_tested_and_in_red_whose_last_test_failed(app, signed_in, two_hospitals):
    with app.app_context():
        _good, bad = backed_up(), backed_up("lakeside")
        (app.extensions["settings"].backups_dir / two_hospitals[1].uuid / bad.filename).write_bytes(b"x")
        assert [retention.test_next().state for _round in range(2)] == ["verified", "damaged"]
    text = signed_in.page(LIST).text
    assert text.count("Restored and checked on") == 1
    assert "The last test of these hospitals’ backups failed Lakeside Clinic : The backup’s file has changed" in text
    assert "City General Hospital : " not in text
    assert "restored and checked on" in signed_in.page(PAGE).text
    with app.app_context():
        newer = backed_up("lakeside")
        assert retention.test_next().reference == newer.reference
    text = signed_in.page(LIST).text
    assert "The last test of these" not in text
    assert "All 3 Verified 2 Damaged 1" in text


def test_a_fixed_number_of_queries_reads_the_list(app, signed_in, two_hospitals, count_queries):
    counts = []
    for _round in range(2):
        with app.app_context():
            backed_up()
            backed_up("lakeside")
        with count_queries() as statements:
            signed_in.page(LIST)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_platform_administrators_see_the_list_and_only_superusers_take_from_it(app, hospital, backup):
    text = browser_as(app, "grace", "platform_admin").page(LIST).text
    assert (backup.reference in text, "Download" in text) == (True, False)
    assert browser_as(app, "omar", "hospital_admin", hospital).get(LIST).status_code == 403
