"""Staff: the one register of who works here, in departments, within what the hospital's plan covers."""

import pytest
import sqlalchemy as sa

from portal.control.models import Plan
from portal.extensions import db
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.modules.personnel import (
    EVERYTHING,
    LEILA,
    WARD,
    change,
    member_of,
    refused,
    register,
    sent,
    version_of,
    ward,
)


@pytest.fixture
def office(client_with):
    """Somebody of the personnel office, and one department."""
    browser = client_with(*EVERYTHING)
    sent(browser, "/staff/departments/new", WARD)
    return browser


def test_who_is_registered_has_an_employee_number_and_a_record(office):
    record = office.page(register(office))
    assert record.headings == ["Leila Rahmån"]
    assert "ST26-000001" in record.text
    assert "Ward A, Medical" in record.text
    assert "Created by Leila" in office.page("/staff/1/audit").text


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
    sent(office, f"{first}/suspend", {"note": "Under inquiry"})
    register(office, first_name="Kofi")
    office.page(first)
    assert sentence in refused(office, f"{first}/reinstate", {})
    assert "Suspended" in office.page(first).text


def test_a_stale_form_is_409_and_keeps_nothing(office):
    place = register(office)
    old = version_of(office, f"{place}/edit")
    change(office, place, designation="Matron")
    text = refused(office, f"{place}/edit", LEILA, 409, version=old, designation="Porter")
    assert "Somebody else changed this record while you worked on it" in text
    assert "Porter" not in office.page(place).text


def test_staff_of_another_hospital_are_not_there(two_hospitals, client_with):
    city, lakeside = (client_with(*EVERYTHING, hospital=one) for one in two_hospitals)
    sent(city, "/staff/departments/new", WARD)
    place = register(city)
    assert "No staff yet" in lakeside.page("/staff/").text
    assert lakeside.get(place).status_code == lakeside.get("/staff/departments/1/edit").status_code == 404
    assert "Select a department" in refused(lakeside, "/staff/new", LEILA)


def test_who_may_only_look_is_offered_no_change(client_with, app, hospital):
    with app.app_context(), in_hospital(hospital):
        member_of(ward())
        db.session.commit()
    viewer = client_with("staff.view", username="viewer")
    offered = {url for path in ("/staff/", "/staff/1") for url, _words in viewer.page(path).links}
    assert not {url for url in offered if url.startswith("/staff/") and url.endswith(("new", "edit", "departments/"))}
    for path in ("/staff/new", "/staff/1/edit", "/staff/1/sign-in", "/staff/1/end-employment", "/staff/1/credentials"):
        assert viewer.get(path).status_code == 403


def test_colleagues_read_where_somebody_works_and_nothing_personal(office, client_with):
    place = register(office, birth_date="1981-04-02", national_id="AB12", emergency_name="Omid", email="l@x.test")
    personal = ("2 Apr 1981", "AB12", "Omid", "l@x.test")
    for fact in personal:
        assert fact in office.page(place).text
    colleague = client_with("staff.view", username="colleague").page(place).text
    assert "Ward sister" in colleague
    assert "020 7946 0101" in colleague
    assert not [fact for fact in personal if fact in colleague]


def test_who_was_suspended_or_has_left_is_not_in_everybodys_directory(office, client_with):
    colleague = client_with("staff.view", username="colleague")
    place = register(office)
    sent(office, f"{place}/go-on-leave", {})
    assert "On leave" in colleague.page("/staff/").text
    sent(office, f"{place}/return-to-work", {})
    sent(office, f"{place}/suspend", {"note": "Under inquiry"})
    assert "1 in the register" in office.page("/staff/?status=suspended").text
    assert "Rahmån" not in colleague.page("/staff/?status=suspended").text
    assert colleague.get(place).status_code == 404


def test_people_correct_their_own_phone_number_and_nothing_else(app, hospital, client_with):
    own = client_with("staff.view", username="own")
    assert "You are not in the staff register yet" in own.page("/staff/me").text
    assert "You are not in the staff register yet" in own.page("/staff/me/edit").text
    with app.app_context():
        user = add_user(hospital, "kofi", "staff.view")
        with in_hospital(hospital):
            member_of(ward(), user_id=user.id, national_id="AB12")
            db.session.commit()
        own = app.test_client(hospital=hospital)
        own.sign_in_as(user)
    assert "AB12" in own.page("/staff/me").text
    answers = {"version": version_of(own, "/staff/me/edit"), "phone": "020 7946 0177", "designation": "Director"}
    assert sent(own, "/staff/me/edit", answers) == "/staff/me"
    assert "020 7946 0177" in own.page("/staff/me").text
    assert "Director" not in own.page("/staff/me").text


def test_a_badge_says_who_somebody_is_and_nothing_personal(office):
    place = register(office, national_id="AB12", birth_date="1981-04-02")
    badge = office.page(f"{place}/print/badge").text
    for fact in ("Leila Rahmån", "Ward sister", "Ward A, Medical", "ST26-000001", "copy 1"):
        assert fact in badge
    assert not [fact for fact in ("AB12", "1981", "020 7946 0101") if fact in badge]
    sent(office, f"{place}/end-employment", {"left_on": "2026-06-30"})
    assert office.get(f"{place}/print/badge").status_code == 404
