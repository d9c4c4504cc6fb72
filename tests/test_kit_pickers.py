"""A picker finds a record while somebody types, keeps it, and works as a plain form too."""

import pytest
import sqlalchemy as sa
from flask import Blueprint

from modules.patients.models import Patient
from portal.extensions import db
from portal.kit import _, form_page
from portal.kit.forms import NewForm, Text
from portal.kit.pickers import MOST_FOUND, Option, PickRecord, offered, picked
from portal.kit.search import has_words
from portal.tenancy.current import in_hospital
from tests.page import Page


def patients(text: str, record_id: int | None) -> list[Option]:
    """Patients by name, or the one with this id."""
    wanted = Patient.id == record_id if record_id is not None else has_words(Patient.name_search, text)
    found = db.session.scalars(sa.select(Patient).where(wanted).order_by(Patient.name_search).limit(MOST_FOUND))
    return [Option(one.id, one.full_name, one.mrn) for one in found]


class ReferForm(NewForm):
    """Asks for a patient and a reason."""

    patient_id = PickRecord(_("Patient"), _("Find and select a patient"), options=patients, endpoint="trial.pick")
    reason = Text(_("Reason"), 80)


TEMPLATE = """{% extends "base.html" %}{% import "components/forms.html" as forms %}
{% block title %}Refer{% endblock %}{% block main %}<h1>Refer</h1>{{ forms.error_summary(form) }}
<form method="post" action="/trial">{{ forms.csrf() }}{{ forms.any_field(form.patient_id) }}
{{ forms.any_field(form.reason) }}<button>Save</button></form>{% endblock %}"""


@pytest.fixture
def browser(app, hospital):
    """A hospital with three patients, and a page with a picker."""
    trial = Blueprint("trial", __name__)

    @trial.route("/trial", methods=["GET", "POST"])
    def refer():
        form = ReferForm()
        if form.validate_on_submit():
            return f"saved {form.patient_id.data}"
        return form_page(app.jinja_env.from_string(TEMPLATE), form)

    trial.add_url_rule("/trial/pick", "pick", lambda: picked(patients), methods=["POST"])
    app.register_blueprint(trial)
    with app.app_context(), in_hospital(hospital):
        for number, name in enumerate(("Zoë", "Zora", "Amina"), 1):
            facts = {"first_name": name, "last_name": "O’Brien", "sex": "female", "mrn": f"CG-{number}"}
            db.session.add(Patient(**facts))
        db.session.commit()
    return app.test_client(hospital=hospital)


def radios(html: str) -> dict[str, bool]:
    """The values of the radio buttons, and whether each is ticked."""
    return {one["value"]: "checked" in one for one in Page(html).fields if one.get("type") == "radio"}


def test_what_is_typed_is_answered_with_radio_buttons(browser):
    answer = browser.post("/trial/pick", data={"field": "patient_id", "patient_id-q": "zo"})
    assert set(radios(answer.text)) == {"1", "2"}
    assert "CG-1" in answer.text


def test_what_was_chosen_stays_while_more_is_typed(browser):
    sent = {"field": "patient_id", "patient_id-q": "amina", "patient_id": "1"}
    assert radios(browser.post("/trial/pick", data=sent).text) == {"1": True, "3": False}


@pytest.mark.parametrize("typed", ["", "z"])
def test_one_letter_finds_nothing_yet(browser, typed):
    assert radios(browser.post("/trial/pick", data={"field": "patient_id", "patient_id-q": typed}).text) == {}


def test_what_finds_nothing_says_so_with_the_text_escaped(browser):
    answer = browser.post("/trial/pick", data={"field": "patient_id", "patient_id-q": "<b>nobody"})
    assert "Nothing found for “&lt;b&gt;nobody”" in answer.text


def test_the_button_finds_without_saving_and_keeps_every_answer(browser):
    answer = browser.post("/trial", data={"patient_id-q": "zo", "reason": "cough", "find": "patient_id"})
    assert answer.status_code == 200
    assert radios(answer.text) == {"1": False, "2": False}
    values = {one["name"]: one.get("value") for one in Page(answer.text).fields if one.get("name") == "reason"}
    assert values == {"reason": "cough"}
    assert "There is a problem" not in answer.text


def test_a_choice_is_saved_and_one_that_is_not_offered_is_refused(browser):
    assert browser.post("/trial", data={"patient_id": "2"}).text == "saved 2"
    for wrong in ("99", "x", ""):
        answer = browser.post("/trial", data={"patient_id": wrong})
        assert (answer.status_code, "Find and select a patient" in answer.text) == (422, True), wrong


def test_a_chosen_record_is_offered_once(app, hospital, browser):
    with app.app_context(), in_hospital(hospital):
        assert [option.id for option in offered(patients, "zo", 2)] == [2, 1]
