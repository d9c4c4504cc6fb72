"""The engine cache: who works with a hospital keeps its engine, the rest makes room, and all of it is bounded (T19)."""

import contextvars
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.auth.models import User
from portal.extensions import db
from portal.tenancy.current import TenantGone, in_hospital
from portal.tenancy.databases.base import ServerFull
from portal.tenancy.engines import Engines
from portal.tenancy.pools import Budget, SharedPool

USER = sa.select(User.username)
THREADS = 8


@pytest.fixture
def engines(in_app) -> Engines:
    """The open databases of this process."""
    return in_app.extensions["engines"]


@pytest.fixture
def budget() -> Budget:
    """Room for two connections to a server that is no more than an object."""
    return Budget(2)


class Connection:
    """As much of a driver's connection as a pool asks for."""

    def __init__(self):
        self.is_closed = False

    def close(self):
        self.is_closed = True

    def rollback(self):
        pass


@pytest.fixture
def pool(budget):
    """A maker of pools within the budget, one for each hospital."""
    return lambda creator=Connection, **options: SharedPool(creator, budget, **options)


def test_what_is_open_and_what_was_done_is_counted(engines, two_hospitals):
    engines.close()
    before = engines.figures()
    for hospital in (*two_hospitals, *two_hospitals):
        held = engines.lease(hospital)
        assert engines.figures()["leases"] == 1
        engines.end(held)
    with pytest.raises(TenantGone):
        engines.lease(replace(two_hospitals[0], mode="suspended"))
    after = engines.figures()
    assert (after["open_engines"], after["connections"], after["leases"]) == (1, 1, 0)
    done = {name: after[name] - before[name] for name in ("opened", "hits", "refused")}
    assert done == {"opened": 2, "hits": 2, "refused": 1}


def test_whoever_works_with_a_hospital_keeps_its_engine_and_lets_it_go_afterwards(engines, two_hospitals):
    city, lakeside = two_hospitals
    engines.close()
    engines.opened.largest = 1
    with in_hospital(city):
        db.session.scalar(USER)
        pool = db.session.get_bind(User).pool
        engines.get(lakeside, writing=False)
        assert (len(engines), pool.is_drained) == (2, False)
    assert pool.is_drained
    assert engines.figures()["evicted"] == 1
    assert (len(engines), engines.figures()["connections"]) == (1, 1)


def test_a_change_of_the_registry_opens_anew_while_the_old_engine_serves_its_last_user(engines, hospital):
    """T20: nobody is given the old engine any more; what it has open ends with its use."""
    engines.close()
    held = engines.lease(hospital)
    with held.reading.connect() as connection:
        fresh = engines.lease(replace(hospital, epoch=hospital.epoch + 1))
        assert fresh is not held
        assert connection.scalar(USER) == "city-general-admin"
        assert engines.figures()["connections"] == 2
    assert engines.figures()["connections"] == 1
    for lease in (held, fresh):
        engines.end(lease)
    assert engines.figures()["leases"] == 0


def test_a_request_and_a_session_hold_one_engine_until_they_end(app, engines, hospital, client_with):
    browser = client_with("patients.view")
    before = engines.figures()["leases"]
    answer = contextvars.Context().run(lambda: browser.get("/patients/"))  # outside this context, as requests are
    assert answer.status_code == 200
    assert engines.figures()["leases"] == before
    with in_hospital(hospital):
        db.session.scalar(USER)
        db.session.commit()
        db.session.scalar(USER)
        assert engines.figures()["leases"] == before + 1
    assert engines.figures()["leases"] == before


def test_what_nobody_uses_for_a_while_is_closed_and_opened_again_when_needed(engines, two_hospitals):
    city, lakeside = two_hospitals
    engines.close()
    engines.idle_seconds = 0.2
    held = engines.lease(city)
    engines.get(lakeside, writing=False)
    until = time.monotonic() + 30
    while (len(engines), engines.figures()["connections"], engines.figures()["idle_closed"]) != (1, 0, 2):
        assert time.monotonic() < until, engines.figures()
        time.sleep(0.02)
    assert engines.get(city, writing=False) is held.reading
    with held.reading.connect() as connection:
        assert connection.scalar(USER) == "city-general-admin"
    engines.end(held)


def test_eight_threads_in_more_hospitals_than_may_be_open_meet_no_error(engines, two_hospitals):
    """T19, in small: 8 threads, 2 hospitals, room for one engine and for fewer connections than threads."""
    engines.close()
    engines.opened.largest = 1
    budget = engines.databases().budget
    budget.most = 3
    seen, errors, most = set(), [], []

    def work(number: int) -> None:
        try:
            for turn in range(25):
                hospital = two_hospitals[(number + turn) % 2]
                held = engines.lease(hospital)
                with held.reading.connect() as connection:
                    seen.add((hospital.subdomain, connection.scalar(USER)))
                    most.append(budget.open)
                engines.end(held)
        except Exception as error:
            errors.append(error)

    files = len(list(Path("/proc/self/fd").iterdir()))
    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert seen == {("city-general", "city-general-admin"), ("lakeside", "lakeside-admin")}
    assert max(most) <= 3
    assert (len(engines), engines.figures()["leases"]) == (1, 0)
    assert len(list(Path("/proc/self/fd").iterdir())) <= files + 3 * 3


def test_the_connection_that_was_unused_for_longest_makes_room_whosever_it_is(pool, budget):
    city, lakeside, hilltop = pool(), pool(), pool()
    first = city.connect()
    driver = first.dbapi_connection
    first.close()
    lakeside.connect().close()
    third = hilltop.connect()
    assert driver.is_closed
    assert (city.checkedin(), lakeside.checkedin(), hilltop.checkedout(), budget.open) == (0, 1, 1, 2)
    third.close()


def test_whoever_finds_every_connection_in_use_waits_for_one(pool, budget):
    city, lakeside = pool(), pool()
    held, got = [city.connect(), city.connect()], []
    waiting = threading.Thread(target=lambda: got.append(lakeside.connect()))
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    held[0].close()
    waiting.join(10)
    assert budget.open == 2
    assert [one.is_valid for one in got] == [True]


def test_nobody_waits_for_ever(pool, monkeypatch):
    monkeypatch.setattr("portal.tenancy.pools.WAIT_SECONDS", 0.05)
    city = pool()
    held = [city.connect(), city.connect()]
    with pytest.raises(sa.exc.TimeoutError, match="all 2 connections"):
        city.connect()
    assert len(held) == 2


def test_a_connection_that_does_not_come_about_takes_no_room(pool, budget):
    def fail():
        raise OSError("the server is away")

    for _attempt in range(3):
        with pytest.raises(OSError, match="away"):
            pool(fail).connect()
    assert budget.open == 0


def test_a_full_server_is_given_back_what_this_process_does_not_use(pool, budget):
    """Other processes have the rest of the server's connections."""
    city = pool()
    first = city.connect()
    driver = first.dbapi_connection
    first.close()

    def create():
        if not driver.is_closed:
            raise ServerFull("too many clients")
        return Connection()

    assert pool(create, full=ServerFull).connect().is_valid
    assert budget.open == 1


def test_a_full_server_of_which_this_process_has_nothing_to_give_is_said(pool, budget):
    def create():
        raise ServerFull("too many clients")

    with pytest.raises(ServerFull):
        pool(create, full=ServerFull).connect()
    assert budget.open == 0


def test_what_was_in_use_when_its_pool_was_disposed_of_is_closed_when_it_comes_back(pool, budget):
    city = pool()
    used = city.connect()
    driver = used.dbapi_connection
    city.dispose()
    assert not driver.is_closed
    used.close()
    assert driver.is_closed
    city.connect().close()
    assert (city.checkedin(), budget.open) == (0, 0)


def test_what_is_listened_for_does_not_grow_with_every_engine_that_is_opened(in_app, hospital):
    """The engines of a server share a dialect, which keeps what one of them listens for when that is gone."""
    engines, kept = in_app.extensions["engines"], []
    for _time in range(3):
        kept.append(len(list(engines.get(hospital, writing=False).dialect.dispatch.handle_error)))
        engines.forget(hospital.uuid)
    assert kept[0] >= 1
    assert len(set(kept)) == 1
