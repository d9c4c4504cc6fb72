"""What other modules put on the pages of outpatients: vital signs, who is expected, and the way to the next visit."""

from datetime import time, timedelta

import pytest

from modules.appointments.booking import book
from modules.appointments.hours import moment_at
from modules.appointments.models import Appointment
from modules.opd.models import Visit
from portal import clock
from portal.extensions import db
from portal.kit import now, today
from tests.modules.clinic_hours import open_hours, service
from tests.modules.personnel import sent
from tests.modules.test_nurses import TYPED
from tests.modules.test_opd_pages import NURSE, RECEPTION, Clinic, come, place, started

__all__ = ["place"]
DIAGNOSIS = {"description": "Acute bronchitis", "kind": "confirmed", "token": "d1"}
NEXT_MONTH = timedelta(days=30)


@pytest.fixture
def nina(client_with):
    """A nurse who takes vital signs."""
    return client_with(*NURSE, "nurses.vitalsign_add", "nurses.view", username="nina")


@pytest.fixture
def desk(client_with):
    """The reception desk, which books and checks in."""
    verbs = [f"appointments.{verb}" for verb in ("view", "add", "check_in")]
    return client_with(*RECEPTION, *verbs, username="rita")


def expect(place: Clinic, *hours: int) -> list[int]:
    """Appointments of Bea and Amina at these hours of tomorrow, which it is from then on, at noon."""
    clock.move(moment_at(today() + timedelta(days=1), time(12)) - now())
    facts = {"doctor_id": place.doctor, "service_type_id": service("New patient", 20), "overbook": True}
    people = zip(hours, (place.bea, place.amina), strict=False)
    return [book(patient_id=who, starts_at=moment_at(today(), time(hour)), **facts).id for hour, who in people]


# Vital signs


def test_a_nurse_takes_vital_signs_from_the_list_and_comes_back_to_it(place, look, nina):
    visit = look(lambda: come(place))
    encounter = look(lambda: db.session.get(Visit, visit).encounter_id)
    listed = nina.page("/opd/vital-signs")
    path = f"/nurses/encounters/{encounter}/vitals/new"
    assert f"{path}?then=/opd/vital-signs" in [address for address, _text in listed.links]
    form = nina.page(f"{path}?then=/opd/vital-signs")
    assert ("/opd/vital-signs", "Cancel") in form.links
    kept_then = next(one["value"] for one in form.fields if one.get("name") == "then")
    assert sent(nina, path, TYPED | {"then": kept_then}) == "/opd/vital-signs"
    assert "Nobody waits for their vital signs" in nina.page("/opd/vital-signs").text
    assert look(lambda: db.session.get(Visit, visit).status) == "vitals_done"


@pytest.mark.parametrize("elsewhere", ["//evil.test/x", "https://evil.test/", "javascript:alert(1)", "/\\evil.test"])
def test_no_form_leads_to_another_site(elsewhere, place, look, nina):
    encounter = look(lambda: db.session.get(Visit, come(place)).encounter_id)
    path = f"/nurses/encounters/{encounter}/vitals/new"
    assert sent(nina, path, TYPED | {"then": elsewhere}) == f"/patients/{place.amina}/vitals"


def test_vital_signs_stand_beside_the_consultation_for_who_may_see_them(place, look, nina, client_with):
    path = started(place, look)
    encounter = look(lambda: db.session.get(Visit, 1).encounter_id)
    sent(nina, f"/nurses/encounters/{encounter}/vitals/new", TYPED | {"temperature_c": "38.6", "pulse": "112"})
    assert "NEWS2" not in place.browser.page(f"{path}/consult").text
    head = client_with("opd.consult", "opd.view", "nurses.view", username="head")
    shown = head.page(f"{path}/consult").text
    assert "NEWS2 3" in shown
    assert "Temperature 38.6 °C Pulse 112 Pressure 120/80" in shown


# Who is expected


def test_the_desk_shows_who_is_expected_and_checks_in_from_there(place, look, desk):
    early, late = look(lambda: expect(place, 13, 14))
    clock.move(timedelta(hours=1, minutes=30))
    shown = desk.page("/opd/").text
    assert shown.index("13:00 Bea Yusuf") < shown.index("14:00 Amina Yusuf")
    assert shown.count("Late") == 1
    assert sent(desk, f"/appointments/{late}/check-in", {"then": "/opd/"}) == "/opd/"
    after = desk.page("/opd/").text
    assert "14:00 Amina Yusuf" not in after
    assert "SH-001 Amina Yusuf" in after
    states = look(lambda: [db.session.get(Appointment, one).status for one in (early, late)])
    assert states == ["scheduled", "checked_in"]


def test_who_may_not_see_appointments_sees_nobody_expected(place, look, client_with):
    look(lambda: expect(place, 13))
    assert "Expected" not in client_with(*RECEPTION, username="rita").page("/opd/").text


# The next visit


def test_a_signed_consultation_leads_to_booking_the_follow_up_on_its_day(place, look, desk):
    day = look(lambda: today() + NEXT_MONTH)
    look(lambda: open_hours(place.doctor, days=NEXT_MONTH.days))
    look(lambda: service("Follow-up", 20))
    path = started(place, look)
    assert "Book a follow-up" not in desk.page(path).text
    sent(place.browser, f"{path}/diagnose", DIAGNOSIS)
    sent(place.browser, f"{path}/finish", {"disposition": "home", "followup_on": f"{day:%Y-%m-%d}"})
    assert "Book a follow-up" not in place.browser.page(path).text
    links = {text.strip(): address for address, text in desk.page(path).links}
    form = desk.page(links["Book a follow-up"])
    chosen = {one["name"]: one.get("value") for one in form.fields if one.get("name") in ("day", "patient_id")}
    assert chosen == {"day": f"{day:%Y-%m-%d}", "patient_id": str(place.amina)}
    assert '<option selected value="follow_up">' in form.html
    assert "09:00" in form.text


def test_who_is_kept_here_needs_no_follow_up_yet(place, look, desk):
    path = started(place, look)
    sent(place.browser, f"{path}/diagnose", DIAGNOSIS)
    sent(place.browser, f"{path}/finish", {"disposition": "admit"})
    assert "Book a follow-up" not in desk.page(path).text
