"""Renaming, cloning and deleting on the console: asked twice, by the right people, followed to the end."""

import pytest
import sqlalchemy as sa

from portal.auth.passwords import hashed
from portal.control.models import User
from portal.extensions import db
from portal.provisioning import leaving, operations
from tests.consoles import operations_of

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
