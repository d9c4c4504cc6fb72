"""Writes docs/pictures: the pages of a new hospital, as a running portal shows them.

Usage: python scripts/make_pictures.py ADDRESS PASSWORD
ADDRESS is the portal's own, like http://localhost:8000; PASSWORD that of its superuser `admin`. The portal gets a
hospital “City General Hospital” with twelve patients, so let it be a new one. Needs `make .venv/.browser` and Chromium.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
WINDOW = {"width": 1280, "height": 800}
HOSPITAL, SUBDOMAIN, SECRET = "City General Hospital", "city-general", "a long pass phrase"
PATIENTS = (
    ("Amina", "Yusuf", "female", "1988-04-17", "+44 20 7946 0112"),
    ("Thomas", "Whitfield", "male", "1951-11-02", "+44 20 7946 0137"),
    ("Siobhán", "O’Neill", "female", "1979-07-29", "+44 20 7946 0158"),
    ("Kwame", "Mensah", "male", "2016-01-12", "+44 20 7946 0173"),
    ("Ines", "Moreau", "female", "1955-02-03", "+44 20 7946 0190"),
    ("Rajesh", "Patel", "male", "1967-09-21", "+44 20 7946 0205"),
    ("Grace", "Mwangi", "female", "1994-12-08", "+44 20 7946 0229"),
    ("Oskar", "Lindqvist", "male", "2009-05-30", "+44 20 7946 0246"),
    ("Leila", "Haddad", "female", "1983-03-14", "+44 20 7946 0261"),
    ("George", "Adeyemi", "male", "1942-08-25", "+44 20 7946 0288"),
    ("Mei", "Chen", "female", "2001-10-19", "+44 20 7946 0304"),
    ("Daniel", "Evans", "male", "1975-06-06", "+44 20 7946 0317"),
)


def make_pictures(address: str, password: str) -> None:
    """Use the portal as a new user would, and keep what it shows."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
        page.goto(f"{address}/admin/hospitals/new")
        sign_in(page, "admin", password)
        create_hospital(page)
        keep(page, "hospital-ready")
        parts = urlsplit(address)
        site = f"{parts.scheme}://{SUBDOMAIN}.{parts.netloc}"
        page.goto(site)
        sign_in(page, "omar", SECRET)
        for patient in PATIENTS:
            register(page, site, *patient)
        page.goto(f"{site}/patients/")
        keep(page, "patients")


def sign_in(page: Page, username: str, password: str) -> None:
    """Answer the sign-in page."""
    page.get_by_label("Username or email").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def create_hospital(page: Page) -> None:
    """Create the hospital and wait until it is ready."""
    page.get_by_label("Hospital name").fill(HOSPITAL)
    page.get_by_label("Subdomain").fill(SUBDOMAIN)
    page.locator("#administrator").select_option("new")
    page.get_by_label("Username", exact=True).fill("omar")
    page.locator("#admin_name").fill("Omar Haddad")
    page.locator("#admin_email").fill("omar@hospital.example")
    page.locator("#admin_password").fill(SECRET)
    page.get_by_role("button", name="Create hospital and database").click()
    expect(page.get_by_role("heading", name=f"{HOSPITAL} is ready")).to_be_visible(timeout=60_000)


def register(page: Page, site: str, first_name: str, last_name: str, sex: str, birth_date: str, phone: str) -> None:
    """Register one patient."""
    page.goto(f"{site}/patients/new")
    answers = {"first_name": first_name, "last_name": last_name, "birth_date": birth_date, "phone": phone}
    for name, answer in answers.items():
        page.locator(f"#{name}").fill(answer)
    page.locator("#sex").select_option(sex)
    page.get_by_role("button", name="Register patient").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{first_name} {last_name}")


def keep(page: Page, name: str) -> None:
    """Write what the window shows, with the focus on nothing."""
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    make_pictures(sys.argv[1].rstrip("/"), sys.argv[2])
