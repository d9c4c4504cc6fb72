"""The portal's processes beside a test: started, held at a moment, killed; and a browser of the real web."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from portal import redis_server
from portal.settings import Settings
from tests.page import Page
from tests.processes import ROOT, environ_of, is_alive, wait_until

HOST = "127.0.0.1:8000"
START_SECONDS = 60


class Running:
    """The portal's processes on a test's folders, forked from one that has loaded the application (`tests.held`)."""

    def __init__(self, settings: Settings):
        self.instance = settings.instance_dir
        self.socket = redis_server.socket_path(self.instance / "redis").with_name("web.sock")
        with open(self.instance / "log", "w") as log:  # what they say, for whoever looks for why a test failed
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log, "text": True}
            command = [sys.executable, "-m", "tests.held"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ_of(settings), **pipes)
        assert self.process.stdout.readline() == "ready\n"
        self.redis = redis_server.start(self.instance / "redis")

    def start(self, *what: str) -> int:
        """Start one of them: its number."""
        self.process.stdin.write(" ".join(what) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def serve(self) -> int:
        """Start the web, and wait until it answers: its number."""
        web = self.start("web", str(self.socket))
        wait_until(self.socket.exists, START_SECONDS)
        assert Browser(self.socket).get("/healthz").status == 200
        return web

    def hold(self, moment: str) -> None:
        """Who comes to this moment next stays there."""
        for name in ("held", "go"):
            (self.instance / name).unlink(missing_ok=True)
        (self.instance / "hold").write_text(moment)

    def held(self) -> int:
        """The process that has come to the moment: its number."""
        path = self.instance / "held"
        return int(wait_until(lambda: path.exists() and path.read_text(), START_SECONDS))

    def go_on(self) -> None:
        """Let the process that is held go on."""
        (self.instance / "go").touch()

    def lose_redis(self) -> None:
        """kill -9 of Redis, and one that remembers nothing in its place."""
        self.redis.process.kill()
        self.redis.process.wait()
        for path in (self.instance / "redis").glob("appendonlydir/*"):
            path.unlink()
        self.redis = redis_server.start(self.instance / "redis")

    def close(self) -> None:
        """End everything."""
        self.process.kill()
        self.process.communicate()
        self.redis.stop()


def kill(pid: int, *others: int) -> None:
    """kill -9 of a process, and the end of the others that do not outlive it."""
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(is_alive(one) for one in (pid, *others)))


class Browser:
    """Somebody who is signed in at the real web with this cookie, one connection for each request."""

    def __init__(self, path: Path, cookie: str = ""):
        self.path, self.headers = path, {"Host": HOST, "Cookie": cookie}

    def ask(self, method: str, address: str, fields: dict | None = None) -> http.client.HTTPConnection:
        """Send a request, and leave its answer for later."""
        connection = http.client.HTTPConnection("localhost", timeout=START_SECONDS)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(START_SECONDS)
        connection.sock.connect(str(self.path))
        form = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        connection.request(method, address, urlencode(fields, doseq=True) if fields else None, self.headers | form)
        return connection

    def get(self, address: str) -> "Answer":
        """The answer to a GET."""
        with closing(self.ask("GET", address)) as connection:
            return Answer(connection.getresponse())

    def post(self, address: str, fields: dict) -> "Answer":
        """The answer to a POST."""
        with closing(self.ask("POST", address, fields)) as connection:
            return Answer(connection.getresponse())

    def token(self, address: str) -> str:
        """The token of a page's form, and from now on the session that knows it."""
        answer = self.get(address)
        if answer.cookie:
            self.headers["Cookie"] = answer.cookie.partition(";")[0]
        fields = Page(answer.text).fields
        return next(field["value"] for field in fields if field.get("name") == "csrf_token")


class Answer:
    """What the web answered."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.location = response.status, response.headers.get("Location")
        self.cookie = response.headers.get("Set-Cookie")
        self.text = response.read().decode()
