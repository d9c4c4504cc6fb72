"""Releases of the portal beside each other: the tree of the next one, its processes, and people who never stop."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from portal import redis_server
from portal.settings import Settings
from tests.page import Page
from tests.processes import ROOT, wait_until
from tests.running import START_SECONDS, Browser

PARTS = ("portal", "modules", "migrations", "templates", "wsgi.py", "worker.py", "gunicorn.conf.py")
WEB = ["-m", "gunicorn", "--config", "gunicorn.conf.py", "--workers", "1", "--bind"]
UPDATING = "is being updated. Try again in a few minutes."
BUSY = "so nothing was saved. Go back and try again."  # while a migration holds the write lock of a slow machine
REVISION = '''"""next"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
additive = {additive}


def upgrade():
    {body}
'''


class Release:
    """A tree of the portal, and the processes that run from it."""

    def __init__(self, settings: Settings, folder: Path = ROOT):
        self.folder, self.settings, self.processes = folder, settings, []
        environ = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
        self.environ = environ | {
            "INSTANCE_DIR": str(settings.instance_dir),
            "HOSPITALS_DIR": str(settings.hospitals_dir),
            "BACKUPS_DIR": str(settings.backups_dir),
            "SECRET_KEY": settings.secret_key,
        }

    def next(self, folder: Path) -> "Release":
        """The release that follows, as yet without a difference."""
        folder.mkdir()
        for part in PARTS:
            source, copy = self.folder / part, folder / part
            shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
        return Release(self.settings, folder)

    def add_revision(self, tree: str, name: str, body: str, *, additive: bool) -> None:
        """One more migration, called like “0023_core_motto”."""
        revision = name.partition("_")[0]
        values = {"revision": revision, "before": f"{int(revision) - 1:04}", "additive": additive, "body": body}
        (self.folder / "migrations" / tree / "versions" / f"{name}.py").write_text(REVISION.format(**values))

    def replace(self, path: str, before: str, after: str) -> None:
        """Change the first place in one of its files."""
        text = (self.folder / path).read_text()
        assert before in text, f"{path} does not say {before!r} any more"
        (self.folder / path).write_text(text.replace(before, after, 1))

    def start_web(self) -> Path:
        """The socket of a web of this release, which answers."""
        name = f"web{len(list(self.settings.instance_dir.glob('*.log')))}"
        path = redis_server.socket_path(self.settings.instance_dir / "redis").with_name(f"{name}.sock")
        self._start(name, *WEB, f"unix:{path}")
        wait_until(lambda: _listens(path), START_SECONDS)
        assert Browser(path).get("/healthz").status == 200
        return path

    def start_worker(self) -> None:
        """A worker of this release."""
        self._start(f"worker{len(list(self.settings.instance_dir.glob('*.log')))}", "worker.py")

    def _start(self, name: str, *command: str) -> None:
        with open(self.settings.instance_dir / f"{name}.log", "w") as log:  # for whoever looks for why a test failed
            pipes = {"stdout": log, "stderr": log, "process_group": 0}
            self.processes.append(
                subprocess.Popen([sys.executable, *command], cwd=self.folder, env=self.environ, **pipes)
            )

    def run(self, *command: str) -> None:
        """Run one of its commands to its end, which must be a good one."""
        subprocess.run([sys.executable, *command], cwd=self.folder, env=self.environ, check=True, timeout=START_SECONDS)

    def stop(self) -> None:
        """End its processes as a supervisor does, and wait for them."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


def _listens(path: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as probe:
        return probe.connect_ex(str(path)) == 0


@dataclass
class Person:
    """Somebody who registers patients at one web of a hospital, over and over, and writes down what happens."""

    name: str
    browser: Browser
    saved: list[str] = field(default_factory=list)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    stopping: bool = False

    def begin(self) -> None:
        """Work until told to stop."""
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop after what is under way."""
        self.stopping = True
        self._thread.join(START_SECONDS)

    def _work(self) -> None:
        number = 0
        while not self.stopping:
            number += 1
            try:
                self._register(f"{self.name}{number}", date(1950 + 10 * len(self.name), 1, 1) + timedelta(number))
            except Exception as error:  # whatever it is, the test must read it
                self.wrong.append(f"{type(error).__name__}: {error}")
            time.sleep(0.05)

    def _register(self, first_name: str, born: date) -> None:
        form = self._seen(self.browser.get("/patients/new"), 200)
        if form is None:
            return
        if form.cookie:
            self.browser.headers["Cookie"] = form.cookie.partition(";")[0]
        hidden = {one["name"]: one.get("value", "") for one in Page(form.text).fields if one.get("type") == "hidden"}
        person = {
            "first_name": first_name,
            "last_name": first_name[::-1],
            "sex": "female",
            "birth_date": born.isoformat(),
        }
        if self._seen(self.browser.post("/patients/new", hidden | person), 303):
            self.saved.append(first_name)

    def _seen(self, answer, wanted: int):
        """The answer if it is the wanted one; the page that says that the hospital is updated is no mistake."""
        if answer.status == wanted:
            return answer
        if answer.status == 503 and UPDATING in answer.text:
            self.refused += 1
        elif answer.status != 503 or BUSY not in answer.text:
            self.wrong.append(f"{answer.status}: {Page(answer.text).text[-300:]}")
        return None
