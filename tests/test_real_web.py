"""The real web under gunicorn: killed while somebody asks for a hospital, and asked by many at once.

Tenancy.md T6, T7; security.md 31, 35. Either nothing was kept, or the work waits and is done once; the same form sent
again leads to the same hospital.
"""

import http.client
from contextlib import closing

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry, Operation, Tenant, User
from portal.extensions import db
from portal.provisioning.doctor import examine, scene
from tests.processes import wait_until
from tests.provisioned import files
from tests.running import HOST, Browser, kill
from tests.test_operations import NEW, answers, at_once

KEPT = {  # how many hospitals there are of a web process killed at this moment
    "before it is kept": 0,
    "before anybody is woken": 1,
    "before it is answered": 1,
}


@pytest.fixture
def browser(signed_in, running):
    """The superuser at the real web."""
    running.serve()
    session = signed_in.get_cookie("session", domain=HOST.partition(":")[0])
    return Browser(running.socket, f"session={session.value}")


def rows(column, *where) -> list:
    """What the control database holds now."""
    db.session.rollback()
    found = list(db.session.scalars(sa.select(column).where(*where)))
    db.session.rollback()
    return found


def states() -> dict[str, int]:
    """How many operations are in each state."""
    return {state: rows(Operation.state).count(state) for state in rows(Operation.state)}


def test_a_hospital_whose_web_process_was_killed_while_it_was_asked_for_is_made_once(
    in_app, browser, running, monkeypatch
):
    monkeypatch.setattr(scene, "YOUNG_SECONDS", 0)
    token = browser.token(NEW)
    for number, (moment, kept) in enumerate(KEPT.items()):
        subdomain = f"clinic-{number}"
        form = answers(number, subdomain=subdomain, csrf_token=token)
        running.hold(moment)
        with closing(browser.ask("POST", NEW, form)) as asked:
            kill(running.held())
            with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
                asked.getresponse()
        assert len(rows(Tenant.id, Tenant.subdomain == subdomain)) == kept, moment
        assert len(rows(User.id, User.username == f"grace{number}")) == kept
        assert len(rows(Operation.id)) == number + kept
        again = browser.post(NEW, form)
        assert (again.status, again.location) == (303, f"/admin/hospitals/{subdomain}")
    assert states() == {"queued": len(KEPT)}
    running.start("worker")
    running.start("reap")
    wait_until(lambda: states() == {"succeeded": len(KEPT)}, 60)
    assert rows(Operation.attempt) == [1] * len(KEPT)
    assert rows(Tenant.status) == ["ready"] * len(KEPT)
    assert len(rows(AuditEntry.id, AuditEntry.action == "create_hospital")) == len(KEPT)
    assert files() == {f"hospital_clinic-{number}.db" for number in range(len(KEPT))}
    assert examine() == []


def test_thirty_hospitals_asked_for_at_once_are_all_ready_and_of_twenty_with_one_name_there_is_one(
    in_app, browser, running
):
    running.start("worker")
    running.start("reap")
    token = browser.token(NEW)

    def create(number: int) -> int:
        return browser.post(NEW, answers(number, subdomain=f"clinic-{number}", csrf_token=token)).status

    def create_the_same(number: int) -> int:
        return browser.post(NEW, answers(100 + number, csrf_token=token)).status

    assert at_once(30, create) == [303] * 30
    assert sorted(at_once(20, create_the_same)) == [303] + [422] * 19
    wait_until(lambda: states() == {"succeeded": 31}, 180)  # seconds only where many others use the machine
    assert rows(Operation.attempt) == [1] * 31
    assert rows(Tenant.status) == ["ready"] * 31
    names = {f"clinic-{number}" for number in range(30)} | {"lakeside"}
    assert sorted(rows(Tenant.subdomain)) == sorted(names)
    assert files() == {f"hospital_{name}.db" for name in names}
    assert len(rows(User.id, User.role == "hospital_admin")) == 31
    assert "database is locked" not in (running.instance / "log").read_text()
