"""Redis is killed and comes back empty, or is flushed, while work waits or is under way: it is done, and done once.

Tenancy.md T9; security.md 32. What the queue forgot the reaper asks for again, because the control database knows it.
"""

import os
import signal

import pytest

from portal import queue
from portal.extensions import db
from tests.consoles import ANSWERS, operations_of
from tests.processes import is_alive, wait_until
from tests.provisioned import files, seen_operation, seen_tenant

NEW = "/admin/hospitals/new"


@pytest.fixture
def worker(running):
    """A real worker that waits for work, and the real reaper beside it."""
    running.start("reap")
    return running.start("worker")


def killed(running) -> None:
    """kill -9, and an empty one in its place."""
    running.lose_redis()


def flushed(running) -> None:
    """FLUSHALL, by whoever may."""
    with queue.connection(patient=True) as client:
        client.flushall()


def is_waiting_at_redis() -> bool:
    """The worker has nothing to do, and listens."""
    with queue.connection(patient=True) as client:
        return client.info("clients")["blocked_clients"] > 0


def asked_for(signed_in, subdomain: str) -> int:
    """Somebody asks for a hospital on the page: the operation's id."""
    own = {"subdomain": subdomain, "admin_username": subdomain, "admin_email": f"{subdomain}@portal.test"}
    assert signed_in.post(NEW, data=ANSWERS | own).status_code == 303
    return asked_once(subdomain)


def asked_once(subdomain: str) -> int:
    """The one operation there is of this hospital."""
    [operation_id] = [operation.id for operation in operations_of(subdomain)]
    db.session.rollback()
    return operation_id


def assert_done_once(operation_id: int) -> None:
    """The hospital is Ready, and only one worker ever did the work, also when the queue is empty again."""
    wait_until(lambda: not seen_operation(operation_id).is_active, 60)
    wait_until(lambda: queue.is_empty() and not any(one.job for one in queue.look().workers), 60)
    operation = seen_operation(operation_id)
    assert (operation.state, operation.attempt, operation.error) == ("succeeded", 1, None)
    assert operation.log.count("operation_begun") == 1
    assert seen_tenant(operation.tenant_id).status == "ready"
    assert asked_once(operation.tenant.subdomain) == operation_id


def test_what_redis_forgot_before_a_worker_took_it_is_done_once(in_app, signed_in, running, worker):
    for lose in (killed, flushed):
        wait_until(is_waiting_at_redis, 30)
        wait_until(queue.has_worker)  # also in a Redis that had forgotten it
        os.kill(worker, signal.SIGSTOP)  # it does not notice
        operation_id = asked_for(signed_in, f"clinic-{lose.__name__}")
        lose(running)
        assert seen_operation(operation_id).state == "queued"
        os.kill(worker, signal.SIGCONT)
        assert_done_once(operation_id)
        assert is_alive(worker)


def test_what_redis_forgot_while_a_worker_was_at_it_is_done_once(in_app, signed_in, running, worker):
    for lose in (killed, flushed):
        running.hold("modules during")
        operation_id = asked_for(signed_in, f"clinic-{lose.__name__}")
        running.held()
        lose(running)
        running.go_on()
        assert_done_once(operation_id)
        assert is_alive(worker)
        wait_until(queue.has_worker)
    assert files() == {"hospital_clinic-killed.db", "hospital_clinic-flushed.db"}


def test_work_that_is_under_way_goes_on_while_redis_is_away(in_app, signed_in, running, worker):
    """The worker looks after its work horse every five seconds, and cannot tell Redis."""
    running.hold("modules during")
    operation_id = asked_for(signed_in, "clinic-3")
    horse = running.held()
    running.redis.process.kill()
    for _beat in range(3):  # of three seconds each
        lease = seen_operation(operation_id).lease_until
        wait_until(lambda before=lease: seen_operation(operation_id).lease_until > before)
    assert is_alive(worker)
    assert is_alive(horse)
    running.lose_redis()
    running.go_on()
    assert_done_once(operation_id)
    assert is_alive(worker)
