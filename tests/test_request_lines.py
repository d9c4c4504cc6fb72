"""Each request leaves one line that names nobody, and its reference goes with it: to its page, its work, workers."""

import io
import json
import logging
import logging.config
import sys
from dataclasses import replace

import pytest
import sqlalchemy as sa
import structlog
from redis import Redis
from rq import Queue

import worker
from portal import clock, create_app, logs, queue, redis_server, request_ids
from portal.control.models import AuditEntry, Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, operations
from tests.conftest import shut
from tests.consoles import tenant_of
from tests.provisioned import seen_operation
from tests.test_operations import NEW, answers

UUID_LENGTH = 36


@pytest.fixture
def lines(app, monkeypatch):
    """What the portal has logged so far, line by line, with a line for each request."""
    heard = io.StringIO()
    app.extensions["settings"] = replace(app.extensions["settings"], request_lines=True)
    with monkeypatch.context() as context:
        context.setattr(sys, "stderr", heard)
        logs.install()
        yield lambda event=None: [
            line for line in map(json.loads, heard.getvalue().splitlines()) if event in (None, line["event"])
        ]
    logs.install()
    structlog.contextvars.clear_contextvars()


def test_a_line_says_which_page_how_it_ended_and_of_which_hospital(client_with, hospital, lines):
    client_with("patients.view").get("/patients/?q=Smith")
    [line] = lines("request")
    about = {name: line[name] for name in ("method", "route", "status", "hospital")}
    assert about == {"method": "GET", "route": "/patients/", "status": 200, "hospital": hospital.uuid}
    assert line["ms"] > 0
    assert len(line["request_id"]) == UUID_LENGTH


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/invitation/a-secret-word", "/invitation/<token>"),
        ("/no-such-page/a-secret-word", "?"),
        ("/sign-in?next=/a-secret-word", "/sign-in"),
    ],
)
def test_a_line_never_holds_what_stands_in_an_address(client, lines, path, route):
    client.get(path, headers={"User-Agent": "a-secret-word", "Referer": "http://a-secret-word/"})
    [line] = lines("request")
    assert line["route"] == route
    assert "secret" not in json.dumps(line)


def test_a_line_names_nobody(client_with, hospital, lines):
    client_with("patients.view", username="leila").get("/patients/")
    [line] = lines("request")
    known = {"method", "route", "status", "ms", "hospital", "event", "request_id", "level", "timestamp"}
    assert set(line) == known


def test_a_hospital_that_is_closed_is_named_and_one_that_is_not_there_is_not(app, hospital, lines):
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(mode="maintenance"))
        db.session.commit()
    app.extensions["registry"].forget()
    browser = app.test_client(hospital=hospital)
    assert browser.get("/").status_code == 503
    assert browser.get("/", base_url="http://nobody.localhost:8000").status_code == 404
    assert [line.get("hospital") for line in lines("request")] == [hospital.uuid, None]


def test_files_of_the_page_and_lines_that_nobody_wants_are_not_said(app, client, lines):
    client.get("/static/app.css").close()
    client.get("/metrics")
    assert lines("request") == []
    client.get("/static/nothing.css")
    assert [line["status"] for line in lines("request")] == [404]
    app.extensions["settings"] = replace(app.extensions["settings"], request_lines=False)
    client.get("/sign-in")
    assert len(lines("request")) == 1


def test_an_answer_carries_the_reference_that_its_lines_have(client, lines):
    answer = client.get("/sign-in", headers={request_ids.HEADER: "given-by-a-stranger"})
    [line] = lines("request")
    assert answer.headers[request_ids.HEADER] == line["request_id"]
    assert len(line["request_id"]) == UUID_LENGTH


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("5d0c9b0e61f14c2f9d6f0a2b7c8d9e01", True),
        ("short", False),
        ("a" * 37, False),
        ("with a space in it", False),
        ('quote"quote"', False),
    ],
)
def test_a_reference_is_taken_from_a_proxy_where_it_is_well_formed(settings, given, is_taken):
    behind = create_app(replace(settings, trusted_proxies=1))
    try:
        answer = behind.test_client().get("/sign-in", headers={request_ids.HEADER: given, "Host": "127.0.0.1:8000"})
        assert (answer.headers[request_ids.HEADER] == given) is is_taken
    finally:
        shut(behind)


def test_the_worker_says_which_request_asked_for_its_work_also_when_the_queue_was_away(app, signed_in, lines):
    answer = signed_in.post(NEW, data=answers(1))
    assert answer.status_code == 303
    asked = answer.headers[request_ids.HEADER]
    structlog.contextvars.clear_contextvars()  # the worker is another process
    with app.app_context():
        operation = db.session.scalars(sa.select(Operation)).one()
        reference, uuid = operation.reference, operation.tenant.uuid
        assert db.session.scalar(sa.select(AuditEntry.request_id)) == asked
        assert operations.perform(operation.id)
    said = [line for line in lines() if line.get("operation") == reference]
    assert {line["event"] for line in said} >= {"operation_begun", "step_begun", "operation_succeeded"}
    assert {(line["request_id"], line["hospital"]) for line in said} == {(asked, uuid)}


def test_the_log_of_an_operation_does_not_repeat_what_its_page_says(in_app, hospital):
    request_ids.begin("5d0c9b0e61f14c2f")
    operation_id = asking.request(tenant_of("city-general"), "verify").id
    db.session.commit()
    assert operations.perform(operation_id)
    kept = seen_operation(operation_id).log
    assert "operation_begun" in kept
    assert "request_id" not in kept
    assert hospital.uuid not in kept
    structlog.contextvars.clear_contextvars()


def say_something() -> None:
    """A job that logs."""
    structlog.get_logger().info("said_by_a_job")


def test_the_lines_of_a_job_carry_the_reference_of_the_request_that_asked(settings, app, lines):
    server = redis_server.start(settings.instance_dir / "redis")
    try:
        with app.app_context():
            request_ids.begin("5d0c9b0e61f14c2f")
            assert queue.enqueue("tests.test_request_lines.say_something")
            structlog.contextvars.clear_contextvars()
            connection = Redis.from_url(settings.socket_url)
            [job] = Queue(queue.QUEUE, connection=connection).jobs
        at_work = worker.make_worker(app, connection, queue.QUEUE)
        at_work.perform_job(job, Queue(queue.QUEUE, connection=connection), at_work.prepare_execution(job))
        [line] = lines("said_by_a_job")
        assert (line["request_id"], line["job"]) == ("5d0c9b0e61f14c2f", job.id)
        assert request_ids.current() == ""
    finally:
        server.stop()


def test_what_libraries_log_are_lines_too_without_what_stands_behind_an_address(lines):
    library = logging.getLogger("gunicorn.error")
    before = library.handlers[:], library.propagate, logging.root.handlers[:], logging.root.level
    try:
        logging.config.dictConfig(logs.LIBRARIES)
        library.info("Nobody needs to know")
        try:
            raise OSError("gone")
        except OSError:
            library.exception("Error handling request %s", "/patients/?q=Smith")
    finally:
        library.handlers[:], library.propagate, logging.root.handlers[:] = before[:3]
        logging.root.setLevel(before[3])
    [line] = lines()
    assert (line["event"], line["level"]) == ("Error handling request /patients/?…", "error")
    assert (line["logger"], line["exception"][0]["exc_type"]) == ("gunicorn.error", "OSError")
    assert clock.now().year == int(line["timestamp"][:4])
