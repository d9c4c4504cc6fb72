"""What people write into a hospital's pages, each form answered as a person would; the page has a base_url."""

import re

from playwright.sync_api import Page, expect


def register_patient(page: Page, first_name: str, last_name: str, birth_date: str, phone: str) -> int:
    """Register a patient like whom there is nobody yet; answers with the record's id."""
    fill_new_patient(page, first_name, last_name, birth_date, phone)
    page.get_by_role("button", name="Register patient").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{first_name} {last_name}")
    return id_of(page)


def fill_new_patient(page: Page, first_name: str, last_name: str, birth_date: str, phone: str) -> None:
    """Answer what registering a patient needs, and leave the last field."""
    page.goto("/patients/new")
    page.locator("#first_name").fill(first_name)
    page.locator("#last_name").fill(last_name)
    page.locator("#sex").select_option("female")
    page.locator("#birth_date").fill(birth_date)
    page.locator("#phone").fill(phone)
    page.locator("#phone").press("Tab")


def id_of(page: Page) -> int:
    """The id of the record that the page shows."""
    return int(re.search(r"/(\d+)", page.url)[1])


def number_of(page: Page) -> str:
    """The number of the patient in the banner."""
    return page.locator(".banner .mono").first.inner_text()


def open_tab(page: Page, name: str) -> None:
    """Open a tab of the record that the page shows."""
    page.locator("#record-tabs").get_by_role("link", name=name).click()
    expect(page.locator("#record-tabs [aria-current]")).to_contain_text(name)


def record_allergy(page: Page, substance: str) -> None:
    """Record a severe allergy on the patient's page."""
    open_tab(page, "Allergies")
    page.get_by_role("link", name="Record an allergy").click()
    page.locator("#substance").fill(substance)
    page.locator("#category").select_option("medication")
    page.locator("#reaction").fill("Anaphylaxis")
    page.locator("#severity").select_option("severe")
    page.locator("#criticality").select_option("high")
    page.get_by_role("button", name="Record an allergy").click()
    expect(page.locator("#record-panel")).to_contain_text(substance)


def add_history(page: Page, title: str) -> None:
    """Add a condition to the history."""
    open_tab(page, "History")
    page.get_by_role("link", name="Add to the history").click()
    page.locator("#category").select_option("condition")
    page.locator("#title").fill(title)
    page.get_by_role("button", name="Add to the history").click()
    expect(page.locator("#record-panel")).to_contain_text(title)


def add_document(page: Page, filename: str) -> None:
    """Add a referral letter."""
    open_tab(page, "Documents")
    letter = {"name": filename, "mimeType": "text/plain", "buffer": b"Dear colleague, see this patient soon."}
    page.locator("#file").set_input_files(letter)
    page.locator("#kind").select_option("referral")
    page.get_by_role("button", name="Add document").click()
    expect(page.locator("#documents-list")).to_contain_text(filename)


def record_consent(page: Page, signed_by: str) -> None:
    """Record that the patient agreed to treatment."""
    open_tab(page, "Consents")
    page.get_by_role("link", name="Record a consent").click()
    page.locator("#kind").select_option("treatment")
    page.locator("#granted").select_option(label="Agreed")
    page.locator("#signed_by_name").fill(signed_by)
    page.locator("#signed_at").fill("2024-05-06T10:30")
    page.get_by_role("button", name="Record a consent").click()
    expect(page.locator("#record-panel")).to_contain_text(signed_by)


def register_member(page: Page, first_name: str, last_name: str) -> int:
    """Register somebody who works in a department that exists; answers with the record's id."""
    page.goto("/staff/new")
    page.locator("#first_name").fill(first_name)
    page.locator("#last_name").fill(last_name)
    page.locator("#designation").fill("Ward sister")
    page.locator("#phone").fill("+44 20 7946 0971")
    for name in ("department_id", "role_kind", "sex", "employment"):
        page.locator(f"#{name}").select_option(index=1)
    page.locator("main form button.pri").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{first_name} {last_name}")
    return id_of(page)


def add_department(page: Page, name: str, code: str) -> None:
    """Add a clinical department."""
    page.goto("/staff/departments/new")
    page.locator("#name").fill(name)
    page.locator("#code").fill(code)
    page.locator("#kind").select_option("clinical")
    page.get_by_role("button", name="Add department").click()
    expect(page).to_have_url(re.compile("/staff/departments/$"))
