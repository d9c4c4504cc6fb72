"""What cannot be taken back asks on a page of its own: axe is content in light and dark, on a desk and on phones."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import findings

pytestmark = pytest.mark.browser
RECORD = "/admin/hospitals/harbour-view"
ASKING = {
    "recreate": f"{RECORD}/recreate",
    "rename": f"{RECORD}/rename",
    "copy": f"{RECORD}/clone",
    "delete": f"{RECORD}/delete",
    "suspend": f"{RECORD}/close/suspend",
}


@pytest.fixture
def page(portal, harbour_view, administrator, open_context) -> Page:
    """The console of a signed-in superuser; Harbour View can be recreated, copied and deleted."""
    return open_context(storage_state=administrator, base_url=portal.console("")).new_page()


@pytest.mark.parametrize("path", ASKING.values(), ids=ASKING)
def test_a_page_that_asks_first(page, path):
    page.goto(path)
    assert findings(page) == []


@pytest.mark.parametrize("name", ["recreate", "rename", "copy", "delete"])
def test_what_it_says_of_a_wrong_word_and_of_no_password(page, name):
    page.goto(ASKING[name])
    page.get_by_label("Type harbour-view to confirm").fill("another")
    page.locator("#danger-form button").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("Type harbour-view exactly as shown")
    assert findings(page) == []


def test_recreating_several_at_once(page):
    page.goto("/admin/hospitals/?q=harbour-view")
    first = page.locator("input[name=hospital]").first.input_value()
    page.goto(f"/admin/hospitals/bulk/recreate/{first}")
    expect(page.get_by_role("heading", name="What is deleted")).to_be_visible()
    assert findings(page) == []


def test_restoring_a_backup_into_place_and_as_a_new_hospital(page):
    page.goto(RECORD)
    page.get_by_role("button", name="Back up now").click()
    restore = page.get_by_role("link", name="Restore").first
    expect(restore).to_be_visible()
    restore.click()
    expect(page.get_by_role("heading", name="Restore the database for Harbour View?")).to_be_visible()
    found = findings(page)
    page.goto(page.url.replace("/restore", "/restore-as-new"))
    assert found + findings(page) == []
