"""Restoring from the record: asked with the word and the password, shown as it goes, and the way back (ux.md 7)."""

import re

import pytest
import sqlalchemy as sa

from portal.auth.passwords import hashed
from portal.control.models import AuditEntry, Tenant, User
from portal.extensions import db
from portal.provisioning import operations
from tests.backed_up import backed_up, listed
from tests.consoles import browser_as, operations_of, tenant_of
from tests.provisioned import database, request_again
from tests.test_restore import mark, set_mark

PAGE = "/admin/hospitals/city-general"
RIGHT = {"typed": "city-general", "password": "correct-horse-battery"}


@pytest.fixture
def backup(app, hospital):
    """A backup of City General, whose database has gone on since; root has a password."""
    with app.app_context():
        db.session.execute(sa.update(User).values(password_hash=hashed(RIGHT["password"])))
        db.session.commit()
        set_mark(7)
        made = backed_up()
        set_mark(99)
        return made


def ask_page(backup) -> str:
    """The address of the page that asks before a restore."""
    return f"{PAGE}/backups/{backup.reference}/restore"


def value(app, subdomain: str = "city-general") -> int:
    """What shows which database the hospital has."""
    with app.app_context():
        return mark(subdomain)


def perform_last(app, subdomain: str = "city-general") -> None:
    """What the worker does with the hospital's newest operation."""
    with app.app_context():
        assert operations.perform(operations_of(subdomain)[-1].id)


def test_the_record_leads_to_a_page_that_shows_what_is_replaced_by_what(signed_in, app, backup):
    assert ask_page(backup) in signed_in.page(PAGE).html
    page = signed_in.page(ask_page(backup))
    assert "Restore the database for City General Hospital?" in page.text
    assert "This replaces everything in the database hospital_city-general" in page.text
    assert "What is there now is backed up first and kept for 30 days." in page.text
    with app.app_context():
        accounts = backup.counts["auth_user"]
    assert f"Accounts {accounts} {accounts}" in page.text
    assert backup.reference in page.text


def test_the_page_also_opens_where_the_database_cannot_be_read(app, signed_in, backup):
    with app.app_context():
        database().write_bytes(b"x" * 8192)
    assert "cannot be read" in signed_in.page(ask_page(backup)).text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Enter your password"),
        ({"typed": "lakeside"}, "Type city-general exactly as shown"),
        ({"password": "something else"}, "That password is not right"),
    ],
)
def test_a_wrong_word_or_password_replaces_nothing(app, signed_in, backup, given, sentence):
    answer = signed_in.post(ask_page(backup), data=RIGHT | given if given else {})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with app.app_context():
        assert operations_of("city-general")[-1].kind == "backup"
    assert value(app) == 99


def test_a_restore_is_followed_and_its_panel_has_the_way_back(app, signed_in, backup):
    for _click in range(2):
        answer = signed_in.post(ask_page(backup), data=RIGHT)
        assert (answer.status_code, answer.location) == (303, PAGE)
    with app.app_context():
        assert [one.kind for one in operations_of("city-general")] == ["create", "backup", "restore"]
    assert "Restoring City General Hospital" in signed_in.page(PAGE).text
    perform_last(app)
    assert value(app) == 7
    with app.app_context():
        _made, before = listed()
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "restore_database")).one()
        assert (entry.actor, entry.details["backup"]) == ("root", backup.reference)
    page = signed_in.page(PAGE)
    assert "City General Hospital is restored" in page.text
    back = re.search(r'href="([^"]+)">.{0,200}Go back to what was there before', page.html, re.DOTALL)[1]
    assert back == f"{PAGE}/backups/{before.reference}/restore"
    signed_in.post(back, data=RIGHT)
    perform_last(app)
    assert value(app) == 99


def test_a_restore_that_fails_says_so_and_offers_another_try(app, signed_in, hospital, backup):
    signed_in.post(ask_page(backup), data=RIGHT)
    (app.extensions["settings"].backups_dir / hospital.uuid / backup.filename).write_bytes(b"x")
    perform_last(app)
    page = signed_in.page(PAGE)
    assert "City General Hospital is not restored" in page.text
    assert "The backup’s file has changed since it was made." in page.text
    assert f'href="{ask_page(backup)}"' in page.html
    assert value(app) == 99


def test_other_work_on_the_hospital_is_waited_for(app, signed_in, hospital, backup):
    with app.app_context():
        request_again(hospital.id, "verify")
    answer = signed_in.post(ask_page(backup), data=RIGHT)
    assert "Other work on this hospital is under way." in signed_in.page(answer.location).text
    with app.app_context():
        assert operations_of("city-general")[-1].kind == "verify"


def test_a_backup_is_said_to_be_made_on_the_record(app, signed_in, hospital):
    signed_in.post(f"{PAGE}/backup")
    perform_last(app)
    page = signed_in.page(PAGE)
    assert "City General Hospital is backed up" in page.text
    with app.app_context():
        assert f'href="#backup-{listed()[0].reference}"' in page.html


def test_a_new_hospital_is_made_of_a_backup_once_however_often_the_form_is_sent(app, signed_in, backup):
    address = f"{PAGE}/backups/{backup.reference}/restore-as-new"
    page = signed_in.page(address)
    assert "A copy of City General Hospital" in page.text
    token = next(field["value"] for field in page.fields if field.get("name") == "form_token")
    answers = {"name": "City Trial", "subdomain": "City-Trial ", "form_token": token}
    for _click in range(2):
        answer = signed_in.post(address, data=answers)
        assert (answer.status_code, answer.location) == (303, "/admin/hospitals/city-trial")
    perform_last(app, "city-trial")
    assert (value(app, "city-trial"), value(app)) == (7, 99)
    assert "City Trial is restored" in signed_in.page(answer.location).text
    with app.app_context():
        assert [one.kind for one in operations_of("city-trial")] == ["restore"]
        assert tenant_of("city-trial").status == "ready"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "Enter the hospital name"),
        ({"subdomain": "city-general"}, "“city-general” is already used by another hospital."),
        ({"subdomain": "www"}, "“www” is reserved for the platform."),
    ],
)
def test_a_new_hospital_needs_a_name_and_a_free_subdomain(app, signed_in, backup, given, sentence):
    answers = {"name": "City Trial", "subdomain": "city-trial"} | given
    answer = signed_in.post(f"{PAGE}/backups/{backup.reference}/restore-as-new", data=answers)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Tenant)) == 1


@pytest.mark.parametrize("way", ["restore", "restore-as-new"])
def test_only_superusers_restore_and_only_backups_of_this_hospital(app, signed_in, two_hospitals, backup, way):
    with app.app_context():
        other = backed_up("lakeside")
    assert signed_in.get(f"{PAGE}/backups/{other.reference}/{way}").status_code == 404
    browser = browser_as(app, "grace", "platform_admin")
    address = f"{PAGE}/backups/{backup.reference}/{way}"
    assert [browser.get(address).status_code, browser.post(address, data=RIGHT).status_code] == [403, 403]
    assert "Restore …" not in browser.page(PAGE).text
