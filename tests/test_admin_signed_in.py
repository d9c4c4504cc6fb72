"""The record says when a hospital's administrators signed in, there and to the console, and never waits to know it."""

import re
from threading import Event

import pytest
import sqlalchemy as sa

from portal.auth.passwords import hashed
from portal.clock import now
from portal.control.models import Tenant, User
from portal.extensions import db, limiter
from portal.provisioning import signed_in as asking
from portal.provisioning.manager import TenantDatabaseManager
from tests.provisioned import database, remove

RECORD = "/admin/hospitals/city-general"
PASSWORD = "Long-enough-pass-9"
MOMENT = r"\d+ \w+ \d{4}, \d\d:\d\d"
HERE, CONSOLE = f"Signed in to this hospital {MOMENT}", f"Signed in to the console {MOMENT}"


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """A busy machine is no silent server."""
    monkeypatch.setattr(asking, "ANSWERS_WITHIN", 60)


@pytest.fixture
def administrator(app, hospital):
    """A browser on the hospital's host of its administrator, who has a password and signed in nowhere."""
    with app.app_context():
        password = {"password_hash": hashed(PASSWORD), "invitation_hash": None, "invitation_expires_at": None}
        db.session.execute(sa.update(User).where(User.username == "city-general-admin").values(password))
        db.session.commit()
    limiter.enabled = False
    yield app.test_client(hospital=hospital)
    limiter.enabled = True


def enter(browser) -> None:
    """Sign the administrator in."""
    answer = browser.post("/sign-in", data={"username": "city-general-admin", "password": PASSWORD})
    assert answer.status_code == 303


def told(signed_in, path: str = RECORD) -> str:
    """What the record says of its one administrator."""
    return re.search(r"city-general@hospital.test · (.*?) (?:Make|Another)", signed_in.page(path).text)[1]


def test_who_signed_in_to_the_hospital_alone_is_not_said_to_have_signed_in_nowhere(signed_in, administrator):
    assert told(signed_in) == "Has not signed in yet"

    enter(administrator)

    assert re.fullmatch(HERE, told(signed_in))


def test_both_sign_ins_are_told(signed_in, administrator, app):
    enter(administrator)
    enter(app.test_client())

    assert re.fullmatch(f"{HERE} · {CONSOLE}", told(signed_in))


def test_a_sign_in_that_a_read_only_hospital_could_not_keep_is_told_too(signed_in, administrator, app):
    with app.app_context():
        assert TenantDatabaseManager.make_read_only("city-general")

    enter(administrator)

    assert re.fullmatch(HERE, told(signed_in))


def test_what_a_database_brought_along_from_before_the_hospital_was_there_does_not_count(signed_in, administrator, app):
    enter(administrator)
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(created_at=now()))
        db.session.commit()

    assert told(signed_in) == "Has not signed in yet"


def test_where_the_hospitals_database_cannot_be_read_only_the_console_is_spoken_of(signed_in, administrator, app):
    enter(administrator)
    with app.app_context():
        remove(database())

    assert told(signed_in) == "Has not signed in to the console yet"


def test_another_database_than_the_registrys_is_not_believed(signed_in, administrator, app):
    enter(administrator)
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(generation="0" * 32))
        db.session.commit()

    assert told(signed_in) == "Has not signed in to the console yet"


def test_a_server_that_is_silent_is_waited_for_once_and_not_asked_again_meanwhile(
    signed_in, administrator, monkeypatch
):
    enter(administrator)
    answers, asked, read = Event(), [], asking._read

    def silent(*what):
        asked.append(what)
        answers.wait(60)
        return read(*what)

    monkeypatch.setattr(asking, "_read", silent)
    monkeypatch.setattr(asking, "ANSWERS_WITHIN", 0.01)
    try:
        for _time in range(3):
            assert told(signed_in) == "Has not signed in to the console yet"
        assert len(asked) == 1
    finally:
        answers.set()
    asking.late["default"].join()
    monkeypatch.setattr(asking, "ANSWERS_WITHIN", 60)

    assert re.fullmatch(HERE, told(signed_in))


def test_the_list_of_people_speaks_of_the_console_alone(signed_in, administrator):
    enter(administrator)

    text = signed_in.page("/admin/users/?q=city-general").text
    assert "Has not signed in to the console yet" in text
    assert "Has not signed in yet" not in text
