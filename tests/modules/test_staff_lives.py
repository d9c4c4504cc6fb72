"""Staff: how somebody's time here goes on and ends, comes again, and who they are when they sign in."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from modules.core import module as core
from modules.doctors.models import Doctor, Specialization
from modules.nurses.models import Nurse
from modules.staff.models import Staff
from portal.auth.models import ADMIN_ROLE, Group, User
from portal.extensions import db
from portal.kit import Act, Refused, WrongState, today
from portal.kit.models import StatusLog
from portal.kit.parts import Part
from portal.record import Actor
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.modules.personnel import (
    EVERYTHING,
    WARD,
    change,
    member_of,
    number_in,
    refused,
    register,
    sent,
    ward,
)


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


@pytest.fixture
def heard(hear):
    """The events of staff that were told, with the name of whom they are about."""
    return hear("staff.joined", "staff.left", "user.disabled", note=str)


def user_named(username: str, *roles: str) -> User:
    """A user with these roles."""
    groups = list(db.session.scalars(sa.select(Group).where(Group.name.in_(roles))))
    user = User.add(username=username, first_name="Leila", last_name="Rahmån", groups=groups)
    db.session.flush()
    return user


def test_a_person_moves_only_along_the_ways_of_the_catalogue(inside):
    member = member_of(ward())
    member.go_on_leave()
    for refuse in (member.suspend, member.reinstate, lambda: member.end_employment(left_on=today())):
        with pytest.raises(WrongState):
            refuse()
    member.return_to_work()
    member.suspend(note="Under inquiry")
    with pytest.raises(WrongState):
        member.return_to_work()
    member.reinstate()
    member.suspend()
    member.end_employment(left_on=today())
    for refuse in (member.go_on_leave, member.return_to_work, member.suspend, member.reinstate):
        with pytest.raises(WrongState):
            refuse()
    log = db.session.execute(sa.select(StatusLog.from_status, StatusLog.to_status, StatusLog.note)).all()
    assert ("active", "suspended", "Under inquiry") in log
    assert log[-1][:2] == ("suspended", "left")


def test_joining_and_leaving_are_told_once(inside, heard):
    member = member_of(ward())
    assert heard == [("staff.joined", "Leila Rahmån")]
    member.go_on_leave()
    member.return_to_work()
    member.end_employment(left_on=today())
    assert heard == [("staff.joined", "Leila Rahmån"), ("staff.left", "Leila Rahmån")]


def test_the_last_day_is_not_before_the_first_nor_in_the_future(office):
    place = register(office)
    path = f"{place}/end-employment"
    assert "Enter the last day of work" in refused(office, path, {"left_on": ""})
    assert "The last day of work must not be before the first" in refused(office, path, {"left_on": "2025-12-31"})
    tomorrow = (date.today() + timedelta(days=2)).isoformat()  # noqa: DTZ011 - any day to come
    assert "The last day of work must be today or in the past" in refused(office, path, {"left_on": tomorrow})
    assert "Active" in office.page(place).text
    sent(office, path, {"left_on": "2026-06-30"})
    text = office.page(place).text
    assert "Last day of work 30 Jun 2026" in text
    assert "End employment" not in text


def test_the_history_of_a_person_tells_each_move_in_words(office):
    place = register(office)
    sent(office, f"{place}/suspend", {"note": "Under inquiry"})
    text = office.page(f"{place}/audit").text
    assert "Status: Active → Suspended" in text
    assert "Reason: Under inquiry" in text


def test_who_leaves_is_signed_out_and_cannot_sign_in_again(app, hospital, office):
    """STF-2: the user is disabled and every session ends, in the transaction of the leaving."""
    with app.app_context():
        user = add_user(hospital, "kofi", "staff.view")
    place = register(office)
    sent(office, f"{place}/sign-in", {"user_id": user.id})
    own = app.test_client(hospital=hospital)
    own.sign_in_as(user)
    assert own.page("/staff/me").headings == ["Leila Rahmån"]
    sent(office, f"{place}/end-employment", {"left_on": "2026-06-30"})
    assert own.get("/staff/me").location.startswith("/sign-in")
    with app.app_context(), in_hospital(hospital):
        now = db.session.get_one(User, user.id)
        assert (now.is_active, now.session_epoch) == (False, user.session_epoch + 1)
    assert "Disabled" in office.page(place).text


def test_a_leaving_that_is_refused_leaves_the_user_alone(app, hospital, office, client_with):
    """STF-2 and CORE-5: the hospital keeps its last administrator, and the person stays."""
    boss = client_with(*EVERYTHING, *(f"core.{verb}" for verb in core.permissions), username="boss")
    with app.app_context(), in_hospital(hospital):
        db.session.execute(sa.update(User).where(User.platform_user_uuid.is_not(None)).values(is_active=False))
        user_id = user_named("chief", ADMIN_ROLE).id
        db.session.commit()
    place = register(office)
    sent(boss, f"{place}/sign-in", {"user_id": user_id})
    text = refused(boss, f"{place}/end-employment", {"left_on": "2026-06-30"})
    assert "is the last administrator of the hospital" in text
    assert "Active" in office.page(place).text
    with app.app_context(), in_hospital(hospital):
        assert db.session.get_one(User, user_id).is_active
        assert db.session.get_one(Staff, number_in(place)).left_on is None


def test_nobody_records_that_they_have_left_themselves(inside, monkeypatch):
    member = member_of(ward())
    member.link(user_named("leila").id)
    db.session.commit()
    monkeypatch.setattr(Actor, "find_id", staticmethod(lambda: member.user_id))
    with pytest.raises(Refused, match="You cannot record that you have left yourself"):
        member.end_employment(left_on=today())


def test_duties_are_shown_before_somebody_leaves_and_afterwards(app, office, monkeypatch):
    """STF-2: what has to be handed over, from every module that knows of something."""

    def appointments(member: Staff) -> list[Act]:
        return [Act(f"3 appointments of {member}", "calendar", "/appointments/")]

    duty = Part("staff.duties", "appointments", "Appointments", "staff.view", appointments)
    module = app.extensions["modules"]["appointments"]
    monkeypatch.setattr(module, "parts", [*module.parts, duty])
    place = register(office)
    answers = WARD | {"version": "1", "is_active": "y", "head_id": "1"}
    sent(office, "/staff/departments/1/edit", answers)
    expected = {
        ("/staff/departments/1/edit", "Head of Ward A, Medical"),
        ("/appointments/", "3 appointments of Leila Rahmån"),
    }
    assert expected <= set(office.page(f"{place}/end-employment").links)
    answer = office.post(f"{place}/end-employment", data={"left_on": "2026-06-30"})
    assert answer.location == f"{place}/duties"
    page = office.page(answer.location)
    assert "Leila Rahmån has left, and this is still to be handed over." in page.text
    assert expected <= set(page.links)


def test_a_national_id_is_registered_once_at_a_time(inside):
    department = ward()
    member_of(department, national_id="AB12")
    with pytest.raises(Refused, match="This national id belongs to Leila Rahmån, ST26-000001") as refusal:
        member_of(department, first_name="Kofi", national_id="AB12")
    assert refusal.value.field == "national_id"
    member_of(department, first_name="Ama")
    member_of(department, first_name="Esi")


def test_who_comes_back_is_a_new_row_beside_the_old_one(office):
    """STF-1: one row at a time; the rows of a person are found by the national id."""
    first = register(office, national_id="AB12")
    sent(office, f"{first}/end-employment", {"left_on": "2026-06-30"})
    second = register(office, national_id="AB12", joined_on="2026-09-01")
    assert second != first
    assert (first, "ST26-000001") in office.page(second).links
    assert (second, "ST26-000002") in office.page(first).links
    change(office, first, national_id="AB12", designation="Matron")


def test_a_user_is_one_person_who_works_here(inside):
    """STF-1."""
    department, user = ward(), user_named("leila")
    first, second = member_of(department), member_of(department, first_name="Kofi")
    first.link(user.id)
    with pytest.raises(Refused, match="This user belongs to somebody else") as refusal:
        second.link(user.id)
    assert refusal.value.field == "user_id"
    first.end_employment(left_on=today())
    second.link(user.id)
    assert (first.user_id, second.user_id) == (None, user.id)
    with pytest.raises(Refused, match="has left"):
        first.link(user.id)


def test_the_users_to_choose_from_are_nobody_else_and_no_administrator_of_the_platform(
    app, hospital, office, client_with
):
    with app.app_context():
        mine, other = (add_user(hospital, name).id for name in ("kofi", "esi"))
    first = register(office)
    second = register(office, first_name="Kofi")
    sent(office, f"{second}/sign-in", {"user_id": other})
    page = office.page(f"{first}/sign-in").text
    assert "kofi" in page
    assert "Add a user" not in page
    assert "Add a user" in client_with(*EVERYTHING, "core.user_add", username="both").page(f"{first}/sign-in").text
    assert "esi" not in page
    assert "city-general-admin" not in page
    assert "Select a user" in refused(office, f"{first}/sign-in", {"user_id": other})
    sent(office, f"{first}/sign-in", {"user_id": mine})
    assert "kofi" in office.page(first).text
    sent(office, f"{first}/sign-in", {"user_id": ""})
    assert "This person does not sign in" in office.page(first).text


def test_doctors_and_nurses_are_members_of_staff_and_each_only_once(inside):
    """STF-1."""
    department = ward()
    member = member_of(department)
    field = Specialization(code="GEN", name="General")
    db.session.add(field)
    db.session.flush()
    doctor = {"license_expiry": today(), "specialization_id": field.id, "department_id": department.id}
    nurse = {"license_expiry": today(), "department_id": department.id, "grade": "registered"}
    for model, facts in ((Doctor, doctor), (Nurse, nurse)):
        for staff_id, refusal in ((None, "NOT NULL.*staff_id"), (member.id + 99, "FOREIGN KEY")):
            with pytest.raises(sa.exc.IntegrityError, match=refusal), db.session.begin_nested():
                db.session.add(model(**facts, license_no="L0", staff_id=staff_id))
        with db.session.begin_nested():
            db.session.add(model(**facts, license_no="L1", staff_id=member.id))
        with pytest.raises(sa.exc.IntegrityError, match="staff_id"), db.session.begin_nested():
            db.session.add(model(**facts, license_no="L2", staff_id=member.id))
