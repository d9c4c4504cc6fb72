"""Every page in light and dark, on a desk and on a phone: nothing scrolls sideways, the console stays silent."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, fill_new_hospital, sign_in

pytestmark = pytest.mark.browser
SECRET = "a very long secret"
CONSOLE_PAGES = ("hospitals/", "hospitals/new", "hospitals/harbour-view", "users/", "users/new", "plans/")
HOSPITAL_PAGES = ("/dashboard/", "/patients/", "/patients/new", "/staff/", "/staff/new", "/staff/departments/")


@pytest.fixture(scope="module")
def harbour_view(portal, browser) -> str:
    """A hospital to look at."""
    page = browser.new_page()
    sign_in(page, portal.console("/admin/hospitals/new"), "admin", PASSWORD)
    fill_new_hospital(page, "Harbour View", "harbour-view", SECRET)
    page.get_by_role("button", name="Create hospital and database").click()
    expect(page.get_by_role("heading", name="Harbour View is ready")).to_be_visible(timeout=20_000)
    page.context.close()
    return "harbour-view"


@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways(portal, harbour_view, open_context, width, scheme):
    page = open_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    sign_in(page, portal.console(), "admin", PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hospitals")
    for path in CONSOLE_PAGES:
        page.goto(portal.console(f"/admin/{path}"))
        assert fits(page), f"{path} at {width} px"
    sign_in(page, portal.hospital(harbour_view), f"{harbour_view}-admin", SECRET)
    page.wait_for_url("**/dashboard/")
    for path in HOSPITAL_PAGES:
        page.goto(portal.hospital(harbour_view, path))
        assert fits(page), f"{path} at {width} px"


def fits(page) -> bool:
    """The page is as wide as its window."""
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_polling_stops_when_the_work_has_ended(portal, harbour_view, open_context):
    page = open_context().new_page()
    sign_in(page, portal.console("/admin/hospitals/harbour-view"), "admin", PASSWORD)
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#hospital-work[data-hx-trigger]")).to_have_count(0)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []


def test_the_theme_that_was_chosen_is_there_from_the_first_paint(portal, open_context):
    page = open_context(color_scheme="light").new_page()
    sign_in(page, portal.console(), "admin", PASSWORD)
    page.get_by_role("button", name="Use dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Use light colours")).to_be_visible()
