"""What the tests of several files are given: work inside the hospital, people at work, many at the same instant."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial

import pytest

from portal import queue
from portal.kit import Record, events
from tests.modules import casualty, clinic, clinic_hours
from tests.modules.at_once import Traces, acted, gather, served
from tests.modules.bed_ward import kept


@pytest.fixture
def look(app, hospital):
    """What `work` gives inside the hospital, kept."""
    return lambda work: kept(app, hospital, work)


@pytest.fixture
def hear(monkeypatch):
    """Writes down the events of these names as they are told: `hear("er.seen", note=lambda visit: visit.id)`."""

    def listen(*names: str, note: Callable[[Record], object] | None = None) -> list:
        told = []
        for name in names:

            def tell(record: Record, name: str = name) -> None:
                told.append((name, note(record)) if note else name)

            monkeypatch.setitem(events._now, name, [*events._now[name], tell])
        return told

    return listen


@pytest.fixture
def at_clinic(look):
    """A doctor with hours tomorrow, in a room."""
    return look(lambda: clinic_hours.open_clinic(room_id=clinic_hours.room("C-1")))


@pytest.fixture
def leila(client_with, look):
    """A nurse of the emergency department at work."""
    browser = client_with(*casualty.NURSE)
    look(casualty.nurse)
    return browser


@pytest.fixture
def samir(client_with, look):
    """A doctor of the emergency department at work."""
    browser = client_with(*casualty.DOCTOR, username="samir")
    look(lambda: clinic.doctor(user_id=casualty.user_id("samir")))
    return browser


@pytest.fixture
def at_once(app, hospital):
    """Runs `work(number)` inside the hospital in twenty threads that start together; the answers, or the sentences."""
    return partial(acted, app, hospital)


@pytest.fixture
def crowd(app, hospital):
    """Twenty people with these permissions, each signed in at the served portal: `crowd("rooms.assign")`."""
    with served(app) as port:
        yield partial(gather, app, hospital, port)


@pytest.fixture
def traces(look, monkeypatch) -> Callable[[], Traces]:
    """Begins to watch what becomes of the records; from then on every event is kept in the outbox."""
    known = {name: handlers for name, handlers in events._later.items() if handlers}
    monkeypatch.setattr(events, "_later", defaultdict(lambda: [_nobody], known))
    monkeypatch.setattr(queue, "enqueue", lambda *_job: True)
    return lambda: Traces(look)


def _nobody(**_record) -> None:
    """Does nothing about an event; that it is there keeps the event in the outbox."""
