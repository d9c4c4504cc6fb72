"""Dashboard: a greeting, and numbers that are those of the lists they open."""

import re
from datetime import UTC, date, datetime

import pytest

from modules.dashboard import tiles
from modules.dashboard.views import greeting
from modules.patients.models import Patient
from modules.staff.models import Department, Staff
from portal.extensions import db
from portal.tenancy.current import in_hospital

EVERYTHING = ("dashboard.view", "patients.view", "staff.view")
TILE = re.compile(r'<a class="tile"[^>]* href="([^"]+)">.*?<span class="v">([\d,]+)</span>', re.S)
SHOWING = re.compile(r"Showing \d+ to \d+ of ([\d,]+)")


@pytest.fixture
def busy(app, hospital):
    """A hospital with three patients and two people at work, one on leave."""
    with app.app_context(), in_hospital(hospital):
        for name in ("Ann", "Ben", "Cleo"):
            Patient(first_name=name, last_name="Lee", sex="unknown").register()
        ward = Department.add(name="Ward A", code="A", kind="clinical")
        db.session.flush()
        for name in ("Dee", "Eve", "Flo"):
            Staff.register(
                first_name=name, last_name="Moe", sex="female", phone="020 7946 0101", department_id=ward.id,
                designation="Nurse", role_kind="nurse", joined_on=date(2026, 1, 1),
            )  # fmt: skip
            db.session.flush()
        db.session.query(Staff).filter_by(first_name="Flo").one().status = "on_leave"
        db.session.commit()
    return hospital


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


def test_each_number_is_the_total_of_the_list_it_opens(busy, client_with):
    """DSH-1."""
    browser = client_with(*EVERYTHING)
    numbers = TILE.findall(browser.page("/dashboard/").html)
    assert [number for _url, number in numbers] == ["3", "3", "2", "1"]
    for url, number in numbers:
        assert SHOWING.search(browser.page(url.replace("&amp;", "&")).text)[1] == number


def test_each_department_opens_the_list_of_who_works_there(busy, client_with):
    browser = client_with(*EVERYTHING)
    url = next(url for url, words in browser.page("/dashboard/").links if words == "Ward A")
    assert "Showing 1 to 2 of 2 people" in browser.page(url).text


@pytest.mark.parametrize(
    ("permission", "seen", "unseen"),
    [("patients.view", "Registered today", "Active staff"), ("staff.view", "Active staff", "Registered today")],
)
def test_people_see_only_what_they_may(busy, client_with, permission, seen, unseen):
    """DSH-2, what is not rendered."""
    text = client_with("dashboard.view", permission).page("/dashboard/").text
    assert seen in text
    assert unseen not in text


def test_who_may_see_nothing_is_told_so(busy, client_with):
    page = client_with("dashboard.view").page("/dashboard/")
    assert "Nothing to show for your role" in page.text
    assert "Ann Lee" not in page.text


def test_without_the_permission_there_is_no_dashboard(client_with):
    assert client_with("patients.view").get("/dashboard/").status_code == 403


def test_a_number_that_cannot_be_read_says_so_and_the_page_stands(busy, client_with, monkeypatch):
    def broken(**_filters):
        raise RuntimeError("broken")

    parts = [tiles.Part(**{**vars(tiles.TILES[0]), "read": broken}), *tiles.TILES[1:]]
    monkeypatch.setattr("modules.dashboard.views.TILES", parts)
    page = client_with(*EVERYTHING).page("/dashboard/")
    assert "This number could not be read" in page.text
    assert [number for _url, number in TILE.findall(page.html)] == ["3", "2", "1"]


def test_a_panel_that_cannot_be_read_says_so_and_the_page_stands(busy, client_with, monkeypatch):
    """DSH-3, a failing panel."""

    def broken():
        raise RuntimeError("broken")

    monkeypatch.setattr(
        "modules.dashboard.views.DEPARTMENTS", tiles.Part(**{**vars(tiles.DEPARTMENTS), "read": broken})
    )
    page = client_with(*EVERYTHING).page("/dashboard/")
    assert "This part could not be loaded." in page.text
    assert "Cleo Lee" in page.text


def test_a_hospital_counts_only_its_own(two_hospitals, client_with, app):
    with app.app_context(), in_hospital(two_hospitals[0]):
        Patient(first_name="Ann", last_name="Lee", sex="unknown").register()
        db.session.commit()
    page = client_with(*EVERYTHING, hospital=two_hospitals[1]).page("/dashboard/")
    assert {number for _url, number in TILE.findall(page.html)} == {"0"}
    assert "Ann Lee" not in page.text
