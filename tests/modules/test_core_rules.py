"""The times and numbers of the modules' rules: what is usual, what a hospital sets, and who may."""

from datetime import timedelta

import pytest

from modules.nurses.house import tolerance
from modules.opd.house import calls
from modules.rooms.house import reserved_for
from portal.kit.profile import hospital_profile
from tests.page import Page

SETTINGS = ("core.settings_view", "core.settings_change", "core.view")
USUAL = {"opd_calls": "3", "nurses_dose_minutes": "60", "rooms_reserved_minutes": "120"}


@pytest.fixture
def owner(client_with):
    """Who may change the settings."""
    return client_with(*SETTINGS)


def version(look) -> str:
    """The version of the hospital's profile."""
    return look(lambda: str(hospital_profile().version))


def test_what_is_usual_holds_until_the_hospital_sets_something_else(owner, look):
    """OPD-3, NUR-2 and ROOM-5 name the usual numbers."""
    assert look(lambda: (calls(), tolerance(), reserved_for())) == (3, timedelta(hours=1), timedelta(hours=2))
    answers = USUAL | {"opd_calls": "2", "nurses_dose_minutes": "30", "rooms_reserved_minutes": "45"}
    answer = owner.post("/settings/rules/edit", data=answers | {"version": version(look)})
    assert answer.status_code == 303
    assert look(lambda: (calls(), tolerance(), reserved_for())) == (2, timedelta(minutes=30), timedelta(minutes=45))
    shown = owner.page("/settings/rules/").text
    assert "Calls until a number goes to the end 2" in shown
    assert "The bed board shows full names, not initials no" in shown
    assert "/settings/rules/" in [address for address, _text in owner.page("/settings/").links]


def test_a_number_beyond_its_bounds_is_refused_at_its_field(owner, look):
    answers = USUAL | {"opd_calls": "11", "nurses_dose_minutes": ""}
    shown = Page(owner.post("/settings/rules/edit", data=answers | {"version": version(look)}).text).text
    assert "Calls until a number goes to the end must be a whole number from 1 to 10" in shown
    assert "Enter a number from 5 to 240" in shown
    assert look(calls) == 3


def test_what_somebody_else_set_meanwhile_is_not_saved_over(owner, look):
    read = version(look)
    look(lambda: hospital_profile().set_numbers(opd_calls=5))
    answer = owner.post("/settings/rules/edit", data=USUAL | {"version": read})
    assert answer.status_code == 409
    assert "Somebody else changed the settings meanwhile" in Page(answer.text).text
    assert look(calls) == 5


def test_who_only_sees_the_settings_changes_no_rule(client_with):
    browser = client_with("core.settings_view")
    assert "Change the rules" not in browser.page("/settings/rules/").text
    assert browser.get("/settings/rules/edit").status_code == 403


def test_names_on_the_bed_board_follow_the_hospital_and_the_address_goes_before(client_with, look):
    browser = client_with("rooms.view")
    assert "Show names" in browser.page("/rooms/").text
    look(lambda: hospital_profile().set_numbers(rooms_names_on_board=1))
    assert "Show initials" in browser.page("/rooms/").text
    assert "Show names" in browser.page("/rooms/?names=initials").text
