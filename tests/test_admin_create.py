"""Creating a hospital: what is asked, what is refused and in which words, and what the POST makes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from portal.auth.passwords import matches
from portal.control.models import AuditEntry, Operation, Tenant, User
from portal.extensions import db
from portal.provisioning import operations
from tests.clients import PageClient
from tests.consoles import ANSWERS, add_platform_user, browser_as, keep_only, operations_of, tenant_of
from tests.page import Page

NEW = "/admin/hospitals/new"


def refused(client: PageClient, **changes) -> Page:
    """The form's page after these answers were refused."""
    answer = client.post(NEW, data={**ANSWERS, **changes})
    assert answer.status_code == 422
    return Page(answer.get_data(as_text=True))


def test_a_hospital_is_created_with_its_administrator_and_its_first_operation(signed_in, app):
    answer = signed_in.post(NEW, data=ANSWERS)

    assert (answer.status_code, answer.location) == (303, "/admin/hospitals/lakeside")
    with app.app_context():
        tenant = tenant_of("lakeside")
        assert (tenant.name, tenant.plan.name, tenant.ends_on, tenant.timezone) == (
            "Lakeside Clinic",
            "Basic",
            None,
            "UTC",
        )
        assert tenant.modules == sorted(set(tenant.plan.modules) & set(app.extensions["modules"]))
        assert {"core", "dashboard", "patients", "staff"} <= set(tenant.modules) < set(app.extensions["modules"])
        assert [(access.user.username, access.user.role) for access in tenant.access] == [("grace", "hospital_admin")]
        assert [(one.kind, one.state) for one in operations_of("lakeside")] == [("create", "queued")]
        entry = db.session.scalar(sa.select(AuditEntry).where(AuditEntry.action == "create_hospital"))
        assert (entry.actor, entry.tenant_id) == ("root", tenant.id)


def test_without_a_password_the_invitation_link_is_shown_once(signed_in):
    signed_in.post(NEW, data=ANSWERS)

    assert "Invitation link for Grace Mwangi" in signed_in.page("/admin/hospitals/lakeside").text
    assert "Invitation link for Grace Mwangi" not in signed_in.page("/admin/hospitals/lakeside").text


def test_with_a_password_there_is_no_invitation(signed_in, app):
    signed_in.post(NEW, data={**ANSWERS, "admin_password": "correct horse battery"})

    with app.app_context():
        user = db.session.scalar(sa.select(User).where(User.username == "grace"))
        assert user.invitation_hash is None
        assert matches("correct horse battery", user.password_hash)
    assert "Invitation link for" not in signed_in.page("/admin/hospitals/lakeside").text


def test_an_existing_hospital_administrator_can_be_chosen(signed_in, app):
    with app.app_context():
        user_id = add_platform_user("omar", "hospital_admin").id

    signed_in.post(NEW, data={"name": "Lakeside", "subdomain": "lakeside", "administrator": user_id})

    with app.app_context():
        assert [access.user_id for access in tenant_of("lakeside").access] == [user_id]


def test_people_of_other_roles_and_disabled_ones_cannot_be_chosen(signed_in, app):
    with app.app_context():
        ada = add_platform_user("ada", "platform_admin").id
        eve = add_platform_user("eve", "hospital_admin", is_active=False).id

    for user_id in (ada, eve):
        assert "Select or create an administrator" in refused(signed_in, administrator=user_id).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Enter the hospital name"),
        ({"name": "x" * 121}, "Hospital name must be 120 characters or fewer"),
        ({"name": "City\nGeneral"}, "Hospital name must not contain line breaks or control characters"),
        ({"name": "City \u202eGeneral"}, "Hospital name must not contain line breaks or control characters"),
        ({"subdomain": ""}, "Enter a subdomain"),
        ({"subdomain": "ab"}, "Subdomain must be 3 characters or more"),
        ({"subdomain": "x" * 55}, "Subdomain must be 54 characters or fewer"),
        (
            {"subdomain": "-lake"},
            "Subdomain must use only letters a to z, numbers and hyphens,"
            " and must start and end with a letter or number",
        ),
        ({"subdomain": "ab--cd"}, "Subdomain must not have two hyphens as the third and fourth characters"),
        ({"subdomain": "admin"}, "“admin” is reserved for the platform. Choose a different subdomain"),
        ({"administrator": ""}, "Select or create an administrator"),
        ({"administrator": "x"}, "Select or create an administrator"),
        ({"admin_username": ""}, "Enter a username"),
        ({"admin_username": "a b"}, "Username must use only letters a to z, numbers, dots, hyphens and underscores"),
        ({"admin_email": ""}, "Enter an email address"),
        ({"admin_email": "grace"}, "Email address must include an @ and a domain, like name@hospital.example"),
        ({"admin_password": "short"}, "Password must be 12 characters or more"),
        ({"phone": "call me"}, "Phone number must use only numbers, spaces and + - ( ) . /"),
        ({"email": "a@b"}, "Email address must include an @ and a domain, like name@hospital.example"),
        ({"website": "javascript:alert(1)"}, "Website must be an address, like https://hospital.example"),
        ({"timezone": "Mars/Base"}, "Select a time zone"),
        ({"currency": "euro"}, "Currency must be three letters, like USD"),
        ({"locale": "English"}, "Language and region must be like en-GB"),
        ({"plan": "99"}, "Select a plan"),
        ({"plan": "x"}, "Select a plan"),
        ({"starts_on": "2026-02-30"}, "Start date must be a real date, like 2026-11-30"),
        ({"starts_on": "2026-03-10", "ends_on": "2026-03-10"}, "End date must be after the start date, 10 Mar 2026"),
    ],
)
def test_each_wrong_answer_gets_its_sentence(signed_in, app, changes, sentence):
    page = refused(signed_in, **changes)

    assert page.title.startswith("Error: Create hospital")
    field = next(reversed(changes))
    assert (f"#{field}", sentence) in page.links
    with app.app_context():
        assert tenant_of("lakeside") is None


def test_a_refused_form_keeps_every_answer_but_the_password(signed_in):
    page = refused(signed_in, name="", admin_password="correct horse battery", phone="+44 20 7946 0000", plan="3")

    values = {field.get("name"): field.get("value") for field in page.fields}
    assert (values["subdomain"], values["admin_name"], values["phone"]) == (
        "lakeside",
        "Grace Mwangi",
        "+44 20 7946 0000",
    )
    assert not values["admin_password"]
    assert '<option selected value="3">Enterprise</option>' in page.html
    assert "correct horse battery" not in page.html


def test_every_problem_is_named_at_once(signed_in):
    page = refused(signed_in, name="", subdomain="", admin_username="")

    problems = [text for address, text in page.links if address in ("#name", "#subdomain", "#admin_username")]
    assert problems == ["Enter the hospital name", "Enter a subdomain", "Enter a username"]


def test_a_username_or_email_in_use_is_refused_at_its_field(signed_in, hospital):
    page = refused(signed_in, admin_username="city-general-admin")
    assert "“city-general-admin” exists already. Select that user, or choose another username" in page.text
    page = refused(signed_in, admin_email="City-General@hospital.test")
    assert "A user with this email address exists already. Select that user" in page.text


def test_a_taken_subdomain_is_refused_with_free_ones_like_it(signed_in, hospital):
    page = refused(signed_in, subdomain="City-General")

    assert "“city-general” is already used by another hospital. Choose a different subdomain" in page.text
    assert "Available: city-general-hospital city-general-2 city-general-3" in page.text


def test_the_same_form_sent_twice_makes_one_hospital(signed_in, app):
    answers = {**ANSWERS, "form_token": str(uuid4())}

    first, second = (signed_in.post(NEW, data=answers) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    with app.app_context():
        assert len(operations_of("lakeside")) == 1


def test_another_form_for_a_taken_name_is_refused(signed_in):
    signed_in.post(NEW, data={**ANSWERS, "form_token": str(uuid4())})

    assert "already used" in refused(signed_in, form_token=str(uuid4()), admin_username="other").text


def test_ten_simultaneous_creates_of_one_subdomain_make_one_hospital(app):
    with app.app_context():
        user = db.session.scalar(sa.select(User).where(User.username == "root"))
        browsers = [app.test_client() for _ in range(10)]
        for browser in browsers:
            browser.sign_in_as(user)

    def create(number: int) -> int:
        person = {"admin_username": f"grace{number}", "admin_email": f"grace{number}@lakeside.test"}
        return browsers[number].post(NEW, data={**ANSWERS, **person}).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(create, range(10)))

    assert statuses == [303] + 9 * [422]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Tenant)) == 1
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Operation)) == 1
        assert db.session.scalar(sa.select(sa.func.count()).where(User.role == "hospital_admin")) == 1


def test_what_is_typed_as_a_subdomain_is_checked(signed_in, hospital):
    def check(subdomain: str) -> str:
        return Page(signed_in.get("/admin/hospitals/subdomain", query_string={"subdomain": subdomain}).text).text

    free = check("Lakeside ")
    assert "lakeside.localhost is available" in free
    assert "The site will be http://lakeside.localhost:8000/" in free
    assert "already used" in check("city-general")
    assert "Available: city-general-hospital city-general-2 city-general-3" in check("city-general")
    assert "Available: st-m-rys" not in check("st märys")
    assert "Available: st-marys" in check("st märys")
    assert check("") == ""


def test_a_suggested_subdomain_can_be_used(signed_in, hospital):
    assert signed_in.post(NEW, data={**ANSWERS, "subdomain": "city-general-hospital"}).status_code == 303


@pytest.fixture
def laboratory(app, monkeypatch):
    """Two modules that may be left out, one of which needs the other."""
    rooms = SimpleNamespace(name="rooms", label="Room Management", menu_label="Rooms", uses=(), tables=frozenset())
    laboratory = SimpleNamespace(name="laboratory", label="Laboratory", menu_label="Laboratory",
                                 uses=("patients", "rooms"), tables=frozenset())  # fmt: skip
    keep_only(app, monkeypatch, rooms=rooms, laboratory=laboratory)


def test_a_module_needs_those_it_uses(signed_in, laboratory):
    page = refused(signed_in, modules=["laboratory"])

    assert ("#modules", "Laboratory needs Rooms. Select Rooms too") in page.links


def test_at_least_one_module_is_ticked_where_some_are_offered(signed_in, laboratory):
    assert ("#modules", "Select at least one module") in refused(signed_in, modules=[""]).links


def test_modules_are_ticked_until_somebody_says_otherwise(signed_in, app, laboratory):
    boxes = [field for field in signed_in.page(NEW).fields if field.get("name") == "modules" and "id" in field]
    assert {(field["value"], "checked" in field) for field in boxes} == {("rooms", True), ("laboratory", True)}


def test_a_module_outside_the_plan_stays_switched_off(signed_in, app, laboratory):
    signed_in.post(NEW, data={**ANSWERS, "modules": ["rooms", "laboratory"]})

    with app.app_context():
        assert tenant_of("lakeside").modules == ["core", "dashboard", "patients", "rooms", "staff"]


def test_only_platform_people_create_hospitals(app, hospital):
    browser = browser_as(app, "omar", "hospital_admin", hospital)

    assert browser.get(NEW).status_code == 403
    assert browser.post(NEW, data=ANSWERS).status_code == 403
    with app.app_context():
        refusal = db.session.scalar(sa.select(AuditEntry).where(AuditEntry.outcome == "refused"))
        assert (refusal.actor, refusal.action) == ("omar", "new_hospital")


def test_the_agreement_is_kept(signed_in, app):
    signed_in.post(NEW, data={**ANSWERS, "plan": "2", "starts_on": "2026-01-01", "ends_on": "2026-12-31"})

    with app.app_context():
        tenant = tenant_of("lakeside")
        assert (tenant.plan.name, tenant.starts_on, tenant.ends_on) == (
            "Standard",
            date(2026, 1, 1),
            date(2026, 12, 31),
        )


def test_the_page_follows_the_work_to_the_success_panel(signed_in, app):
    signed_in.post(NEW, data=ANSWERS)
    page = signed_in.page("/admin/hospitals/lakeside")
    assert "Creating Lakeside Clinic" in page.text
    assert 'data-hx-trigger="every 1s"' in page.html

    with app.app_context():
        operations.perform(operations_of("lakeside")[0].id)
    text = signed_in.page("/admin/hospitals/lakeside").text
    assert "Lakeside Clinic is ready" in text
    assert "Database hospital_lakeside" in text
    assert "Administrator Grace Mwangi (grace@lakeside.test)" in text
    count = len(app.extensions["modules"])
    assert f"Modules migrated {count} of {count}, in" in text
    assert "Open the Lakeside Clinic dashboard" in text
