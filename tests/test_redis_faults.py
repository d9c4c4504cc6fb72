"""Redis flushed, hanging, refusing, slow, or killed: nobody waits for it, nothing is lost, nothing is done twice."""

import time
from dataclasses import replace

import pytest
from rq import SimpleWorker

from portal import impatient, queue, redis_server
from portal.cli.reap import EVERY_SECONDS
from portal.impatient import ANSWERS_WITHIN
from portal.provisioning import operations
from tests.consoles import ANSWERS, operations_of
from tests.faultproxy import FAULTS, HANG, PASS, SLOW, SWALLOW, FaultProxy
from tests.processes import wait_until

NEW = "/admin/hospitals/new"
QUESTIONS = {HANG: 1, SLOW: 1, SWALLOW: 1}  # so often one request asks a Redis that is silent
MOST_QUESTIONS = 12  # and one that answers, be it late or with a refusal; the first sign-in of a process asks most
BUSY = 2.5  # what the page itself may take on a machine that is busy; without a limit an answer took six minutes


@pytest.fixture
def server(tmp_path):
    """A real Redis."""
    started = redis_server.start(tmp_path / "redis")
    yield started
    started.stop()


@pytest.fixture
def proxy(server, tmp_path):
    """What stands between the portal and its Redis."""
    made = FaultProxy(str(redis_server.socket_path(tmp_path / "redis")))
    yield made
    made.close()


@pytest.fixture
def settings(settings, proxy):
    """The settings of this test's portal, with the Redis behind the proxy."""
    return replace(settings, redis_url=proxy.url)


def work_off(app) -> int:
    """A worker does what is in the queue now, in this process; answers with how many jobs that were."""
    with app.app_context():
        client = queue.connection(patient=True)
        worker = SimpleWorker([queue.QUEUE], connection=client)
        jobs = queue.Queue(queue.QUEUE, connection=client).count
        worker.work(burst=True, logging_level="ERROR")
        client.close()
    return jobs


def soon(proxy, work):
    """What the work answers; a silent Redis was asked once, and nobody waited for more than its answers."""
    asked, began = proxy.asked, time.monotonic()
    answer = work()
    asked, seconds = proxy.asked - asked, time.monotonic() - began
    assert asked <= QUESTIONS.get(proxy.mode, MOST_QUESTIONS)
    assert seconds < asked * ANSWERS_WITHIN + BUSY
    return answer


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("is_connected", [False, True], ids=["before", "meanwhile"])
def test_a_hospital_is_asked_for_at_once_while_redis_misbehaves_and_made_once_when_it_is_well(
    app, signed_in, proxy, fault, is_connected
):
    if is_connected:
        with app.app_context():
            assert queue.problem() is None
    proxy.set(fault)
    answer = soon(proxy, lambda: signed_in.post(NEW, data=ANSWERS))
    assert answer.status_code == 303
    assert "The work has not started." in soon(proxy, lambda: signed_in.page(answer.location)).text
    assert soon(proxy, lambda: signed_in.get("/readyz")).status_code == 503

    proxy.set(PASS)
    proxy.drop()
    impatient.silent_until.clear()  # a moment later
    with app.app_context():
        assert operations.reap() == []
        assert work_off(app) >= 1
        [operation] = operations_of("lakeside")
        assert (operation.state, operation.attempt) == ("succeeded", 1)
        assert operations.reap() == []
        assert work_off(app) == 0
    assert "lakeside" in signed_in.page("/admin/hospitals/").text


@pytest.mark.parametrize("fault", FAULTS)
def test_guessing_a_password_is_refused_at_once_and_still_counted_while_redis_misbehaves(client, proxy, fault):
    """Security.md 23: the counting goes on in this process."""
    proxy.set(fault)
    guess = {"username": "root", "password": "a password of nobody"}
    answers = [soon(proxy, lambda: client.post("/sign-in", data=guess)).status_code for _guess in range(7)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_a_redis_that_was_silent_is_asked_again_after_a_moment(in_app, proxy, monkeypatch):
    monkeypatch.setattr(impatient, "LEFT_ALONE", 1.0)
    proxy.set(HANG)
    assert soon(proxy, lambda: [queue.problem() for _round in range(5)]) == ["Redis does not answer"] * 5
    proxy.set(PASS)
    proxy.drop()
    wait_until(lambda: queue.problem() is None)


def test_the_reaper_asks_in_every_round_whether_redis_is_well_again():
    assert impatient.LEFT_ALONE + ANSWERS_WITHIN < EVERY_SECONDS
