"""The main job as a new user would do it: create a hospital, follow its link, register a patient."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import PASSWORD, SECRET, Portal, create_hospital, fill_new_hospital, sign_in
from tests.browser.control import control_database
from tests.processes import wait_until

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_nothing_to_the_first_patient(portal, open_context, scripts):
    subdomain = "city-general" if scripts else "plain-general"
    name = "City General Hospital" if scripts else "Plain General Hospital"
    page = open_context(java_script_enabled=scripts).new_page()

    sign_in(page, portal.console(), "admin", PASSWORD)
    expect(page).to_have_url(portal.console("/admin/hospitals/"))
    page.get_by_role("link", name="Create hospital").first.click()
    fill_new_hospital(page, name, subdomain, SECRET)
    page.get_by_role("button", name="Create hospital and database").click()
    expect(page).to_have_url(portal.console(f"/admin/hospitals/{subdomain}"))
    ready = page.get_by_role("heading", name=f"{name} is ready")
    if not scripts:
        wait_until(lambda: page.reload() and ready.is_visible())
    expect(ready).to_be_visible()
    expect(page.locator("#hospital-work")).to_contain_text(f"hospital_{subdomain}")
    assert (portal.folder / "hospitals" / f"hospital_{subdomain}.db").is_file()

    dashboard = page.get_by_role("link", name=f"Open the {name} dashboard").get_attribute("href")
    sign_in(page, dashboard, f"{subdomain}-admin", SECRET)
    expect(page).to_have_url(portal.hospital(subdomain, "/dashboard/" if scripts else "/dashboard/?all=1"))
    page.goto(portal.hospital(subdomain, "/patients/new"))
    page.locator("#first_name").fill("Zoë")
    page.locator("#last_name").fill("O’Brien")
    page.locator("#birth_date").fill("1955-02-03")
    page.locator("#sex").select_option("female")
    page.get_by_role("button", name="Register patient").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoë O’Brien")
    page.goto(portal.hospital(subdomain, "/patients/"))
    expect(page.get_by_role("table")).to_contain_text("Zoë O’Brien")


def test_a_second_hospital_knows_nothing_of_the_first(portal, administrator, open_context):
    page = open_context(storage_state=administrator).new_page()
    create_hospital(portal, page, "Lakeside Clinic", "lakeside")
    expect(page.get_by_role("heading", name="Lakeside Clinic is ready")).to_be_visible()
    sign_in(page, portal.hospital("lakeside", "/patients/"), "lakeside-admin", SECRET)
    expect(page).to_have_url(portal.hospital("lakeside", "/patients/"))
    expect(page.locator("#main")).not_to_contain_text("O’Brien")
    page.goto(portal.hospital("lakeside", "/patients/1"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_two_clicks_at_once_make_one_hospital(portal, administrator, open_context, scripts):
    subdomain = "twice-clicked" if scripts else "plainly-twice-clicked"
    page = open_context(storage_state=administrator, java_script_enabled=scripts).new_page()
    page.goto(portal.console("/admin/hospitals/new"))
    fill_new_hospital(page, "Twice Clicked", subdomain, SECRET)
    page.get_by_role("button", name="Create hospital and database").dblclick()
    expect(page).to_have_url(portal.console(f"/admin/hospitals/{subdomain}"))
    assert work_on(portal, subdomain) == ["create"]


def test_a_form_whose_answer_was_lost_is_sent_again_and_makes_one_hospital(portal, administrator, open_context):
    page = open_context(storage_state=administrator).new_page()
    page.goto(portal.console("/admin/hospitals/new"))
    fill_new_hospital(page, "Sent Again", "sent-again", SECRET)
    page.route("**/admin/hospitals/new", lose_the_answer, times=1)
    button = page.get_by_role("button", name="Create hospital and database")
    with page.expect_response("**/admin/hospitals/new"):
        button.click()
    assert work_on(portal, "sent-again") == ["create"]
    button.click()
    expect(page).to_have_url(portal.console("/admin/hospitals/sent-again"))
    assert work_on(portal, "sent-again") == ["create"]


def lose_the_answer(route: Route) -> None:
    """Let the server do what it is asked, and the page hear nothing of it."""
    route.fetch(max_redirects=0)
    route.fulfill(status=204)


def work_on(portal: Portal, subdomain: str) -> list[str]:
    """The kinds of the operations on a hospital, the oldest first."""
    query = """SELECT operation.kind FROM control_operation AS operation
               JOIN control_tenant AS tenant ON tenant.id = operation.tenant_id
               WHERE tenant.subdomain = ? ORDER BY operation.id"""
    with control_database(portal) as connection:
        return [row["kind"] for row in connection.execute(query, [subdomain])]


def test_wrong_answers_are_kept_and_each_says_what_is_wrong(portal, administrator, open_context):
    page = open_context(storage_state=administrator).new_page()
    page.goto(portal.console("/admin/hospitals/new"))
    page.get_by_label("Subdomain").fill("admin")
    page.locator("#administrator").select_option("new")
    page.locator("#admin_email").fill("nobody")
    page.get_by_role("button", name="Create hospital and database").click()
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title("Error: Create hospital – Platform console")
    expect(summary).to_contain_text("Enter the hospital name")
    expect(summary).to_contain_text("“admin” is reserved for the platform. Choose a different subdomain")
    expect(page.locator("#admin_email")).to_have_value("nobody")
    summary.get_by_role("link", name="Enter the hospital name").click()
    expect(page.get_by_label("Hospital name")).to_be_focused()


def test_the_subdomain_is_checked_while_it_is_typed(portal, administrator, open_context):
    page = open_context(storage_state=administrator).new_page()
    page.goto(portal.console("/admin/hospitals/new"))
    field = page.get_by_label("Subdomain")
    field.press_sequentially("new-place", delay=20)
    expect(page.locator("#subdomain-check")).to_contain_text("new-place.localhost is available")
    field.fill("")
    field.press_sequentially("admin", delay=20)
    expect(page.locator("#subdomain-check")).to_contain_text("“admin” is reserved for the platform")
    suggestion = page.locator("[data-fill-target]").first
    wanted = suggestion.get_attribute("data-fill-value")
    suggestion.click()
    expect(field).to_have_value(wanted)
    expect(page.locator("#subdomain-check")).to_contain_text(f"{wanted}.localhost is available")
