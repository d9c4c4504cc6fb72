"""The record of a hospital: its work, its facts, its administrators, and the form that changes it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import Operation, Tenant, TenantAccess, User
from portal.extensions import db
from portal.provisioning import asking, operations
from tests.conftest import make_hospital
from tests.consoles import ANSWERS, add_platform_user, browser_as, operations_of, tenant_of

RECORD = "/admin/hospitals/city-general"


def end_latest(app, subdomain: str = "city-general", **values) -> None:
    """Let the hospital's latest operation end in this way."""
    with app.app_context():
        latest = operations_of(subdomain)[-1].id
        db.session.execute(sa.update(Operation).where(Operation.id == latest).values(active_key=None, **values))
        db.session.commit()


def test_the_record_shows_what_is_known(signed_in, app, hospital):
    text = signed_in.page(RECORD).text

    assert f"Ready All {len(app.extensions['modules'])} modules are set up." in text
    assert "Address http://city-general.localhost:8000/ Database hospital_city-general" in text
    assert "Plan Enterprise Agreement From 1 Jan 2026, no end" in text
    assert "Omar Haddad city-general-admin" in text
    assert "Created the hospital" in text


def test_a_hospital_that_is_not_there_is_not_found(signed_in):
    assert signed_in.get("/admin/hospitals/nowhere").status_code == 404


def test_a_second_click_on_create_leads_to_the_same_operation(signed_in, app):
    signed_in.post("/admin/hospitals/new", data=ANSWERS)

    for _click in range(2):
        answer = signed_in.post("/admin/hospitals/lakeside/create-database")
        assert (answer.status_code, answer.location) == (303, "/admin/hospitals/lakeside")
    with app.app_context():
        assert len(operations_of("lakeside")) == 1


def test_a_failure_says_what_did_not_work_and_can_be_tried_again(signed_in, app):
    signed_in.post("/admin/hospitals/new", data=ANSWERS)
    sentence = "Setting up Staff did not work, so the unfinished database was removed. Nothing else was changed."
    end_latest(app, "lakeside", state="failed", error=sentence)

    page = signed_in.page("/admin/hospitals/lakeside")
    assert "Lakeside Clinic is not ready" in page.text
    assert sentence in page.text
    assert re.search(r"Reference [0-9a-f-]{36} \. Details are in the job log\.", page.text)
    assert 'role="alert"' in page.html
    assert "Try again" in page.text

    signed_in.post("/admin/hospitals/lakeside/create-database")
    with app.app_context():
        operations.perform(operations_of("lakeside")[-1].id)
        assert tenant_of("lakeside").status == "ready"
    assert "Lakeside Clinic is ready" in signed_in.page("/admin/hospitals/lakeside").text


def test_an_interrupted_creation_offers_to_try_again(signed_in, app):
    signed_in.post("/admin/hospitals/new", data=ANSWERS)
    end_latest(app, "lakeside", state="interrupted", error="The background worker stopped 3 times during this work.")

    text = signed_in.page("/admin/hospitals/lakeside").text

    assert "The background worker stopped 3 times during this work." in text
    assert "Try again" in text


def test_work_that_does_not_start_says_why(signed_in):
    signed_in.post("/admin/hospitals/new", data=ANSWERS)

    assert "The work has not started." in signed_in.page("/admin/hospitals/lakeside").text


def test_the_progress_is_sent_only_when_it_has_changed_and_stops_asking_at_the_end(signed_in, app):
    signed_in.post("/admin/hospitals/new", data=ANSWERS)
    html = signed_in.page("/admin/hospitals/lakeside").html
    address = re.search(r'data-hx-get="(/admin/hospitals/lakeside/progress[^"]+)"', html)[1]

    assert signed_in.get(address).status_code == 204

    with app.app_context():
        operations.perform(operations_of("lakeside")[0].id)
    answer = signed_in.get(address).get_data(as_text=True)
    assert "Lakeside Clinic is ready" in answer
    assert 'data-focus-once="work-' in answer
    assert "data-hx-trigger" not in answer
    assert 'id="hospital-facts"' in answer


def test_the_success_panel_stays_until_the_next_operation(signed_in, app, hospital):
    assert "City General Hospital is ready" in signed_in.page(RECORD).text

    signed_in.post(f"{RECORD}/verify")
    page = signed_in.page(RECORD)
    assert "City General Hospital is ready" not in page.text
    assert "Checking City General Hospital" in page.text


def test_a_check_sees_a_database_that_is_gone(signed_in, app, settings, hospital):
    (settings.hospitals_dir / "hospital_city-general.db").unlink()
    app.extensions["engines"].close()

    signed_in.post(f"{RECORD}/verify")
    with app.app_context():
        operations.perform(operations_of("city-general")[-1].id)

    page = signed_in.page(RECORD)
    assert "Missing/Error The database cannot be found." in page.text
    assert "Create Database" in page.text


def test_a_check_while_a_creation_is_under_way_is_not_started(signed_in, app):
    signed_in.post("/admin/hospitals/new", data=ANSWERS)

    signed_in.post("/admin/hospitals/lakeside/verify")

    assert "Other work on this hospital is under way" in signed_in.page("/admin/hospitals/lakeside").text
    with app.app_context():
        assert [one.kind for one in operations_of("lakeside")] == ["create"]


def edit_form(page) -> dict:
    """The answers the edit form shows."""
    kept = {field["name"]: field.get("value", "") for field in page.fields if field.get("name")}
    ticked = [field["value"] for field in page.fields if field.get("name") == "modules" and "checked" in field]
    return {**kept, "plan": "3", "timezone": "Europe/London", "modules": ["", *ticked]}


def test_an_edit_is_kept_and_told_to_every_process(signed_in, app, hospital):
    answers = edit_form(signed_in.page(f"{RECORD}/edit"))

    answer = signed_in.post(f"{RECORD}/edit", data={**answers, "name": "City General", "ends_on": "2027-06-30"})

    assert answer.status_code == 303
    with app.app_context():
        tenant = tenant_of("city-general")
        assert (tenant.name, str(tenant.ends_on), tenant.timezone) == ("City General", "2027-06-30", "Europe/London")
        assert tenant.epoch > hospital.epoch
    text = signed_in.page(RECORD).text
    assert "The changes are saved." in text
    assert "Edited the hospital ends_on, name" in text


def test_a_stale_edit_is_refused_and_changes_nothing(signed_in, app, hospital):
    answers = edit_form(signed_in.page(f"{RECORD}/edit"))
    signed_in.post(f"{RECORD}/edit", data={**answers, "name": "First"})

    answer = signed_in.post(f"{RECORD}/edit", data={**answers, "name": "Second"})

    assert answer.status_code == 409
    assert "Somebody else changed this hospital while you worked on it." in answer.text
    with app.app_context():
        assert tenant_of("city-general").name == "First"


def test_a_wrong_edit_is_refused_with_its_sentence(signed_in, app, hospital):
    answers = edit_form(signed_in.page(f"{RECORD}/edit"))

    answer = signed_in.post(
        f"{RECORD}/edit", data={**answers, "name": "", "starts_on": "2026-05-01", "ends_on": "2026-04-01"}
    )

    assert answer.status_code == 422
    assert "Enter the hospital name" in answer.text
    assert "End date must be after the start date, 1 May 2026" in answer.text


def test_the_subdomain_cannot_be_edited(signed_in, app, hospital):
    answers = edit_form(signed_in.page(f"{RECORD}/edit"))

    signed_in.post(f"{RECORD}/edit", data={**answers, "subdomain": "elsewhere"})

    with app.app_context():
        assert tenant_of("city-general").id == hospital.id


def administrator_id(app, username: str) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(User.id).where(User.username == username))


def test_a_new_link_replaces_the_old_one_and_is_shown_once(signed_in, app, hospital):
    user_id = administrator_id(app, "city-general-admin")
    links = []
    for _round in range(2):
        signed_in.post(f"{RECORD}/administrators/{user_id}/invitation")
        links.append(re.search(r"http://localhost:8000(/invitation/[\w-]+)", signed_in.page(RECORD).html)[1])
    assert "/invitation/" not in signed_in.page(RECORD).html

    visitor = app.test_client()
    assert visitor.get(links[0]).status_code == 404
    assert visitor.get(links[1]).status_code == 200
    clock.move(timedelta(hours=25))
    assert visitor.get(links[1]).status_code == 404
    assert "Invitation link has ended" in signed_in.page(RECORD).text


def test_administrators_are_added_and_removed_but_the_last_one_stays(signed_in, app, hospital):
    with app.app_context():
        ada = add_platform_user("ada", "hospital_admin").id
    assert "Ada (ada@portal.test)" in signed_in.page(RECORD).text

    signed_in.post(f"{RECORD}/administrators", data={"administrator": ada})
    assert "Added an administrator ada" in signed_in.page(RECORD).text

    first = administrator_id(app, "city-general-admin")
    signed_in.post(f"{RECORD}/administrators/{first}/remove")
    signed_in.post(f"{RECORD}/administrators/{ada}/remove")
    assert "A hospital needs at least one administrator. Add another one first." in signed_in.page(RECORD).text
    with app.app_context():
        assert [access.user_id for access in tenant_of("city-general").access] == [ada]


@pytest.mark.parametrize("who", ["", "x", "1", "999"])
def test_only_hospital_administrators_can_be_added(signed_in, app, hospital, who):
    signed_in.post(f"{RECORD}/administrators", data={"administrator": who})

    assert "Select an administrator" in signed_in.page(RECORD).text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(TenantAccess)) == 1


def test_an_administrator_of_another_hospital_cannot_be_invited_or_removed_here(signed_in, app, two_hospitals):
    other = administrator_id(app, "lakeside-admin")

    for act in ("invitation", "remove"):
        assert signed_in.post(f"{RECORD}/administrators/{other}/{act}").status_code == 404


def test_a_hospital_administrator_reads_the_own_record_and_changes_nothing(app, two_hospitals):
    browser = browser_as(app, "omar", "hospital_admin", two_hospitals[0])

    page = browser.page(RECORD)
    assert "City General Hospital is ready" in page.text
    assert [form["action"] for form in page.forms] == ["/theme", "/sign-out"]
    assert browser.get("/admin/hospitals/lakeside").status_code == 404
    assert browser.get("/admin/hospitals/lakeside/progress").status_code == 404
    assert browser.get(f"{RECORD}/edit").status_code == 403
    for act in ("verify", "create-database", "administrators", "administrators/1/invitation", "edit"):
        assert browser.post(f"{RECORD}/{act}").status_code == 403
    with app.app_context():
        assert len(operations_of("city-general")) == 1


def test_many_operations_are_read_with_a_fixed_number_of_queries(signed_in, app, hospital, count_queries):
    with count_queries() as one:
        signed_in.page(RECORD)
    for _round in range(3):
        with app.app_context():
            operation_id = asking.request(db.session.get(Tenant, hospital.id), "verify").id
            db.session.commit()
            operations.perform(operation_id)
    make_hospital(app, "lakeside", "Lakeside Clinic")
    with count_queries() as many:
        signed_in.page(RECORD)

    assert len(many) <= len(one)
