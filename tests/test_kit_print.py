"""What is printed: the hospital's head, the number as a QR code, who printed which copy, and a row in the audit."""

import contextvars
import re
import threading
from datetime import UTC, datetime

import pytest
import segno
import sqlalchemy as sa

from modules.patients.models import Allergy, Patient
from portal import clock
from portal.extensions import db
from portal.kit.models import AuditLog, HospitalProfile
from portal.kit.printing import QUIET, code_of
from portal.provisioning import transfer
from portal.tenancy.current import in_hospital
from tests.moved import moved

PLACES = ("face-sheet", "id-card", "wristband")
MAY = ("patients.view", "patients.detail_view", "patients.allergy_view")


@pytest.fixture
def zoe(app, hospital) -> int:
    """A patient of a hospital that says where it is."""
    return register(app, hospital, "Zoë")


def register(app, hospital, name: str) -> int:
    """A new patient's id; the hospital has an address."""
    with app.app_context(), in_hospital(hospital):
        profile = db.session.get_one(HospitalProfile, 1)
        profile.address, profile.phone = "1 Example Street", "020 7946 0100"
        patient = Patient(first_name=name, last_name="Ng", sex="female").register()
        db.session.commit()
        return patient.id


@pytest.fixture
def nurse(client_with, hospital):
    """Somebody who may print whatever is printed of patients."""
    return client_with(*MAY, hospital=hospital)


def printed(app, hospital) -> list[AuditLog]:
    """What the audit holds of prints."""
    with app.app_context(), in_hospital(hospital):
        return list(db.session.scalars(sa.select(AuditLog).where(AuditLog.action == "print").order_by(AuditLog.id)))


def dark_squares(code) -> set[tuple[int, int]]:
    """The squares that the path of a code fills."""
    found = set()
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path):
        assert length == back
        found |= {(int(x) + step - QUIET, int(y) - QUIET) for step in range(int(length))}
    return found


@pytest.mark.parametrize("text", ["CG-000001-8", "A" * 120, "Zoë"])
def test_a_code_has_the_squares_of_its_text_and_white_around(text):
    code, wanted = code_of(text), segno.make(text, error="m", micro=False)
    assert dark_squares(code) == {(x, y) for y, row in enumerate(wanted.matrix) for x, dark in enumerate(row) if dark}
    assert code.size == len(wanted.matrix) + 2 * QUIET


@pytest.mark.parametrize("place", PLACES)
def test_a_printed_page_says_whose_it_is_who_printed_it_and_when(nurse, zoe, place):
    clock.move(datetime(2026, 7, 1, 12, 5, tzinfo=UTC) - clock.now())
    page = nurse.page(f"/patients/{zoe}/print/{place}")
    assert "City General Hospital" in page.text
    assert "Zoë Ng" in page.text
    assert "Printed 1 Jul 2026, 13:05 by Leila · copy 1" in page.text
    assert re.search(r'aria-label="QR code of [A-Z]+-000001-8"', page.html)
    assert (f"/patients/{zoe}", "Back") in page.links


def test_a_sheet_has_the_head_of_the_hospital(nurse, zoe):
    page = nurse.page(f"/patients/{zoe}/print/face-sheet")
    assert "1 Example Street" in page.text
    assert "020 7946 0100" in page.text


def test_each_copy_is_counted_by_record_and_by_what_is_printed(app, hospital, nurse, zoe):
    other = register(app, hospital, "Amina")
    copies = [(zoe, "face-sheet", 1), (zoe, "face-sheet", 2), (zoe, "wristband", 1), (other, "face-sheet", 1)]
    for patient, place, copy in copies:
        assert f"copy {copy}" in nurse.page(f"/patients/{patient}/print/{place}").text
    rows = printed(app, hospital)
    assert [(row.object_id, row.changes["copy"][1]) for row in rows] == [(one, copy) for one, _place, copy in copies]
    assert rows[0].content_type == "patients_patient"
    assert rows[0].changes["document"] == [None, "Face sheet"]
    assert rows[0].actor_id


def test_copies_printed_at_once_have_different_numbers(app, hospital, nurse, client_with, zoe):
    browsers = [client_with(*MAY, hospital=hospital, username=f"nurse-{number}") for number in range(4)]
    threads = [
        threading.Thread(target=browser.get, args=(f"/patients/{zoe}/print/id-card",)) for browser in browsers * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.changes["copy"][1] for row in printed(app, hospital)) == list(range(1, 9))


def test_what_is_printed_while_the_hospital_moves_is_counted_too(app, hospital, nurse, zoe, second_server, monkeypatch):
    """Its database refuses to be changed meanwhile, also to hold a row; the platform's audit takes the copy."""
    told, place = [], f"/patients/{zoe}/print/id-card"

    def look(*args, real=transfer.fill):
        told.append(contextvars.Context().run(nurse.page, place).text)
        return real(*args)

    monkeypatch.setattr(transfer, "fill", look)
    with app.app_context():
        assert moved(hospital.id).error is None
    assert ["copy 1" in text for text in told] == [True]
    assert "copy 2" in nurse.page(place).text


def test_a_page_that_the_audit_cannot_hold_is_not_printed(nurse, zoe, monkeypatch):
    def busy(*_args, **_kwargs):
        raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("portal.kit.reading.audit_hospital", busy)
    assert nurse.get(f"/patients/{zoe}/print/id-card").status_code == 503


def test_who_may_not_see_allergies_prints_none(client_with, hospital, zoe):
    reader = client_with("patients.view", "patients.detail_view", hospital=hospital, username="reader")
    assert "llergies" not in reader.page(f"/patients/{zoe}/print/face-sheet").text
    assert reader.get(f"/patients/{zoe}/print/wristband").status_code == 403


def test_what_was_never_asked_does_not_read_as_none(app, hospital, nurse, zoe):
    assert "Allergies not asked" in nurse.page(f"/patients/{zoe}/print/wristband").text
    with app.app_context(), in_hospital(hospital):
        db.session.get_one(Patient, zoe).allergy_status = "none_known"
        db.session.commit()
    assert "No known allergies" in nurse.page(f"/patients/{zoe}/print/wristband").text


def test_a_band_never_leaves_out_an_allergy_without_saying_so(app, hospital, nurse, zoe):
    facts = {"category": "medication", "severity": "mild", "criticality": "low"}
    with app.app_context(), in_hospital(hospital):
        patient = db.session.get_one(Patient, zoe)
        for number in range(7):
            Allergy(patient=patient, substance=f"Number {number}", **facts).add()
        db.session.commit()
    band = nurse.page(f"/patients/{zoe}/print/wristband").text
    assert "Allergies: Number 0, Number 1, Number 2, Number 3, Number 4, and 2 more in the record" in band
    assert "Number 6" in nurse.page(f"/patients/{zoe}/print/face-sheet").text
