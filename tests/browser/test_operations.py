"""The operations page in a browser: it keeps itself current, disturbs nobody who reads it, and works without script."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.control import (
    add_hospital,
    age_heartbeats,
    control_database,
    end_work,
    paused,
    set_modules_done,
    start_work,
)
from tests.browser.looks import findings

pytestmark = pytest.mark.browser
LIST = "/admin/operations/"
SELECT_THE_HEADING = "() => getSelection().selectAllChildren(document.querySelector('#machinery-heading'))"


@pytest.fixture
def work(portal, harbour_view) -> tuple[str, int]:
    """The reference of work that some worker seems to be doing, and its id; it ends with the test."""
    subdomain = f"tidal-{uuid4().hex[:8]}"
    with control_database(portal) as connection:
        tenant_id = add_hospital(connection, harbour_view, "Tidal Hospital", subdomain, status="unknown")
        operation_id = start_work(connection, tenant_id, done=0)
        query = "SELECT reference FROM control_operation WHERE id = ?"
        reference = connection.execute(query, [operation_id]).fetchone()["reference"]
    yield reference, operation_id
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


@pytest.fixture
def page(portal, administrator, open_context) -> Page:
    """The console of a signed-in superuser in a low window."""
    return open_context(storage_state=administrator, viewport={"width": 1280, "height": 400}).new_page()


def test_the_list_goes_on_by_itself_and_keeps_focus_selection_and_scroll(portal, page, work):
    page.goto(portal.console(f"{LIST}?state=running&q={work[0]}"))
    row = page.get_by_role("row").filter(has_text="Tidal Hospital")
    link = row.get_by_role("link", name="Create the database")
    link.focus()
    page.evaluate(SELECT_THE_HEADING)
    selected, scrolled = page.evaluate("[getSelection().toString(), scrollY]")
    for done in (3, 4, 5):
        go_on(portal, work, done)
        expect(row).to_contain_text(f"setting up modules ({done} of 22)")
    expect(link).to_be_focused()
    assert selected == "Queue and workers"
    assert page.evaluate("[getSelection().toString(), scrollY]") == [selected, scrolled]
    expect(page.locator("#operations-running")).to_have_text("1")
    end(portal, work)
    expect(row).to_contain_text("Succeeded")
    expect(page.locator("#operations-running")).to_have_text("0")
    expect(link).to_be_focused()
    assert page.evaluate("document.querySelectorAll('[data-hx-trigger*=every]').length") == 0


def test_the_page_of_an_operation_goes_on_by_itself_and_says_how_it_ended(portal, page, work):
    page.goto(portal.console(f"{LIST}{work[0]}"))
    for done in (7, 8):
        go_on(portal, work, done)
        expect(page.locator("#work-text")).to_contain_text(f"({done} of 22)")
    expect(page.locator("#operation-steps")).to_contain_text("Set up modules in progress")
    end(portal, work)
    expect(page.locator("#work-result")).to_contain_text("Tidal Hospital is ready")
    expect(page.locator("#work-result")).to_be_focused()


def test_what_waits_is_cancelled_and_tried_again(portal, page, harbour_view):
    with paused(portal, "worker.py"):
        age_heartbeats(portal)
        page.goto(portal.console(f"/admin/hospitals/{harbour_view}"))
        page.get_by_role("button", name="Verify Database").click()
        page.locator("#hospital-operations summary").first.click()
        page.locator("#hospital-operations details[open] a").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check the database")
        expect(page.locator("#work-text")).to_contain_text("No background worker is running.")
        page.get_by_role("link", name="Operations", exact=True).click()
        expect(page.locator("#machinery-workers")).to_contain_text("Nothing starts until one does.")
        page.go_back()
        page.get_by_role("button", name="Cancel the work").click()
        expect(page.get_by_text("The work is cancelled. Nothing was changed.")).to_be_visible()
        assert findings(page) == []
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#work-result")).to_contain_text("Harbour View was checked")
    expect(page.locator("#operation-log")).to_contain_text("operation_succeeded")


@pytest.mark.parametrize("query", ["", "?state=failed", "?q=nowhere-to-be-found"])
def test_the_list_is_accessible_in_light_and_dark_on_a_desk_and_on_a_phone(portal, page, work, query):
    page.goto(portal.console(LIST + query))
    assert findings(page) == []


def test_the_page_of_an_operation_is_accessible_while_it_runs_and_afterwards(portal, page, work):
    page.goto(portal.console(f"{LIST}{work[0]}"))
    assert findings(page) == []
    end(portal, work)
    page.reload()
    assert findings(page) == []


def test_without_script_the_list_is_searched_followed_and_opened(portal, administrator, work, open_context):
    page = open_context(storage_state=administrator, java_script_enabled=False).new_page()
    page.goto(portal.console(LIST))
    page.get_by_role("searchbox").fill(work[0])
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Showing 1 to 1 of 1 operation")).to_be_visible()
    go_on(portal, work, 9)
    page.get_by_role("link", name="Show the progress now").click()
    expect(page.locator("tbody tr")).to_contain_text("(9 of 22)")
    page.get_by_role("link", name="Create the database").last.click()
    expect(page.locator("#operation-facts")).to_contain_text(work[0])
    end(portal, work)
    page.get_by_role("link", name="Show the progress now").click()
    expect(page.locator("#work-result")).to_contain_text("Tidal Hospital is ready")
