"""The page of a stay: what other modules show there, isolation, and what a doctor’s day shows of the wards."""

from datetime import timedelta

import pytest

from modules.doctors.models import Doctor
from modules.ipd.models import Admission, Round
from portal import clock
from portal.auth.models import User
from portal.extensions import db
from tests.modules.inpatients import admitted, set_up
from tests.modules.nursing import Stay, prescribe

BANNER = ("patients.view", "patients.encounter_view", "patients.allergy_view")


@pytest.fixture
def doctor(client_with):
    """Dr Haddad, who is signed in."""
    return client_with("ipd.view_own", "ipd.round_add", "doctors.prescription_view_own", *BANNER, username="haddad")


@pytest.fixture
def stage(doctor, look):
    """Ward A with four beds; the doctor of its department is the one who is signed in."""
    return look(lambda: set_up(user_id=db.session.query(User.id).filter_by(username="haddad").scalar()))


@pytest.fixture
def stay(stage, look) -> int:
    """Amina’s admission, who came into A-01 five minutes ago."""
    admission = look(lambda: admitted(stage, provisional_dx="Acute appendicitis").id)
    clock.move(timedelta(minutes=5))
    return admission


def links(browser, path: str) -> dict[str, str]:
    """The addresses of a page by their words."""
    return {" ".join(text.split()): address for address, text in browser.page(path).links}


def test_the_page_of_a_stay_has_its_vital_signs_medicines_tasks_and_prescriptions(stay, stage, look, client_with):
    def prescribed() -> str:
        admission = db.session.get(Admission, stay)
        return prescribe(Stay(admission.patient_id, admission.encounter_id, stage.ward, stage.doctor)).drug_text

    drug = look(prescribed)
    verbs = ("nurses.view", "nurses.dose_view", "doctors.prescription_view", "ipd.view", *BANNER)
    browser = client_with(*verbs, username="olga")
    tabs = links(browser, f"/ipd/{stay}")
    assert links(browser, tabs["Vital signs"])["7 days"] == f"/ipd/{stay}/vitals?span=7d"
    assert drug in browser.page(tabs["Medicines"]).text
    assert drug in browser.page(tabs["Prescriptions"]).text
    assert "Nothing was noted yet" in browser.page(f"/ipd/{stay}/nursing").text
    assert "Medicines" not in links(client_with("ipd.view", *BANNER, username="pia"), f"/ipd/{stay}")


def test_isolation_stands_on_the_stay_the_board_and_the_census(stay, look, client_with):
    browser = client_with("ipd.view", "ipd.admit", "rooms.view", *BANNER, username="olga")
    kept_now = look(lambda: facts_of(db.session.get(Admission, stay)))
    assert browser.post(f"/ipd/{stay}/edit", data=kept_now | {"isolation": "droplet"}).status_code == 303
    assert "Droplet isolation" in browser.page(f"/ipd/{stay}").text
    assert "Isolation: Droplet" in browser.page("/ipd/census").text
    assert "NEWS2" not in browser.page("/rooms/print").text
    assert "Amina" not in browser.page("/rooms/print").text
    assert "A-01 Occupied A.Y." in browser.page("/rooms/print").text
    assert "Droplet" in browser.page("/rooms/print?names=full").text
    assert "Amina Yusuf" in browser.page("/rooms/print?names=full").text
    assert links(browser, "/rooms/?names=full")["Print"] == "/rooms/print?names=full"


def facts_of(admission: Admission) -> dict:
    """The answers of the form as they are."""
    return {"attending_id": admission.attending_id, "priority": admission.priority, "version": admission.version}


def test_a_doctors_day_shows_the_own_inpatients_and_the_rounds_to_sign(stay, stage, look, doctor):
    assert "Rounds to sign" not in doctor.page("/doctors/my-day").text

    def write() -> None:
        Round.write(db.session.get(Admission, stay), db.session.get(Doctor, stage.doctor), plan="Fluids")

    look(write)
    shown = doctor.page("/doctors/my-day")
    assert "My inpatients 1 Amina Yusuf" in shown.text
    assert "Rounds to sign 1 Amina Yusuf" in shown.text
    assert f"/ipd/{stay}/rounds" in [address for address, _text in shown.links]
    doctor.post("/ipd/rounds/1/sign")
    assert "Rounds to sign" not in doctor.page("/doctors/my-day").text
