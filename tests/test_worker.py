"""The real worker, the real reaper and the real Redis: work is done, survives kill -9 and is never lost."""

import fcntl
import os
import signal
import subprocess
import sys

import pytest
from redis import Redis
from rq import Queue

from portal import queue, redis_server
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import bulk, operations
from tests.processes import ROOT, environ_of, is_alive, wait_until
from tests.provisioned import files, folder, register, seen_operation, seen_tenant

WORKER = [sys.executable, "worker.py"]
REAPER = [sys.executable, "-m", "flask", "--app", "wsgi", "reap"]


@pytest.fixture
def server(settings):
    """An embedded Redis on this test's instance folder."""
    server = redis_server.start(settings.instance_dir / "redis")
    yield Redis.from_url(server.url)
    server.stop()


@pytest.fixture
def start(settings):
    """Starts one of the portal's processes on this test's folders; all end with the test."""
    environ = environ_of(settings)
    started = []

    def run(command: list[str]) -> subprocess.Popen:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL, process_group=0)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def has_ended_well(operation_id: int) -> bool:
    """The operation succeeded; fails at once when it ended otherwise."""
    operation = seen_operation(operation_id)
    assert operation.state in ("queued", "running", "succeeded"), operation.error
    return operation.state == "succeeded"


def test_queued_work_is_done_within_seconds_also_when_redis_forgot_everything(in_app, server, start):
    forgotten, other = register()[1], register("lakeside", "Lakeside Clinic")[1]
    assert queue.wake(forgotten)
    assert queue.wake(other)
    server.flushall()
    start(WORKER)
    start(REAPER)
    for operation_id in (forgotten, other):
        wait_until(lambda number=operation_id: has_ended_well(number), 30)
    assert queue.has_worker()

    tenant_id, operation_id = register("riverside", "Riverside Hospital")
    assert queue.wake(operation_id)
    wait_until(lambda: has_ended_well(operation_id), 5)
    assert seen_operation(operation_id).attempt == 1
    assert seen_tenant(tenant_id).status == "ready"


@pytest.fixture
def no_template(in_app):
    """The next creation migrates, and keeps a template at the end: that waits while somebody holds its lock."""
    for path in folder().glob("template_*"):
        path.unlink()
    with open(folder() / ".template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def test_a_worker_killed_in_a_long_step_is_noticed_within_a_minute_and_another_finishes(
    in_app, server, start, no_template
):
    tenant_id, operation_id = register()
    assert queue.wake(operation_id)
    worker = start(WORKER)
    start(REAPER)
    wait_until(
        lambda: any(row.step == "modules" and row.state == "running" for row in seen_operation(operation_id).steps), 30
    )
    horse = int(seen_operation(operation_id).worker.rpartition(":")[2])
    assert horse != worker.pid

    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(horse), 5)
    assert seen_operation(operation_id).state == "running", "nobody has noticed yet"
    fcntl.flock(no_template, fcntl.LOCK_UN)
    start(WORKER)
    wait_until(lambda: has_ended_well(operation_id), 45)
    assert seen_operation(operation_id).attempt == 2
    assert seen_tenant(tenant_id).status == "ready"
    assert files() == {"hospital_city-general.db"}
    assert operations.reap() == []


def test_what_one_person_asks_for_is_done_before_the_rest_of_a_batch(in_app, server, start):
    many = [register(f"clinic-{number}", f"Clinic {number}", with_database=False)[0] for number in range(6)]
    asked = bulk.request_all([db.session.get(Tenant, one) for one in many], "verify", "verify_hospital", None)
    db.session.commit()
    in_batch = [operation.id for operation in asked.operations]
    operation_id = register()[1]
    assert queue.wake(operation_id)
    operations.reap()
    assert [Queue(name, connection=server).count for name in (queue.QUEUE, queue.BATCH)] == [1, 1]
    start(WORKER)
    wait_until(lambda: all(has_ended_well(one) for one in (operation_id, *in_batch)), 60)
    first = seen_operation(operation_id).started_at
    assert all(first < seen_operation(one).started_at for one in in_batch)


def test_a_batch_that_redis_forgot_is_asked_for_again_in_its_own_queue(in_app, server):
    register()
    other = register("lakeside", "Lakeside Clinic", with_database=False)[0]
    bulk.request_all([db.session.get(Tenant, other)], "verify", "verify_hospital", None)
    db.session.commit()
    server.flushall()
    operations.reap()
    assert [Queue(name, connection=server).count for name in (queue.QUEUE, queue.BATCH)] == [1, 1]


def test_checks_of_a_batch_share_a_job_and_give_way_to_who_asks_for_one(in_app, server):
    many = [register(f"clinic-{number}", f"Clinic {number}", with_database=False)[0] for number in range(25)]
    tenants = [db.session.get(Tenant, one) for one in many]
    ids = [one.id for one in bulk.request_all(tenants, "verify", "verify_hospital", None).operations]
    db.session.commit()
    db.session.rollback()
    waiting = Queue(queue.BATCH, connection=server)
    assert [job.args for job in waiting.jobs] == [tuple(ids[:20]), tuple(ids[20:])]
    assert queue.wake(register()[1])
    operations.perform_each(*ids[:20])
    assert [seen_operation(one).state for one in ids[:3]] == ["succeeded", "queued", "queued"]
    assert waiting.jobs[-1].args == tuple(ids[1:20])
    server.delete(Queue(queue.QUEUE, connection=server).key)
    operations.perform_each(*ids[1:20])
    assert [seen_operation(one).state for one in ids].count("succeeded") == 20


def test_creations_of_a_batch_are_one_job_each(in_app, server):
    many = [register(f"clinic-{number}", f"Clinic {number}", with_database=False)[0] for number in range(3)]
    tenants = [db.session.get(Tenant, one) for one in many]
    ids = [one.id for one in bulk.request_all(tenants, "create", "create_database", None).operations]
    db.session.commit()
    assert [job.args for job in Queue(queue.BATCH, connection=server).jobs] == [(one,) for one in ids]
