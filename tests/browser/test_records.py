"""The page of a record under somebody's hands: tabs, menus, the keyboard, the live warning, what is printed."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.conftest import INES_MOREAU

pytestmark = pytest.mark.browser
MILLIMETRE = 72 / 25.4


@pytest.fixture
def page(portal, harbour_view, staff_member, open_context) -> Page:
    """A page of Harbour View's administrator."""
    return open_context(storage_state=staff_member, base_url=portal.hospital(harbour_view)).new_page()


@pytest.fixture
def plain_page(portal, harbour_view, staff_member, open_context) -> Page:
    """The same page without JavaScript."""
    options = {"storage_state": staff_member, "base_url": portal.hospital(harbour_view)}
    return open_context(**options, java_script_enabled=False).new_page()


def opened(page: Page) -> str:
    """The tab that is open, without the number beside its name."""
    return page.locator("#record-tabs [aria-current]").inner_text().split("\n")[0].rstrip(" 0123456789")


def test_the_first_click_on_a_tab_loads_only_that_tab(page, known_patient):
    page.goto(f"/patients/{known_patient}")
    asked = []
    page.on("request", lambda request: asked.append((request.resource_type, urlsplit(request.url).path)))
    people.open_tab(page, "History")
    expect(page.locator("#record-panel")).to_contain_text("Asthma")
    assert [one for one in asked if one[1].startswith("/patients")] == [("xhr", f"/patients/{known_patient}/history")]


def test_the_focus_stays_on_the_tab_and_the_address_and_back_follow(page, known_patient):
    page.goto(f"/patients/{known_patient}")
    page.locator("#record-tab-history").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/patients/{known_patient}/history$"))
    expect(page.locator("#record-panel")).to_contain_text("Asthma")
    expect(page.locator("#record-tab-history")).to_be_focused()
    people.open_tab(page, "Consents")
    page.go_back()
    expect(page.locator("#record-panel")).to_contain_text("Asthma")
    assert opened(page) == "History"
    page.go_back()
    expect(page.locator("#record-panel")).to_contain_text("Date of birth")
    assert opened(page) == "Summary"
    page.go_forward()
    expect(page.locator("#record-panel")).to_contain_text("Asthma")


def test_the_open_tab_is_in_sight_on_a_phone(page, known_patient):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/patients/{known_patient}/documents")
    expect(page.locator("#record-tab-documents")).to_be_in_viewport()
    people.open_tab(page, "Audit")
    expect(page.locator("#record-tab-audit")).to_be_in_viewport()
    expect(page.locator("#record-tab-audit")).to_be_focused()


def test_a_menu_is_opened_walked_and_left_by_the_keyboard(page, known_patient):
    page.goto(f"/patients/{known_patient}")
    more = page.locator("#record-more > summary")
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Merge with another record")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("details.menu[open]")).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("details.menu[open]")).to_have_count(0)


def test_one_menu_is_open_and_a_click_elsewhere_closes_it(page, known_patient):
    page.goto(f"/patients/{known_patient}")
    page.locator("#record-more > summary").click()
    page.locator("#record-print > summary").click()
    expect(page.locator("details.menu[open]")).to_have_attribute("id", "record-print")
    page.locator("h1").click()
    expect(page.locator("details.menu[open]")).to_have_count(0)


def test_tabs_and_menus_work_without_javascript(plain_page, known_patient):
    plain_page.goto(f"/patients/{known_patient}")
    people.open_tab(plain_page, "Allergies")
    expect(plain_page.locator("#record-panel")).to_contain_text("Penicillin")
    plain_page.locator("#record-print > summary").click()
    plain_page.get_by_role("link", name="Face sheet").click()
    expect(plain_page.get_by_role("heading", level=1)).to_contain_text("Face sheet")
    plain_page.get_by_role("link", name="Back").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Olu Adeyemi")


def test_who_looks_the_same_is_shown_before_the_form_is_sent(page, first_patient):
    people.fill_new_patient(page, *INES_MOREAU)
    expect(page.get_by_role("heading", name="1 patient looks the same")).to_be_visible()
    page.get_by_role("link", name="Use this patient").click()
    expect(page).to_have_url(re.compile(f"/patients/{first_patient}$"))


@pytest.mark.parametrize(
    ("sheet", "width", "height"),
    [("face-sheet", 210, 297), ("id-card", 85.6, 54), ("wristband", 280, 25)],
    ids=["face-sheet", "id-card", "wristband"],
)
def test_a_sheet_prints_alone_on_one_page_of_its_own_size(page, known_patient, sheet, width, height):
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"/patients/{known_patient}/print/{sheet}")
    for chrome in (".side", ".top", "main > .head", ".back"):
        expect(page.locator(chrome).first).to_be_hidden()
    expect(page.locator(".paper")).to_contain_text("Olu Adeyemi")
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [tuple(round(float(side) / MILLIMETRE) for side in box) for box in boxes] == [(round(width), round(height))]


def test_a_record_prints_without_what_can_only_be_clicked(page, known_patient):
    page.goto(f"/patients/{known_patient}/allergies")
    page.emulate_media(media="print")
    for chrome in (".side", ".top", "#record-tabs", "#record-more", "#record-panel .btn", ".back"):
        expect(page.locator(chrome).first).to_be_hidden()
    expect(page.locator(".banner")).to_be_visible()
    expect(page.locator("#record-panel")).to_contain_text("Penicillin")
