"""The token of a form belongs to whoever sent it, and is used up only by what was saved."""

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from modules.patients.models.beside import Contact
from portal.extensions import db
from portal.kit import form_page
from portal.kit.forms import NewForm, Upload
from portal.tenancy.current import in_hospital
from tests.page import Page

TOKEN = "6a0f6c1e-0000-4000-8000-000000000001"
ANN = {"first_name": "Ann", "last_name": "Lee", "sex": "female", "token": TOKEN}


def test_a_token_that_another_person_used_leads_nobody_to_their_record(app, hospital, client_with):
    first, second = (client_with("patients.view", "patients.add", username=name) for name in ("ann", "ben"))
    assert first.post("/patients/new", data=ANN).location == "/patients/1"
    answer = second.post("/patients/new", data={**ANN, "first_name": "Ben", "last_name": "Moe"})
    assert answer.location == "/patients/2"


def test_a_form_that_was_refused_may_be_sent_again_with_its_token(client_with):
    browser = client_with("patients.view", "patients.add")
    assert browser.post("/patients/new", data={**ANN, "sex": ""}).status_code == 422
    assert browser.post("/patients/new", data=ANN).status_code == 303


def test_a_token_leads_to_what_was_made_at_the_same_address_only(app, hospital, client_with):
    """CORE-7: the answers for another patient are not lost."""
    browser = client_with("patients.view", "patients.add", "patients.change")
    for number in (1, 2):
        browser.post("/patients/new", data={**ANN, "token": f"patient-{number}", "last_name": f"Lee {number}"})
    mother = {"name": "Eve", "relation": "mother", "phone": "07700 900412", "token": TOKEN}
    for number in (1, 2):
        assert browser.post(f"/patients/{number}/contacts/new", data=mother).location == f"/patients/{number}"
    with app.app_context(), in_hospital(hospital):
        assert sorted(db.session.scalars(sa.select(Contact.patient_id))) == [1, 2]


def test_the_token_and_the_version_of_a_form_are_those_of_the_page_and_not_of_an_older_one(client_with):
    """A browser that fills in hidden fields by itself when a page is loaded again would bring back a used token."""
    browser = client_with("patients.view", "patients.add", "patients.change")
    browser.post("/patients/new", data=ANN)
    for path, name in (("/patients/new", "token"), ("/patients/1/edit", "version")):
        (hidden,) = [field for field in browser.page(path).fields if field.get("name") == name]
        assert hidden.get("autocomplete") == "off"


@pytest.fixture
def clerk(client_with):
    """Somebody who corrects patients, of whom there is one."""
    browser = client_with("patients.view", "patients.add", "patients.change")
    browser.post("/patients/new", data=ANN)
    return browser


def test_who_comes_second_reads_what_is_kept_and_what_they_sent_themselves(clerk):
    """P5: no answer is lost."""
    late = {**ANN, "version": "1", "city": "York", "sex": "other", "phone": "07700 900412"}
    assert clerk.post("/patients/1/edit", data={**ANN, "version": "1", "city": "Leeds"}).status_code == 303
    answer = clerk.post("/patients/1/edit", data=late)
    assert answer.status_code == 409
    shown = Page(answer.text)
    assert "What you sent" in shown.text
    assert all(word in shown.text for word in ("York", "Other", "07700 900412"))
    assert {"Leeds"} == {one.get("value") for one in shown.fields if one.get("name") == "city"}


def test_what_was_voided_is_not_corrected_any_more(app, hospital, clerk):
    with app.app_context(), in_hospital(hospital):
        db.session.get(Patient, 1).void("Registered twice")
        db.session.commit()
    assert "the entry was voided" in clerk.page("/patients/1/edit", 409).text


class ScanForm(NewForm):
    """Asks for a file."""

    file = Upload("File", "Choose a file")


@pytest.mark.parametrize("template", ["records/form.html", "records/move.html"])
def test_a_form_that_asks_for_a_file_sends_it(app, hospital, template):
    def show():
        words = {"heading": "Scan", "label": "Scan", "record": "Scan", "back": "/"}
        return form_page(template, ScanForm(), **words)

    app.add_url_rule("/scan", view_func=show)
    assert 'enctype="multipart/form-data"' in app.test_client(hospital=hospital).get("/scan").text
