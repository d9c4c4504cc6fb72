"""The pages of records, settings and the dashboard, as in `test_accessibility`: each part, form, list and menu."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import findings

pytestmark = pytest.mark.browser
PARTS = ("timeline", "encounters", "history", "allergies", "consents", "insurance", "documents", "audit")
RECORDS = {f"patient-{part}": f"/patients/{{patient}}/{part}" for part in PARTS} | {
    "patient-with-everything": "/patients/{patient}",
    "new-allergy": "/patients/{patient}/allergies/new",
    "new-consent": "/patients/{patient}/consents/new",
    "new-document": "/patients/{patient}/documents/new",
    "death": "/patients/{patient}/record-death",
    "merge-find": "/patients/{patient}/merge",
    "merge-two": "/patients/{patient}/merge/{other}",
    "face-sheet": "/patients/{patient}/print/face-sheet",
    "id-card": "/patients/{patient}/print/id-card",
    "wristband": "/patients/{patient}/print/wristband",
    "member-credentials": "/staff/{member}/credentials",
    "member-duties": "/staff/{member}/duties",
    "new-credential": "/staff/{member}/credentials/new",
    "end-employment": "/staff/{member}/end-employment",
    "badge": "/staff/{member}/print/badge",
    "my-profile": "/staff/me",
    "credentials": "/staff/credentials/",
    "chart": "/staff/departments/chart",
}
OTHERS = {
    "arrange": "/dashboard/arrange",
    "panel": "/dashboard/widgets/patients-latest",
    "settings": "/settings/",
    "hospital-settings": "/settings/hospital/",
    "edit-hospital-settings": "/settings/hospital/edit",
    "users": "/settings/users/",
    "user": "/settings/users/1",
    "new-user": "/settings/users/new",
    "audit": "/settings/audit/",
    "sequences": "/settings/sequences/",
    "failed-events": "/settings/events/",
}
# One loop writes a table for each of the 22 modules; axe needs many seconds for all their boxes.
KEEP_THREE_TABLES = "[...document.querySelectorAll('#role-form table')].slice(3).forEach(table => table.remove())"


@pytest.fixture
def page(portal, harbour_view, staff_member, open_context):
    """A page of Harbour View's administrator."""
    return open_context(storage_state=staff_member, base_url=portal.hospital(harbour_view)).new_page()


@pytest.mark.parametrize("path", RECORDS.values(), ids=RECORDS)
def test_a_part_or_form_of_a_record(page, known_patient, first_patient, first_member, path):
    answer = page.goto(path.format(patient=known_patient, other=first_patient, member=first_member))
    assert answer.status == 200
    assert findings(page) == []


@pytest.mark.parametrize("path", OTHERS.values(), ids=OTHERS)
def test_a_page_of_the_settings_or_the_dashboard(page, path):
    assert page.goto(path).status == 200
    assert findings(page) == []


def test_the_first_tables_of_the_grid_of_roles(page):
    page.goto("/settings/roles/")
    page.evaluate(KEEP_THREE_TABLES)
    expect(page.locator("#role-form table")).to_have_count(3)
    assert findings(page) == []


@pytest.mark.parametrize("menu", ["Print", "More"])
def test_an_open_menu(page, known_patient, menu):
    page.goto(f"/patients/{known_patient}")
    page.locator("#record-acts summary").filter(has_text=menu).click()
    expect(page.locator("details.menu[open] > ul")).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("part", ["history", "allergies", "consents"])
def test_the_open_menu_of_a_row(page, known_patient, part):
    page.goto(f"/patients/{known_patient}/{part}")
    page.locator("#record-panel summary").first.click()
    expect(page.locator("details.menu[open] > ul")).to_be_visible()
    assert findings(page) == []


def test_a_form_with_errors(page, known_patient):
    page.goto(f"/patients/{known_patient}/allergies/new")
    page.get_by_role("button", name="Record an allergy").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert findings(page) == []
