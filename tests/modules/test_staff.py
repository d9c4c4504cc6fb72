"""Staff: the one register of who works here, in departments, within what the hospital's plan covers."""

import pytest
import sqlalchemy as sa

from modules.staff.models import Department, Staff
from portal.control.models import Plan
from portal.extensions import db
from portal.tenancy.current import in_hospital
from tests.page import Page

EVERYTHING = [
    f"staff.{verb}" for verb in ("view", "add", "change", "department_view", "department_add", "department_change")
]
WARD = {"name": "Ward A, Medical", "code": "WARD-A", "kind": "clinical"}
LEILA = {
    "first_name": "Leila",
    "last_name": "Rahmån",
    "sex": "female",
    "phone": "020 7946 0101",
    "department_id": "1",
    "designation": "Ward sister",
    "role_kind": "nurse",
    "employment": "full_time",
    "joined_on": "2026-01-05",
}


@pytest.fixture
def office(client_with):
    """Somebody of the personnel office, and one department."""
    browser = client_with(*EVERYTHING)
    sent(browser, "/staff/departments/new", WARD)
    return browser


def sent(browser, path: str, answers: dict, **changes) -> str:
    """Send a form that is right; the address it leads to, which has been opened."""
    answer = browser.post(path, data={**answers, **changes})
    assert answer.status_code == 303, Page(answer.get_data(as_text=True)).text
    browser.page(answer.location)
    return answer.location


def register(browser, **changes) -> str:
    return sent(browser, "/staff/new", LEILA, **changes)


def refused(browser, path: str, answers: dict, expected: int = 422, /, **changes) -> str:
    """What people read when a form has something wrong in it."""
    answer = browser.post(path, data={**answers, **changes})
    assert answer.status_code == expected
    return Page(answer.get_data(as_text=True)).text


def version_of(browser, path: str) -> str:
    return next(one["value"] for one in browser.page(path).fields if one.get("name") == "version")


def change(browser, place: str, **changes) -> str:
    """Change a record in the way its form does."""
    return sent(
        browser,
        f"{place}/edit",
        LEILA,
        **{"version": version_of(browser, f"{place}/edit"), "status": "active", **changes},
    )


def test_who_is_registered_has_an_employee_number_and_a_record(office):
    record = office.page(register(office))
    assert record.headings == ["Leila Rahmån"]
    assert "ST26-000001" in record.text
    assert "Ward A, Medical" in record.text
    assert "Registered by Leila" in record.text


@pytest.mark.parametrize("q", ["rahman", "LEI", "rahm leil", "ST26-000001", "st26-000001"])
def test_staff_are_found_by_words_of_the_name_or_employee_number(office, q):
    register(office)
    register(office, first_name="Kofi", last_name="Annor")
    found = office.page(f"/staff/?q={q}").text
    assert "Rahmån" in found
    assert "Annor" not in found


def test_filters_narrow_the_directory_and_stay_in_the_address(office):
    sent(office, "/staff/departments/new", WARD, name="Cardiology", code="CARD")
    register(office)
    register(office, first_name="Kofi", last_name="Annor", department_id="2")
    page = office.page("/staff/?department=2&status=active")
    assert "Annor" in page.text
    assert "Rahmån" not in page.text
    assert any("department=2" in url and "sort=" in url for url, _words in page.links)
    assert "No people match" in office.page("/staff/?status=left").text
    assert "Rahmån" in office.page(f"/staff/?department={10**30}&status=nonsense").text


def test_the_directory_makes_as_many_queries_for_many_as_for_one(office, app, hospital, count_queries):
    register(office)
    with count_queries() as few:
        office.page("/staff/")
    for number in range(5):
        register(office, first_name=f"Person{number}")
    with count_queries() as many:
        office.page("/staff/")
    assert len([one for one in many if "staff_" in one]) == len([one for one in few if "staff_" in one]) > 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("first_name", "", "Enter the first name"),
        ("phone", "", "Enter a phone number"),
        ("phone", "123", "Phone number must have 5 to 15 digits, like 07700 900412"),
        ("department_id", "", "Select a department"),
        ("department_id", "99", "Select a department"),
        ("designation", "", "Enter the job title"),
        ("role_kind", "wizard", "Select the kind of work"),
        ("joined_on", "", "Enter the first day of work"),
        ("joined_on", "soon", "First day of work must be a real date, like 1980-03-31"),
    ],
)
def test_each_wrong_answer_gets_its_sentence(office, field, value, sentence):
    assert sentence in refused(office, "/staff/new", LEILA, **{field: value})
    assert "No staff yet" in office.page("/staff/").text


def test_a_national_id_is_registered_once(office):
    register(office, national_id="ab 12")
    text = refused(office, "/staff/new", LEILA, national_id="AB12")
    assert "This national id belongs to Leila Rahmån, ST26-000001" in text


def test_the_same_form_sent_twice_registers_one_person(office):
    token = "6a0f6c1e-0000-4000-8000-000000000001"
    assert register(office, token=token) == register(office, token=token)
    assert "1 in the register" in office.page("/staff/").text


def limit_staff(app, limit: int) -> None:
    with app.app_context():
        db.session.execute(sa.update(Plan).values(staff_limit=limit))
        db.session.commit()
    app.extensions["registry"].forget()


def test_the_plan_limits_how_many_work_at_a_time(office, app):
    first = register(office)
    limit_staff(app, 1)
    sentence = "The hospital’s plan covers 1 active staff, and all places are taken"
    assert sentence in refused(office, "/staff/new", LEILA, first_name="Kofi")
    change(office, first, status="suspended")
    register(office, first_name="Kofi")
    back = {"version": version_of(office, f"{first}/edit"), "status": "active"}
    assert sentence in refused(office, f"{first}/edit", LEILA, **back)
    assert "Suspended" in office.page(first).text


def test_a_status_moves_only_along_its_ways(office):
    place = register(office)
    change(office, place, status="on_leave")
    assert "Status: Active → On leave" in office.page(place).text
    text = refused(office, f"{place}/edit", LEILA, version=version_of(office, f"{place}/edit"), status="suspended")
    assert "Select a status" in text


def test_who_leaves_has_a_last_day_and_does_not_come_back(office):
    place = register(office)
    now = {"version": version_of(office, f"{place}/edit"), "status": "left"}
    assert "Enter the last day of work" in refused(office, f"{place}/edit", LEILA, **now)
    early = refused(office, f"{place}/edit", LEILA, **now, left_on="2025-12-31")
    assert "The last day of work must not be before the first" in early
    change(office, place, status="left", left_on="2026-06-30")
    now = {"version": version_of(office, f"{place}/edit"), "status": "active"}
    assert "Select a status" in refused(office, f"{place}/edit", LEILA, **now)


def test_a_stale_form_is_409_and_keeps_nothing(office):
    place = register(office)
    old = version_of(office, f"{place}/edit")
    change(office, place, designation="Matron")
    text = refused(office, f"{place}/edit", LEILA, 409, version=old, status="active", designation="Porter")
    assert "Somebody else changed this record while you worked on it" in text
    assert "Porter" not in office.page(place).text


def test_departments_are_listed_with_who_works_there(office):
    register(office)
    page = office.page("/staff/departments/")
    assert "Ward A, Medical" in page.text
    assert ("/staff/?department=1&status=active", "1 active in Ward A, Medical") in page.links


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter the name of the department"),
        ({"kind": ""}, "Select the kind of department"),
        ({"name": "Other", "code": "ward-a"}, "“ward-a” is used by another department. Choose a different one"),
        (
            {"name": "ward a, medical", "code": "X"},
            "“ward a, medical” is used by another department. Choose a different one",
        ),
    ],
)
def test_a_department_has_a_code_and_a_name_of_its_own(office, changes, sentence):
    assert sentence in refused(office, "/staff/departments/new", WARD, **changes)


def test_a_department_where_people_work_cannot_be_closed(office):
    """STF-3, active staff."""
    place = register(office)
    edit = "/staff/departments/1/edit"
    text = refused(office, edit, WARD, version="1")
    assert "1 person works here. Move them before you close the department" in text
    change(office, place, status="suspended")
    sent(office, edit, WARD, version="1")
    assert "Closed" in office.page("/staff/departments/").text
    assert "There is no department yet" in office.page("/staff/new").text


def test_staff_of_another_hospital_are_not_there(two_hospitals, client_with):
    city, lakeside = (client_with(*EVERYTHING, hospital=one) for one in two_hospitals)
    sent(city, "/staff/departments/new", WARD)
    place = register(city)
    assert "No staff yet" in lakeside.page("/staff/").text
    assert lakeside.get(place).status_code == lakeside.get("/staff/departments/1/edit").status_code == 404
    assert "Select a department" in refused(lakeside, "/staff/new", LEILA)


def test_who_may_only_look_is_offered_no_change(client_with, app, hospital):
    with app.app_context(), in_hospital(hospital):
        department = Department.add(**WARD)
        db.session.flush()
        facts = {key: value for key, value in LEILA.items() if key not in ("joined_on", "department_id")}
        Staff.register(**facts, department_id=department.id, joined_on=sa.func.current_date())
        db.session.commit()
    viewer = client_with("staff.view", username="viewer")
    offered = {url for path in ("/staff/", "/staff/1") for url, _words in viewer.page(path).links}
    assert not {url for url in offered if url.startswith("/staff/") and url.endswith(("new", "edit", "departments/"))}
    for path in ("/staff/new", "/staff/1/edit", "/staff/departments/", "/staff/departments/new"):
        assert viewer.get(path).status_code == 403
