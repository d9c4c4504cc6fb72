"""Recreating on the console: superusers only, asked twice, with what goes in numbers, and a way back (T21, ux.md 7)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from portal.auth.passwords import hashed
from portal.control.models import AuditEntry, Tenant, User
from portal.extensions import db
from portal.provisioning import operations, recreate
from tests.backed_up import listed
from tests.consoles import browser_as, operations_of, tenant_of
from tests.provisioned import change, database, register, request_again
from tests.recreated import FULL_OF, fill, mark

RECORD = "/admin/hospitals/city-general"
PAGE = f"{RECORD}/recreate"
BULK = "/admin/hospitals/bulk"
PASSWORD = "correct horse battery staple"
RIGHT = {"typed": "city-general", "password": PASSWORD}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody else has the hospital open, so nobody is waited for."""
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 0)


@pytest.fixture
def root(app, signed_in):
    """A browser on the console, signed in as the superuser, who has a password."""
    with app.app_context():
        db.session.execute(sa.update(User).where(User.username == "root").values(password_hash=hashed(PASSWORD)))
        db.session.commit()
    return signed_in


def perform(app, subdomain: str = "city-general"):
    """What the worker does with the latest operation."""
    with app.app_context():
        assert operations.perform(operations_of(subdomain)[-1].id)


def recreations(app, subdomain: str = "city-general") -> list[str]:
    """The states of the recreations that were asked for."""
    with app.app_context():
        return [one.state for one in operations_of(subdomain) if one.kind == "recreate"]


def add_patients(count: int) -> None:
    """People the hospital knows; needs an application context."""
    facts = {"mrn": "printf('CG%06d', n)", "uuid": "printf('%036d', n)", "created_at": "'2026-01-01 00:00:00'",
             "updated_at": "'2026-01-01 00:00:00'"}  # fmt: skip
    facts |= dict.fromkeys(("first_name", "last_name", "name_search", "sex", "blood_group"), "'x'")
    facts |= dict.fromkeys(("allergy_status", "status"), "'x'")
    facts |= dict.fromkeys(("birth_date_estimated", "is_temporary", "version"), "1")
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    change(
        database(),
        "PRAGMA ignore_check_constraints=ON",
        f"{numbers} INSERT INTO patients_patient ({', '.join(facts)}) SELECT {', '.join(facts.values())} FROM numbers",
    )


def test_the_page_says_what_goes_and_what_stays_in_numbers(app, root, hospital):
    page = root.page(PAGE)
    assert "Recreate the database for City General Hospital?" in page.text
    assert "This deletes everything in the database hospital_city-general:" in page.text
    assert "0 patients, 0 appointments and 1 staff account. Staff are signed out at once." in page.text
    assert "A backup is made first and kept for 30 days. If the backup fails, nothing is deleted." in page.text
    assert "Type city-general to confirm" in page.text
    assert "Your password" in page.text
    assert "Delete and recreate the database" in page.text
    assert "Keep the database" in page.text
    assert next(field for field in page.fields if "autofocus" in field)["name"] == "typed"
    with app.app_context():
        add_patients(1284)
    assert "1,284 patients, 0 appointments and 1 staff account." in root.page(PAGE).text


def test_looking_changes_no_byte_of_the_database(app, root, hospital):
    app.extensions["engines"].close()
    with app.app_context():
        before = database().read_bytes(), database().stat().st_mtime_ns
        root.page(PAGE)
        assert (database().read_bytes(), database().stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (None, ("There is no database hospital_city-general.", "An empty one is made; there is nothing to back up.")),
        (b"x" * 9000, ("what is in it cannot be read.", "Its file is first kept as it is, beside the backups.")),
        ("lakeside", ("what is in it cannot be read.", "Its file is first kept as it is, beside the backups.")),
    ],
)
def test_what_cannot_be_counted_is_said(app, root, two_hospitals, content, sentences):
    app.extensions["engines"].close()
    with app.app_context():
        if content is None:
            database().unlink()
        else:
            database().write_bytes(content if isinstance(content, bytes) else database("lakeside").read_bytes())
    text = root.page(PAGE).text
    assert all(sentence in text for sentence in sentences)


def test_the_right_word_and_password_recreate_it_and_the_record_shows_the_way_back(app, root, hospital):
    with app.app_context():
        fill()
    answer = root.post(PAGE, data=RIGHT)
    assert (answer.status_code, answer.location) == (303, RECORD)
    text = root.page(RECORD).text
    assert "Recreating City General Hospital" in text
    assert "The work has not started." in text or "The work is about to start." in text
    perform(app)
    page = root.page(RECORD)
    with app.app_context():
        [saved] = listed()
        assert mark(database()) == 0
    assert "City General Hospital is recreated" in page.text
    assert f"Backup {saved.reference} , kept until" in page.text
    assert "Before recreating" in page.text
    assert "Recreated the database" in page.text
    operation = recreated_reference(app)
    answer = root.post(f"{RECORD}/recreate/{operation}/undo")
    assert (answer.status_code, answer.location) == (303, RECORD)
    assert "Restoring City General Hospital" in root.page(RECORD).text
    perform(app)
    with app.app_context():
        assert mark(database()) == FULL_OF
    assert "Undo:" not in root.page(RECORD).text


def recreated_reference(app) -> str:
    """The reference of the latest recreation."""
    with app.app_context():
        return [one for one in operations_of("city-general") if one.kind == "recreate"][-1].reference


def test_an_undo_is_refused_once_the_database_was_replaced_again(app, root, hospital):
    root.post(PAGE, data=RIGHT)
    perform(app)
    undo = f"{RECORD}/recreate/{recreated_reference(app)}/undo"
    assert "Undo: restore the database of before" in root.page(RECORD).text
    root.post(undo)
    perform(app)
    root.post(undo)
    assert "The database is not the recreated one any more" in root.page(RECORD).text
    with app.app_context():
        assert [one.kind for one in operations_of("city-general")] == ["create", "recreate", "restore"]
    assert root.post(f"{RECORD}/recreate/unknown/undo").status_code == 404


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "Type city-general exactly as shown"),
        (RIGHT | {"typed": "City-General"}, "Type city-general exactly as shown"),
        (RIGHT | {"typed": "lakeside"}, "Type city-general exactly as shown"),
        ({"typed": "city-general"}, "Enter your password"),
        (RIGHT | {"password": "a guess"}, "That password is not right"),
    ],
)
def test_anything_else_does_nothing_and_says_why(app, root, two_hospitals, answers, sentence):
    answer = root.post(PAGE, data=answers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "There is a problem" in answer.text
    assert answers.get("password", PASSWORD) not in answer.text
    assert recreations(app) == []


def test_a_wrong_password_is_written_down_and_few_are_tried(app, root, hospital):
    for _guess in range(5):
        assert root.post(PAGE, data=RIGHT | {"password": "a guess"}).status_code == 422
    assert root.post(PAGE, data=RIGHT).status_code == 429
    with app.app_context():
        entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "confirm")).all()
        assert [(entry.actor, entry.outcome, entry.details) for entry in entries] == [
            ("root", "refused", {"path": PAGE})
        ] * 5
    assert recreations(app) == []


@pytest.mark.parametrize("role", ["platform_admin", "hospital_admin"])
def test_nobody_but_superusers_sees_it_or_may(app, hospital, role):
    browser = browser_as(app, "grace", role, hospital)
    assert "Recreate Database" not in browser.page(RECORD).text
    assert "Recreate Database" not in browser.page("/admin/hospitals/").text
    for path in (PAGE, f"{BULK}/recreate/{hospital.id}"):
        assert browser.get(path).status_code == 403
        assert browser.post(path, data=RIGHT).status_code == 403
    assert browser.post(BULK, data={"work": "recreate", "hospital": [hospital.id]}).status_code == 403
    assert browser.post(f"{RECORD}/recreate/x/undo").status_code == 403
    assert recreations(app) == []
    with app.app_context():
        refused = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.outcome == "refused")).all()
        assert len(refused) == 4


def test_a_stranger_is_asked_to_sign_in(client, hospital):
    assert client.post(PAGE, data=RIGHT).status_code in (302, 303, 401)


def test_two_clicks_are_one_operation_and_other_work_is_refused_meanwhile(app, root, hospital):
    root.post(PAGE, data=RIGHT)
    root.post(PAGE, data=RIGHT)
    assert recreations(app) == ["queued"]
    for path in ("verify", "create-database", "backup"):
        root.post(f"{RECORD}/{path}")
        assert "Other work on this hospital is under way." in root.page(RECORD).text
    with app.app_context():
        assert [one.kind for one in operations_of("city-general")] == ["create", "recreate"]


def test_many_clicks_at_once_are_one_operation(app, root, hospital):
    with app.app_context():
        user = db.session.scalars(sa.select(User).where(User.username == "root")).one()
        db.session.expunge_all()
        db.session.rollback()

    def click(_number):
        browser = app.test_client()
        browser.sign_in_as(user)
        return browser.post(PAGE, data=RIGHT).status_code

    with ThreadPoolExecutor(6) as clicks:
        assert list(clicks.map(click, range(6))) == [303] * 6
    assert recreations(app) == ["queued"]


def test_while_other_work_is_under_way_it_is_refused(app, root, hospital):
    with app.app_context():
        request_again(hospital.id, "verify")
    assert root.post(PAGE, data=RIGHT).location == RECORD
    assert "Other work on this hospital is under way." in root.page(RECORD).text
    assert recreations(app) == []


def test_a_failure_says_that_nothing_was_changed(app, root, hospital, monkeypatch):
    root.post(PAGE, data=RIGHT)

    def fails(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portal.provisioning.backups.copy", fails)
    perform(app)
    page = root.page(RECORD)
    assert "City General Hospital is not recreated" in page.text
    assert "The disk is full. Saving the present state did not work" in page.text
    assert "Nothing else was changed." in page.text
    assert f'id="work-again" href="{PAGE}"' in page.html
    assert "Undo:" not in page.text


def test_while_it_lasts_the_record_says_that_the_hospital_is_closed(app, root, hospital):
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(closed_by=7))
        db.session.commit()
    text = root.page(RECORD).text
    assert "Closed while work on its database is under way." in text
    assert "Maintenance" in text


def test_the_list_of_careful_work_leads_to_the_page(root, hospital):
    page = root.page(RECORD)
    assert f'href="{PAGE}"' in page.html
    assert "Deletes everything in the database and begins with an empty one. A backup is made first." in page.text


def several(app) -> list[int]:
    """Three hospitals: two with something in them, and one without a database."""
    with app.app_context():
        tenant_id, _none = register("new-clinic", "New Clinic", with_database=False)
        return [tenant_of("city-general").id, tenant_of("lakeside").id, tenant_id]


def test_several_are_listed_with_what_is_in_them_and_asked_for_at_once(app, root, two_hospitals):
    ids = several(app)
    answer = root.post(BULK, data={"work": "recreate", "hospital": ids})
    assert answer.status_code == 303
    page = root.page(answer.location)
    assert "Recreate 3 databases?" in page.text
    assert "City General Hospital 0 patients, 0 appointments and 1 staff account" in page.text
    assert "New Clinic no database" in page.text
    assert "Type recreate 3 to confirm" in page.text
    wrong = root.post(answer.location, data={"typed": "recreate 2", "password": PASSWORD})
    assert (wrong.status_code, "Type recreate 3 exactly as shown" in wrong.text) == (422, True)
    done = root.post(answer.location, data={"typed": "recreate 3", "password": PASSWORD})
    assert done.status_code == 303
    assert "Recreating 3 databases" in root.page(done.location).text
    for subdomain in ("city-general", "lakeside", "new-clinic"):
        perform(app, subdomain)
    assert "3 recreated." in root.page(done.location).text
    with app.app_context():
        assert [row.reason for row in listed()] == ["before recreating"] * 2


def test_one_chosen_hospital_is_asked_about_on_its_own_page(root, hospital):
    assert root.post(BULK, data={"work": "recreate", "hospital": [hospital.id]}).location == PAGE


def test_a_failed_one_is_tried_again_only_after_asking_again(app, root, two_hospitals, monkeypatch):
    ids = [hospital.id for hospital in two_hospitals]
    address = root.post(BULK, data={"work": "recreate", "hospital": ids}).location
    done = root.post(address, data={"typed": "recreate 2", "password": PASSWORD})
    with app.app_context():
        database("lakeside").with_name(f"{database('lakeside').name}-wal").unlink(missing_ok=True)
    monkeypatch.setattr(recreate.Recreate, "build_aside", lambda work: 1 / 0)
    for subdomain in ("city-general", "lakeside"):
        perform(app, subdomain)
    page = root.page(done.location)
    assert "0 recreated, 2 failed." in page.text
    again = [field["value"] for field in page.fields if field.get("name") == "hospital"]
    answer = root.post(BULK, data={"work": "recreate", "hospital": again})
    assert answer.location.startswith(f"{BULK}/recreate/")
    assert recreations(app) == ["failed"]


@pytest.mark.parametrize(("ids", "status"), [("x,y", 400), ("999", 404), ("1," * 101, 400)])
def test_an_address_that_names_no_hospitals_is_refused(root, hospital, ids, status):
    assert root.get(f"{BULK}/recreate/{ids}").status_code == status


def test_a_word_for_three_does_not_do_for_two(app, root, two_hospitals):
    city, lakeside = two_hospitals
    answer = root.post(f"{BULK}/recreate/{city.id},{lakeside.id}", data={"typed": "recreate 3", "password": PASSWORD})
    assert answer.status_code == 422
    assert recreations(app) == []
