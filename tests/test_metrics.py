"""What is counted and seen of the portal, for Prometheus: by whom it may be read, that it is true, what it costs."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from portal import clock, create_app, queue, redis_server, tally
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.metrics import FORWARDED
from portal.provisioning import asking, operations
from portal.tally import Shared, Tally
from tests.conftest import shut
from tests.consoles import tenant_of
from tests.processes import wait_until
from tests.running import HOST, Browser, kill

TOKEN = "a token of sixteen letters"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
READY = {"hospital": "ready", "method": "read", "status": "2xx"}


def with_token(token: str = TOKEN) -> dict[str, str]:
    """The header that a scraper sends."""
    return {"Authorization": f"Bearer {token}"}


def samples(text: str) -> dict[tuple, float]:
    """The numbers of a scrape by name and labels."""
    return {
        (one.name, *sorted(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def number(text: str, name: str, **labels) -> float | None:
    """One number of a scrape, None where it is not there."""
    return samples(text).get((name, *sorted(labels.items())))


def children_of(pid: int) -> list[int]:
    """The processes that this one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def scrape(app):
    """What `/metrics` answers to this machine."""
    return lambda: app.test_client().get("/metrics").text


def test_it_is_answered_to_this_machine_and_to_whoever_has_the_token(app, client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "::1"}, base_url=client.base_url).status_code == 200
    app.extensions["settings"] = replace(app.extensions["settings"], metrics_token=TOKEN)
    assert client.get("/metrics", environ_base=ELSEWHERE, headers=with_token()).status_code == 200


@pytest.mark.parametrize("token", [None, TOKEN])
def test_it_is_answered_to_nobody_else(app, client, token):
    app.extensions["settings"] = replace(app.extensions["settings"], metrics_token=token)
    wrong = (None, "", TOKEN + "x", TOKEN[:-1], "é") + (() if token else (TOKEN,))
    for given in wrong:
        headers = {} if given is None else with_token(given)
        assert client.get("/metrics", environ_base=ELSEWHERE, headers=headers).status_code == 404, given
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": ""}).status_code == 404


def test_it_is_a_page_of_the_console_alone(app, hospital):
    app.extensions["settings"] = replace(app.extensions["settings"], metrics_token=TOKEN)
    assert app.test_client(hospital=hospital).get("/metrics", headers=with_token()).status_code == 404


def test_a_scraper_may_ask_by_the_address_of_the_machine_and_nobody_else(app, client):
    app.extensions["settings"] = replace(app.extensions["settings"], metrics_token=TOKEN)
    by_address = {"base_url": "http://192.0.2.11:8000", "environ_base": ELSEWHERE}
    assert client.get("/metrics", headers=with_token(), **by_address).status_code == 200
    assert client.get("/metrics", **by_address).status_code == 404
    assert client.get("/admin/", headers=with_token(), **by_address).status_code == 400


@pytest.mark.parametrize("header", FORWARDED)
def test_a_proxy_that_nobody_told_of_is_not_this_machine(client, header):
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_behind_a_proxy_it_is_who_asked_the_proxy_that_counts(settings):
    behind = create_app(replace(settings, trusted_proxies=1))
    try:
        browser = behind.test_client()
        for forwarded, status in (("192.0.2.7", 404), ("127.0.0.1, 192.0.2.7", 404), ("127.0.0.1", 200)):
            headers = {"X-Forwarded-For": forwarded, "Host": "127.0.0.1:8000"}
            assert browser.get("/metrics", headers=headers).status_code == status, forwarded
    finally:
        shut(behind)


def test_requests_are_counted_by_the_state_of_their_hospital(app, hospital, scrape):
    browser = app.test_client(hospital=hospital)

    def asks(mode: str, method: str, status: int) -> None:
        with app.app_context():
            db.session.execute(sa.update(Tenant).values(mode=mode, epoch=Tenant.epoch + 1, mode_since=clock.now()))
            db.session.commit()
        app.extensions["registry"].forget()
        assert browser.open("/sign-in", method=method).status_code == status

    asks("active", "GET", 200)
    asks("active", "POST", 422)
    asks("maintenance", "GET", 503)
    asks("suspended", "GET", 503)
    asks("read_only", "GET", 200)
    asks("deleted", "GET", 404)
    browser.get("/", base_url="http://nobody.localhost:8000")
    browser.get("/static/app.css").close()
    counted = {key[1:]: value for key, value in samples(scrape()).items() if key[0] == "portal_requests_total"}
    of = {(dict(key)["hospital"], dict(key)["method"], dict(key)["status"]): value for key, value in counted.items()}
    assert of == {
        ("ready", "read", "2xx"): 1,
        ("ready", "write", "4xx"): 1,
        ("closed", "read", "5xx"): 2,
        ("read_only", "read", "2xx"): 1,
        ("not_found", "read", "4xx"): 2,
        ("static", "read", "2xx"): 1,
    }
    text = scrape()
    assert number(text, "portal_request_seconds_count", scope="hospital") == 7
    assert number(text, "portal_request_seconds_bucket", scope="hospital", le="+Inf") == 7
    assert number(text, "portal_request_seconds_count", scope="platform") == 1, "the scrape before"


def test_no_hospital_is_named_unless_that_is_wanted(app, hospital, scrape):
    app.test_client(hospital=hospital).get("/sign-in")
    assert "city-general" not in scrape()
    app.extensions["settings"] = replace(app.extensions["settings"], metrics_by_hospital=True)
    app.test_client(hospital=hospital).get("/sign-in")
    assert number(scrape(), "portal_hospital_requests_total", hospital="city-general", status="2xx") == 1


def test_names_are_bounded(monkeypatch):
    monkeypatch.setattr(tally, "NAMES", 2)
    counted = Tally()
    for hospital in ("a", "b", "c", "d", "a"):
        counted.request("ready", "GET", 200, 0.1, hospital)
    named = {key[1]: numbers[0] for key, numbers in counted.read().items() if key[0] == "hospital"}
    assert named == {"a": 2, "b": 1, tally.OTHERS: 2}


def test_every_row_that_can_be_needed_has_room():
    counted = Tally()
    states = ("ready", "read_only", "closed", "not_found", "platform", "static")
    for status in (200, 300, 400, 500):
        for method in ("GET", "POST"):
            for state in states:
                counted.request(state, method, status, 0.1)
        for name in range(tally.NAMES + 10):
            counted.request("ready", "GET", status, 0.1, f"{name:0>54}")
    counted.engines({f"figure_{index}": 1 for index in range(20)})
    assert len(counted.read()) < tally.ROWS
    assert sum(numbers[0] for key, numbers in counted.read().items() if key[0] == "requests") == 4 * (
        12 + tally.NAMES + 10
    )


def test_a_dead_process_keeps_what_it_counted_and_nothing_open_and_its_place_goes_on():
    shared = Shared()
    assert shared.free_place([0, None, 2]) == 1
    first, second = shared.at(0), shared.at(1)
    for one in (first, second):
        one.request("ready", "GET", 200, 0.2)
        one.engines({"open_engines": 3, "opened": 5})
    shared.at(0).close_all()
    seen = second.read()
    assert (seen["engines", "open_engines"][0], seen["engines", "opened"][0]) == (3, 10)
    next_one = shared.at(0)
    next_one.request("ready", "GET", 200, 0.2)
    next_one.engines({"open_engines": 1, "opened": 1})
    next_one.engines({"open_engines": 2, "opened": 2})
    seen = second.read()
    assert seen["requests", "ready", "read", "2xx"][0] == 3
    assert (seen["engines", "open_engines"][0], seen["engines", "opened"][0]) == (5, 12)
    assert seen["seconds", "hospital"][tally.SUM] == pytest.approx(0.6)


def test_the_installation_is_seen_without_opening_a_hospital(app, hospital, two_hospitals, scrape, count_queries):
    app.extensions["engines"].close()
    with app.app_context():
        asking.request(tenant_of("lakeside"), "verify")
        db.session.commit()
        backup = asking.request(tenant_of("city-general"), "backup")
        db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "lakeside").values(revision="0001"))
        db.session.commit()
        assert operations.perform(backup.id)
    app.extensions["engines"].close()
    clock.move(timedelta(seconds=30))
    with count_queries() as statements:
        text = scrape()
    assert len(statements) <= 8
    assert len(app.extensions["engines"]) == 0
    assert number(text, "portal_control_up") == 1
    assert number(text, "portal_hospitals", status="ready") == 2
    assert number(text, "portal_hospitals_revision", state="head") == 1
    assert number(text, "portal_hospitals_revision", state="behind") == 1
    assert number(text, "portal_operations", kind="verify", state="queued") == 1
    assert number(text, "portal_operations_oldest_seconds") >= 30
    assert number(text, "portal_hospitals_backed_up") == 1
    assert 30 <= number(text, "portal_backup_age_seconds") < 600
    assert number(text, "portal_operations_ended", kind="backup", outcome="succeeded") == 1


def test_operations_that_ended_long_ago_are_not_in_the_numbers_of_now(app, hospital, scrape):
    with app.app_context():
        db.session.execute(sa.update(Operation).values(finished_at=clock.now() - timedelta(minutes=9)))
        started = clock.now() - timedelta(minutes=9, seconds=42)
        db.session.execute(sa.update(Operation).values(started_at=started))
        db.session.commit()
    ended = {"kind": "create", "outcome": "succeeded"}
    assert number(scrape(), "portal_operations_ended", **ended) == 1
    assert number(scrape(), "portal_operations_ended_seconds", **ended) == pytest.approx(42, abs=1)
    clock.move(timedelta(minutes=2))
    assert number(scrape(), "portal_operations_ended", **ended) == 0


def test_what_cannot_be_asked_is_said_to_be_away_and_the_rest_is_there(app, client, scrape):
    client.get("/sign-in")
    assert number(scrape(), "portal_redis_up") == 0
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE control_tenant RENAME TO gone"))
    text = scrape()
    assert number(text, "portal_control_up") == 0
    assert number(text, "portal_hospitals", status="ready") is None
    assert number(text, "portal_requests_total", hospital="platform", method="read", status="2xx") >= 2


def test_the_queue_is_seen(settings, app, scrape):
    server = redis_server.start(settings.instance_dir / "redis")
    try:
        with app.app_context():
            assert queue.enqueue("portal.provisioning.watch.look", 1)
        text = scrape()
        assert number(text, "portal_redis_up") == 1
        assert number(text, "portal_queue_waiting", queue="portal") == 1
        assert number(text, "portal_workers") == 0
    finally:
        server.stop()


def test_it_says_which_release_answers(scrape):
    [about] = [key for key in samples(scrape()) if key[0] == "portal_build_info"]
    told = dict(about[1:])
    assert set(told) == {"version", "control_head", "tenant_head", "python"}
    assert told["tenant_head"] >= "0022"


def test_all_processes_of_the_real_web_count_together_also_when_one_is_killed(monkeypatch, hospital, request):
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    running = request.getfixturevalue("running")
    web = running.serve()
    scraper = Browser(running.socket)
    scraper.headers |= with_token()
    guest = Browser(running.socket)
    guest.headers["Host"] = f"city-general.{HOST.replace('127.0.0.1', 'localhost')}"

    def seen(name: str, **labels) -> float | None:
        return number(scraper.get("/metrics").text, name, **labels)

    assert guest.get("/metrics").status == 404
    assert Browser(running.socket).get("/metrics").status == 404, "nobody knows who asks behind a socket"
    asked = 0
    while asked < 12 or seen("portal_engines_open") < 2:
        assert guest.get("/sign-in").status == 200
        asked += 1
        assert asked < 200, "only one process answers"
    assert {seen("portal_requests_total", **READY) for _ in range(8)} == {asked}, "whichever process answers"
    kill(children_of(web)[0])
    wait_until(lambda: seen("portal_engines_open") == 1)
    assert {seen("portal_requests_total", **READY) for _ in range(8)} == {asked}
    assert '"logger": "gunicorn.error"' in (running.instance / "log").read_text()
