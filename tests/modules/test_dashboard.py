"""Dashboard: a greeting, numbers that are those of the lists they open, and panels that each stand by themselves."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from modules.dashboard.arranging import PANELS, PLACES, TILES
from modules.dashboard.views import greeting, read_together
from modules.patients.models import Patient
from modules.patients.widgets import registered_by_day
from modules.staff.models import Department, Staff
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit import demo, today
from portal.kit.demo import HospitalSize
from portal.kit.models import Event
from portal.tenancy.current import in_hospital

EVERYTHING = ("dashboard.view", "patients.view", "staff.view")
TILE = re.compile(r'<a class="tile"[^>]* href="([^"]+)">.*?<span class="v">([\d,]+)</span>', re.S)
SHOWING = re.compile(r"Showing \d+ to \d+ of ([\d,]+)")
ASKED = {"HX-Request": "true"}


@pytest.fixture
def busy(app, hospital):
    """A hospital with three patients and two people at work, one on leave."""
    with app.app_context(), in_hospital(hospital):
        for name in ("Ann", "Ben", "Cleo"):
            Patient(first_name=name, last_name="Lee", sex="unknown").register()
        ward = Department.add(name="Ward A", code="A", kind="clinical")
        db.session.flush()
        for name in ("Dee", "Eve", "Flo"):
            hire(name, ward)
        db.session.query(Staff).filter_by(first_name="Flo").one().status = "on_leave"
        db.session.commit()
    return hospital


def hire(name: str, department: Department) -> Staff:
    """Somebody who works there from now on."""
    member = Staff.register(
        first_name=name, last_name="Moe", sex="female", phone="020 7946 0101", department_id=department.id,
        designation="Nurse", role_kind="nurse", joined_on=date(2026, 1, 1),
    )  # fmt: skip
    db.session.flush()
    return member


def declared(app, place: str) -> list:
    """Every part of a place, whoever it is for."""
    return [part for module in app.extensions["modules"].values() for part in module.parts if part.place == place]


@pytest.fixture
def break_part(app, monkeypatch):
    """Lets one part of the dashboard do something else when it is read."""

    def instead(key: str, read) -> None:
        for module in app.extensions["modules"].values():
            parts = [replace(part, read=read) if part.key == key else part for part in module.parts]
            monkeypatch.setattr(module, "parts", parts)

    return instead


def broken(**_filters):
    """A part that cannot be read."""
    raise RuntimeError("broken")


# --- the greeting --------------------------------------------------------------------------------------------------


def test_the_first_page_greets_by_name(client_with):
    heading = client_with("dashboard.view").page("/dashboard/").headings[0]
    assert re.fullmatch(r"Good (morning|afternoon|evening), Leila", heading)


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "Good morning"), (11, "Good morning"), (12, "Good afternoon"), (17, "Good afternoon"), (18, "Good evening")],
)
def test_the_greeting_follows_the_hour(hour, words):
    assert greeting(hour) == words


def test_the_hour_is_that_of_the_hospital_in_summer_time_too(client_with, monkeypatch):
    monkeypatch.setattr("modules.dashboard.views.now", lambda: datetime(2026, 7, 1, 11, 30, tzinfo=UTC))
    page = client_with("dashboard.view").page("/dashboard/")
    assert page.headings == ["Good afternoon, Leila"]


# --- numbers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def lived_in(app, hospital):
    """A hospital with rows as the demonstration has them, and one event with something left undone."""
    with app.app_context(), in_hospital(hospital):
        demo.fill(HospitalSize(patients=40, staff=20), {})
        db.session.add(Event(name="patient.registered", payload={}, attempts=3, last_error="KeyError"))
        db.session.commit()
    return hospital


def test_each_number_is_the_total_of_the_list_it_opens(lived_in, app, client_with):
    """DSH-1: over every number that a module declares."""
    tiles = declared(app, TILES)
    needed = {one for part in tiles for one in part.needs.split(" | ")}
    browser = client_with("dashboard.view", *needed)
    numbers = TILE.findall(browser.page("/dashboard/").html)
    assert len(numbers) == len(tiles)
    assert sum(number != "0" for _url, number in numbers) >= len(tiles) // 2, "rows for a test of numbers"
    for url, number in numbers:
        text = browser.page(url.replace("&amp;", "&")).text
        total, is_board = SHOWING.search(text), "refreshes every 15 seconds" in text
        assert (total[1] if total else "0") == number or (is_board and re.search(rf"\b{number} ", text)), url


def test_each_department_opens_the_list_of_who_works_there(busy, client_with):
    browser = client_with(*EVERYTHING)
    url = next(url for url, words in browser.page("/dashboard/?all=1").links if words == "Ward A")
    assert "Showing 1 to 2 of 2 people" in browser.page(url).text


def test_a_department_that_is_closed_and_people_who_left_stay_in_every_count(busy, app, client_with):
    """DSH-4: lists and numbers keep rows whose department is not in use any more."""
    with app.app_context(), in_hospital(busy):
        old = Department.add(name="Old ward", code="OLD", kind="clinical")
        db.session.flush()
        away, gone = hire("Gil", old), hire("Hal", old)
        away.status, gone.status, gone.left_on = "on_leave", "left", today()
        db.session.flush()
        old.is_active = False
        db.session.commit()
    browser = client_with(*EVERYTHING, "staff.detail_view")
    urls = {number: url for url, number in TILE.findall(browser.page("/dashboard/").html) if "on_leave" in url}
    assert "Gil Moe" in browser.page(urls["2"].replace("&amp;", "&")).text
    everybody = browser.page("/staff/").text
    assert "Showing 1 to 5 of 5 people" in everybody
    assert "Old ward" in everybody


def test_a_closed_department_where_somebody_still_works_stays_in_the_panel(busy, app, client_with):
    """DSH-4."""
    with app.app_context(), in_hospital(busy):
        db.session.query(Department).filter_by(code="A").one().is_active = False
        db.session.commit()
    text = client_with(*EVERYTHING).page("/dashboard/widgets/staff-departments").text
    assert "Ward A 2" in text


def test_registrations_are_counted_by_the_days_of_the_hospital(busy, app):
    with app.app_context(), in_hospital(busy):
        at_night, before = datetime(2026, 6, 30, 23, 30, tzinfo=UTC), datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
        first, second, third = db.session.query(Patient).order_by(Patient.id)
        first.created_at, second.created_at = at_night, before
        third.voided_at = at_night
        db.session.flush()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("modules.patients.widgets.today", lambda: date(2026, 7, 2))
            counted = registered_by_day(3)
        db.session.rollback()
    assert counted == {date(2026, 6, 30): 1, date(2026, 7, 1): 1, date(2026, 7, 2): 0}


# --- who sees what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permission", "seen", "unseen"),
    [("patients.view", "Registered today", "Active staff"), ("staff.view", "Active staff", "Registered today")],
)
def test_people_see_only_what_they_may(busy, client_with, permission, seen, unseen):
    """DSH-2, what is not rendered."""
    text = client_with("dashboard.view", permission).page("/dashboard/?all=1").text
    assert seen in text
    assert unseen not in text


def test_every_part_has_a_page_of_its_own_that_is_refused_to_who_may_not_see_it(busy, app, client_with):
    """DSH-2: 403 for a part that is not for this person, 404 for one that nobody declares."""
    parts = [part for place in PLACES for part in declared(app, place)]
    allowed = client_with("dashboard.view", *{one for part in parts for one in part.needs.split(" | ")})
    stranger = client_with("dashboard.view", username="nobody")
    for part in parts:
        assert allowed.page(f"/dashboard/widgets/{part.key}").headings == [part.label]
        assert stranger.get(f"/dashboard/widgets/{part.key}").status_code == 403
        assert stranger.get(f"/dashboard/widgets/{part.key}", headers=ASKED).status_code == 403
    assert allowed.get("/dashboard/widgets/nothing").status_code == 404


def test_a_part_of_a_module_outside_the_plan_is_refused(busy, app, client_with):
    """DSH-2."""
    with app.app_context():
        db.session.query(Tenant).one().modules = ["core", "dashboard", "patients"]
        db.session.commit()
    app.extensions["registry"].forget()
    browser = client_with(*EVERYTHING)
    assert browser.get("/dashboard/widgets/staff-active").status_code == 403
    assert "Active staff" not in browser.page("/dashboard/").text


def test_every_part_has_a_key_that_no_other_part_has(app):
    keys = [part.key for place in PLACES for part in declared(app, place)]
    assert len(keys) == len(set(keys)), "a number and a panel share the address /dashboard/widgets/<key>"


def test_who_may_see_nothing_is_told_so(busy, client_with):
    page = client_with("dashboard.view").page("/dashboard/")
    assert "Nothing to show for your role" in page.text
    assert "Ann Lee" not in page.text


def test_without_the_permission_there_is_no_dashboard(client_with):
    assert client_with("patients.view").get("/dashboard/").status_code == 403


def test_only_who_may_register_patients_is_offered_to(busy, client_with):
    links = [words for _url, words in client_with("dashboard.view", "patients.add").page("/dashboard/").links]
    assert "Register patient" in links
    page = client_with("dashboard.view", "patients.view", username="reader").page("/dashboard/")
    assert "Register patient" not in [words for _url, words in page.links]


# --- parts that fail or take their time ----------------------------------------------------------------------------


def test_a_number_that_cannot_be_read_says_so_and_the_page_stands(busy, client_with, break_part):
    """DSH-3, a failing number: it leads to where it is tried again."""
    break_part("patients-all", broken)
    browser = client_with(*EVERYTHING)
    page = browser.page("/dashboard/")
    assert "This number could not be read" in page.text
    assert [number for _url, number in TILE.findall(page.html)] == ["3", "2", "1"]
    assert "This number could not be read" in browser.page("/dashboard/widgets/patients-all").text


def test_a_panel_that_cannot_be_read_says_so_and_the_rest_stands(busy, client_with, break_part):
    """DSH-3, a failing panel, without JavaScript."""
    break_part("staff-departments", broken)
    page = client_with(*EVERYTHING).page("/dashboard/?all=1")
    assert "This part could not be loaded." in page.text
    assert "/dashboard/widgets/staff-departments" in [url for url, words in page.links if words.startswith("Try again")]
    assert "Cleo Lee" in page.text


def test_a_panel_that_fails_answers_in_its_own_place(busy, client_with, break_part):
    """DSH-3, a failing panel that the page asks for."""
    break_part("staff-departments", broken)
    answer = client_with(*EVERYTHING).get("/dashboard/widgets/staff-departments", headers=ASKED)
    assert answer.status_code == 200
    assert "This part could not be loaded." in answer.text
    assert re.match(r'<div class="panel" id="panel-staff-departments-body" data-hx-swap-oob="true">', answer.text)


def test_the_page_waits_for_no_panel(busy, app, client_with, break_part):
    """DSH-3, a slow panel: the page asks for each by itself, and only its own address reads it."""
    read = []
    for part in declared(app, PANELS):
        break_part(part.key, lambda key=part.key: read.append(key) or "read")
    held = {one for part in declared(app, PANELS) for one in part.needs.split(" | ")}
    browser = client_with("dashboard.view", *held)
    page = browser.page("/dashboard/")
    assert read == []
    asked = re.findall(r'data-hx-get="(/dashboard/widgets/[^"]+)" data-hx-trigger="load, every 60s"', page.html)
    assert len(asked) == len(declared(app, PANELS))
    browser.get(asked[0], headers=ASKED)
    assert [f"/dashboard/widgets/{key}" for key in read] == asked[:1]


def test_what_takes_too_long_is_stopped_and_the_rest_stands(busy, client_with, break_part):
    """DSH-3, a slow number: the page does not wait for it."""

    def slow(**_filters) -> int:
        counting = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000000) SELECT max(i) FROM n"
        )
        return db.session.scalar(sa.text(counting), bind_arguments={"bind_key": "tenant"})

    break_part("patients-all", slow)
    page = client_with(*EVERYTHING).page("/dashboard/")
    assert "This number could not be read" in page.text
    assert [number for _url, number in TILE.findall(page.html)] == ["3", "2", "1"]


def test_many_slow_parts_share_the_time_that_a_page_has(app, monkeypatch):
    """DSH-3, forty slow numbers: the page waits for the first ones, and hardly for the others."""
    clock = [0.0]

    def read_slowly(part, seconds: float) -> str:
        clock[0] += seconds
        return part

    monkeypatch.setattr("modules.dashboard.views.monotonic", lambda: clock[0])
    monkeypatch.setattr("modules.dashboard.views.read", read_slowly)
    assert read_together(range(40)) == list(range(40))
    assert clock[0] < 1.5


def test_without_javascript_the_browser_goes_on_to_the_page_that_holds_every_panel(busy, client_with):
    browser = client_with(*EVERYTHING)
    url = re.search(r'<noscript><meta http-equiv="refresh" content="0; url=([^"]+)"></noscript>',
                    browser.page("/dashboard/").html)[1]  # fmt: skip
    whole = browser.page(url)
    assert "Cleo Lee" in whole.text
    assert "Ward A 2" in whole.text
    assert "noscript" not in whole.html


def test_numbers_that_are_counted_again_leave_the_panels_alone(busy, client_with):
    """What the page asks for every minute takes only the numbers; no panel in that answer replaces one."""
    html = client_with(*EVERYTHING).get("/dashboard/", headers=ASKED).text
    assert 'data-hx-select-oob="#dashboard-tiles"' in html
    assert "data-hx-swap-oob" not in html


def test_a_hospital_counts_only_its_own(two_hospitals, client_with, app):
    with app.app_context(), in_hospital(two_hospitals[0]):
        Patient(first_name="Ann", last_name="Lee", sex="unknown").register()
        db.session.commit()
    page = client_with(*EVERYTHING, hospital=two_hospitals[1]).page("/dashboard/?all=1")
    assert {number for _url, number in TILE.findall(page.html)} == {"0"}
    assert "Ann Lee" not in page.text
