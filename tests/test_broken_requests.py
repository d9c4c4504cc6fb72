"""Requests nobody sends by accident: each gets a page that says what is wrong, and nothing half-done stays."""

import os
import sqlite3
import unicodedata
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from portal.control.models import Tenant, User
from portal.extensions import db
from portal.kit import search
from portal.tenancy.turns import Turns
from tests.conftest import add_user

TOO_LARGE = (2**63, 10**19, int("1" * 300))


@pytest.mark.parametrize("number", TOO_LARGE)
def test_an_id_that_no_database_can_hold_is_not_found(signed_in, client_with, number):
    browser = client_with("patients.view", "staff.department_change")
    for path in (f"/patients/{number}", f"/staff/departments/{number}/edit"):
        assert browser.get(path).status_code == 404, path
    assert signed_in.get(f"/admin/plans/{number}/edit").status_code == 404
    for act in ("disable", "enable", "invitation"):
        assert signed_in.post(f"/admin/users/{number}/{act}").status_code == 404, act


@pytest.fixture
def failing_commit():
    """Makes the next commit of a session fail with the given error."""
    broken = []

    def fail(error: Exception):
        def before_commit(session):
            raise error

        broken.append(before_commit)
        sa.event.listen(db.session, "before_commit", before_commit)

    yield fail
    for listener in broken:
        sa.event.remove(db.session, "before_commit", listener)


def test_a_commit_that_fails_says_so_and_the_browser_is_told_nothing_else(app, signed_in, failing_commit, hospital):
    failing_commit(RuntimeError("the disk went away"))
    answer = signed_in.post(f"/admin/hospitals/{hospital.subdomain}/verify")
    assert answer.status_code == 500
    assert "There is a problem with the service" in answer.text
    assert "Reference" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_change_that_turns_out_to_be_outdated_at_the_commit_is_a_409(signed_in, failing_commit, hospital):
    failing_commit(StaleDataError("somebody else was faster"))
    assert signed_in.post(f"/admin/hospitals/{hospital.subdomain}/verify").status_code == 409


def test_a_lock_that_somebody_holds_too_long_is_a_503_that_can_be_tried_again(
    app, hospital, client_with, lock_of, patience
):
    browser = client_with("patients.view", "patients.add")
    with lock_of(hospital):
        answer = browser.post("/patients/new", data={"first_name": "Ann"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Busy at the moment" in answer.text
    assert browser.post("/patients/new", data={"first_name": "Ann"}).status_code == 422


@pytest.fixture
def patience(monkeypatch):
    """Hospitals' connections wait a moment only."""
    monkeypatch.setattr("portal.tenancy.databases.opening.BUSY_MILLISECONDS", 20)


@pytest.fixture
def lock_of(settings):
    """Holds the write lock of a hospital's file from outside."""

    @contextmanager
    def locked(hospital):
        raw = sqlite3.connect(settings.hospitals_dir / f"hospital_{hospital.subdomain}.db", isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            raw.close()

    return locked


@pytest.mark.parametrize("size", [0, 8192])
def test_a_file_that_is_cut_off_under_open_connections_answers_503(app, hospital, client_with, settings, size):
    browser = client_with("patients.view")
    assert browser.get("/patients/").status_code == 200
    file = settings.hospitals_dir / f"hospital_{hospital.subdomain}.db"
    with app.app_context(), app.extensions["engines"].get(hospital, writing=False).connect() as connection:
        opened = connection.connection.driver_connection
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.truncate(file, size)
        opened.execute("PRAGMA shrink_memory")
    for _again in range(2):
        answer = browser.get("/patients/")
        assert answer.status_code == 503
        assert "cannot be opened" in answer.text


def test_a_refusal_on_a_hospitals_host_carries_that_hospitals_name(app, hospital):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client(hospital=hospital).post("/sign-in", data={"username": "x"})
    assert answer.status_code == 400
    assert hospital.name in answer.text
    assert "Platform console" not in answer.text


def test_a_form_sent_to_a_hospital_that_is_not_there_or_paused_says_that_first(app, hospital):
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        db.session.execute(sa.update(Tenant).where(Tenant.id == hospital.id).values(mode="suspended"))
        db.session.commit()
    app.extensions["registry"].forget()
    assert app.test_client(hospital=hospital).post("/sign-in").status_code == 503
    answer = app.test_client().post("/sign-in", base_url="http://nobody.localhost:8000")
    assert answer.status_code == 404


def test_of_megabytes_only_the_first_letters_are_unfolded(monkeypatch):
    unfolded = []
    normalize = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda *asked: unfolded.append(len(asked[1])) or normalize(*asked))
    assert search.folded("Zoë " * 200_000).startswith("zoe zoe")
    assert max(unfolded) < 2 * search.LONGEST


@pytest.mark.parametrize("name", ["\u200b", "\ufeff \u00ad", "\u3164", "\u2800\u2800"])
def test_nobody_has_an_invisible_name(signed_in, client_with, name):
    browser = client_with("patients.view", "patients.add")
    answer = browser.post("/patients/new", data={"first_name": name, "last_name": "Lee", "sex": "female"})
    assert "Enter the first name" in answer.text
    assert "Enter the hospital name" in signed_in.post("/admin/hospitals/new", data={"name": name}).text


def test_an_administrator_whose_email_address_somebody_of_the_hospital_has_is_refused_in_words(
    app, signed_in, two_hospitals
):
    city, lakeside = two_hospitals
    with app.app_context():
        add_user(city, "somebody", email=f"{lakeside.subdomain}@hospital.test")
        other = db.session.scalar(sa.select(User.id).where(User.username == f"{lakeside.subdomain}-admin"))
        db.session.rollback()
    path = f"/admin/hospitals/{city.subdomain}"
    assert signed_in.post(f"{path}/administrators", data={"administrator": other}).status_code == 303
    assert f"The hospital has a user called {lakeside.subdomain}@hospital.test already." in signed_in.get(path).text


def test_a_stuck_hospital_leaves_threads_to_the_others(app, two_hospitals, client_with):
    city, lakeside = two_hospitals
    app.extensions["turns"] = Turns(at_once=1, wait_seconds=0.05)
    browser = client_with("patients.view", "patients.add", hospital=city)
    other = client_with("patients.view", "patients.add", hospital=lakeside, username="omar")
    turn = app.extensions["turns"].take(city.uuid)
    answer = browser.post("/patients/new", data={})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "City General Hospital is busy. Nothing was saved; try again." in answer.text
    assert browser.get("/patients/").status_code == 200
    assert other.post("/patients/new", data={}).status_code == 422
    turn.release()
    for _again in range(3):
        assert browser.post("/patients/new", data={}).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://lakeside.localhost:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(headers, hospital, client_with):
    browser = client_with("patients.view", "patients.add")
    assert browser.post("/patients/new", data={}, headers=headers).status_code == 403
    own = {"Origin": "http://city-general.localhost:8000", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/patients/new", data={}, headers=own).status_code == 422
