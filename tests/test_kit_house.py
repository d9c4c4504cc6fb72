"""The numbers that modules let each hospital set: how they are declared. What is set is tested with the settings."""

import pytest

from portal.kit.house import house_number, house_numbers

BOUNDS = {"least": 1, "most": 10}


@pytest.fixture(autouse=True)
def nothing_declared(monkeypatch):
    """No number is declared before a test, and those of a test are not afterwards."""
    monkeypatch.setattr("portal.kit.house._declared", {})


def test_the_numbers_of_a_module_come_in_the_order_in_which_it_declares_them():
    days = house_number("library", "days", "Days", 3, **BOUNDS)
    house_number("archive", "years", "Years", 3, **BOUNDS)
    tick = house_number("library", "asks", "Asks", 0, least=0, most=1)
    assert house_numbers("library") == [days, tick]
    assert house_numbers("garden") == []
    assert [one.is_yes_or_no for one in (days, tick)] == [False, True]


@pytest.mark.parametrize("usual", [0, 11])
def test_what_is_usual_is_within_the_bounds(usual):
    with pytest.raises(ValueError, match="not from 1 to 10"):
        house_number("library", "days", "Days", usual, **BOUNDS)
    assert house_numbers("library") == []


def test_a_number_that_is_declared_again_differently_is_refused():
    assert house_number("library", "days", "Days", 3, **BOUNDS) == house_number("library", "days", "Days", 3, **BOUNDS)
    with pytest.raises(ValueError, match="declared twice"):
        house_number("library", "days", "Other words", 3, **BOUNDS)
