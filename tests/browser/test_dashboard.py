"""The dashboard fills itself, and a part that cannot be read says so while the others stand."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(portal, harbour_view, staff_member, first_patient, open_context) -> Page:
    """A page of Harbour View's administrator."""
    return open_context(storage_state=staff_member, base_url=portal.hospital(harbour_view)).new_page()


@contextmanager
def without(portal, table: str) -> Iterator[None]:
    """Harbour View with one of its tables out of reach."""
    rename(portal, table, f"{table}_away")
    try:
        yield
    finally:
        rename(portal, f"{table}_away", table)


def rename(portal, table: str, name: str) -> None:
    """Give a table of Harbour View another name."""
    with closing(sqlite3.connect(portal.hospitals / "hospital_harbour-view.db", timeout=10)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


def test_the_panels_load_by_themselves(page):
    page.goto("/dashboard/")
    expect(page.locator("#panel-patients-latest")).to_contain_text("Ines Moreau")
    expect(page.locator("#panel-rooms-wards")).to_contain_text("No beds yet")
    expect(page.get_by_text("Loading.")).to_have_count(0)


def test_without_javascript_every_panel_is_on_the_page(portal, harbour_view, staff_member, first_patient, open_context):
    options = {"storage_state": staff_member, "base_url": portal.hospital(harbour_view)}
    page = open_context(**options, java_script_enabled=False).new_page()
    page.goto("/dashboard/")
    expect(page.locator("#panel-patients-latest")).to_contain_text("Ines Moreau")


def test_a_panel_that_fails_says_so_and_is_tried_again(portal, page):
    with without(portal, "rooms_bed"):
        page.goto("/dashboard/")
        failed = page.locator("#panel-rooms-wards")
        expect(failed).to_contain_text("This part could not be loaded.")
        expect(page.locator("#panel-patients-latest")).to_contain_text("Ines Moreau")
    failed.get_by_role("link", name="Try again").click()
    expect(failed).to_contain_text("No beds yet")
    expect(failed).not_to_contain_text("could not be loaded")
