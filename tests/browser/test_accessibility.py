"""Every kind of page in light and dark, on a desk and on a phone: axe is content, and all can be touched and seen."""

import pytest
from playwright.sync_api import expect

from tests.browser import people
from tests.browser.conftest import INES_MOREAU, SECRET, cookies_of, create_hospital, fill_new_hospital
from tests.browser.control import add_hospital, control_database, only_modules, start_work
from tests.browser.looks import findings, widths_that_scroll
from tests.processes import wait_until

pytestmark = pytest.mark.browser
CONSOLE = {
    "list": "hospitals/",
    "list-without-a-match": "hospitals/?q=nowhere-to-be-found",
    "new-hospital": "hospitals/new",
    "record-when-ready": "hospitals/harbour-view",
    "record-at-work": "hospitals/at-work",
    "record-when-failed": "hospitals/left-over",
    "edit-hospital": "hospitals/harbour-view/edit",
    "migrations": "migrations/",
    "users": "users/",
    "new-user": "users/new",
    "plans": "plans/",
    "new-plan": "plans/new",
    "edit-plan": "plans/1",
}
HOSPITAL = {
    "dashboard": "/dashboard/",
    "patients": "/patients/",
    "patients-without-a-match": "/patients/?age=under-2",
    "new-patient": "/patients/new",
    "patient": "/patients/{patient}",
    "edit-patient": "/patients/{patient}/edit",
    "staff": "/staff/",
    "new-member": "/staff/new",
    "member": "/staff/{member}",
    "edit-member": "/staff/{member}/edit",
    "departments": "/staff/departments/",
    "new-department": "/staff/departments/new",
    "not-found": "/nothing-here",
}


@pytest.fixture(scope="module")
def at_work(portal, harbour_view) -> None:
    """A hospital whose modules are being set up, for as long as somebody looks."""
    with control_database(portal) as connection:
        start_work(connection, add_hospital(connection, harbour_view, "At Work", "at-work", status="unknown"), done=7)


@pytest.fixture(scope="module")
def left_over(portal, harbour_view, browser, administrator) -> None:
    """A hospital that could not be created, because the file of an older one is in the way."""
    (portal.hospitals / "hospital_left-over.db").touch()
    context = browser.new_context(storage_state=administrator)
    page = context.new_page()
    create_hospital(portal, page, "Left Over", "left-over")
    expect(page.get_by_role("alert")).to_contain_text("Left Over is not ready")
    context.close()


def test_a_bad_page_is_noticed(open_context):
    page = open_context().new_page()
    page.set_content("""<html lang="en"><title>Bad</title><main><h1>Bad</h1><button>x</button>
        <p style="color: #aaa; background: #fff; inline-size: 800px">Pale and wide</p></main>""")
    found = " ".join(findings(page))
    for known in ("light, 1440: color-contrast", "dark, 390: color-contrast", "too small to touch: <button>"):
        assert known in found
    assert widths_that_scroll(page) == [390, 320]


def test_the_list_before_the_first_hospital(first_use):
    assert first_use == []


@pytest.mark.parametrize("path", CONSOLE.values(), ids=CONSOLE)
def test_a_page_of_the_console(portal, administrator, at_work, left_over, open_context, path):
    page = open_context(storage_state=administrator).new_page()
    page.goto(portal.console(f"/admin/{path}"))
    assert findings(page) == []


@pytest.mark.parametrize("path", HOSPITAL.values(), ids=HOSPITAL)
def test_a_page_of_a_hospital(portal, harbour_view, staff_member, first_patient, first_member, open_context, path):
    page = open_context(storage_state=staff_member).new_page()
    page.goto(portal.hospital(harbour_view, path.format(patient=first_patient, member=first_member)))
    assert findings(page) == []


@pytest.mark.parametrize("site", ["console", "hospital"])
def test_the_sign_in_page_and_what_it_says_of_a_wrong_password(portal, harbour_view, open_context, site):
    page = open_context().new_page()
    page.goto(portal.console() if site == "console" else portal.hospital(harbour_view))
    found = findings(page)
    page.get_by_label("Username or email").fill("nobody")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert found + findings(page) == []


def test_the_create_form_with_every_error(portal, administrator, open_context):
    page = open_context(storage_state=administrator).new_page()
    page.goto(portal.console("/admin/hospitals/new"))
    fill_new_hospital(page, "", "admin", "short")
    page.locator("#admin_email").fill("nobody")
    page.locator("#ends_on").fill("2001-01-01")
    page.get_by_role("button", name="Create hospital and database").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert findings(page) == []


def test_an_invitation(portal, administrator, harbour_view, open_context):
    page = open_context(storage_state=administrator).new_page()
    page.goto(portal.console(f"/admin/hospitals/{harbour_view}"))
    page.get_by_role("button", name="Make a new link").click()
    found = findings(page)
    page.goto(page.get_by_label("Link", exact=True).input_value())
    expect(page.get_by_role("heading", level=1)).to_have_text("Set your password")
    assert found + findings(page) == []


def test_the_warning_that_a_patient_looks_the_same(portal, staff_member, first_patient, open_context):
    page = open_context(storage_state=staff_member, base_url=portal.hospital("harbour-view")).new_page()
    people.fill_new_patient(page, *INES_MOREAU)
    page.get_by_role("button", name="Register patient").last.click()
    expect(page.get_by_role("heading", name="1 patient looks the same")).to_be_visible()
    assert findings(page) == []


def test_what_a_page_of_somebody_else_says(portal, browser, harbour_view, open_context):
    cookies = cookies_of(browser, portal.console(), f"{harbour_view}-admin", SECRET)
    page = open_context(storage_state=cookies).new_page()
    page.goto(portal.console("/admin/users/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not open this page")
    assert findings(page) == []


def test_what_a_hospital_says_while_it_is_being_set_up(portal, at_work, open_context):
    page = open_context().new_page()
    page.goto(portal.hospital("at-work"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Not available now")
    assert findings(page) == []


def test_what_an_address_without_a_hospital_says(portal, open_context):
    page = open_context().new_page()
    page.goto(portal.hospital("nowhere"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Hospital not found")
    assert findings(page) == []


def test_what_a_module_outside_the_plan_says(portal, harbour_view, staff_member, open_context):
    page = open_context(storage_state=staff_member).new_page()
    title = page.get_by_role("heading", name="Not part of this hospital’s plan")
    with only_modules(portal, harbour_view, "core", "dashboard", "patients"):
        wait_until(lambda: page.goto(portal.hospital(harbour_view, "/staff/")) and title.is_visible())
        assert findings(page) == []
