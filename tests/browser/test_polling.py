"""While work is under way the page keeps itself current, and takes nothing from the person who reads it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import create_hospital
from tests.browser.control import (
    add_hospital,
    age_heartbeats,
    control_database,
    end_work,
    paused,
    set_modules_done,
    start_work,
)

pytestmark = pytest.mark.browser
NO_WORKER = "The work has not started. No background worker is running. It will start on its own when one is available."
LOST = "Connection lost. Trying again in"
LISTEN = """
    () => {
        window.heard = [];
        const polite = "[aria-live=polite], [role=status]";
        new MutationObserver(changes => {
            for (const {target} of changes) {
                const text = (target.closest ? target : target.parentElement).closest(polite)?.textContent.trim();
                if (text) heard.push(text);
            }
        }).observe(document.body, {subtree: true, childList: true, characterData: true});
    }
"""
SELECT_THE_HEADING = """
    () => getSelection().selectAllChildren(document.querySelector("#facts-heading, tbody tr:has(.spin) th"))
"""


@pytest.fixture
def work(portal, harbour_view, request) -> tuple[str, int]:
    """The subdomain of a hospital whose modules are being set up, and the work's id; it ends with the test."""
    subdomain = request.node.originalname.removeprefix("test_").replace("_", "-")[:54].strip("-")
    with control_database(portal) as connection:
        tenant_id = add_hospital(connection, harbour_view, "Busy Hospital", subdomain, status="unknown")
        operation_id = start_work(connection, tenant_id, done=0)
    yield subdomain, operation_id
    with control_database(portal) as connection:
        end_work(connection, operation_id)


def go_on(portal, work: tuple[str, int], done: int) -> None:
    """Let the work reach so many modules."""
    with control_database(portal) as connection:
        set_modules_done(connection, work[1], done)


def end(portal, work: tuple[str, int]) -> None:
    """Let the work succeed."""
    with control_database(portal) as connection:
        end_work(connection, work[1])


def open_record(portal, page: Page, work: tuple[str, int]) -> None:
    """Look at the record of the hospital at work."""
    page.goto(portal.console(f"/admin/hospitals/{work[0]}"))
    expect(page.get_by_role("heading", name="Creating Busy Hospital")).to_be_visible()


def test_a_creation_is_announced_at_most_seven_times(portal, administrator, work, open_context):
    page = open_context(storage_state=administrator).new_page()
    open_record(portal, page, work)
    page.evaluate(LISTEN)
    for done in (5, 6, 12, 13, 19):
        go_on(portal, work, done)
        expect(page.locator("#work-text")).to_contain_text(f"({done} of 22)")
    end(portal, work)
    expect(page.locator("#work-result")).to_be_focused()
    heard = page.evaluate("heard")
    assert [text.rpartition(": ")[2] for text in heard] == ["25 %", "50 %", "75 %"]


def test_the_end_is_announced_to_somebody_who_is_typing_and_takes_nothing(portal, administrator, work, open_context):
    page = open_context(storage_state=administrator).new_page()
    open_record(portal, page, work)
    page.get_by_label("Another administrator").focus()
    end(portal, work)
    expect(page.get_by_role("heading", name="Busy Hospital is ready")).to_be_visible()
    expect(page.locator("#live")).to_have_text("Busy Hospital is ready")
    expect(page.get_by_label("Another administrator")).to_be_focused()


def test_a_failure_is_an_alert_and_trying_again_succeeds(portal, administrator, open_context):
    in_the_way = portal.hospitals / "hospital_alarming.db"
    in_the_way.touch()
    page = open_context(storage_state=administrator).new_page()
    create_hospital(portal, page, "Alarming", "alarming")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Alarming is not ready")
    expect(alert).to_contain_text("Nothing was changed.")
    in_the_way.unlink()
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Alarming is ready")).to_be_visible()


def test_the_record_page_keeps_focus_selection_scroll_and_what_is_open(portal, administrator, work, open_context):
    page = open_context(storage_state=administrator, viewport={"width": 1280, "height": 600}).new_page()
    open_record(portal, page, work)
    page.locator("#hospital-operations summary").click()
    page.get_by_label("Another administrator").focus()
    page.evaluate(SELECT_THE_HEADING)
    page.mouse.wheel(0, 250)
    expect(page.locator("#hospital-head")).not_to_be_in_viewport()
    scrolled = page.evaluate("scrollY")
    for done in (1, 2, 3):
        go_on(portal, work, done)
        expect(page.locator("#work-text")).to_contain_text(f"({done} of 22)")
    expect(page.get_by_label("Another administrator")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "Hospital record"
    assert page.evaluate("scrollY") == scrolled
    end(portal, work)
    expect(page.locator("#hospital-operations")).to_contain_text("Succeeded")
    expect(page.locator("#hospital-operations details")).to_have_attribute("open", "")


def test_the_list_keeps_focus_selection_and_scroll(portal, administrator, work, open_context):
    page = open_context(storage_state=administrator, viewport={"width": 1280, "height": 300}).new_page()
    page.goto(portal.console("/admin/hospitals/?q=busy+hospital&status=unknown"))
    row = page.get_by_role("row").filter(has=page.locator(".spin"))
    row.get_by_role("link").focus()
    page.evaluate(SELECT_THE_HEADING)
    selected, scrolled = page.evaluate("getSelection().toString()"), page.evaluate("scrollY")
    for done in (1, 2, 3):
        go_on(portal, work, done)
        expect(row).to_contain_text(f"{done}/22")
    expect(row.get_by_role("link")).to_be_focused()
    assert selected.startswith("Busy Hospital")
    assert page.evaluate("[getSelection().toString(), scrollY]") == [selected, scrolled]


def test_a_lost_connection_is_said_within_five_seconds_and_clears_itself(portal, administrator, work, open_context):
    page = open_context(storage_state=administrator).new_page()
    open_record(portal, page, work)
    with paused(portal, "gunicorn"):
        expect(page.locator("#connection")).to_contain_text(LOST, timeout=5000)
        expect(page.locator("#live")).to_contain_text(LOST)
    expect(page.locator("#connection")).to_be_hidden()
    expect(page.locator("#live")).to_have_text("Connected again.")
    go_on(portal, work, 5)
    expect(page.locator("#work-text")).to_contain_text("(5 of 22)")


def test_without_a_worker_the_page_says_so_and_goes_on_when_one_is_back(portal, administrator, open_context):
    page = open_context(storage_state=administrator).new_page()
    with paused(portal, "worker.py"):
        age_heartbeats(portal)
        create_hospital(portal, page, "Patience", "patience")
        expect(page.locator("#work-text")).to_have_text(NO_WORKER)
        expect(page.locator("#hospital-state")).to_have_text("Queued")
    expect(page.get_by_role("heading", name="Patience is ready")).to_be_visible()


def test_nothing_is_asked_any_more_when_the_work_has_ended(portal, administrator, harbour_view, open_context):
    page = open_context(storage_state=administrator).new_page()
    page.clock.install()
    page.goto(portal.console(f"/admin/hospitals/{harbour_view}"))
    page.get_by_role("button", name="Verify Database").click()
    expect(page.get_by_role("button", name="Verify Database")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(10_000)
    assert page.evaluate("document.querySelectorAll('[data-hx-trigger*=every]').length") == 0
    assert asked == []
