"""Staff: what the personnel office cannot do to those who manage the hospital, and to departments that are closed."""

from datetime import date

import pytest
import sqlalchemy as sa

from modules.core import module as core
from modules.staff.models import Department, Staff
from portal.auth.models import ADMIN_ROLE, Group, Permission, User, UserPermission
from portal.extensions import db
from portal.kit import Refused
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.modules.personnel import EVERYTHING, change, number_in, refused, register, sent, version_of, ward
from tests.modules.personnel import WARD as DEPARTMENT

SETTINGS = tuple(f"core.{verb}" for verb in core.permissions)
BEYOND = "Leila Rahmån may change more of the settings than you. Ask an administrator to do this"


@pytest.fixture
def office(client_with):
    """Somebody of the personnel office, and one department."""
    browser = client_with(*EVERYTHING)
    sent(browser, "/staff/departments/new", DEPARTMENT)
    return browser


@pytest.fixture(params=["by role", "beside the roles"])
def chief(app, hospital, office, request) -> int:
    """A user of the hospital's own who manages it."""
    with app.app_context(), in_hospital(hospital):
        by_role = request.param == "by role"
        role = sa.select(Group).where(Group.name == ADMIN_ROLE)
        groups = list(db.session.scalars(role)) if by_role else []
        user = User.add(username="chief", first_name="Leila", last_name="Rahmån", groups=groups)
        db.session.flush()
        if not by_role:
            verbs = sa.select(Permission.id).where(Permission.module == "core")
            db.session.add_all(UserPermission(user_id=user.id, permission_id=one) for one in db.session.scalars(verbs))
        db.session.commit()
        return user.id


def is_active(app, hospital, user_id: int) -> bool:
    with app.app_context(), in_hospital(hospital):
        return db.session.get_one(User, user_id).is_active


def test_nobody_is_made_a_user_who_manages_more_than_the_person_at_work(app, hospital, office, chief):
    """STF-2, from the other side: a made-up person who leaves takes no administrator along."""
    place = register(office)
    assert BEYOND in refused(office, f"{place}/sign-in", {"user_id": chief})
    sent(office, f"{place}/end-employment", {"left_on": "2026-06-30"})
    assert is_active(app, hospital, chief)


def test_nobody_locks_out_or_unlinks_somebody_who_manages_more(app, hospital, office, chief, client_with):
    """STF-2, from the other side: only who may manage the user records the leaving, which ends the access."""
    boss = client_with(*EVERYTHING, *SETTINGS, username="boss")
    place = register(office)
    sent(boss, f"{place}/sign-in", {"user_id": chief})
    assert BEYOND in refused(office, f"{place}/end-employment", {"left_on": "2026-06-30"})
    assert BEYOND in refused(office, f"{place}/sign-in", {"user_id": ""})
    assert is_active(app, hospital, chief)
    with app.app_context(), in_hospital(hospital):
        assert db.session.get_one(Staff, number_in(place)).status == "active"
    sent(boss, f"{place}/end-employment", {"left_on": "2026-06-30"})
    assert not is_active(app, hospital, chief)


def test_the_user_of_somebody_else_stays_theirs_when_a_form_is_saved_as_it_is(
    app, hospital, office, chief, client_with
):
    boss = client_with(*EVERYTHING, *SETTINGS, username="boss")
    place = register(office)
    sent(boss, f"{place}/sign-in", {"user_id": chief})
    sent(office, f"{place}/sign-in", {"user_id": chief})


def test_who_manages_by_permissions_beside_the_roles_is_changed_by_nobody_who_manages_less(app, hospital, client_with):
    with app.app_context():
        one = add_user(hospital, "grace", "core.role_change")
    other = client_with("core.view", "core.user_view", "core.user_change", username="other")
    assert other.post(f"/settings/users/{one.id}/disable").status_code == 403
    assert is_active(app, hospital, one.id)


def test_nobody_comes_back_to_work_in_a_closed_department(app, hospital, office):
    """STF-3: a department where people work is in use."""
    place = register(office)
    assert office.post(f"{place}/go-on-leave").status_code == 303
    path = "/staff/departments/1/edit"
    sent(office, path, DEPARTMENT | {"version": version_of(office, path)})
    with app.app_context(), in_hospital(hospital):
        member = db.session.get_one(Staff, number_in(place))
        with pytest.raises(Refused, match="Ward A, Medical is closed"):
            member.return_to_work()
        db.session.rollback()
        member = db.session.get_one(Staff, number_in(place))
        member.department_id = ward(code="B", name="Ward B").id
        member.return_to_work()
        assert not db.session.get_one(Department, 1).is_active


def test_who_has_left_did_not_begin_after_that(app, hospital, office):
    place = register(office)
    sent(office, f"{place}/end-employment", {"left_on": "2026-06-30"})
    with pytest.raises(AssertionError, match="The first day of work must not be after the last"):
        change(office, place, joined_on="2026-07-01")
    with app.app_context(), in_hospital(hospital):
        assert db.session.get_one(Staff, number_in(place)).joined_on == date(2026, 1, 5)
