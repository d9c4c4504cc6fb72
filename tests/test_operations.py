"""Operations: one at a time, by one executor, never forgotten, and given up only after three dead workers."""

import errno
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from portal import clock, queue
from portal.control.models import AuditEntry, Operation, Tenant, User
from portal.extensions import db
from portal.provisioning import asking, ledger, operations, verify
from portal.provisioning.create import Create
from portal.provisioning.fresh import FreshDatabase
from portal.provisioning.ledger import Heartbeat, Ledger, LostLease
from portal.tenancy.databases.base import ServerAway
from tests.consoles import ANSWERS
from tests.provisioned import (
    answer_of,
    assert_consistent,
    database,
    files,
    register,
    request_again,
    seen_operation,
    seen_tenant,
    step_states,
    which,
)

LONGER_THAN_A_LEASE = ledger.LEASE + timedelta(seconds=1)
NEW = "/admin/hospitals/new"
REFUSING = pytest.mark.parametrize(
    "refusal", [OSError(errno.EROFS, "Read-only file system"), ServerAway("connection refused")], ids=["disk", "server"]
)


def at_once(count: int, work) -> list:
    """What `work(number)` answers in as many threads, all let go at the same moment."""
    gate = threading.Barrier(count)

    def run(number: int):
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def browsers(app, count: int) -> list:
    """As many browsers, each signed in as the superuser."""
    with app.app_context():
        user = db.session.scalar(sa.select(User).where(User.username == "root"))
        made = [app.test_client() for _ in range(count)]
        for browser in made:
            browser.sign_in_as(user)
    return made


def answers(number: int, **changes) -> dict:
    """A form's answers with an administrator of its own."""
    own = {"admin_username": f"grace{number}", "admin_email": f"grace{number}@lakeside.test"}
    return {**ANSWERS, **own, "form_token": str(uuid4()), **changes}


def test_of_twenty_who_claim_an_operation_one_gets_it(app, in_app):
    _tenant_id, operation_id = register()

    def claim(number: int):
        with app.app_context():
            return Ledger.claim(operation_id, f"worker {number}", f"build_{number}")

    assert sum(claimed is not None for claimed in at_once(20, claim)) == 1
    assert seen_operation(operation_id).attempt == 1


def test_ten_people_who_create_one_subdomain_at_once_get_one_hospital_and_nine_refusals(app):
    people = browsers(app, 10)
    got = at_once(10, lambda number: people[number].post(NEW, data=answers(number)))

    assert sorted(answer.status_code for answer in got) == [303] + [422] * 9
    taken = "“lakeside” is already used by another hospital. Choose a different subdomain"
    assert all(taken in answer.text for answer in got if answer.status_code == 422)
    with app.app_context():
        operation_id = db.session.scalars(sa.select(Operation.id)).one()
        tenant_id = db.session.scalars(sa.select(Tenant.id)).one()
        created = sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.action == "create_hospital")
        assert db.session.scalar(created) == 1
        assert db.session.scalar(sa.select(sa.func.count(User.id)).where(User.role == "hospital_admin")) == 1
        assert operations.perform(operation_id)
        assert seen_tenant(tenant_id).status == "ready"
        assert files() == {"hospital_lakeside.db"}


def test_the_same_form_sent_ten_times_at_once_leads_to_the_same_hospital(app):
    people, form = browsers(app, 10), answers(1)
    got = at_once(10, lambda number: people[number].post(NEW, data=form))
    assert {(answer.status_code, answer.location) for answer in got} == {(303, "/admin/hospitals/lakeside")}
    with app.app_context():
        assert len(db.session.scalars(sa.select(Tenant.id)).all()) == 1
        assert len(db.session.scalars(sa.select(Operation.id)).all()) == 1


def test_ten_hospitals_asked_for_and_made_at_once_are_all_ready(app, capsys):
    people = browsers(app, 10)

    def create(number: int) -> int:
        answer = people[number].post(NEW, data=answers(number, subdomain=f"clinic-{number}"))
        with app.app_context():
            tenant_id = db.session.scalar(sa.select(Tenant.id).where(Tenant.subdomain == f"clinic-{number}"))
            operation_id = asking.find_active(tenant_id).id
            assert operations.perform(operation_id)
        return answer.status_code

    assert at_once(10, create) == [303] * 10
    with app.app_context():
        assert list(db.session.scalars(sa.select(Tenant.status))) == ["ready"] * 10
        assert list(db.session.scalars(sa.select(Operation.attempt))) == [1] * 10
        assert files() == {f"hospital_clinic-{number}.db" for number in range(10)}
    assert "database is locked" not in capsys.readouterr().err


@pytest.mark.parametrize("where", ["copy", "set_up_modules", "stamp_and_grant", "check_and_publish", "examine_engine"])
def test_an_attempt_that_lost_its_lease_writes_and_publishes_nothing_more(in_app, app, monkeypatch, where):
    tenant_id, operation_id = register()
    owner = {"examine_engine": verify, "check_and_publish": Create}.get(where, FreshDatabase)
    real, second = getattr(owner, where), []

    def overtaken(*args, **more):
        answer = real(*args, **more) if where != "check_and_publish" else None
        if not second:
            second.append(True)
            clock.move(LONGER_THAN_A_LEASE)
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
            second.append(which(database()))
        return real(*args, **more) if where == "check_and_publish" else answer

    monkeypatch.setattr(owner, where, overtaken)
    assert operations.perform(operation_id)

    operation = seen_operation(operation_id)
    assert (operation.state, operation.attempt, operation.error) == ("succeeded", 2, None)
    assert set(step_states(operation).values()) == {"done"}
    assert seen_tenant(tenant_id).status == "ready"
    assert files() == {"hospital_city-general.db"}
    assert which(database()) == second[1]
    assert_consistent(operation)


def test_every_write_of_an_attempt_that_lost_its_lease_is_refused(in_app):
    tenant_id, operation_id = register()
    stale, _build = Ledger.claim(operation_id, "a worker that stops", "build_1")
    stale.begin("reserve")
    clock.move(LONGER_THAN_A_LEASE)
    operations.reap()
    fresh, build = Ledger.claim(operation_id, "another", "build_2")
    assert (fresh.attempt, build) == (2, "build_1")
    for write in (
        lambda: stale.begin("build"),
        lambda: stale.module_states(["core"], "staff"),
        lambda: stale.say("something"),
        lambda: stale.succeed(tenant_id, {"status": "ready"}),
        lambda: stale.fail(tenant_id, "It did not work.", {"status": "missing"}),
        stale.beat,
    ):
        with pytest.raises(LostLease):
            write()
    assert seen_operation(operation_id).state == "running"
    assert set(step_states(seen_operation(operation_id)).values()) == {"waiting"}
    assert seen_tenant(tenant_id).status == "unknown"


def test_a_dead_workers_operation_is_queued_twice_and_then_interrupted_with_a_retry_that_works(in_app, app):
    tenant_id, operation_id = register()
    for attempt in (1, 2, 3):
        assert Ledger.claim(operation_id, "a worker that dies", f"build_{attempt}")
        assert operations.reap() == [], "its lease still runs"
        clock.move(LONGER_THAN_A_LEASE)
        assert operations.reap() == [operation_id]
        operation = seen_operation(operation_id)
        assert (operation.state, operation.attempt) == ("queued" if attempt < 3 else "interrupted", attempt)

    assert operation.error == "The background worker stopped 3 times during this work."
    assert_consistent(operation)
    assert (seen_tenant(tenant_id).status, seen_tenant(tenant_id).reason) == (
        "missing",
        "The database cannot be found.",
    )
    assert operations.reap() == []
    retry = request_again(tenant_id)
    assert retry != operation_id
    assert operations.perform(retry)
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app).status_code == 302


def test_a_dead_worker_is_noticed_within_a_minute():
    from portal.cli.reap import EVERY_SECONDS

    assert ledger.LEASE.total_seconds() + EVERY_SECONDS < 60
    assert ledger.LEASE.total_seconds() > ledger.BEAT_SECONDS * 3


@pytest.mark.sqlite
def test_the_reaper_removes_what_a_dead_worker_was_building(in_app):
    _tenant_id, operation_id = register()
    Ledger.claim(operation_id, "a worker that dies", "build_1")
    for name in ("build_1", "build_1-wal", "build_1-shm", "build_1-journal"):
        database().with_name(name).touch()
    clock.move(LONGER_THAN_A_LEASE)
    operations.reap()
    assert files() == set()


@pytest.mark.sqlite
def test_the_sweep_removes_old_builds_that_nobody_owns_and_no_others(in_app, monkeypatch):
    _tenant_id, operation_id = register()
    Ledger.claim(operation_id, "a worker", "build_owned")
    for name in ("build_owned", "build_fresh", "build_old", "build_old-wal"):
        database().with_name(name).touch()
    databases = in_app.extensions["engines"].databases()
    monkeypatch.setattr(databases, "age", lambda name: 5 if name == "build_fresh" else 700)
    assert operations.sweep() == ["build_old"]
    assert files() == {"build_owned", "build_fresh"}


def test_what_waits_is_woken_again_when_the_queue_forgot_it(in_app, monkeypatch):
    _tenant_id, operation_id = register()
    woken = []
    monkeypatch.setattr(queue, "is_empty", lambda queue: True)
    monkeypatch.setattr(queue, "wake", lambda operation_id: woken.append(operation_id) or True)
    operations.reap()
    assert woken == [operation_id]
    Ledger.claim(operation_id, "a worker", "build_1")
    operations.reap()
    assert woken == [operation_id], "what is being worked on needs no waking"


def test_an_operation_of_a_batch_that_breaks_off_stops_none_of_the_others(in_app, monkeypatch):
    ids = [register(name, name, with_database=False)[0] for name in ("clinic-1", "clinic-2", "clinic-3")]
    checks = [request_again(one, "verify") for one in ids]
    really = operations.perform
    monkeypatch.setattr(operations, "perform", lambda one: 1 / 0 if one == checks[1] else really(one))
    operations.perform_each(*checks)
    assert [seen_operation(one).state for one in checks] == ["succeeded", "queued", "succeeded"]


@REFUSING
def test_what_cannot_be_taken_back_does_not_hide_why_the_work_failed(in_app, monkeypatch, refusal):
    _tenant_id, operation_id = register("clinic-1", "Clinic 1")

    def full(_work):
        raise OSError(errno.ENOSPC, "No space left on device")

    def refused(_work):
        raise refusal

    with monkeypatch.context() as broken:
        broken.setattr(Create, "run", full)
        broken.setattr(Create, "undo", refused)
        assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.state, "The disk is full." in operation.error) == ("failed", True)


@REFUSING
def test_a_disk_or_a_server_that_lets_nothing_go_does_not_stop_the_reaper(in_app, monkeypatch, refusal):
    ids = [register(name, name)[1] for name in ("clinic-1", "clinic-2")]
    for operation_id in ids:
        Ledger.claim(operation_id, "a worker that dies", f"build_{operation_id}")
    clock.move(LONGER_THAN_A_LEASE)

    def refused(name):
        raise refusal

    with monkeypatch.context() as broken:
        broken.setattr(in_app.extensions["engines"].databases(), "discard", refused)
        assert operations.reap() == ids
    assert [seen_operation(operation_id).state for operation_id in ids] == ["queued", "queued"]
    assert all(operations.perform(operation_id) for operation_id in ids)
    assert [seen_operation(operation_id).state for operation_id in ids] == ["succeeded", "succeeded"]


def test_a_redis_that_goes_away_between_two_wakes_holds_the_reaper_up_only_once(in_app, monkeypatch):
    for number in range(5):
        register(f"clinic-{number}", f"Clinic {number}")
    asked = []
    monkeypatch.setattr(queue, "is_empty", lambda queue: True)
    monkeypatch.setattr(queue, "wake", lambda operation_id: asked.append(operation_id))
    operations.reap()
    assert len(asked) == 1


def test_somebody_who_finishes_an_operation_takes_over_from_a_dead_worker(in_app):
    tenant_id, operation_id = register()
    Ledger.claim(operation_id, "a worker that dies", "build_1")
    threading.Timer(0.3, clock.move, [LONGER_THAN_A_LEASE]).start()
    operations.finish(operation_id)
    assert (seen_operation(operation_id).state, seen_operation(operation_id).attempt) == ("succeeded", 2)
    assert seen_tenant(tenant_id).status == "ready"


@pytest.fixture
def hanging_redis(settings):
    """A Redis that accepts and never answers."""
    path = settings.socket_url.removeprefix("unix://")
    (settings.instance_dir / "redis").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(64)
        yield


def create_and_look(browser) -> tuple[int, str, float]:
    """Create a hospital and open its page; answers with the status, what is read there and the seconds of the POST."""
    started = time.monotonic()
    answer = browser.post(NEW, data=ANSWERS)
    seconds = time.monotonic() - started
    return answer.status_code, browser.page(answer.location).text, seconds


def test_without_redis_the_operation_waits_and_the_page_says_so(signed_in, app):
    status, text, seconds = create_and_look(signed_in)
    assert (status, seconds < 3) == (303, True)
    assert "The work has not started. The queue cannot be reached." in text
    with app.app_context():
        assert list(db.session.scalars(sa.select(Operation.state))) == ["queued"]


def test_a_redis_that_hangs_delays_nobody_for_long(hanging_redis, signed_in):
    status, text, seconds = create_and_look(signed_in)
    assert (status, seconds < 3) == (303, True)
    assert "The work has not started. The queue cannot be reached." in text


@pytest.fixture
def short_leases(monkeypatch):
    """Leases of half a second, kept by a beat every twentieth."""
    monkeypatch.setattr(ledger, "LEASE", timedelta(seconds=0.5))
    monkeypatch.setattr(ledger, "BEAT_SECONDS", 0.05)


def test_a_step_that_is_longer_than_a_lease_is_kept_alive_by_the_heartbeat(in_app, app, monkeypatch, short_leases):
    tenant_id, operation_id = register()
    real, reaped = FreshDatabase.stamp_and_grant, []

    def slow(work):
        until = time.monotonic() + 1.2
        while time.monotonic() < until:
            reaped.extend(operations.reap())
            time.sleep(0.1)
        real(work)

    monkeypatch.setattr(FreshDatabase, "stamp_and_grant", slow)
    assert operations.perform(operation_id)
    assert reaped == []
    assert (seen_operation(operation_id).attempt, seen_tenant(tenant_id).status) == (1, "ready")


def test_a_beat_that_meets_a_busy_control_database_is_made_up_for_by_the_next(in_app, app, monkeypatch, short_leases):
    _tenant_id, operation_id = register()
    held, _build = Ledger.claim(operation_id, "a worker", "build_1")
    beats, real = [], held.beat

    def busy_once():
        beats.append(True)
        if len(beats) == 1:
            raise sa.exc.OperationalError("UPDATE", {}, Exception("database is locked"))
        real()

    monkeypatch.setattr(held, "beat", busy_once)
    with Heartbeat(held, app):
        time.sleep(1)
        assert operations.reap() == []
    assert len(beats) > 3
