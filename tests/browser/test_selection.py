"""What is ticked in the list stays ticked while people page, sort, search, and while work shows its progress (ux 8)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.control import add_hospital, control_database, end_work, set_modules_done, start_work

pytestmark = pytest.mark.browser
NAMES = [f"Ward {letter} Clinic" for letter in "ABCDEFGHIJKLM"]
LIST = "/admin/hospitals/?q=ward&per_page=10"


@pytest.fixture(scope="module")
def clinics(portal, harbour_view) -> dict[str, int]:
    """Thirteen hospitals, two pages of the list: their ids by name."""
    with control_database(portal) as connection:
        return {
            name: add_hospital(connection, harbour_view, name, name.lower().replace(" ", "-"), status="unknown")
            for name in NAMES
        }


@pytest.fixture
def busy(portal, clinics):
    """Work under way on the first of them, so that the list asks again every second; ends with the test."""
    with control_database(portal) as connection:
        operation_id = start_work(connection, clinics[NAMES[0]], done=0)
    yield operation_id
    with control_database(portal) as connection:
        end_work(connection, operation_id)


@pytest.fixture
def page(portal, administrator, clinics, open_context) -> Page:
    """The list of a signed-in superuser."""
    page = open_context(storage_state=administrator).new_page()
    page.goto(portal.console(LIST))
    return page


def box(page: Page, name: str):
    """The box of this hospital."""
    return page.get_by_role("checkbox", name=f"Select {name}", exact=True)


def bar(page: Page):
    """The bar below the list."""
    return page.locator("#hospitals-bulk")


def posted(page: Page, button: str) -> list[str]:
    """The ids that are sent when this button is pressed; nothing reaches the portal."""
    page.route("**/admin/hospitals/bulk*", lambda route: route.fulfill(status=204))
    with page.expect_request("**/admin/hospitals/bulk*") as asked:
        bar(page).get_by_role("button", name=button).click()
    page.unroute_all()
    return sorted(re.findall(r"hospital=(\d+)", asked.value.post_data))


def test_a_selection_survives_five_polls_paging_sorting_and_searching_and_is_sent_whole(portal, clinics, busy, page):
    expect(bar(page)).to_be_hidden()
    wanted = [NAMES[1], NAMES[3], NAMES[11]]
    for name in wanted[:2]:
        box(page, name).check()
    expect(bar(page)).to_contain_text("2 selected")
    for done in range(1, 6):
        with control_database(portal) as connection:
            set_modules_done(connection, busy, done)
        expect(page.locator(f"#hospital-{clinics[NAMES[0]]}-modules")).to_contain_text(f"{done}/")
    expect(box(page, wanted[0])).to_be_checked()
    expect(bar(page)).to_contain_text("2 selected")

    page.get_by_role("link", name="Next page").click()
    expect(bar(page)).to_contain_text("2 selected, 2 on other pages")
    box(page, wanted[2]).check()
    expect(bar(page)).to_contain_text("3 selected, 2 on other pages")
    page.get_by_role("link", name="Hospital", exact=True).click()
    expect(bar(page)).to_contain_text("3 selected, 1 on other pages")
    page.get_by_role("searchbox").fill("ward-d")
    expect(page.locator("tbody th a")).to_have_text([NAMES[3]])
    expect(box(page, NAMES[3])).to_be_checked()
    expect(bar(page)).to_contain_text("3 selected, 2 on other pages")
    page.get_by_role("searchbox").fill("nobody has this name")
    expect(page.get_by_role("heading", name="No hospitals match")).to_be_visible()
    expect(bar(page)).to_contain_text("3 selected, 3 on other pages")
    assert posted(page, "Verify Database") == sorted(str(clinics[name]) for name in wanted)

    page.goto(portal.console(LIST))
    expect(box(page, wanted[0])).not_to_be_checked()
    expect(bar(page)).to_be_hidden()


def test_clear_empties_the_selection_of_every_page(page, portal):
    box(page, NAMES[2]).check()
    page.get_by_role("link", name="Next page").click()
    expect(bar(page)).to_contain_text("1 selected, 1 on other pages")
    bar(page).get_by_role("button", name="Clear").click()
    expect(bar(page)).to_be_hidden()
    page.get_by_role("link", name="Previous page").click()
    expect(box(page, NAMES[2])).not_to_be_checked()


def test_all_that_match_stay_chosen_on_the_next_page_and_not_with_other_filters(page):
    box(page, NAMES[0]).check()
    page.get_by_label("Select all 13 hospitals that match").check()
    expect(bar(page)).to_contain_text("13 selected")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_label("Select all 13 hospitals that match")).to_be_checked()
    expect(box(page, NAMES[12])).to_be_checked()
    page.get_by_role("searchbox").fill("ward b")
    expect(page.locator("tbody th a")).to_have_text([NAMES[1]])
    expect(bar(page)).to_be_hidden()


def test_shift_and_a_click_choose_a_range(page, clinics):
    box(page, NAMES[1]).click()
    box(page, NAMES[5]).click(modifiers=["Shift"])
    expect(bar(page)).to_contain_text("5 selected")
    assert posted(page, "Verify Database") == sorted(str(clinics[name]) for name in NAMES[1:6])


def test_without_script_the_boxes_of_the_page_at_hand_count_themselves_and_are_sent(
    portal, administrator, clinics, open_context
):
    page = open_context(storage_state=administrator, java_script_enabled=False).new_page()
    page.goto(portal.console(LIST))
    expect(bar(page)).to_be_hidden()
    box(page, NAMES[1]).check()
    box(page, NAMES[2]).check()
    expect(bar(page)).to_be_visible()
    assert posted(page, "Verify Database") == sorted(str(clinics[name]) for name in NAMES[1:3])
