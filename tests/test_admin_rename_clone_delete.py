"""Renaming, cloning and deleting on the console: asked twice, by the right people, followed to the end."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.auth.passwords import hashed
from portal.control.models import User
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, delete, leaving, operations
from portal.tenancy.registry import get_hospital
from tests.conftest import add_user
from tests.consoles import browser_as, operations_of, tenant_of
from tests.provisioned import answer_of, database

RECORD = "/admin/hospitals/city-general"
PASSWORD = "Long-enough-pass-9"
SURE = {"typed": "city-general", "password": PASSWORD}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody waits for other processes that are not there."""
    monkeypatch.setattr(leaving, "DRAIN_SECONDS", 0)


@pytest.fixture
def console(app, signed_in, hospital):
    """The superuser's browser; they have a password."""
    with app.app_context():
        db.session.execute(sa.update(User).where(User.username == "root").values(password_hash=hashed(PASSWORD)))
        db.session.commit()
    return signed_in


def work(app, subdomain: str = "city-general") -> str:
    """Carry out what was asked for; the kind of work and how it ended."""
    with app.app_context():
        operation_id = operations_of(subdomain)[-1].id
        assert operations.perform(operation_id)
        operation = db.session.get(operations.Operation, operation_id, populate_existing=True)
        return f"{operation.kind} {operation.state}"


def test_renaming_is_asked_twice_and_leads_to_the_new_address(app, console):
    assert "Give the hospital another address." in console.page(RECORD).text
    page = console.page(f"{RECORD}/rename")
    assert all(words in page.text for words in ("Rename City General Hospital?", "Type city-general to confirm"))
    answer = console.post(f"{RECORD}/rename", data={**SURE, "subdomain": "City-Central "})
    assert (answer.status_code, answer.location) == (303, RECORD)
    assert "Renaming City General Hospital" in console.page(RECORD).text
    assert work(app) == "rename succeeded"
    answer = console.get(RECORD)
    assert (answer.status_code, answer.location) == (303, "/admin/hospitals/city-central")
    page = console.page("/admin/hospitals/city-central")
    assert "City General Hospital has its new address" in page.text
    assert "hospital_city-central" in page.text


def test_a_record_that_is_still_open_at_the_old_address_goes_on_at_the_new_one(app, console):
    console.post(f"{RECORD}/rename", data={**SURE, "subdomain": "city-central"})
    assert console.get(f"{RECORD}/progress?seen=x", headers={"HX-Request": "true"}).status_code == 200
    work(app)
    answer = console.get(f"{RECORD}/progress?seen=x", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/admin/hospitals/city-central"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"subdomain": ""}, "Enter a subdomain"),
        ({"subdomain": "admin"}, "“admin” is reserved for the platform. Choose a different subdomain"),
        ({"subdomain": "city-general"}, "This is its present subdomain. Choose a different one"),
        ({"typed": "city"}, "Type city-general exactly as shown"),
        ({"password": ""}, "Enter your password"),
        ({"password": "wrong"}, "That password is not right"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_done(app, console, answers, sentence):
    answer = console.post(f"{RECORD}/rename", data={**SURE, "subdomain": "city-central", **answers})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with app.app_context():
        assert [operation.kind for operation in operations_of("city-general")] == ["create"]


def test_while_other_work_is_under_way_the_page_says_so(app, console):
    console.post(f"{RECORD}/verify")
    answer = console.post(f"{RECORD}/rename", data={**SURE, "subdomain": "city-central"})
    assert (answer.status_code, "Other work on this hospital is under way." in answer.text) == (422, True)


def test_deleting_is_for_superusers_asked_twice_and_taken_back(app, console):
    page = console.page(f"{RECORD}/delete")
    assert all(
        words in page.text for words in ("Delete City General Hospital?", "kept for 30 days", "Keep the hospital")
    )
    assert console.post(f"{RECORD}/delete", data={**SURE, "typed": "city"}).status_code == 422
    assert console.post(f"{RECORD}/delete", data=SURE).status_code == 303
    assert "Deleting City General Hospital" in console.page(RECORD).text
    assert work(app) == "delete succeeded"
    page = console.page(RECORD)
    assert all(words in page.text for words in ("City General Hospital is deleted", "Bring back", "Before deleting"))
    assert not any(words in page.text for words in ("Verify Database", "Create Database", "Suspend", "Careful"))
    assert console.post(f"{RECORD}/bring-back").status_code == 303
    assert work(app) == "restore succeeded"
    assert "Bring back" not in console.page(RECORD).text
    with app.app_context():
        assert tenant_of("city-general").mode == "active"


def test_deleting_says_first_what_is_in_the_database_and_what_becomes_of_it(app, console):
    told = console.page(f"{RECORD}/delete").text
    assert "everything in the database hospital_city-general: 0 patients" in told
    assert "1 staff account. Everybody is signed out at once" in told
    with app.app_context():
        database().write_bytes(b"no database")
    told = console.page(f"{RECORD}/delete").text
    assert "what is in it cannot be read. Everybody is signed out" in told
    assert "Its file is first kept as it is, beside the backups." in told
    with app.app_context():
        database().unlink()
    told = console.page(f"{RECORD}/delete").text
    assert "This deletes the hospital. There is no database hospital_city-general." in told
    assert "backup is made" not in told


def test_the_page_that_watched_a_deletion_is_shown_anew(app, console):
    console.post(f"{RECORD}/delete", data=SURE)
    work(app)
    answer = console.get(f"{RECORD}/progress?seen=x", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == RECORD


@pytest.fixture
def gone(app, console):
    """The superuser's browser beside a deleted hospital."""
    with app.app_context():
        TenantDatabaseManager.delete_hospital("city-general")
    return console


def test_deleted_hospitals_are_listed_only_where_they_are_asked_for(app, gone):
    assert "City General" not in gone.page("/admin/hospitals/").text
    page = gone.page("/admin/hospitals/?mode=deleted")
    assert "City General Hospital" in page.text


@pytest.mark.parametrize("path", ["create-database", "verify", "backup", "open/resume", "clone-again", "send-messages"])
def test_nothing_else_is_done_to_a_deleted_hospital(app, gone, path):
    answer = gone.post(f"{RECORD}/{path}")
    assert (answer.status_code, answer.location) == (303, RECORD)
    assert "City General Hospital is deleted. Bring it back first." in gone.page(RECORD).text
    with app.app_context():
        assert [operation.kind for operation in operations_of("city-general")] == ["create", "delete"]


@pytest.mark.parametrize("path", ["edit", "close/suspend", "rename", "clone", "delete"])
def test_no_form_is_shown_for_a_deleted_hospital(gone, path):
    answer = gone.get(f"{RECORD}/{path}")
    assert (answer.status_code, answer.location) == (303, RECORD)


def test_when_its_time_is_over_the_console_knows_it_no_more(app, gone):
    clock.move(timedelta(days=31))
    assert "Bring back" not in gone.page(RECORD).text
    with app.app_context():
        assert len(delete.purge()) == 1
    assert gone.get(RECORD).status_code == 404
    assert "Deleted hospital" not in gone.page("/admin/hospitals/?mode=deleted").text


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("platform_admin", "delete", 403),
        ("platform_admin", "rename", 200),
        ("platform_admin", "clone", 200),
        ("hospital_admin", "delete", 403),
        ("hospital_admin", "rename", 403),
        ("hospital_admin", "clone", 403),
    ],
)
def test_who_may_do_what(app, hospital, role, path, status):
    browser = browser_as(app, "grace", role, hospital)
    assert browser.get(f"{RECORD}/{path}").status_code == status
    assert (f"{RECORD}/{path}" in browser.page(RECORD).html) == (status == 200)
    if role == "platform_admin":
        assert browser.post(f"{RECORD}/bring-back").status_code == 403


COPY = {**SURE, "name": "City Trial", "subdomain": "city-trial", "neutralise": "y"}


def test_a_copy_is_made_and_every_page_of_it_says_so(app, console):
    assert "Copy City General Hospital?" in console.page(f"{RECORD}/clone").text
    answer = console.post(f"{RECORD}/clone", data=COPY)
    assert (answer.status_code, answer.location) == (303, "/admin/hospitals/city-trial")
    assert "Creating City Trial as a copy" in console.page(answer.location).text
    assert work(app, "city-trial") == "clone succeeded"
    page = console.page(answer.location)
    assert all(words in page.text for words in ("City Trial is ready", "It sends no messages.", "Let it send messages"))
    banner = "This is a copy of City General Hospital for trying things out. It sends no messages."
    with app.app_context():
        trial = get_hospital("city-trial")
        assert banner in answer_of(app, "city-trial", "/sign-in").text
        browser = app.test_client(hospital=trial)
        browser.sign_in_as(add_user(trial, "leila", "patients.view"))
    assert banner in browser.page("/patients/").text
    assert console.post(f"{answer.location}/send-messages").status_code == 303
    app.extensions["registry"].forget()
    assert banner not in browser.page("/patients/").text
    assert banner not in console.page(answer.location).text


def test_the_same_form_sent_twice_is_one_copy(app, console):
    sent = {**COPY, "form_token": "0a0a0a0a-0000-4000-8000-000000000001"}
    first, second = (console.post(f"{RECORD}/clone", data=sent) for _click in range(2))
    assert first.location == second.location == "/admin/hospitals/city-trial"
    with app.app_context():
        assert len(operations_of("city-trial")) == 1


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"name": ""}, "Enter the hospital name"),
        ({"subdomain": "city-general"}, "“city-general” is already used by another hospital."),
        ({"password": "wrong"}, "That password is not right"),
    ],
)
def test_a_copy_with_a_wrong_answer_is_not_made(app, console, answers, sentence):
    answer = console.post(f"{RECORD}/clone", data={**COPY, **answers})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with app.app_context():
        assert tenant_of("city-trial") is None


def test_a_copy_that_did_not_work_is_tried_again_and_not_made_empty(app, console):
    console.post(f"{RECORD}/clone", data=COPY)
    with app.app_context():
        database("city-trial").write_bytes(b"in the way")
    assert work(app, "city-trial") == "clone failed"
    page = console.page("/admin/hospitals/city-trial")
    assert "Try again" in page.text
    assert "Create Database" not in page.text
    with app.app_context():
        database("city-trial").unlink()
    console.post("/admin/hospitals/city-trial/clone-again")
    assert work(app, "city-trial") == "clone succeeded"
