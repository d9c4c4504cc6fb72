"""The list of hospitals is its address: going back, reloading and typing fast show the rows that belong to it."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.control import add_hospital, control_database

pytestmark = pytest.mark.browser
TOWNS = """Aldgate Brixton Camden Dalston Ealing Finchley Greenwich Hackney Islington Kilburn Lambeth Mayfair""".split()


@pytest.fixture(scope="module")
def towns(portal, harbour_view) -> None:
    """Twelve hospitals, two pages of the list."""
    with control_database(portal) as connection:
        for town in TOWNS:
            add_hospital(connection, harbour_view, f"{town} Town Hospital", f"{town.lower()}-town")


@pytest.fixture
def page(portal, administrator, towns, open_context) -> Page:
    """The console of a signed-in superuser."""
    return open_context(storage_state=administrator).new_page()


def rows(page: Page) -> list[str]:
    """The names of the hospitals in the list."""
    return page.locator("tbody th a").all_text_contents()


def test_back_forward_and_reload_show_the_rows_of_the_address(portal, page):
    page.goto(portal.console("/admin/hospitals/?per_page=10"))
    page.get_by_role("searchbox").press_sequentially("town")
    expect(page.get_by_text("Showing 1 to 10 of 12 hospitals")).to_be_visible()
    expect(page).to_have_url(re.compile("q=town"))
    first = rows(page)
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("Showing 11 to 12 of 12 hospitals")).to_be_visible()
    second = rows(page)
    page.get_by_role("link", name=second[0]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(second[0])
    page.go_back()
    expect(page.locator("tbody th a")).to_have_text(second)
    page.go_back()
    expect(page.locator("tbody th a")).to_have_text(first)
    page.reload()
    expect(page.locator("tbody th a")).to_have_text(first)
    expect(page.get_by_role("searchbox")).to_have_value("town")
    page.go_forward()
    expect(page.locator("tbody th a")).to_have_text(second)


def test_a_search_that_htmx_made_can_be_left_and_taken_back(portal, page):
    page.goto(portal.console("/admin/hospitals/"))
    page.get_by_role("searchbox").press_sequentially("brixton")
    expect(page.locator("tbody th a")).to_have_text(["Brixton Town Hospital"])
    page.get_by_role("searchbox").fill("camden")
    expect(page.locator("tbody th a")).to_have_text(["Camden Town Hospital"])
    page.go_back()
    expect(page.locator("tbody th a")).to_have_text(["Brixton Town Hospital"])
    expect(page.get_by_role("searchbox")).to_have_value("brixton")
    page.go_forward()
    expect(page.locator("tbody th a")).to_have_text(["Camden Town Hospital"])
    expect(page.get_by_role("searchbox")).to_have_value("camden")


def test_typing_on_while_an_answer_is_slow_shows_the_last_query(portal, page):
    page.goto(portal.console("/admin/hospitals/"))
    slow = []
    page.route(re.compile("q=is(&|$)"), lambda route: slow.append(route))
    field = page.get_by_role("searchbox")
    with page.expect_request(re.compile("q=is(&|$)")):
        field.press_sequentially("is")
    field.press_sequentially("lington")
    expect(page.locator("tbody th a")).to_have_text(["Islington Town Hospital"])
    for route in slow:
        with suppress(Error):  # htmx has given it up
            route.continue_()
    page.unroute_all()
    expect(field).to_be_focused()
    expect(field).to_have_value("islington")
    assert len(slow) == 1
    assert rows(page) == ["Islington Town Hospital"]


def test_a_search_without_a_match_leaves_the_focus_where_it_is(portal, page):
    page.goto(portal.console("/admin/hospitals/"))
    field = page.get_by_role("searchbox")
    field.press_sequentially("zzz")
    expect(page.get_by_role("heading", name="No hospitals match")).to_be_visible()
    expect(field).to_be_focused()
