"""Many people at the same instant: each signed in by name, each with a browser of their own on the served portal."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.extensions import db
from portal.kit import Record, Refused
from portal.kit.models import AuditLog, Event, StatusLog
from portal.tenancy.current import Hospital, in_hospital
from tests.clients import PageClient
from tests.conftest import add_users
from tests.page import Page

AT_ONCE = 20
PATIENCE = 60
MOST_TRIES = 40


def together(work: Callable[[int], Any], times: int = AT_ONCE) -> list:
    """What `work(number)` gives in as many threads, which start at the same instant."""
    barrier = threading.Barrier(times)

    def one(number: int):
        barrier.wait(timeout=PATIENCE)
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def acted(app: Flask, hospital: Hospital, work: Callable[[int], Any], times: int = AT_ONCE) -> list:
    """What `work(number)` gives in as many threads inside the hospital, kept, or the sentence that refused it."""

    def one(number: int):
        with app.app_context(), in_hospital(hospital):
            try:
                answer = work(number)
                db.session.commit()
            except Refused as refused:
                db.session.rollback()
                answer = refused.sentence
            return answer

    return together(one, times)


@dataclass(frozen=True)
class Answer:
    """What the portal answered: the number, where it leads, and the page."""

    status_code: int
    location: str | None
    html: str

    @cached_property
    def page(self) -> Page:
        """The page as it is read."""
        return Page(self.html)

    @property
    def text(self) -> str:
        """What people read."""
        return self.page.text

    @property
    def way_on(self) -> str:
        """Where the page that refuses leads to: what it is about, as it is now."""
        return next(url for url, words in self.page.links if words.strip() == "See how it is now")


@dataclass
class Person:
    """Somebody who is signed in, with a browser of their own."""

    port: int
    host: str
    cookie: str

    def post(self, path: str, **answers) -> Answer:
        """Send a form; who hears that the portal is busy sends it again."""
        tried = (self._send("POST", path, answers) for _try in range(MOST_TRIES))
        return next(answer for answer in tried if answer.status_code != 503)

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._send("GET", path, {})

    def _send(self, method: str, path: str, answers: dict) -> Answer:
        headers = {"Host": self.host, "Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, urlencode(answers, doseq=True), headers)
            got = connection.getresponse()
            self.cookie = (got.getheader("Set-Cookie") or self.cookie).partition(";")[0]
            return Answer(got.status, got.getheader("Location"), got.read().decode())


class _Quiet(WSGIRequestHandler):
    """Tells nobody of every request."""

    def log(self, *_told) -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """The application behind a real server with threads, on a port of the loopback that is free."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = False  # so that closing it waits for every request to have ended
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def gather(
    app: Flask, hospital: Hospital, port: int, *permissions: str, name: str = "clerk", count: int = AT_ONCE
) -> list[Person]:
    """So many people with these permissions, each signed in at the portal that is served at this port."""
    people = []
    with app.app_context():
        for user in add_users(hospital, [f"{name}-{number}" for number in range(count)], *permissions):
            browser = app.test_client(hospital=hospital)
            browser.sign_in_as(user)
            people.append(person_of(browser, port))
    return people


def person_of(browser: PageClient, port: int) -> Person:
    """The one who is signed in with this browser, at the served portal."""
    host = f"{browser.hospital.subdomain}.localhost"
    name = browser.application.config["SESSION_COOKIE_NAME"]
    return Person(port, f"{host}:{port}", f"{name}={browser.get_cookie(name, domain=host).value}")


class Traces:
    """What became of a hospital's records since this was made: rows, moves, events and entries of the audit."""

    def __init__(self, look: Callable[[Callable], Any]):
        self._look = look
        self._before = self._read()

    def rows(self) -> dict[str, int]:
        """How many rows each table of the modules has more."""
        return self._more("rows")

    def events(self) -> dict[str, int]:
        """How often each event was told and kept."""
        return self._more("events")

    def refuse_doubles(self) -> None:
        """Each new record stands in the audit once, and each move in the log, in the audit and among the events."""
        moves, audited = self._more("moves"), self._more("audit")
        assert dict.fromkeys(moves, 1) == moves, "a record moved twice to one state"
        assert sum(moves.values()) == audited.get("transition", 0), "each move stands in the audit once"

    def _more(self, kind: str) -> dict[str, int]:
        return dict(self._read()[kind] - self._before[kind])

    def _read(self) -> dict[str, Counter]:
        return self._look(_counts)


def _counts() -> dict[str, Counter]:
    tables = [
        table
        for table in Record.metadata.sorted_tables
        if not table.name.startswith(("core_", "auth_", "contenttypes_"))
    ]
    one = [sa.select(sa.literal(table.name), sa.func.count()).select_from(table) for table in tables]
    moves = sa.select(StatusLog.content_type, StatusLog.object_id, StatusLog.to_status)
    return {
        "rows": Counter(dict(db.session.execute(sa.union_all(*one)).all())),
        "events": Counter(db.session.scalars(sa.select(Event.name))),
        "moves": Counter(tuple(row) for row in db.session.execute(moves)),
        "audit": Counter(db.session.scalars(sa.select(AuditLog.action))),
    }


def statuses(answers: Sequence[Answer]) -> dict[int, int]:
    """How many answers have each number."""
    return dict(Counter(answer.status_code for answer in answers))
