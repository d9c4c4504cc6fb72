"""Documents of records: kept safely, given out only through their record, and never to another hospital (CORE-8)."""

import errno
import io
import os
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from flask import render_template_string, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from modules.patients.models import Patient
from portal.extensions import db
from portal.kit import Module, files, fragment, get_or_404
from portal.kit.attachments import (
    LARGEST,
    SEEN_ALONE,
    AttachmentForm,
    attach,
    attach_page,
    attachments_of,
    clean_name,
    send_attachment,
    takes_files,
)
from portal.kit.file_types import PDF, TYPES, type_of
from portal.kit.models import Attachment, AuditLog
from portal.record import Refused
from portal.tenancy.current import in_hospital
from tests.page import Page

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01"
A_PDF = b"%PDF-1.7\n%%EOF\n"
KINDS = {"letter": "Letter", "picture": "Picture"}
SHOW = '{% extends "records/show.html" %}{% block about %}<h1>{{ record }}</h1>{% endblock %}'
NEW = "/drawer/{}/documents/new"


def drawer() -> Module:
    """A part of the patients' module with documents, as a module would write it."""
    module = Module(
        "modules.patients", label="Drawer", icon="users", group="", url_prefix="/drawer", permissions={}, roles={}
    )
    module.blueprint.name = "drawer"

    @module.get("/<int:record_id>", needs="view")
    def show(record_id: int):
        patient = get_or_404(Patient, record_id)
        body = fragment(
            "records/_attachments.html",
            documents=attachments_of(patient),
            kinds=KINDS,
            url_of=lambda one: url_for(".document", record_id=patient.id, attachment_id=one.id),
            form=AttachmentForm.of(KINDS, formdata=None),
            upload_url=url_for(".document_new", record_id=patient.id),
        )
        return render_template_string(SHOW, record=patient, tabs=[], body=body)

    @takes_files(module)
    @module.form("/<int:record_id>/documents/new", needs="change")
    def document_new(record_id: int):
        patient = get_or_404(Patient, record_id)
        return attach_page(AttachmentForm.of(KINDS), patient, url_for(".show", record_id=record_id))

    @module.get("/<int:record_id>/documents/<int:attachment_id>", needs="view")
    def document(record_id: int, attachment_id: int):
        return send_attachment(get_or_404(Patient, record_id), attachment_id)

    return module


@pytest.fixture
def app(app):
    """The application with the drawer."""
    app.register_blueprint(drawer().blueprint)
    return app


@pytest.fixture
def zoe(app, hospital) -> int:
    """A patient of the hospital."""
    return register(app, hospital)


@pytest.fixture
def nurse(client_with, hospital, zoe):
    """Somebody who sees and changes patients."""
    return client_with("patients.view", "patients.change", hospital=hospital)


def register(app, hospital) -> int:
    """A new patient's id."""
    with app.app_context(), in_hospital(hospital):
        patient = Patient(first_name="Zoë", last_name="Ng", sex="female").register()
        db.session.commit()
        return patient.id


def send(browser, patient: int, content: bytes, name: str = "scan.png", **changes):
    """Add a document as the form does."""
    answers = {"file": a_file(content, name), "kind": "letter", "token": os.urandom(9).hex(), **changes}
    boundary, body = encode_multipart(answers)
    return browser.post(NEW.format(patient), data=body, content_type=f"multipart/form-data; boundary={boundary}")


def added(browser, patient: int, content: bytes = PNG, name: str = "scan.png") -> str:
    """The address of a document that has just been added."""
    answer = send(browser, patient, content, name)
    assert answer.status_code == 303, Page(answer.text).text
    links = [url for url, _text in browser.page(f"/drawer/{patient}").links if "/documents/" in url]
    return links[0]


def refused(answer) -> str:
    """The sentence at the field of the file."""
    assert answer.status_code == 422
    found = Page(answer.text)
    assert "file-error" in found.ids
    return found.text


def stored(settings) -> list[Path]:
    """Every file that is kept for any hospital."""
    return [path for path in (settings.hospitals_dir / files.FOLDER).rglob("*") if path.is_file()]


def rows(app, hospital) -> list[Attachment]:
    """The documents that a hospital's database tells of."""
    with app.app_context(), in_hospital(hospital):
        return list(db.session.scalars(sa.select(Attachment).order_by(Attachment.id)))


def a_file(content: bytes, name: str) -> FileStorage:
    """A file as a form brings it."""
    return FileStorage(io.BytesIO(content), name)


# --- adding ----------------------------------------------------------------------------------------------------------


def test_a_document_is_listed_with_its_kind_and_given_out_as_it_was(nurse, zoe):
    address = added(nurse, zoe, PNG, "x-ray.png")
    listed = nurse.page(f"/drawer/{zoe}").text
    assert "x-ray.png Letter, 24 Bytes" in listed
    assert "by Leila" in listed
    answer = nurse.get(address)
    assert answer.data == PNG
    assert answer.headers["Content-Type"] == "image/png"


def test_a_file_is_in_the_folder_of_its_hospital_and_only_its_owner_reads_it(app, hospital, nurse, zoe, settings):
    added(nurse, zoe)
    (row,) = rows(app, hospital)
    place = settings.hospitals_dir / "files" / hospital.uuid / row.file_key[:2] / row.file_key
    assert stored(settings) == [place]
    assert place.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in place.parents[:3]} == {0o700}


def test_the_form_says_what_is_missing(nurse, zoe):
    answer = nurse.post(NEW.format(zoe), data={})
    assert "Choose a file" in refused(answer)
    assert "Select the kind of document" in Page(answer.text).text


def test_a_form_sent_twice_adds_one_document(app, hospital, nurse, zoe):
    answers = [send(nurse, zoe, PNG, token="the same") for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(rows(app, hospital)) == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<!doctype html><script>alert(1)</script>", "scan.png"),
        (b"<!doctype html><script>alert(1)</script>", "page.html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing.svg"),
        (b"MZ\x90\x00", "report.pdf"),
        (b"PK\x03\x04", "report.docx"),
        (b"two\x00bytes", "notes.txt"),
        (b"\xff\xfeh\x00i\x00", "notes.txt"),
    ],
)
def test_what_is_no_document_is_refused_whatever_it_calls_itself(nurse, zoe, settings, content, name):
    assert "must be a PDF, a picture" in refused(send(nurse, zoe, content, name))
    assert stored(settings) == []


def test_an_empty_file_is_refused(nurse, zoe):
    assert "The file is empty" in refused(send(nurse, zoe, b""))


def test_a_file_of_ten_megabytes_is_kept_and_one_byte_more_is_not(app, hospital, nurse, zoe, settings):
    largest = A_PDF + b" " * (LARGEST - len(A_PDF))
    assert send(nurse, zoe, largest, "large.pdf").status_code == 303
    assert "must be 10 MB or smaller" in refused(send(nurse, zoe, largest + b" ", "larger.pdf"))
    assert len(stored(settings)) == len(rows(app, hospital)) == 1


def test_much_more_is_refused_before_it_is_read(nurse, zoe):
    answer = send(nurse, zoe, A_PDF + b" " * (LARGEST + 1024 * 1024), "huge.pdf")
    assert answer.status_code == 413
    assert "larger than the 10 MB that this page takes" in Page(answer.text).text


def test_other_pages_take_no_more_than_before(nurse):
    answer = nurse.post("/patients/", data={"q": "x" * 3 * 1024 * 1024})
    assert answer.status_code == 413
    assert "larger than the 2 MB" in Page(answer.text).text


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../hospital_b.db", "hospital_b.db.pdf"),
        ("..\\..\\secret.pdf", "secret.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("Befund  Zoë.PDF", "Befund Zoë.PDF"),
        ("Be\u0301fund.pdf", "Béfund.pdf"),
        ("gpj.\u202efdp.exe", "gpj.fdp.exe.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie_ b.pdf"),
        ("page.html", "page.html.pdf"),
        ("con.pdf", "_con.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "document.pdf"),
        ("..", "document.pdf"),
    ],
)
def test_a_name_is_only_a_name(in_app, name, clean):
    assert clean_name(name, TYPES[PDF]) == clean


def test_a_long_name_keeps_its_ending(in_app):
    short = clean_name("é" * 300 + ".pdf", TYPES[PDF])
    assert len(short) == 200
    assert short.endswith("é.pdf")


def test_a_picture_that_is_a_page_as_well_is_kept_as_a_picture(nurse, zoe):
    address = added(nurse, zoe, PNG + b"<script>alert(1)</script>", "x.html")
    answer = nurse.get(address)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == SEEN_ALONE
    assert "x.html.png" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "a.jpg", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp"),
        (b"\xef\xbb\xbfBlood pressure\t120/80\r\n", "a.txt", "text/plain"),
        (A_PDF, "a.png", PDF),
    ],
)
def test_the_type_is_what_the_bytes_are(content, name, mime):
    assert type_of(content, name).mime == mime


# --- when something goes wrong ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seam", ["sync_file", "sync_folder", "make_folder"])
def test_a_full_disk_is_said_and_leaves_nothing(app, hospital, nurse, zoe, settings, monkeypatch, seam):
    added(nurse, zoe)
    before = stored(settings)

    def full(_path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, seam, full)
    assert "There is no room left for files, so this one was not saved" in refused(send(nurse, zoe, PNG))
    assert stored(settings) == before
    assert len(rows(app, hospital)) == 1


def test_another_fault_of_the_disk_is_a_failure_with_a_reference(app, hospital, nurse, zoe, settings, monkeypatch):
    def broken(_path):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files, "sync_file", broken)
    answer = send(nurse, zoe, PNG)
    assert answer.status_code == 500
    assert stored(settings) == []
    assert rows(app, hospital) == []


def test_what_is_rolled_back_is_a_file_that_nobody_opens_and_the_housekeeping_removes(app, hospital, zoe, settings):
    with app.test_request_context(), in_hospital(hospital):
        patient = db.session.get(Patient, zoe)
        attach(patient, a_file(PNG, "kept.png"), "letter")
        db.session.commit()
        attach(patient, a_file(PNG, "lost.png"), "letter")
        db.session.rollback()
        assert [one.attachment.filename for one in attachments_of(patient)] == ["kept.png"]
        assert files.remove_strays() == 0  # somebody may be about to commit
        for path in stored(settings):
            yesterday = time.time() - 25 * 3600
            os.utime(path, (yesterday, yesterday))
        assert files.remove_strays() == 1
        assert [path.name for path in stored(settings)] == [attachments_of(patient)[0].attachment.file_key]
        db.session.rollback()


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(PNG[:-1] + b"\x02"), Path.unlink])
def test_a_file_that_is_not_the_one_that_was_kept_is_not_given_out(nurse, zoe, settings, change):
    address = added(nurse, zoe)
    change(stored(settings)[0])
    with structlog.testing.capture_logs() as logs:
        answer = nurse.get(address)
    assert answer.status_code == 410
    assert "This document cannot be opened" in Page(answer.text).text
    assert [line["event"] for line in logs] == ["file_changed"]


def test_a_key_that_leads_elsewhere_leads_nowhere(app, hospital, nurse, zoe, settings):
    address = added(nurse, zoe)
    with app.app_context(), in_hospital(hospital):
        elsewhere = "../../../../instance/control.db"
        db.session.execute(sa.update(Attachment).values(file_key=elsewhere))
        db.session.commit()
    assert nurse.get(address).status_code == 410


def test_two_at_once_are_two_documents(app, hospital, nurse, zoe, settings):
    def work(number: int) -> None:
        with app.test_request_context(), in_hospital(hospital):
            attach(db.session.get(Patient, zoe), a_file(PNG + bytes([number]), "scan.png"), "letter")
            db.session.commit()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rows(app, hospital)
    assert len({row.file_key for row in found}) == len({row.sha256 for row in found}) == 8
    assert len(stored(settings)) == 8


# --- giving out ------------------------------------------------------------------------------------------------------


def test_a_document_is_given_out_after_the_check_on_its_record(app, hospital, client_with, nurse, zoe):
    """CORE-8: without the permission for the record there is no document, and no row that somebody saw it."""
    address = added(nurse, zoe)
    stranger = client_with("patients.add", hospital=hospital, username="stranger")
    assert stranger.get(address).status_code == 403
    assert app.test_client(hospital=hospital).get(address).status_code == 303
    assert seen(app, hospital) == []


def test_a_document_of_another_record_is_not_found(app, hospital, nurse, zoe):
    """CORE-8: the address names the record, and another one's documents are not there."""
    address = added(nurse, zoe)
    other = register(app, hospital)
    assert nurse.get(address.replace(f"/drawer/{zoe}/", f"/drawer/{other}/")).status_code == 404
    assert nurse.get(f"/drawer/{zoe}/documents/4711").status_code == 404


def test_a_document_of_another_kind_of_record_is_not_found(app, hospital, nurse, zoe):
    address = added(nurse, zoe)
    with app.app_context(), in_hospital(hospital):
        db.session.execute(sa.update(Attachment).values(content_type="staff_staff"))
        db.session.commit()
    assert nurse.get(address).status_code == 404


def test_another_hospital_has_neither_the_document_nor_the_file(app, two_hospitals, client_with):
    """CORE-8: with equal ids, and even with the key of the other one's file, nothing of it is given out."""
    city, lakeside = two_hospitals
    patients = [register(app, one) for one in two_hospitals]
    assert patients[0] == patients[1]
    nurses = [client_with("patients.view", "patients.change", hospital=one) for one in two_hospitals]
    address = added(nurses[0], patients[0])
    assert nurses[1].get(address).status_code == 404
    assert added(nurses[1], patients[1], A_PDF, "own.pdf") == address
    assert nurses[1].get(address).data == A_PDF
    key = rows(app, city)[0].file_key
    with app.app_context(), in_hospital(lakeside):
        db.session.execute(sa.update(Attachment).values(file_key=key))
        db.session.commit()
    assert nurses[1].get(address).status_code == 410
    assert nurses[0].get(address).data == PNG


def seen(app, hospital) -> list[AuditLog]:
    """What the audit holds of sensitive views."""
    with app.app_context(), in_hospital(hospital):
        return list(db.session.scalars(sa.select(AuditLog).where(AuditLog.action == "view_sensitive")))


def test_that_somebody_opened_a_document_stands_in_the_audit_of_its_record(app, hospital, nurse, zoe):
    nurse.get(added(nurse, zoe, PNG, "x-ray.png"))
    (row,) = seen(app, hospital)
    assert (row.content_type, row.object_id) == ("patients_patient", zoe)
    assert row.changes == {"document": [None, "x-ray.png"]}
    assert row.actor_id


def test_a_document_is_kept_by_no_cache_and_only_pictures_are_shown(nurse, zoe):
    shown, saved = nurse.get(added(nurse, zoe)), nurse.get(added(nurse, zoe, A_PDF, "Befund Zoë.pdf"))
    for answer in (shown, saved):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''Befund%20Zo%C3%AB.pdf" in saved.headers["Content-Disposition"]


def test_the_list_of_documents_is_one_query(app, hospital, zoe, count_queries):
    with app.test_request_context(), in_hospital(hospital):
        patient = db.session.get(Patient, zoe)
        for number in range(5):
            attach(patient, a_file(PNG, f"{number}.png"), "letter")
        db.session.commit()
        assert patient.id
        with count_queries() as statements:
            assert [one.attachment.filename[0] for one in attachments_of(patient)] == list("43210")
        assert len(statements) == 1
        db.session.rollback()


def test_a_file_is_refused_on_the_model_without_a_form(app, hospital, zoe):
    with app.test_request_context(), in_hospital(hospital):
        with pytest.raises(Refused) as refusal:
            attach(db.session.get(Patient, zoe), a_file(b"MZ", "a.exe"), "letter")
        assert refusal.value.field == "file"
        db.session.rollback()
