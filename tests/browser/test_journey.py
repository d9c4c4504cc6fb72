"""A patient from the first visit on: registered, asked, by mistake registered a second time, merged."""

import pytest
from playwright.sync_api import expect

from tests.browser import people

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_registering_to_merging_a_duplicate(portal, harbour_view, staff_member, open_context, scripts):
    options = {"storage_state": staff_member, "base_url": portal.hospital(harbour_view)}
    page = open_context(**options, java_script_enabled=scripts).new_page()
    person = ("Nadia", "Osei", "1988-04-17", "+44 20 7946 0441") if scripts else ("Tom", "Wu", "1990-08-21", "01610000")
    kept = people.register_patient(page, *person)
    people.record_allergy(page, "Latex")
    people.add_history(page, "Migraine")
    people.add_document(page, "referral.txt")
    people.record_consent(page, "Her daughter")
    expect(page.locator(".banner")).to_contain_text("Latex")
    people.open_tab(page, "Timeline")
    for what in ("Migraine", "Allergy: Latex", "Registered"):
        expect(page.locator("#timeline-list")).to_contain_text(what)

    gone_number = register_again(page, person, scripts)
    gone_url = page.url
    merge_into_older(page, gone_number)
    expect(page).to_have_url(portal.hospital(harbour_view, f"/patients/{kept}"))
    people.open_tab(page, "Timeline")
    expect(page.locator("#timeline-list")).to_contain_text(f"{gone_number} was merged into this record")
    people.open_tab(page, "Documents")
    expect(page.locator("#documents-list")).to_contain_text("referral.txt")
    page.goto(gone_url)
    expect(page.locator(".banner")).to_contain_text("This record was merged into")


def register_again(page, person: tuple[str, ...], scripts: bool) -> str:
    """Register the same person as somebody else, in spite of the warning; answers with the second number."""
    people.fill_new_patient(page, *person)
    if not scripts:
        page.get_by_role("button", name="Register patient").last.click()
    expect(page.get_by_role("heading", name="1 patient looks the same")).to_be_visible()
    page.locator("#duplicate_reason").fill("Said to be a twin")
    page.get_by_role("button", name="Create anyway").click()
    expect(page.locator("#record-panel")).to_be_visible()
    return people.number_of(page)


def merge_into_older(page, gone_number: str) -> None:
    """Merge the record that the page shows into the one that looks the same."""
    page.locator("#record-more > summary").click()
    page.get_by_role("link", name="Merge with another record").click()
    page.get_by_role("link", name="Compare").click()
    page.locator("#reason").fill("Registered twice on one day")
    page.locator("#mrn").fill(gone_number)
    page.get_by_role("button", name="Merge the records").click()
    expect(page.get_by_text("The two records are one now.")).to_be_visible()
