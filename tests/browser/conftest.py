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
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.processes import ROOT, wait_until

PASSWORD = "correct-horse-battery"
EXPECTED = ("status of 422", "status of 404", "status of 403", "status of 503")
LEFT_BEHIND = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")  # a poll that a navigation cut short


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


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def portal(tmp_path_factory) -> Iterator[Portal]:
    """`flask up` in folders of its own, stopped as Ctrl-C would."""
    folder, port = tmp_path_factory.mktemp("up"), free_port()
    environ = os.environ | {
        "PORT": str(port),
        "INSTANCE_DIR": str(folder / "instance"),
        "HOSPITALS_DIR": str(folder / "hospitals"),
        "PORTAL_ADMIN_PASSWORD": PASSWORD,
    }
    with open(folder / "log", "w") as log:
        up = subprocess.Popen([sys.executable, "-m", "flask", "up"], cwd=ROOT, env=environ, stdout=log, stderr=log)
    started = Portal(port, folder)
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
    unexpected = [text for text in messages if not any(known in text for known in EXPECTED + LEFT_BEHIND)]
    assert unexpected == [], unexpected


def sign_in(page: Page, address: str, username: str, password: str) -> None:
    """Open an address, and sign in where it asks for that."""
    page.goto(address)
    page.get_by_label("Username or email").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def fill_new_hospital(page: Page, name: str, subdomain: str, password: str) -> None:
    """Answer the questions of the create form for a hospital with a new administrator."""
    page.get_by_label("Hospital name").fill(name)
    page.get_by_label("Subdomain").fill(subdomain)
    page.locator("#administrator").select_option("new")
    page.get_by_label("Username", exact=True).fill(f"{subdomain}-admin")
    page.locator("#admin_name").fill("Omar Haddad")
    page.locator("#admin_email").fill(f"{subdomain}@hospital.example")
    page.locator("#admin_password").fill(password)
