"""The log of an operation: what was logged while it ran, bounded, there after a kill, and never with what rows hold."""

import io
import json
import sqlite3
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa
import structlog

from portal import clock, logs, queue, redis_server
from portal.provisioning import ledger, operations, verify
from portal.provisioning.fresh import FreshDatabase
from portal.provisioning.ledger import Ledger
from tests.consoles import tenant_of
from tests.provisioned import change, database, register, request_again, seen_operation

log = structlog.get_logger("somebody else")


@pytest.fixture
def printed(in_app, monkeypatch):
    """What the portal prints on standard error."""
    heard = io.StringIO()
    with monkeypatch.context() as context:
        context.setattr(sys, "stderr", heard)
        logs.install()
        yield heard
    logs.install()


def events(operation_id: int) -> list[str]:
    """What the operation's log says, without times, levels and values."""
    return [line.split()[2] for line in seen_operation(operation_id).log.splitlines()]


def test_an_operation_keeps_what_was_logged_while_it_ran(in_app):
    _tenant_id, operation_id = register()
    log.info("before_it")
    assert operations.perform(operation_id)
    log.info("after_it")
    kept = seen_operation(operation_id).log
    assert events(operation_id) == [
        "operation_begun", *["step_begun"] * 3, "modules_done", *["step_begun"] * 2, "operation_succeeded",
    ]  # fmt: skip
    first = kept.splitlines()[0]
    assert first.partition(" ")[2].startswith("info operation_begun kind=create attempt=1 worker=")
    assert "step=check" in kept


def test_what_others_log_meanwhile_is_kept_too_also_from_the_heartbeat(in_app, monkeypatch):
    _tenant_id, operation_id = register()
    monkeypatch.setattr(ledger, "BEAT_SECONDS", 0.01)
    real, beats = Ledger.beat, []

    def busy_once(self):
        beats.append(True)
        if len(beats) == 1:
            raise sa.exc.OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
        real(self)

    def slow(_work):
        log.warning("disk_is_slow", milliseconds=40)
        while len(beats) < 2:
            clock.now()

    monkeypatch.setattr(Ledger, "beat", busy_once)
    grant = FreshDatabase.stamp_and_grant
    monkeypatch.setattr(FreshDatabase, "stamp_and_grant", lambda work: (slow(work), grant(work)))
    assert operations.perform(operation_id)
    kept = seen_operation(operation_id).log
    assert "warning disk_is_slow milliseconds=40" in kept
    assert 'warning beat_missed error="database is locked"' in kept


def test_the_log_of_one_operation_holds_nothing_of_another(in_app):
    first, second = register()[1], register("lakeside", "Lakeside Clinic")[1]
    assert operations.perform(first)
    assert operations.perform(second)
    for operation_id in (first, second):
        assert events(operation_id).count("operation_begun") == 1


def test_an_error_is_one_line_with_where_it_happened_and_the_whole_of_it_is_on_standard_error(
    in_app, monkeypatch, printed
):
    _tenant_id, operation_id = register()

    def full(_work):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FreshDatabase, "copy", full)
    assert operations.perform(operation_id)
    [line] = [line for line in seen_operation(operation_id).log.splitlines() if "step_failed" in line]
    assert "error step_failed step=build" in line
    assert "OSError: [Errno 28] No space left on device (full test_operation_log.py:" in line
    assert "< run create.py:" in line
    told = [json.loads(line) for line in printed.getvalue().splitlines()]
    [error] = [one for one in told if one["event"] == "step_failed"]
    assert error["operation"] == seen_operation(operation_id).reference
    assert error["exception"][0]["exc_type"] == "OSError"


def test_the_log_never_quotes_a_name_that_a_driver_stumbled_over(in_app, hospital, monkeypatch, printed):
    change(database(), "UPDATE core_hospitalprofile SET name = CAST(x'4a6f686ee9' AS TEXT)")
    real = verify.examine_engine

    def reading(engine, *args, **how):
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT name FROM core_hospitalprofile").all()
        return real(engine, *args, **how)

    monkeypatch.setattr(verify, "examine_engine", reading)
    operation_id = request_again(tenant_of("city-general").id, "verify")
    assert operations.perform(operation_id)
    for text in (seen_operation(operation_id).log, printed.getvalue()):
        assert "Could not decode to UTF-8 column 'name'" in text
        assert "John" not in text


def test_the_statement_and_its_values_stay_out_of_the_log(in_app, monkeypatch):
    _tenant_id, operation_id = register()

    def refused(_work):
        raise sa.exc.IntegrityError("INSERT INTO patients_patient VALUES (?)", ("Ines Moreau",), Exception("UNIQUE"))

    monkeypatch.setattr(FreshDatabase, "stamp_and_grant", refused)
    assert operations.perform(operation_id)
    kept = seen_operation(operation_id).log
    assert "IntegrityError" in kept
    assert "Ines" not in kept
    assert "INSERT" not in kept


def test_a_long_log_keeps_its_newest_lines_in_32_kib_and_says_that_it_was_cut(in_app, monkeypatch):
    _tenant_id, operation_id = register()

    def chatty(_work):
        for number in range(2000):
            log.info("module_read", number=number, name="à" * 20)

    monkeypatch.setattr(FreshDatabase, "set_up_modules", chatty)
    assert operations.perform(operation_id)
    kept = seen_operation(operation_id).log
    assert 30_000 < len(kept.encode()) <= logs.LONGEST_LOG
    lines = kept.splitlines()
    assert lines[0] == logs.DROPPED
    assert lines[1].startswith("20"), "lines are cut off whole"
    assert "number=1999" in kept
    assert lines[-1].split()[2] == "operation_succeeded"


@pytest.mark.parametrize("text", ["x" * 100_000, "é" * 100_000, "a\nb" * 30_000])
def test_one_line_is_never_the_whole_log(text):
    lines = logs.Lines("an older line")
    lines.add(logs.line_of("info", "said", text=text))
    assert lines.text.count("\n") == 1
    assert len(lines.text.encode()) < logs.LONGEST_LOG
    assert lines.text.endswith(logs.DROPPED)


def test_a_log_that_is_taken_up_again_is_cut_at_the_same_size():
    lines = logs.Lines("\n".join(f"{number:08}" + "x" * 92 for number in range(500)))
    for number in range(500, 505):
        lines.add(f"{number:08}" + "x" * 92)
        assert len(lines.text.encode()) <= logs.LONGEST_LOG
        assert lines.text.count(logs.DROPPED) == 1
    assert "00000504" in lines.text


def test_a_killed_worker_leaves_its_lines_up_to_its_last_step_and_the_next_one_goes_on(in_app, kill, later):
    _tenant_id, operation_id = register()
    assert kill(operation_id, 9, "all") == "killed"
    left = events(operation_id)
    assert left[:2] == ["operation_begun", "step_begun"]
    begun = [row.step for row in seen_operation(operation_id).steps if row.state == "running" and not row.module]
    assert begun
    assert f"step_begun step={begun[-1]}" in seen_operation(operation_id).log
    assert operations.reap() == [operation_id]
    assert "warning worker_lost attempt=1 state=queued" in seen_operation(operation_id).log
    assert operations.perform(operation_id)
    told = events(operation_id)
    assert told[: len(left)] == left
    assert told[len(left)] == "worker_lost"
    assert told[len(left) + 1] == "operation_begun"
    assert told[-1] == "operation_succeeded"
    assert "attempt=2" in seen_operation(operation_id).log


def test_an_attempt_that_lost_its_lease_writes_no_line_into_the_log_of_the_next(in_app):
    _tenant_id, operation_id = register()
    stale, _build = Ledger.claim(operation_id, "a worker that stops", "build_1")
    clock.move(timedelta(seconds=60))
    operations.reap()
    assert operations.perform(operation_id)
    before = seen_operation(operation_id).log
    stale.lines.add("a line of the dead")
    with pytest.raises(ledger.LostLease):
        stale.begin("build")
    assert seen_operation(operation_id).log == before


def test_the_log_takes_no_transaction_of_its_own(in_app, count_queries):
    _tenant_id, operation_id = register()
    with count_queries() as statements:
        assert operations.perform(operation_id)
    writes = [text for text in statements if text.startswith("UPDATE control_operation SET") and "log=" in text]
    fences = [text for text in statements if text.startswith("UPDATE control_operation SET lease_until")]
    assert 1 < len(writes) <= len(fences)
    assert set(writes) <= set(fences), "a line travels with a write that is there anyway"


@pytest.fixture
def server(settings):
    """A real Redis on this test's instance folder."""
    server = redis_server.start(settings.instance_dir / "redis")
    yield server
    server.stop()


def limits() -> dict[str, int]:
    """How many seconds each waiting job may take, by its function's name."""
    from rq import Queue

    connection = queue.connection()
    jobs = [job for name in (queue.QUEUE, queue.IDLE) for job in Queue(name, connection=connection).jobs]
    return {job.func_name.rpartition(".")[2]: job.timeout for job in jobs}


def test_an_operation_may_take_as_long_as_it_takes_and_other_jobs_have_limits(in_app, server):
    operation_id = register()[1]
    assert queue.wake(operation_id)
    assert queue.enqueue("portal.kit.outbox.deliver", "city-general")
    assert queue.enqueue_idle("portal.provisioning.watch.look", 1)
    assert limits() == {"perform": -1, "deliver": 600, "look": 6 * 3600}
    assert queue.enqueue("portal.provisioning.retention.hourly", limit=queue.LONG_LIMIT)
    assert limits()["hourly"] == 6 * 3600
