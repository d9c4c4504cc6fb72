"""Staff: departments, what stands below what, who leads them, and when one can be closed."""

from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from modules.appointments.models import Schedule
from modules.doctors.models import Doctor, Specialization
from modules.rooms.models import Ward
from modules.staff.chart import chart
from modules.staff.models import Department
from portal.extensions import db
from portal.kit import Refused, today
from portal.tenancy.current import in_hospital
from tests.modules.personnel import (
    EVERYTHING,
    WARD,
    change_department,
    member_of,
    number_in,
    refused,
    register,
    sent,
    ward,
)

PLACE = "/staff/departments/1/edit"


@pytest.fixture
def office(client_with):
    """Somebody of the personnel office, and one department."""
    browser = client_with(*EVERYTHING)
    sent(browser, "/staff/departments/new", WARD)
    return browser


@pytest.fixture
def inside(in_app, hospital):
    """Work inside the hospital."""
    with in_hospital(hospital):
        yield hospital


def closed_is_refused(department: Department) -> str:
    """The sentence that says why the department cannot be closed."""
    with pytest.raises(Refused) as refusal:
        department.change(is_active=False)
    assert refusal.value.field == "is_active"
    assert department.is_active
    return refusal.value.sentence


def test_departments_are_listed_with_who_works_there_and_who_leads_them(office):
    place = register(office)
    page = office.page("/staff/departments/")
    assert ("/staff/?department=1&status=active", "1 active in Ward A, Medical") in page.links
    sent(office, PLACE, change_department(office, head_id=number_in(place)))
    assert (place, "Leila Rahmån") in office.page("/staff/departments/").links


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter the name of the department"),
        ({"kind": ""}, "Select the kind of department"),
        ({"parent_id": "99"}, "Select a department"),
        ({"name": "Other", "code": "ward-a"}, "“ward-a” is used by another department. Choose a different one"),
        (
            {"name": "ward a, medical", "code": "X"},
            "“ward a, medical” is used by another department. Choose a different one",
        ),
    ],
)
def test_a_department_has_a_code_and_a_name_of_its_own(office, changes, sentence):
    assert sentence in refused(office, "/staff/departments/new", WARD, **changes)


def test_only_who_works_in_a_department_leads_it(office):
    sent(office, "/staff/departments/new", WARD, name="Cardiology", code="CARD")
    elsewhere = register(office, department_id="2")
    sentence = "Select somebody who works there"
    assert sentence in refused(office, PLACE, change_department(office, head_id=number_in(elsewhere)))


def test_no_department_stands_below_itself(inside):
    top = ward()
    middle = ward(code="B", name="B", parent_id=top.id)
    low = ward(code="C", name="C", parent_id=middle.id)
    for parent in (top, middle, low):
        with pytest.raises(Refused, match="This department stands below Ward A, Medical itself") as refusal:
            top.change(is_active=True, parent_id=parent.id)
        assert refusal.value.field == "parent_id"
    db.session.rollback()


def test_a_circle_of_departments_is_refused_at_the_field(office):
    sent(office, "/staff/departments/new", WARD, name="Cardiology", code="CARD", parent_id="1")
    text = refused(office, PLACE, change_department(office, parent_id="2"))
    assert "This department stands below Ward A, Medical itself. Choose another" in text
    assert "Cardiology" in office.page("/staff/departments/chart").text


def test_nothing_that_is_in_use_stands_below_a_closed_department(inside):
    top = ward()
    low = ward(code="B", name="B", parent_id=top.id)
    assert closed_is_refused(top) == "B stands below it. Move or close that one first"
    low.change(is_active=False)
    top.change(is_active=False)
    with pytest.raises(Refused, match="This department is closed"):
        low.change(is_active=True)
    db.session.rollback()


def test_a_department_where_people_work_cannot_be_closed(office):
    """STF-3, active staff."""
    place = register(office)
    text = refused(office, PLACE, WARD, version="1")
    assert "1 person works here. Move them before you close the department" in text
    sent(office, f"{place}/suspend", {"note": "Under inquiry"})
    sent(office, PLACE, WARD, version="1")
    assert "Closed" in office.page("/staff/departments/").text
    assert "There is no department yet" in office.page("/staff/new").text


def test_a_department_with_a_ward_in_use_cannot_be_closed(inside):
    """STF-3, wards."""
    department = ward()
    rooms = Ward(code="W1", name="West wing", department_id=department.id, kind="general")
    db.session.add(rooms)
    assert closed_is_refused(department) == "West wing belongs to it. Move or close the ward first"
    rooms.is_active = False
    department.change(is_active=False)
    assert not department.is_active


@pytest.mark.parametrize("ended", [{"is_active": False}, {"valid_to": today}])
def test_a_department_whose_doctors_can_be_booked_cannot_be_closed(inside, ended):
    """STF-3, schedules: those of its own doctors that have not ended."""
    department, other = ward(), ward(code="B", name="B")
    hours = hours_of(doctor_of(department))
    assert "can be booked. End those first" in closed_is_refused(department)
    other.change(is_active=False)
    for name, value in ended.items():
        setattr(hours, name, value() - timedelta(days=1) if callable(value) else value)
    department.change(is_active=False)
    assert not department.is_active


def doctor_of(department: Department) -> Doctor:
    """A doctor whose clinics are the department's, and who is on leave."""
    field = Specialization(code="GEN", name="General")
    member = member_of(department)
    member.go_on_leave()
    db.session.add(field)
    db.session.flush()
    facts = {"license_no": "L1", "license_expiry": today(), "specialization_id": field.id}
    doctor = Doctor(staff_id=member.id, department_id=department.id, **facts)
    db.session.add(doctor)
    db.session.flush()
    return doctor


def hours_of(doctor: Doctor) -> Schedule:
    """Hours in which the doctor can be booked, without an end."""
    span = {"weekday": 0, "start_time": time(9), "end_time": time(12), "slot_minutes": 20}
    hours = Schedule(doctor_id=doctor.id, valid_from=today() - timedelta(days=9), **span)
    db.session.add(hours)
    db.session.flush()
    return hours


def test_what_another_module_refuses_is_read_at_the_field(app, hospital, office):
    """STF-3, as people see it."""
    with app.app_context(), in_hospital(hospital):
        db.session.add(Ward(code="W1", name="West wing", department_id=1, kind="general"))
        db.session.commit()
    answers = {name: value for name, value in change_department(office).items() if name != "is_active"}
    assert "West wing belongs to it" in refused(office, PLACE, answers)
    with app.app_context(), in_hospital(hospital):
        assert db.session.get_one(Department, 1).is_active


def test_the_chart_shows_what_stands_below_what_with_heads_and_people(inside, count_queries):
    top = ward()
    low = ward(code="B", name="Beta", parent_id=top.id)
    closed = ward(code="C", name="Gamma", parent_id=top.id)
    alone = ward(code="D", name="Alpha")
    closed.change(is_active=False)
    head = member_of(top)
    member_of(low)
    member_of(low).go_on_leave()
    top.change(is_active=True, head_id=head.id)
    db.session.flush()
    with count_queries() as statements:
        tops = chart()
    assert len(statements) == 1
    assert [(branch.department, branch.head, branch.count, branch.total) for branch in tops] == [
        (alone, None, 0, 0),
        (top, head, 1, 2),
    ]
    assert [(branch.department, branch.count) for branch in tops[1].below] == [(low, 1)]


def test_the_chart_is_a_page_for_everybody_who_sees_departments(app, hospital, client_with):
    with app.app_context(), in_hospital(hospital):
        top = ward()
        head = member_of(top)
        top.change(is_active=True, head_id=head.id)
        member_of(ward(code="B", name="Beta", parent_id=top.id))
        db.session.commit()
        head_id = head.id
    page = client_with("staff.department_view", "staff.view").page("/staff/departments/chart")
    assert "Ward A, Medical 1 person, 2 with those below Leila Rahmån Beta 1 person" in page.text
    assert (f"/staff/{head_id}", "Leila Rahmån") in page.links
    with app.app_context(), in_hospital(hospital):
        assert db.session.scalar(sa.select(sa.func.count(Department.id))) == 2
