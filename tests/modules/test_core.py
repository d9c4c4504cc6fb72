"""Core: users, roles, the hospital's own settings and the audit; who manages them, and what nobody may do."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.auth.models import ADMIN_ROLE, Group, GroupPermission, Permission, User
from portal.auth.passwords import hashed, matches
from portal.extensions import db, limiter
from portal.kit import next_number, next_value
from portal.kit.models import AuditLog, HospitalProfile
from portal.kit.outbox import deliver
from portal.kit.seed import seed_reference
from portal.record import Refused
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests.conftest import add_user
from tests.page import Page

VERBS = (
    "view user_view user_add user_change role_change settings_view settings_change audit_view sequence_view"
    " event_view event_retry user_export audit_export"
)
EVERYTHING = [f"core.{verb}" for verb in VERBS.split()]
PASSWORD = "a long enough password"
NEW_PASSWORD = "another rather long one"
WRONG = "The username or password is not right. Check both and try again."
AMINA = {"username": "amina", "first_name": "Amina", "last_name": "Okafor", "phone": "020 7946 0102"}
PROFILE = {
    "name": "City General",
    "legal_name": "City General Trust",
    "timezone": "Asia/Kolkata",
    "currency": "inr",
    "locale": "en-IN",
    "mrn_prefix": "cgh",
    "default_tax_rate": "17.5",
    "followup_days": "7",
    "followup_visits": "2",
    "noshow_grace_min": "0",
    "pay_first": "y",
    "triage_1": "0",
    "triage_2": "15",
    "triage_3": "30",
    "triage_4": "60",
    "triage_5": "240",
}


@pytest.fixture
def boss(client_with):
    """Somebody who may do everything in the settings."""
    return client_with(*EVERYTHING, username="boss")


@pytest.fixture
def patient_door(monkeypatch):
    """Without the limit on sign-ins, which stops one place sooner than a user is locked."""
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def inside(app, hospital):
    """Work inside the hospital, without requests."""
    with app.app_context(), in_hospital(hospital):
        yield hospital


def role(name: str) -> Group:
    return db.session.scalars(sa.select(Group).where(Group.name == name)).one()


def role_id(app, hospital, name: str) -> int:
    with app.app_context(), in_hospital(hospital):
        return role(name).id


def read(app, hospital, username: str) -> User:
    """The user as the database has them now."""
    with app.app_context(), in_hospital(hospital):
        return db.session.scalars(sa.select(User).where(User.username == username)).one()


def text_of(answer) -> str:
    return Page(answer.get_data(as_text=True)).text


def add(browser, **changes) -> str:
    """Add a user whose password is known; the address of the record, which has been opened."""
    answer = browser.post("/settings/users/new", data={**AMINA, "password": PASSWORD, **changes})
    assert answer.status_code == 303, text_of(answer)
    browser.page(answer.location)
    return answer.location


def enter(app, hospital, username: str = "amina", password: str = PASSWORD):
    """A browser of the user, and the answer to their signing in."""
    browser = app.test_client(hospital=hospital)
    return browser, browser.post("/sign-in", data={"username": username, "password": password})


def temporary_in(answer) -> str:
    """The temporary password that a page shows."""
    fields = Page(answer.get_data(as_text=True)).fields
    return next(one["value"] for one in fields if one.get("id") == "user-temporary-password")


def version_of(browser, path: str) -> str:
    return next(one["value"] for one in browser.page(path).fields if one.get("name") == "version")


# Who may open what


def test_the_settings_show_only_what_the_person_may_open(client_with):
    text = client_with("core.view", "core.audit_view").page("/settings/").text
    assert "Audit" in text
    assert "Number sequences" not in text


@pytest.mark.parametrize(
    "path", ["", "users/", "users/new", "users/1", "users/1/edit", "roles/", "hospital/", "hospital/edit", "audit/",
             "sequences/", "events/"]
)  # fmt: skip
def test_without_the_permission_no_page_of_the_settings_opens(client_with, path):
    client_with("patients.view").page(f"/settings/{path}", 403)


@pytest.mark.parametrize("verb", ["unlock", "reset-password", "disable", "enable", "end-sessions"])
def test_without_the_permission_nobody_is_touched(client_with, verb):
    assert client_with("core.user_view").post(f"/settings/users/1/{verb}").status_code == 403


def test_only_the_hospitals_administrators_hold_the_settings_at_first(inside):
    held = sa.select(Group.name).join(GroupPermission).join(Permission).where(Permission.module == "core").distinct()
    assert db.session.scalars(held).all() == [ADMIN_ROLE]


# The list and the form


def test_who_is_added_is_in_the_list_and_signs_in_with_the_roles(app, hospital, boss):
    boss.page(add(boss, roles=role_id(app, hospital, "nurse")))
    listed = boss.page("/settings/users/").text
    assert "Amina Okafor" in listed
    assert "Nurse" in listed
    browser, answer = enter(app, hospital)
    assert answer.status_code == 303
    browser.page("/patients/")
    browser.page("/settings/users/", 403)


@pytest.mark.parametrize("q", ["okaf ami", "AMINA", "amina@city"])
def test_users_are_found_by_words_of_name_username_or_email(boss, q):
    add(boss, email="Amina@City.test")
    add(boss, username="kofi", first_name="Kofi", last_name="Annor", phone="")
    found = text_of(boss.post("/settings/users/", data={"q": q}))
    assert "Amina Okafor" in found
    assert "Annor" not in found
    assert "No users match" in text_of(boss.post("/settings/users/", data={"q": "nobody%"}))


def test_users_are_filtered_by_role_and_state(app, hospital, boss):
    nurse = role_id(app, hospital, "nurse")
    add(boss, roles=nurse)
    place = add(boss, username="kofi", first_name="Kofi", last_name="Annor")
    boss.page(boss.post(f"{place}/disable").location)
    with_role = boss.page(f"/settings/users/?role={nurse}").text
    assert "Amina" in with_role
    assert "Annor" not in with_role
    disabled = boss.page("/settings/users/?state=disabled").text
    assert "Annor" in disabled
    assert "Amina" not in disabled
    assert "Amina" in boss.page(f"/settings/users/?state=nonsense&role={10**30}").text


def test_the_list_makes_as_many_queries_for_many_as_for_one(boss, count_queries):
    with count_queries() as few:
        boss.page("/settings/users/")
    for number in range(5):
        add(boss, username=f"user{number}")
    with count_queries() as many:
        boss.page("/settings/users/")
    assert len([one for one in many if "auth_" in one]) == len([one for one in few if "auth_" in one]) > 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "", "Enter a username"),
        ("username", "amina okafor", "Username must use only letters a to z"),
        ("username", "BOSS", "“boss” is used by another user. Choose a different one"),
        ("first_name", "", "Enter the first name"),
        ("last_name", "", "Enter the last name"),
        ("email", "amina", "Email address must include an @ and a domain"),
        ("phone", "12", "Phone number must have 5 to 15 digits"),
        ("roles", "999", "Select roles from the list"),
        ("password", "short", "Password must be 12 characters or more"),
    ],
)
def test_each_wrong_answer_gets_its_sentence(boss, field, value, sentence):
    answer = boss.post("/settings/users/new", data={**AMINA, "password": PASSWORD, field: value})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_the_same_form_sent_twice_adds_one_user(boss):
    token = "6a0f6c1e-0000-4000-8000-000000000002"
    assert add(boss, token=token) == add(boss, token=token)
    assert "3 users" in boss.page("/settings/users/").text


def test_editing_corrects_the_user_and_gives_other_roles(app, hospital, boss):
    place = add(boss, roles=role_id(app, hospital, "nurse"))
    answers = {**AMINA, "last_name": "Bello", "roles": role_id(app, hospital, "doctor")}
    answer = boss.post(f"{place}/edit", data={**answers, "version": version_of(boss, f"{place}/edit")})
    assert answer.location == place
    text = boss.page(place).text
    assert "Amina Bello" in text
    assert "Roles: Nurse → Doctor" in text


def test_a_stale_edit_changes_nothing_and_signing_in_makes_no_edit_stale(app, hospital, boss):
    place = add(boss)
    version = version_of(boss, f"{place}/edit")
    enter(app, hospital)
    enter(app, hospital, password="wrong")
    assert version_of(boss, f"{place}/edit") == version
    assert boss.post(f"{place}/edit", data={**AMINA, "version": version, "last_name": "Bello"}).status_code == 303
    assert boss.post(f"{place}/edit", data={**AMINA, "version": version, "last_name": "Late"}).status_code == 409
    assert "Amina Bello" in boss.page(place).text


# Passwords


def test_without_a_first_password_a_temporary_one_is_shown_once_and_has_to_be_changed(app, hospital, boss):
    answer = boss.post("/settings/users/new", data=AMINA)
    temporary = temporary_in(answer)
    user = read(app, hospital, "amina")
    assert user.must_change_password
    assert temporary not in boss.get(f"/settings/users/{user.id}").text
    browser, answer = enter(app, hospital, password=temporary)
    for path in ("/", "/dashboard/", "/patients/new", "/settings/", "/settings/profile"):
        landed = browser.get(path, follow_redirects=True)
        assert Page(landed.text).headings == ["Choose your password"]
    answers = {"present": temporary, "password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    assert browser.post("/settings/password", data=answers).location == "/"
    browser.page("/settings/profile")
    assert enter(app, hospital, password=temporary)[1].status_code == 422
    assert enter(app, hospital, password=NEW_PASSWORD)[1].status_code == 303


def test_who_has_to_change_the_password_can_change_nothing_else(app, hospital, boss):
    temporary = temporary_in(boss.post("/settings/users/new", data={**AMINA, "roles": role_id(app, hospital, "nurse")}))
    browser, _answer = enter(app, hospital, password=temporary)
    assert browser.post("/patients/", data={"q": "a"}).location == "/settings/password"
    assert browser.post("/settings/profile", data={"phone": "0999 999 999"}).location == "/settings/password"
    assert read(app, hospital, "amina").phone == AMINA["phone"]


def test_resetting_a_password_shows_a_temporary_one_and_ends_every_session(app, hospital, boss):
    place = add(boss, roles=role_id(app, hospital, "nurse"))
    browser, _answer = enter(app, hospital)
    browser.page("/patients/")
    temporary = temporary_in(boss.post(f"{place}/reset-password"))
    assert browser.get("/patients/").location.startswith("/sign-in")
    assert enter(app, hospital)[1].status_code == 422
    assert enter(app, hospital, password=temporary)[1].status_code == 303
    with app.app_context(), in_hospital(hospital):
        told = [str(changes) for changes in db.session.scalars(sa.select(AuditLog.changes))]
        assert any("replaced" in text for text in told)
        assert not any(temporary in text or "argon2" in text for text in told)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"present": ""}, "Enter your present password"),
        ({"present": "not the one"}, "That password is not right"),
        ({"password": "short", "confirm": "short"}, "Password must be 12 characters or more"),
        ({"confirm": "something else"}, "The two passwords are not the same"),
        ({"password": PASSWORD, "confirm": PASSWORD}, "Choose a password that is not the present one"),
    ],
)
def test_the_own_password_is_changed_only_with_the_present_one(app, hospital, boss, changes, sentence):
    add(boss)
    browser, _answer = enter(app, hospital)
    answers = {"present": PASSWORD, "password": NEW_PASSWORD, "confirm": NEW_PASSWORD, **changes}
    answer = browser.post("/settings/password", data=answers)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert matches(PASSWORD, read(app, hospital, "amina").password_hash)


def test_changing_the_own_password_keeps_this_session_and_ends_the_others(app, hospital, boss):
    add(boss, must_change_password="")
    here, _answer = enter(app, hospital)
    elsewhere, _answer = enter(app, hospital)
    answers = {"present": PASSWORD, "password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    assert here.post("/settings/password", data=answers).status_code == 303
    assert "signed out everywhere else" in here.page("/settings/profile").text
    assert elsewhere.get("/settings/profile").location.startswith("/sign-in")


def test_people_change_their_own_phone_number_and_nothing_else(app, hospital, boss):
    add(boss)
    browser, _answer = enter(app, hospital)
    answers = {"phone": "020 7946 0999", "username": "root", "is_active": "", "roles": "1"}
    assert browser.post("/settings/profile", data=answers).status_code == 303
    user = read(app, hospital, "amina")
    assert (user.phone, user.username, user.is_active) == ("020 7946 0999", "amina", True)
    assert browser.post("/settings/profile", data={"phone": "12"}).status_code == 422


# Locking

LOCKING = pytest.mark.usefixtures("patient_door")


def fail(app, hospital, times: int, username: str = "amina") -> None:
    for _time in range(times):
        answer = enter(app, hospital, username, "wrong password")[1]
        assert WRONG in text_of(answer)


@LOCKING
def test_five_bad_passwords_lock_for_fifteen_minutes_with_the_same_sentence(app, hospital, boss):
    place = add(boss)
    fail(app, hospital, 5)
    answer = enter(app, hospital)[1]
    assert answer.status_code == 422
    assert WRONG in text_of(answer)
    assert "Locked until" in boss.page(place).text
    assert "Amina" in boss.page("/settings/users/?state=locked").text
    clock.move(timedelta(minutes=14))
    assert enter(app, hospital)[1].status_code == 422
    clock.move(timedelta(minutes=2))
    assert enter(app, hospital)[1].status_code == 303


@LOCKING
def test_trying_while_locked_does_not_lock_longer(app, hospital, boss):
    add(boss)
    fail(app, hospital, 5)
    until = read(app, hospital, "amina").locked_until
    clock.move(timedelta(minutes=10))
    fail(app, hospital, 6)
    assert read(app, hospital, "amina").locked_until == until


@LOCKING
def test_a_good_password_and_fifteen_minutes_forget_the_bad_ones(app, hospital, boss):
    add(boss)
    fail(app, hospital, 4)
    assert enter(app, hospital)[1].status_code == 303
    assert read(app, hospital, "amina").failed_logins == 0
    fail(app, hospital, 4)
    clock.move(timedelta(minutes=16))
    fail(app, hospital, 4)
    assert enter(app, hospital)[1].status_code == 303


@LOCKING
def test_unlocking_lets_somebody_try_again_at_once_from_the_start(app, hospital, boss):
    place = add(boss)
    fail(app, hospital, 5)
    assert boss.post(f"{place}/unlock").location == place
    fail(app, hospital, 4)
    assert enter(app, hospital)[1].status_code == 303


@LOCKING
def test_bad_passwords_never_lock_the_administrator_whom_the_platform_manages(app, hospital):
    fail(app, hospital, 6, "city-general-admin")
    assert not read(app, hospital, "city-general-admin").is_locked


# Ending access


def test_a_disabled_user_is_out_at_once_and_enabling_revives_no_session(app, hospital, boss):
    place = add(boss, roles=role_id(app, hospital, "nurse"))
    browser, _answer = enter(app, hospital)
    boss.post(f"{place}/disable")
    assert browser.get("/patients/").location.startswith("/sign-in")
    assert enter(app, hospital)[1].status_code == 422
    boss.post(f"{place}/enable")
    assert browser.get("/patients/").location.startswith("/sign-in")
    assert enter(app, hospital)[1].status_code == 303


def test_ending_sessions_signs_out_and_lets_sign_in_again(app, hospital, boss):
    place = add(boss)
    browser, _answer = enter(app, hospital)
    boss.post(f"{place}/end-sessions")
    assert browser.get("/settings/profile").location.startswith("/sign-in")
    assert enter(app, hospital)[1].status_code == 303
    assert "Sessions: ended" in boss.page(place).text


def test_nobody_disables_themselves(app, hospital, boss):
    own = f"/settings/users/{read(app, hospital, 'boss').id}"
    answer = boss.post(f"{own}/disable")
    assert answer.status_code == 409
    assert "You cannot disable your own account." in text_of(answer)
    assert read(app, hospital, "boss").is_active


def test_the_platforms_administrator_cannot_be_touched_here(app, hospital, boss):
    mirror = read(app, hospital, "city-general-admin")
    place = f"/settings/users/{mirror.id}"
    page = boss.page(place)
    assert "Managed by the platform" in page.text
    assert "Reset password" not in page.text
    boss.page(f"{place}/edit", 403)
    for verb in ("unlock", "reset-password", "disable", "enable", "end-sessions"):
        assert boss.post(f"{place}/{verb}").status_code == 403
    assert read(app, hospital, "city-general-admin").version == mirror.version


def test_the_platforms_administrator_has_no_password_to_change_here(app, hospital):
    browser = app.test_client(hospital=hospital)
    with app.app_context():
        browser.sign_in_as(read(app, hospital, "city-general-admin"))
    assert "The platform keeps your password" in browser.page("/settings/password").text
    answers = {"present": PASSWORD, "password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    browser.post("/settings/password", data=answers)
    assert read(app, hospital, "city-general-admin").password_hash is None


def test_the_last_active_administrator_keeps_access_and_role(inside):
    """CORE-5: mirrors count; a disabled administrator does not."""
    mirror = db.session.scalars(sa.select(User).where(User.platform_user_uuid.is_not(None))).one()
    amina = User.add(username="amina", first_name="Amina", last_name="Okafor", groups=[role(ADMIN_ROLE)])
    bo = User.add(username="bo", first_name="Bo", last_name="Lind", groups=[role(ADMIN_ROLE)], is_active=False)
    db.session.flush()
    facts = {"username": "amina", "first_name": "Amina", "last_name": "Okafor", "email": None, "phone": None}
    mirror.is_active = False
    with pytest.raises(Refused, match="Amina Okafor is the last administrator of the hospital"):
        amina.disable()
    with pytest.raises(Refused, match="last administrator"):
        amina.change(**facts, groups=[role("nurse")])
    bo.change(username="bo", first_name="Bo", last_name="Lind", email=None, phone=None, groups=[])
    mirror.is_active = True
    amina.change(**facts, groups=[role("nurse")])
    assert not amina.is_administrator


def test_the_last_administrator_is_refused_in_a_sentence(app, hospital, boss):
    """CORE-5, as people see it."""
    place = add(boss, roles=role_id(app, hospital, ADMIN_ROLE))
    with app.app_context(), in_hospital(hospital):
        db.session.execute(sa.update(User).where(User.username == "city-general-admin").values(is_active=False))
        db.session.commit()
    answer = boss.post(f"{place}/disable")
    assert answer.status_code == 409
    assert "Amina Okafor is the last administrator of the hospital" in text_of(answer)
    answer = boss.post(f"{place}/edit", data={**AMINA, "version": version_of(boss, f"{place}/edit")})
    assert answer.status_code == 422
    assert "last administrator" in text_of(answer)
    user = read(app, hospital, "amina")
    assert user.is_active


def test_who_may_change_users_cannot_make_or_touch_somebody_who_manages_more(app, hospital, boss, client_with):
    chief = add(boss, roles=role_id(app, hospital, ADMIN_ROLE))
    clerk = client_with("core.user_view", "core.user_add", "core.user_change", username="clerk")
    labels = clerk.page("/settings/users/new").text
    assert "Nurse" in labels
    assert "Hospital administrator" not in labels
    forged = {**AMINA, "username": "mole", "password": PASSWORD, "roles": role_id(app, hospital, ADMIN_ROLE)}
    assert clerk.post("/settings/users/new", data=forged).status_code == 422
    assert clerk.post(f"{chief}/reset-password").status_code == 403
    clerk.page(f"{chief}/edit", 403)


# The role grid


def cells(browser) -> tuple[str, list[str]]:
    """What the grid showed, and its ticks."""
    fields = browser.page("/settings/roles/").fields
    shown = next(one["value"] for one in fields if one.get("name") == "shown")
    return shown, [one["value"] for one in fields if one.get("name") == "tick" and "checked" in one]


def cell(app, hospital, role_name: str, permission: str) -> str:
    module, codename = permission.split(".")
    with app.app_context(), in_hospital(hospital):
        wanted = sa.select(Permission.id).where(Permission.module == module, Permission.codename == codename)
        return f"{role(role_name).id}:{db.session.scalars(wanted).one()}"


def save(browser, shown: str, ticks: list[str], **kwargs):
    return browser.post("/settings/roles/", data={"shown": shown, "tick": ticks}, **kwargs)


def test_taking_a_permission_counts_from_the_next_request_of_an_open_session(app, hospital, boss):
    """CORE-6."""
    add(boss, roles=role_id(app, hospital, "nurse"), must_change_password="")
    nurse, _answer = enter(app, hospital)
    nurse.page("/patients/")
    shown, ticks = cells(boss)
    ticks.remove(cell(app, hospital, "nurse", "patients.view"))
    assert save(boss, shown, ticks).location == "/settings/roles/"
    assert "1 permission is changed." in boss.page("/settings/roles/").text
    nurse.page("/patients/", 403)
    assert "Nurse: See who patients are: yes → no" in boss.page("/settings/audit/?action=permission").text


def test_a_tick_is_saved_alone_and_answers_with_what_is_shown_now(app, hospital, boss):
    shown, ticks = cells(boss)
    new = cell(app, hospital, "nurse", "core.audit_view")
    answer = save(boss, shown, [*ticks, new], headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert new in answer.text
    assert "<html" not in answer.text
    assert new in cells(boss)[1]


def test_an_old_page_changes_only_what_was_ticked_on_it(app, hospital, boss):
    shown, ticks = cells(boss)
    first, second = (cell(app, hospital, "nurse", name) for name in ("core.audit_view", "core.user_view"))
    save(boss, shown, [*ticks, first])
    save(boss, shown, [*ticks, second])
    assert {first, second} <= set(cells(boss)[1])


def test_the_administrators_keep_the_settings_whatever_is_sent(app, hospital, boss):
    shown, _ticks = cells(boss)
    save(boss, shown, ["x", "1:2:3", "99:99", "²:1"])
    with app.app_context(), in_hospital(hospital):
        held = sa.select(Permission.module, sa.func.count()).join(GroupPermission).group_by(Permission.module)
        rows = db.session.execute(held.where(GroupPermission.group_id == role(ADMIN_ROLE).id)).all()
        assert rows == [("core", len(EVERYTHING))]


def test_seeding_again_never_touches_an_edited_role(app, hospital, boss):
    shown, ticks = cells(boss)
    ticks.remove(cell(app, hospital, "nurse", "patients.view"))
    save(boss, shown, ticks)
    with app.extensions["engines"].get(hospital, writing=True).begin() as connection:
        seed_reference(connection, app.extensions["modules"])
    assert sorted(cells(boss)[1]) == sorted(ticks)


# The hospital's own settings


def test_the_hospital_says_how_it_presents_itself(app, hospital, boss):
    path = "/settings/hospital/edit"
    assert boss.post(path, data={**PROFILE, "version": version_of(boss, path)}).location == "/settings/hospital/"
    text = boss.page("/settings/hospital/").text
    for words in (
        "City General Trust",
        "Asia/Kolkata",
        "INR",
        "CGH",
        "17.50",
        "The settings of the hospital are saved.",
    ):
        assert words in text
    with app.app_context(), in_hospital(hospital):
        profile = db.session.get(HospitalProfile, 1)
        assert (profile.pay_first, profile.discharge_needs_zero_balance, profile.noshow_grace_min) == (True, False, 0)


def test_every_page_follows_the_time_zone_once_the_worker_has_told_the_platform(app, hospital, boss):
    path = "/settings/hospital/edit"
    boss.post(path, data={**PROFILE, "version": version_of(boss, path)})
    with app.app_context():
        assert get_hospital("city-general").timezone == "Europe/London"
        assert deliver("city-general") == 1
        told = get_hospital("city-general")
        assert (told.timezone, told.currency, told.locale, told.epoch) == (
            "Asia/Kolkata",
            "INR",
            "en-IN",
            hospital.epoch + 1,
        )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter the hospital name"),
        ("email", "x", "Email address must include an @"),
        ("timezone", "Mars/North", "Select a time zone"),
        ("currency", "£", "Currency must be three letters, like USD"),
        ("locale", "english", "Language and region must be like en-GB"),
        ("mrn_prefix", "C1", "Letters of patient numbers must be 2 to 6 letters"),
        ("default_tax_rate", "101", "Usual tax rate, % must be a percentage from 0 to 100"),
        ("followup_days", "", "Enter a number of days"),
        ("noshow_grace_min", "999", "Minutes until a no-show must be a whole number from 0 to 240"),
        ("triage_1", "481", "Level 1, resuscitation must be a whole number from 0 to 480"),
        ("triage_2", "2.5", "Level 2, emergency must be a whole number from 0 to 480"),
        ("triage_3", "", "Enter a number of minutes"),
        ("triage_4", "29", "Level 4 must be 30 minutes or more: level 3 is more urgent"),
    ],
)
def test_each_wrong_setting_gets_its_sentence(boss, field, value, sentence):
    path = "/settings/hospital/edit"
    answer = boss.post(path, data={**PROFILE, "version": version_of(boss, path), field: value})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_triage_begins_with_the_australasian_targets_and_the_hospital_may_change_them(app, hospital, boss):
    path = "/settings/hospital/edit"
    fields = {one.get("name"): one.get("value") for one in boss.page(path).fields}
    assert [fields[f"triage_{level}"] for level in range(1, 6)] == ["0", "10", "30", "60", "120"]
    boss.post(path, data={**PROFILE, "version": version_of(boss, path)})
    with app.app_context(), in_hospital(hospital):
        kept = db.session.get(HospitalProfile, 1).triage_targets
        assert kept == {"1": 0, "2": 15, "3": 30, "4": 60, "5": 240}
    assert "Level 5, non-urgent 240" in boss.page("/settings/hospital/").text
    assert "Triage targets: 0, 10, 30, 60, 120 → 0, 15, 30, 60, 240" in boss.page("/settings/audit/").text


def test_a_stale_page_of_the_settings_changes_nothing(boss):
    path = "/settings/hospital/edit"
    version = version_of(boss, path)
    assert boss.post(path, data={**PROFILE, "version": version}).status_code == 303
    assert boss.post(path, data={**PROFILE, "version": version, "name": "Late"}).status_code == 409
    assert "Late" not in boss.page("/settings/hospital/").text


def test_the_letters_of_patient_numbers_stay_once_one_was_given(inside):
    profile = db.session.get(HospitalProfile, 1)
    profile.change(mrn_prefix="XY")
    next_value("mrn")
    with pytest.raises(Refused, match="Patients have numbers that begin with XY"):
        profile.change(mrn_prefix="CG")


# The audit and the sequences


def test_the_audit_tells_who_did_what_with_before_and_after(app, hospital, boss):
    place = add(boss)
    boss.post(f"{place}/edit", data={**AMINA, "last_name": "Bello", "version": version_of(boss, f"{place}/edit")})
    text = boss.page("/settings/audit/").text
    assert "Last name: Okafor → Bello" in text
    assert f"user {read(app, hospital, 'amina').id}" in text
    fail(app, hospital, 1)
    assert "Nobody signed in" in boss.page("/settings/audit/?action=login_failed").text


def test_the_audit_is_filtered_by_act_person_and_day(app, hospital, boss):
    add(boss, must_change_password="")
    browser, _answer = enter(app, hospital)
    browser.post("/settings/profile", data={"phone": "020 7946 0777"})
    amina = read(app, hospital, "amina").id
    assert "0777" in boss.page(f"/settings/audit/?person={amina}").text
    assert (
        "Created"
        not in boss.page(f"/settings/audit/?person={amina}&action=update").text.partition("Before and after")[2]
    )
    today = clock.now().date()
    assert "0777" in boss.page(f"/settings/audit/?day={today}").text
    assert "No acts match" in boss.page(f"/settings/audit/?day={today + timedelta(days=3)}").text
    assert "0777" in boss.page("/settings/audit/?day=soon&action=nonsense&person=x").text


@pytest.mark.parametrize(
    "statement", ["UPDATE core_auditlog SET action = 'print'", "DELETE FROM core_auditlog"]
)  # fmt: skip
def test_rows_of_the_audit_cannot_be_changed_or_removed(app, hospital, boss, statement):
    """CORE-4: not by the application, nor by anybody else who writes to the file."""
    add(boss)
    engine = app.extensions["engines"].get(hospital, writing=True)
    with pytest.raises(sa.exc.DatabaseError, match="rows are only ever added"), engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_a_refused_change_of_a_user_leaves_no_row_in_the_audit(app, hospital, boss):
    """CORE-4: the row and the change are one transaction."""
    with app.app_context(), in_hospital(hospital):
        before = db.session.scalar(sa.select(sa.func.count(AuditLog.id)))
    boss.post("/settings/users/new", data={**AMINA, "password": PASSWORD, "username": "boss"})
    boss.post(f"/settings/users/{read(app, hospital, 'boss').id}/disable")
    with app.app_context(), in_hospital(hospital):
        assert db.session.scalar(sa.select(sa.func.count(AuditLog.id))) == before


def test_the_sequences_show_how_far_the_numbers_are(app, hospital, boss, client_with):
    with app.app_context(), in_hospital(hospital):
        next_number("staff", "ST")
        db.session.commit()
    text = boss.page("/settings/sequences/").text
    assert "staff" in text
    assert "Starts again every year 1" in text


def test_users_of_one_hospital_are_unknown_in_another(app, two_hospitals, client_with):
    city, lakeside = two_hospitals
    with app.app_context():
        add_user(city, "amina", first_name="Amina", password_hash=hashed(PASSWORD))
    there = client_with(*EVERYTHING, hospital=lakeside, username="boss")
    assert "Amina" not in there.page("/settings/users/").text
    assert "amina" not in there.page("/settings/audit/").text
    assert enter(app, lakeside)[1].status_code == 422
