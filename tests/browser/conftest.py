"""A real portal under its supervisor, and a real browser that reports every console message."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser import people
from tests.browser.looks import findings
from tests.processes import ROOT, wait_until

PASSWORD = "correct-horse-battery"
SECRET = "a very long secret"
INES_MOREAU = ("Ines", "Moreau", "1955-02-03", "+44 20 7946 0958")
EXPECTED = ("status of 422", "status of 404", "status of 403", "status of 503")
LEFT_BEHIND = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")  # a poll that a navigation cut short
WITHOUT_ANSWER = ("htmx:timeout",)  # a poll while a test holds the server still
KNOWN = EXPECTED + LEFT_BEHIND + WITHOUT_ANSWER
expect.set_options(timeout=15_000)  # a busy machine is no reason to fail; how fast pages are is measured elsewhere


@dataclass(frozen=True)
class Portal:
    """Where a running portal answers."""

    port: int
    folder: Path

    def console(self, path: str = "/admin/") -> str:
        """An address on the console."""
        return f"http://localhost:{self.port}{path}"

    def hospital(self, subdomain: str, path: str = "/") -> str:
        """An address in a hospital."""
        return f"http://{subdomain}.localhost:{self.port}{path}"

    @property
    def instance(self) -> Path:
        """Where its control database and its Redis are."""
        return self.folder / "instance"

    @property
    def hospitals(self) -> Path:
        """Where the hospitals' databases are."""
        return self.folder / "hospitals"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def new_portal(tmp_path_factory) -> Iterator[Portal]:
    """`flask up` in folders of its own, stopped as Ctrl-C would."""
    folder, port = tmp_path_factory.mktemp("up"), free_port()
    started = Portal(port, folder)
    environ = os.environ | {
        "PORT": str(port),
        "INSTANCE_DIR": str(started.instance),
        "HOSPITALS_DIR": str(started.hospitals),
        "PORTAL_ADMIN_PASSWORD": PASSWORD,
    }
    with open(folder / "log", "w") as log:
        up = subprocess.Popen([sys.executable, "-m", "flask", "up"], cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        wait_until(lambda: up.poll() is not None or answers(started), seconds=60)
        assert up.poll() is None, (folder / "log").read_text()
        yield started
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(20)


def answers(portal: Portal) -> bool:
    """Everything the portal needs is at work."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{portal.port}/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])


@pytest.fixture(scope="session")
def administrator(new_portal, browser) -> dict:
    """The cookies of the signed-in superuser."""
    return cookies_of(browser, new_portal.console(), "admin", PASSWORD)


@pytest.fixture(scope="session")
def first_use(new_portal, browser, administrator) -> list[str]:
    """What is wrong with the list of hospitals while there is none."""
    context = browser.new_context(storage_state=administrator)
    page = context.new_page()
    page.goto(new_portal.console())
    expect(page.get_by_role("heading", name="No hospitals yet")).to_be_visible()
    found = findings(page)
    context.close()
    return found


@pytest.fixture(scope="session")
def portal(new_portal, first_use) -> Portal:
    """The running portal, from now on with hospitals."""
    return new_portal


@pytest.fixture(scope="session")
def harbour_view(portal, browser, administrator) -> str:
    """A hospital to look at; its administrator is `harbour-view-admin`."""
    context = browser.new_context(storage_state=administrator)
    page = context.new_page()
    create_hospital(portal, page, "Harbour View", "harbour-view")
    expect(page.get_by_role("heading", name="Harbour View is ready")).to_be_visible()
    context.close()
    return "harbour-view"


@pytest.fixture(scope="session")
def staff_member(portal, browser, harbour_view) -> dict:
    """The cookies of Harbour View's administrator."""
    return cookies_of(browser, portal.hospital(harbour_view), f"{harbour_view}-admin", SECRET)


@pytest.fixture(scope="session")
def desk(portal, browser, harbour_view, staff_member) -> Iterator[Page]:
    """A page of Harbour View on which its administrator writes what tests look at."""
    context = browser.new_context(storage_state=staff_member, base_url=portal.hospital(harbour_view))
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def first_patient(desk) -> int:
    """Ines Moreau, born in 1955, a patient of Harbour View of whom little is known."""
    return people.register_patient(desk, *INES_MOREAU)


@pytest.fixture(scope="session")
def known_patient(desk) -> int:
    """Olu Adeyemi, a patient of Harbour View with something in each tab."""
    patient = people.register_patient(desk, "Olu", "Adeyemi", "1971-11-30", "+44 20 7946 0312")
    people.record_allergy(desk, "Penicillin")
    people.add_history(desk, "Asthma")
    people.add_document(desk, "letter.txt")
    people.record_consent(desk, "Olu Adeyemi")
    return patient


@pytest.fixture(scope="session")
def first_member(desk) -> int:
    """Ada Obi, who works in the first department of Harbour View."""
    people.add_department(desk, "Cardiology", "CARD")
    return people.register_member(desk, "Ada", "Obi")


@pytest.fixture
def open_context(browser):
    """Makes browser contexts; a console message that is not an expected answer fails the test."""
    contexts, messages = [], []

    def make(**options) -> BrowserContext:
        context = browser.new_context(**({"viewport": {"width": 1440, "height": 1000}} | options))
        context.set_default_timeout(15_000)
        context.on("console", lambda message: messages.append(message.text))
        context.on("weberror", lambda error: messages.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    unexpected = [text for text in messages if not any(known in text for known in KNOWN)]
    assert unexpected == [], unexpected


def sign_in(page: Page, address: str, username: str, password: str) -> None:
    """Open an address, and sign in where it asks for that."""
    page.goto(address)
    page.get_by_label("Username or email").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def cookies_of(browser: Browser, address: str, username: str, password: str) -> dict:
    """Sign in and keep what the browser keeps."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, address, username, password)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


def create_hospital(portal: Portal, page: Page, name: str, subdomain: str) -> None:
    """Send the create form and arrive at the hospital's record; whoever looks at it waits for the work."""
    page.goto(portal.console("/admin/hospitals/new"))
    fill_new_hospital(page, name, subdomain, SECRET)
    page.get_by_role("button", name="Create hospital and database").click()
    expect(page).to_have_url(portal.console(f"/admin/hospitals/{subdomain}"))


def fill_new_hospital(page: Page, name: str, subdomain: str, password: str) -> None:
    """Answer the questions of the create form for a hospital with a new administrator."""
    page.get_by_label("Hospital name").fill(name)
    page.get_by_label("Subdomain").fill(subdomain)
    page.locator("#administrator").select_option("new")
    page.get_by_label("Username", exact=True).fill(f"{subdomain}-admin")
    page.locator("#admin_name").fill("Omar Haddad")
    page.locator("#admin_email").fill(f"{subdomain}@hospital.example")
    page.locator("#admin_password").fill(password)
