"""What the tests of all modules are given: work inside the hospital, and many people at the same instant."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial

import pytest

from portal import queue
from portal.kit import events
from tests.modules.at_once import Traces, acted, gather, served
from tests.modules.bed_ward import kept


@pytest.fixture
def look(app, hospital):
    """What `work` gives inside the hospital, kept."""
    return lambda work: kept(app, hospital, work)


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
