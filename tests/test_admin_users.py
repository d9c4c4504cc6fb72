"""The people of the platform: who may be created, invited and disabled, and by whom."""

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry, User
from portal.extensions import db
from tests.consoles import add_platform_user, browser_as

PERSON = {"username": "Ada", "name": "Ada Obi", "email": "Ada@portal.test", "role": "platform_admin"}


def user_named(username: str) -> User | None:
    db.session.rollback()
    return db.session.scalar(sa.select(User).where(User.username == username))


def test_a_user_is_created_with_an_invitation_that_is_shown_once(signed_in, app):
    answer = signed_in.post("/admin/users/new", data=PERSON)

    assert (answer.status_code, answer.location) == (303, "/admin/users/")
    assert "Invitation link for Ada Obi" in signed_in.page("/admin/users/").text
    assert "Invitation link for Ada Obi" not in signed_in.page("/admin/users/").text
    with app.app_context():
        user = user_named("ada")
        assert (user.email, user.role, user.password_hash) == ("ada@portal.test", "platform_admin", None)


def test_a_user_with_a_password_signs_in_with_it(signed_in, app):
    signed_in.post("/admin/users/new", data={**PERSON, "password": "correct horse battery"})

    browser = app.test_client()
    browser.post("/sign-in", data={"username": "ada", "password": "correct horse battery"})

    assert "Ada Obi" in browser.page("/admin/users/").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": ""}, "Enter a username"),
        ({"username": "a@b"}, "Username must use only letters a to z, numbers, dots, hyphens and underscores"),
        ({"username": "root"}, "“root” exists already. Select that user, or choose another username"),
        ({"name": ""}, "Enter the full name"),
        ({"email": "x"}, "Email address must include an @ and a domain, like name@hospital.example"),
        ({"email": "root@portal.test"}, "A user with this email address exists already. Select that user"),
        ({"role": "emperor"}, "Select a role"),
        ({"password": "aaaaaaaaaaaaaa"}, "Choose a password that is harder to guess"),
    ],
)
def test_each_wrong_answer_gets_its_sentence(signed_in, app, changes, sentence):
    answer = signed_in.post("/admin/users/new", data={**PERSON, **changes})

    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert user_named("ada") is None


@pytest.mark.parametrize("role", ["superuser", "platform_admin"])
def test_a_platform_administrator_makes_only_hospital_administrators(app, role):
    browser = browser_as(app, "grace", "platform_admin")

    assert "Select a role" in browser.post("/admin/users/new", data={**PERSON, "role": role}).text
    assert browser.post("/admin/users/new", data={**PERSON, "role": "hospital_admin"}).status_code == 303


def test_a_disabled_user_is_out_with_the_next_request_and_back_when_enabled(signed_in, app):
    browser = browser_as(app, "grace", "platform_admin")
    assert browser.get("/admin/users/").status_code == 200
    with app.app_context():
        user_id = user_named("grace").id

    signed_in.post(f"/admin/users/{user_id}/disable")
    assert browser.get("/admin/users/").status_code == 303
    assert "Disabled" in signed_in.page("/admin/users/").text

    signed_in.post(f"/admin/users/{user_id}/enable")
    assert browser.get("/admin/users/").status_code == 303, "the old session has ended for good"
    with app.app_context():
        assert user_named("grace").is_active


@pytest.mark.parametrize("act", ["invitation", "disable", "enable"])
def test_nobody_manages_themselves_or_those_above(app, signed_in, act):
    with app.app_context():
        root, peer = user_named("root").id, add_platform_user("peer", "platform_admin").id
    browser = browser_as(app, "grace", "platform_admin")
    with app.app_context():
        grace = user_named("grace").id

    assert signed_in.post(f"/admin/users/{root}/{act}").status_code == 403
    for user_id in (root, peer, grace):
        assert browser.post(f"/admin/users/{user_id}/{act}").status_code == 403
    with app.app_context():
        assert all(user.is_active and user.invitation_hash is None for user in db.session.scalars(sa.select(User)))
        refused = db.session.scalars(sa.select(AuditEntry.actor).where(AuditEntry.outcome == "refused")).all()
        assert sorted(refused) == ["grace", "grace", "grace", "root"]


def test_a_new_link_ends_the_old_one(signed_in, app):
    with app.app_context():
        user_id = add_platform_user("omar", "hospital_admin", invitation_hash="0" * 64).id

    signed_in.post(f"/admin/users/{user_id}/invitation")

    assert "Invitation link for Omar" in signed_in.page("/admin/users/").text
    with app.app_context():
        assert user_named("omar").invitation_hash != "0" * 64


def test_users_are_found_and_counted_by_role(signed_in, app):
    with app.app_context():
        add_platform_user("omar", "hospital_admin")
        add_platform_user("ada", "platform_admin")

    assert (
        "All 3 Superusers 1 Platform administrators 1 Hospital administrators 1" in signed_in.page("/admin/users/").text
    )
    text = signed_in.page("/admin/users/?q=OMAR&role=hospital_admin").text
    assert "omar@portal.test" in text
    assert "ada@portal.test" not in text
    assert "No users match" in signed_in.page("/admin/users/?q=%25").text


def test_a_hospital_administrator_manages_nobody(app):
    browser = browser_as(app, "omar", "hospital_admin")

    assert browser.get("/admin/users/").status_code == 403
    assert browser.get("/admin/plans/").status_code == 403
    page = browser.page("/admin/hospitals/")
    assert not [address for address, _text in page.links if address in ("/admin/users/", "/admin/plans/")]
