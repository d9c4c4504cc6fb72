"""An older release beside a newer one: it leaves to that what it does not know, and fails no page (tenancy.md T16)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from rq import Queue

import worker
from portal import clock, first_start, queue, redis_server
from portal.clock import now
from portal.extensions import db
from portal.kit import outbox
from portal.migrations import head
from portal.provisioning import operations
from portal.tenancy.current import OtherRelease, TenantGone
from portal.tenancy.registry import get_worked_on
from portal.tenancy.session import TENANT
from tests import on_postgres
from tests.provisioned import request_again, seen_operation, seen_tenant


@pytest.fixture
def city(hospital, in_app):
    """City General, inside an application context."""
    return hospital


def control_at(revision: str, serves_from: str | None) -> None:
    """The control database as another release has left it."""
    with db.engine.begin() as connection:
        at = {"revision": revision, "oldest": serves_from}
        standing = "UPDATE alembic_version_control SET version_num = :revision, serves_from = :oldest"
        connection.execute(sa.text(standing), at)


@pytest.mark.parametrize(
    ("revision", "oldest", "said"),
    [("9999", "0001", "ok"), ("9999", "9998", "at revision 9999"), ("0000", None, "at revision 0000")],
)
def test_readyz_knows_a_control_database_that_is_ahead_by_additions_only(in_app, client, revision, oldest, said):
    control_at(revision, oldest)
    assert client.get("/readyz").json["control_database"].startswith(said)


def test_an_older_release_starts_on_a_control_database_that_is_ahead_by_additions(in_app):
    control_at("9999", head("control"))
    first_start.ensure_control()
    control_at("9999", None)
    with pytest.raises(RuntimeError, match="revision 9999, which only a newer release knows"):
        first_start.ensure_control()


def newer_rows(*changes: str) -> None:
    """Change the control database's rows into what only a newer release writes."""
    if on_postgres.WANTED:
        on_postgres.drop_checks(on_postgres.CONTROL)
    with db.engine.begin() as connection:
        if not on_postgres.WANTED:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for changed in changes:
            connection.exec_driver_sql(f"UPDATE {changed}")


def test_a_word_that_only_a_newer_release_knows_fails_no_page(city, signed_in):
    operation_id = request_again(city.id, "verify")
    reference = seen_operation(operation_id).reference
    newer_rows(
        f"control_operation_step SET step = 'shine', state = 'gleaming' WHERE operation_id = {operation_id}",
        f"control_operation SET kind = 'polish', state = 'running' WHERE id = {operation_id}",
        "control_tenant SET status = 'shiny', mode = 'frozen'",
    )
    assert "Work of a newer release" in signed_in.page("/admin/operations/").text
    for path in ("/admin/hospitals/", "/admin/hospitals/city-general", f"/admin/operations/{reference}"):
        assert signed_in.page(path)
    with pytest.raises(TenantGone):
        get_worked_on("city-general")


@pytest.mark.parametrize(
    "changed",
    [
        "control_operation SET kind = 'polish'",
        "control_operation SET needs = '9999'",
        "control_operation_step SET step = 'shine'",
    ],
)
def test_work_that_only_a_newer_release_can_do_is_left_to_its_workers(city, changed):
    operation_id = request_again(city.id, "verify")
    newer_rows(f"{changed} WHERE {'operation_id' if 'step' in changed else 'id'} = {operation_id}")
    assert not operations.perform(operation_id)
    operations.reap()
    assert (seen_operation(operation_id).state, seen_operation(operation_id).attempt) == ("queued", 0)


def test_work_is_stamped_with_what_its_release_knows(city):
    operation_id = request_again(city.id, "verify")
    assert seen_operation(operation_id).needs == head(TENANT)
    assert operations.perform(operation_id)


def test_events_of_a_hospital_that_is_ahead_wait_for_a_newer_worker(city):
    newer_rows("control_tenant SET revision = '9999', serves_from = '9999'")
    with pytest.raises(OtherRelease):
        outbox.deliver("city-general")
    assert now() < seen_tenant(city.id).outbox_due_at <= now() + outbox.ELSEWHERE_AFTER


@pytest.fixture
def waiting(settings, in_app):
    """The queue in a real Redis."""
    server = redis_server.start(settings.instance_dir / "redis")
    yield Queue(queue.QUEUE, connection=queue.connection())
    server.stop()


@pytest.mark.parametrize("name", ["portal.provisioning.shine.polish", "portal.kit.outbox.polish"])
def test_a_job_that_only_a_newer_release_knows_is_left_to_its_worker_and_fails_nowhere(
    in_app, waiting, monkeypatch, name
):
    monkeypatch.setattr(worker, "SECONDS_FOR_OTHERS", 0)
    older = worker.make_worker(in_app, waiting.connection, queue.QUEUE)
    queue.enqueue(name, 7)
    queue.enqueue("portal.kit.outbox.deliver", "city-general")
    asked, known = waiting.job_ids

    job, _queue = Queue.dequeue_any([waiting], None, waiting.connection)
    older.execute_job(job, waiting)

    assert waiting.job_ids == [known, asked], "what the older worker can do comes first"
    assert (job.get_status(), waiting.failed_job_registry.count) == ("queued", 0)
    assert waiting.intermediate_queue.get_job_ids() == []
    assert not queue.is_of_another_release(waiting.fetch_job(known))


def test_a_job_that_no_worker_knew_for_a_while_fails_as_any_other(waiting):
    queue.enqueue("portal.kit.outbox.polish", "city-general")
    [job] = waiting.jobs
    assert queue.is_of_another_release(job)
    clock.move(timedelta(minutes=11))
    assert not queue.is_of_another_release(job)
