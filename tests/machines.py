"""Machines of one installation beside a test: web, worker and reaper of each as real processes with its own folders."""

import http.client
import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from portal.lifeline import tied_to_us
from tests.on_postgres import free_port
from tests.page import Page
from tests.processes import ROOT, wait_until

PUBLIC_HOST = "localhost:8000"  # what people type, whichever machine the proxy in front of them chooses
START_SECONDS, WORK_SECONDS = 60, 300


@dataclass
class Machine:
    """One of several machines: what all of them share is in `shared`, a folder of its own is all it has besides.

    `tree` is the release it runs.
    """

    folder: Path
    shared: dict[str, str]
    tree: Path = ROOT

    def __post_init__(self):
        self.folder.mkdir()
        self.port = free_port()
        self.processes: list[subprocess.Popen] = []
        own = {"INSTANCE_DIR": str(self.folder / "instance"), "PUBLIC_URL": f"http://{PUBLIC_HOST}"}
        self.environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **self.shared, **own}

    def flask(self, *arguments: str) -> subprocess.CompletedProcess:
        """A command of this machine; what it says is text."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(
            command, cwd=self.tree, env=self.environ, capture_output=True, text=True, timeout=WORK_SECONDS
        )

    def answer(self, *arguments: str, status: int = 0) -> dict:
        """What a command answers in JSON; it must end with this status."""
        done = self.flask(*arguments, "--json")
        assert done.returncode == status, done.stdout[-2000:] + done.stderr[-4000:]
        return json.loads(done.stdout)

    def start(self) -> None:
        """Start web, worker and reaper, and wait until the web answers."""
        gunicorn = ["-m", "gunicorn", "--config", "gunicorn.conf.py", "--workers", "1"]
        self._begin(*gunicorn, "--bind", f"127.0.0.1:{self.port}")
        self._begin("worker.py")
        self._begin("-m", "flask", "--app", "wsgi", "reap")
        wait_until(self.answers, START_SECONDS)

    def _begin(self, *arguments: str) -> None:
        with open(self.folder / "log", "a") as log:
            begun = subprocess.Popen(
                tied_to_us([sys.executable, *arguments]),
                cwd=self.tree,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(begun)

    def answers(self) -> bool:
        """The web is there."""
        try:
            return Browser(self).get("/healthz").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """End everything, as an operator does."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(START_SECONDS)
        self.processes.clear()


class Answer:
    """What the web answered, read to its end."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.location = response.status, response.headers.get("Location")
        self.cookies = SimpleCookie()
        for line in response.headers.get_all("Set-Cookie", ()):
            self.cookies.load(line)
        self.text = response.read().decode()


class Browser:
    """Somebody on the console, or on a hospital's host, who keeps the cookies from whichever machine answers."""

    def __init__(self, machine: Machine, subdomain: str = "", cookies: dict[str, str] | None = None):
        self.machine, self.subdomain = machine, subdomain
        self.cookies = cookies if cookies is not None else {}

    def at(self, machine: Machine) -> "Browser":
        """The same person, whose next request reaches another machine."""
        return Browser(machine, self.subdomain, self.cookies)

    def get(self, address: str) -> Answer:
        """The answer to a GET."""
        return self._ask("GET", address)

    def post(self, address: str, fields: dict) -> Answer:
        """The answer to the form of a page, with what that page has hidden and ticked already."""
        filled: dict[str, list[str]] = {}
        for field in Page(self.get(address).text).fields:
            if field.get("name") and (field.get("type") == "hidden" or "checked" in field):
                filled.setdefault(field["name"], []).append(field.get("value", ""))
        return self._ask("POST", address, filled | fields)

    def _ask(self, method: str, address: str, fields: dict | None = None) -> Answer:
        headers = {"Host": f"{self.subdomain}.{PUBLIC_HOST}" if self.subdomain else PUBLIC_HOST}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.machine.port, timeout=START_SECONDS)) as connection:
            connection.request(method, address, urlencode(fields, doseq=True) if fields is not None else None, headers)
            answer = Answer(connection.getresponse())
        self.cookies |= {name: morsel.value for name, morsel in answer.cookies.items()}
        return answer
