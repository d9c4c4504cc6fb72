"""Visits: one record for each, one open at a time, shown in the banner, the tab and the timeline of the patient."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from modules.patients.api import open_encounter
from modules.patients.models import Patient
from modules.patients.models.clinical import Allergy
from modules.patients.models.encounters import Encounter
from portal import clock
from portal.extensions import db
from portal.kit import Refused, WrongState, now
from portal.kit.events import _now
from portal.kit.models import StatusLog
from portal.tenancy.current import in_hospital
from tests.filled_tables import fill_hospital

READER = ("patients.view", "patients.encounter_view", "patients.allergy_view", "patients.history_view")


@pytest.fixture
def hospital(app, hospital):
    """A hospital with doctors and departments 1 to 3."""
    fill_hospital(app, hospital, "Spatz")
    return hospital


@pytest.fixture
def patient_id(app, hospital) -> int:
    """A patient who was never here before."""
    with app.app_context(), in_hospital(hospital):
        patient = Patient(first_name="Zoë", last_name="O’Brien", sex="female", birth_date=date(1955, 3, 2)).register()
        db.session.commit()
        return patient.id


@pytest.fixture
def patient(app, hospital, patient_id):
    """The patient, inside the hospital."""
    with app.app_context(), in_hospital(hospital):
        yield db.session.get(Patient, patient_id)
        db.session.rollback()


@pytest.fixture
def change(app, hospital, patient_id):
    """Does something to the patient, and keeps it."""

    def kept(work):
        with app.app_context(), in_hospital(hospital):
            work(db.session.get(Patient, patient_id))
            db.session.commit()

    return kept


def test_a_visit_is_planned_and_goes_on_until_it_is_finished(patient):
    visit = open_encounter(patient, "AMB", doctor_id=1, department_id=1, reason="Cough")
    assert (visit.status, visit.active_key) == ("planned", f"{patient.id}:AMB:1")
    clock.move(timedelta(minutes=30))
    for move, status in (
        ("arrive", "arrived"),
        ("triage", "triaged"),
        ("begin", "in_progress"),
        ("finish", "finished"),
    ):
        getattr(visit, move)()
        assert visit.status == status
    assert now() - visit.started_at < timedelta(minutes=1)
    assert (visit.ended_at is not None, visit.active_key) == (True, None)
    logged = sa.select(StatusLog.to_status).where(StatusLog.object_id == visit.id).order_by(StatusLog.id)
    assert visit.status == "finished"
    assert db.session.scalars(logged).all() == ["arrived", "triaged", "in_progress", "finished"]


@pytest.mark.parametrize("begun", [(), ("arrive",), ("arrive", "triage")])
def test_a_visit_that_has_not_begun_can_be_cancelled_and_leaves_its_place(patient, begun):
    visit = open_encounter(patient, "EMER")
    for move in begun:
        getattr(visit, move)()
    visit.cancel()
    assert (visit.status, visit.active_key) == ("cancelled", None)
    open_encounter(patient, "EMER")


def test_a_visit_in_progress_cannot_be_cancelled(patient):
    visit = open_encounter(patient, "IMP")
    visit.admit()
    with pytest.raises(WrongState):
        visit.cancel()
    assert (visit.status, visit.active_key) == ("in_progress", f"{patient.id}:IMP")


@pytest.mark.parametrize(
    ("encounter_class", "facts", "sentence"),
    [
        ("IMP", {}, "has an open inpatient stay already"),
        ("EMER", {}, "has an open emergency visit already"),
        ("AMB", {"doctor_id": 1}, "has an open outpatient visit with this doctor already"),
    ],
)
def test_a_second_open_visit_of_a_kind_is_refused_until_the_first_has_ended(patient, encounter_class, facts, sentence):
    """PAT-5."""
    first = open_encounter(patient, encounter_class, **facts)
    with pytest.raises(Refused, match=f"Zoë O’Brien {sentence}"):
        open_encounter(patient, encounter_class, **facts)
    first.cancel()
    assert open_encounter(patient, encounter_class, **facts).id != first.id


def test_visits_to_two_doctors_and_two_video_visits_may_be_open_at_once(patient):
    """PAT-5, what it leaves open."""
    for doctor in (1, 2):
        open_encounter(patient, "AMB", doctor_id=doctor)
        open_encounter(patient, "VR", doctor_id=1)
    assert db.session.scalar(sa.select(sa.func.count(Encounter.id)).where(Encounter.patient_id == patient.id)) == 4


@pytest.mark.parametrize(
    ("encounter_class", "facts"), [("IMP", {}), ("EMER", {}), ("AMB", {"doctor_id": 2})], ids=["IMP", "EMER", "AMB"]
)
def test_of_twenty_who_open_the_same_visit_at_once_one_does(app, hospital, patient_id, encounter_class, facts, at_once):
    """PAT-5, under concurrency."""

    def one(_number: int) -> str:
        return open_encounter(db.session.get(Patient, patient_id), encounter_class, **facts).status

    answers = at_once(one)
    assert answers.count("planned") == 1
    assert len(set(answers)) == 2
    with app.app_context(), in_hospital(hospital, writing=False):
        assert len(db.session.scalars(sa.select(Encounter).where(Encounter.patient_id == patient_id)).all()) == 1


def test_who_has_died_gets_no_new_visit(patient):
    """PAT-4, the deceased."""
    patient.record_death(now() - timedelta(hours=1))
    with pytest.raises(Refused, match="Zoë O’Brien has died"):
        open_encounter(patient, "AMB", doctor_id=1)


def test_who_was_not_seen_for_long_gets_a_new_visit(patient):
    patient.deactivate()
    assert open_encounter(patient, "AMB", doctor_id=1).status == "planned"


def test_others_hear_of_a_registration_and_of_a_death(patient, monkeypatch):
    heard = []
    for name in ("patient.registered", "patient.deceased"):
        monkeypatch.setitem(_now, name, [lambda record, name=name: heard.append((name, str(record), record.id))])
    other = Patient(first_name="Ann", last_name="Lee", sex="female").register()
    patient.record_death(now() - timedelta(hours=1))
    assert heard == [("patient.registered", "Ann Lee", other.id), ("patient.deceased", "Zoë O’Brien", patient.id)]


def test_the_tab_lists_each_visit_with_its_doctor_and_department(client_with, change, patient_id):
    def visits(patient):
        open_encounter(patient, "AMB", doctor_id=1, department_id=2, reason="Cough").arrive()
        open_encounter(patient, "EMER").cancel()

    browser = client_with(*READER)
    assert "No encounters yet" in browser.page(f"/patients/{patient_id}/encounters").text
    change(visits)
    page = browser.page(f"/patients/{patient_id}/encounters")
    for words in (
        "Encounters 2",
        "Outpatient visit Cough Arrived Dr 1 Spatz 1 Spatz 2 Spatz",
        "Emergency visit Cancelled",
    ):
        assert words in page.text
    assert client_with("patients.view", username="other").get(f"/patients/{patient_id}/encounters").status_code == 403


def test_the_banner_says_what_the_patient_is_here_for(client_with, change, patient_id):
    change(lambda patient: open_encounter(patient, "IMP", doctor_id=1).admit())
    clock.move(timedelta(days=1))
    page = client_with(*READER).page(f"/patients/{patient_id}")
    assert "Open visit Inpatient stay, day 2 Consultant Dr 1 Spatz 1 Spatz" in page.text
    other = client_with("patients.view", username="other").page(f"/patients/{patient_id}")
    assert "Inpatient stay" not in other.text


def allergy(patient, substance="Penicillin", **facts):
    named = {"category": "medication", "severity": "severe", "criticality": "high", "reaction": "Anaphylaxis"} | facts
    return Allergy(patient=patient, substance=substance, **named).add()


def test_the_banner_never_leaves_out_the_allergies(client_with, change, patient_id):
    browser = client_with(*READER, "patients.change", "patients.audit_view")
    place = f"/patients/{patient_id}"
    assert "Allergies not asked yet" in browser.page(place).text
    change(lambda patient: setattr(patient, "allergy_status", "none_known"))
    assert "No known allergies" in browser.page(place).text
    change(allergy)
    for path in (place, f"{place}/timeline", f"{place}/edit", f"{place}/audit", f"{place}/record-death"):
        assert "Allergies Penicillin: anaphylaxis (severe)" in browser.page(path).text, path
    assert "Penicillin" not in client_with("patients.view", username="other").page(place).text


def test_an_allergy_entered_in_error_leaves_the_banner_and_the_timeline(client_with, change, patient_id):
    change(lambda patient: allergy(patient).mark_as_error())
    page = client_with(*READER).page(f"/patients/{patient_id}")
    assert "Penicillin" not in page.text
    assert "Allergies not asked yet" in page.text


def thirty_visits(patient):
    for _number in range(30):
        clock.move(timedelta(minutes=1))
        visit = open_encounter(patient, "AMB", doctor_id=1)
        visit.arrive()
        visit.cancel()
    clock.move(timedelta(minutes=1))
    allergy(patient)


def test_the_timeline_is_newest_first_and_leads_on_to_what_is_older(client_with, change, patient_id):
    change(thirty_visits)
    browser, place = client_with(*READER), f"/patients/{patient_id}/timeline"
    first = browser.page(place)
    assert first.html.count('class="dot"') == 25
    assert first.text.index("Allergy: Penicillin") < first.text.index("Outpatient visit")
    older = next(url for url, words in first.links if words.strip() == "Older")
    second = browser.page(older)
    assert second.html.count('class="dot"') == 30 + 2 - 25
    assert "Registered" in second.text
    assert "Older" not in {words.strip() for _url, words in second.links}


@pytest.mark.parametrize(
    "before", ["nonsense", "2026-01-01", "0001-01-01T00:00:00-23:00", "9999-12-31T23:59:59-23:00", ""]
)
def test_a_moment_that_is_none_shows_the_timeline_from_its_beginning_or_nothing(client_with, patient_id, before):
    page = client_with(*READER).page(f"/patients/{patient_id}/timeline?before={before}")
    assert page.headings == ["Zoë O’Brien"]


def test_the_timeline_shows_what_somebody_may_see_and_no_more(client_with, change, patient_id):
    change(thirty_visits)
    page = client_with("patients.view").page(f"/patients/{patient_id}/timeline")
    assert "Registered" in page.text
    assert "Penicillin" not in page.text
    assert "Outpatient visit" not in page.text


def test_the_summary_shows_the_six_latest_moments(client_with, change, patient_id):
    change(thirty_visits)
    page = client_with(*READER).page(f"/patients/{patient_id}")
    assert page.html.count('class="dot"') == 6
    assert (f"/patients/{patient_id}/timeline", "All of the timeline") in page.links


def of_patients(statements: list[str]) -> list[str]:
    """Those that read what belongs to patients; who is signed in and which hospital it is may be remembered or not."""
    return [one for one in statements if "patients_" in one]


@pytest.mark.parametrize("tab", ["", "/timeline", "/encounters"])
def test_a_page_makes_as_many_queries_for_thirty_visits_as_for_one(client_with, change, patient_id, tab, count_queries):
    browser, place = client_with(*READER), f"/patients/{patient_id}{tab}"
    change(lambda patient: (open_encounter(patient, "IMP", doctor_id=1).admit(), allergy(patient, "Latex")))
    browser.page(place)
    with count_queries() as few:
        browser.page(place)
    change(thirty_visits)
    with count_queries() as many:
        browser.page(place)
    assert len(of_patients(many)) == len(of_patients(few)) > 0
