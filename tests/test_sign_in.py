"""Who may enter where: signing in and out, sessions that end, links that work once, the edge of every answer."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
import sqlalchemy as sa
import structlog
from flask_login import encode_cookie

from portal import clock, create_app
from portal.auth.identity import HospitalIdentity, PlatformIdentity
from portal.auth.invitations import invite
from portal.auth.models import User as HospitalUser
from portal.auth.passwords import hashed
from portal.control.models import AuditEntry, Tenant, TenantAccess, User
from portal.edge import HEADERS
from portal.extensions import db, limiter
from portal.kit.models import AuditLog
from portal.pages.answers import safe_next
from portal.provisioning.access import grant_access, withdraw_access
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests.clients import PageClient
from tests.conftest import add_user, shut
from tests.page import Page

PASSWORD = "a long enough password"
WRONG = "The username or password is not right. Check both and try again."


@pytest.fixture(scope="module")
def password_hash() -> str:
    """The hash of `PASSWORD`, made once because it is slow on purpose."""
    return hashed(PASSWORD)


@pytest.fixture
def root(app, password_hash) -> PageClient:
    """A browser on the console; the superuser “root” has a password."""
    set_platform(app, "root", password_hash=password_hash)
    return app.test_client()


@pytest.fixture
def leila(app, hospital, password_hash) -> PageClient:
    """A browser on the hospital's host; its user “leila” has a password."""
    with app.app_context():
        add_user(hospital, "leila", "patients.view", password_hash=password_hash, email="leila@hospital.test")
    return app.test_client(hospital=hospital)


@pytest.fixture
def omar(app, hospital, password_hash) -> PageClient:
    """A browser on the hospital's host; the hospital's administrator has a password on the platform."""
    set_platform(app, "city-general-admin", password_hash=password_hash)
    return app.test_client(hospital=hospital)


def set_platform(app, username: str, **values) -> None:
    """Change a user of the platform, as somebody at the console would."""
    with app.app_context():
        db.session.execute(sa.update(User).where(User.username == username).values(**values))
        db.session.commit()


def set_hospital(app, hospital, username: str, **values) -> None:
    """Change a user of the hospital."""
    with app.app_context(), in_hospital(hospital):
        db.session.execute(sa.update(HospitalUser).where(HospitalUser.username == username).values(**values))
        db.session.commit()


def enter(browser, username: str, password: str = PASSWORD, **more):
    """The answer to the sign-in form."""
    return browser.post("/sign-in", data={"username": username, "password": password, **more})


def is_signed_in(browser) -> bool:
    """The browser opens a page that strangers are sent away from."""
    return browser.get("/patients/" if browser.hospital else "/admin/hospitals/").status_code == 200


# Signing in


@pytest.mark.parametrize("name", ["root", " ROOT ", "root@portal.test", "Root@Portal.test"])
def test_a_platform_user_signs_in_by_username_or_email(root, name):
    answer = enter(root, name)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(root)


@pytest.mark.parametrize("name", ["leila", "leila@hospital.test", "LEILA"])
def test_a_hospitals_user_signs_in_on_its_host(leila, name):
    assert enter(leila, name).status_code == 303
    assert is_signed_in(leila)


def test_the_administrator_signs_in_to_the_hospital_with_the_password_of_the_platform(app, hospital, omar):
    set_platform(app, "city-general-admin", name="Omar Al-Haddad", email="omar@new.test")
    assert enter(omar, "omar@new.test").status_code == 303
    assert is_signed_in(omar)
    with app.app_context(), in_hospital(hospital):
        mirror = db.session.scalar(sa.select(HospitalUser).where(HospitalUser.username == "city-general-admin"))
        assert (mirror.full_name, mirror.email, mirror.password_hash) == ("Omar Al-Haddad", "omar@new.test", None)


@pytest.mark.parametrize(
    ("username", "password"),
    [("root", "wrong password"), ("nobody", PASSWORD), ("leila", PASSWORD), ("root", PASSWORD + " "), ("%", PASSWORD)],
)
def test_a_wrong_name_and_a_wrong_password_read_the_same_on_the_console(root, leila, username, password):
    answer = enter(root, username, password)
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert not is_signed_in(root)


@pytest.mark.parametrize("username", ["root", "nobody", "lakeside-admin", "ahmed"])
def test_people_from_elsewhere_do_not_exist_for_a_hospital(app, two_hospitals, root, password_hash, username):
    city, lakeside = two_hospitals
    set_platform(app, "lakeside-admin", password_hash=password_hash)
    with app.app_context():
        add_user(lakeside, "ahmed", password_hash=password_hash)
    browser = app.test_client(hospital=city)
    answer = enter(browser, username)
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert not is_signed_in(browser)


def test_a_hospital_administrator_signs_in_to_the_console_too(app, omar):
    browser = app.test_client()
    assert enter(browser, "city-general-admin").status_code == 303
    assert is_signed_in(browser)


def test_without_name_or_password_each_field_says_so(root):
    page = Page(enter(root, "", "").text)
    assert "Enter your username or email" in page.text
    assert "Enter your password" in page.text


def test_the_page_keeps_the_name_and_forgets_the_password(root):
    answer = enter(root, "somebody", "a secret that was typed")
    assert 'value="somebody"' in answer.text
    assert "a secret that was typed" not in answer.text


def test_a_user_without_a_password_cannot_sign_in(app, hospital):
    browser = app.test_client(hospital=hospital)
    assert enter(browser, "city-general-admin", "").status_code == 422
    assert enter(browser, "city-general-admin", "None").status_code == 422


def test_a_disabled_user_cannot_sign_in(app, hospital, root, leila, omar):
    set_platform(app, "root", is_active=False)
    set_platform(app, "city-general-admin", is_active=False)
    set_hospital(app, hospital, "leila", is_active=False)
    for browser, name in ((root, "root"), (leila, "leila"), (omar, "city-general-admin")):
        answer = enter(browser, name)
        assert answer.status_code == 422
        assert WRONG in answer.text


def test_a_mirror_that_the_hospital_disabled_cannot_sign_in(app, hospital, omar):
    set_hospital(app, hospital, "city-general-admin", is_active=False)
    assert enter(omar, "city-general-admin").status_code == 422


# What ends a session


def test_disabling_somebody_ends_their_session_at_the_next_request(app, hospital, root, leila, omar):
    for browser, name in ((root, "root"), (leila, "leila"), (omar, "city-general-admin")):
        enter(browser, name)
        assert is_signed_in(browser)
    set_platform(app, "root", is_active=False)
    set_platform(app, "city-general-admin", is_active=False)
    set_hospital(app, hospital, "leila", is_active=False)
    assert [is_signed_in(browser) for browser in (root, leila, omar)] == [False] * 3


def test_a_new_session_version_ends_every_session(app, hospital, root, leila, omar):
    for browser, name in ((root, "root"), (leila, "leila"), (omar, "city-general-admin")):
        enter(browser, name)
    set_platform(app, "root", session_version=2)
    set_platform(app, "city-general-admin", session_version=2)
    set_hospital(app, hospital, "leila", session_epoch=2)
    assert [is_signed_in(browser) for browser in (root, leila, omar)] == [False] * 3


def test_an_administrator_whose_access_is_withdrawn_is_out_at_the_next_request(app, omar):
    enter(omar, "city-general-admin")
    assert is_signed_in(omar)
    with app.app_context():
        tenant = db.session.scalar(sa.select(Tenant))
        other = User(username="other", name="Other", email="other@portal.test", role="hospital_admin")
        db.session.add(other)
        db.session.flush()
        grant_access(tenant, other)
        db.session.commit()
        db.session.expire_all()
        withdraw_access(tenant, next(access.user for access in tenant.access if access.user_id != other.id))
        db.session.commit()
    assert not is_signed_in(omar)
    assert enter(omar, "city-general-admin").status_code == 422


def test_a_new_generation_of_the_database_signs_everybody_out(app, hospital, leila, omar):
    enter(leila, "leila")
    enter(omar, "city-general-admin")
    generation = "0" * 32
    with app.app_context(), in_hospital(hospital):
        statement = sa.text("UPDATE core_identity SET generation = :generation")
        db.session.execute(statement, {"generation": generation}, bind_arguments={"bind_key": "tenant"})
        db.session.commit()
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(generation=generation, epoch=Tenant.epoch + 1))
        db.session.commit()
        app.extensions["registry"].forget()
    assert leila.get("/sign-in").status_code == 200
    assert [is_signed_in(browser) for browser in (leila, omar)] == [False, False]


def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(leila):
    enter(leila, "leila")
    answer = leila.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not is_signed_in(leila)


def test_somebody_who_is_signed_in_is_not_asked_again(root):
    enter(root, "root")
    answer = root.get("/sign-in?next=/admin/users/")
    assert (answer.status_code, answer.location) == (302, "/admin/users/")


# One hospital's cookie elsewhere


def cookie_of(answer) -> str:
    """The session cookie as a thief would send it."""
    return answer.headers["Set-Cookie"].split(";")[0]


def replay(app, cookie: str, hospital=None):
    """What the cookie opens on another host."""
    browser = app.test_client(hospital=hospital, use_cookies=False)
    return browser.get("/patients/" if hospital else "/admin/hospitals/", headers={"Cookie": cookie})


def test_a_cookie_of_one_hospital_opens_nothing_elsewhere_even_for_an_equal_id(app, two_hospitals, password_hash):
    """CORE-1."""
    city, lakeside = two_hospitals
    with app.app_context():
        ids = {add_user(where, "leila", "patients.view", password_hash=password_hash).id for where in two_hospitals}
    assert len(ids) == 1
    cookie = cookie_of(enter(app.test_client(hospital=city), "leila"))
    assert replay(app, cookie, city).status_code == 200
    assert replay(app, cookie, lakeside).status_code == 303
    assert replay(app, cookie).status_code == 303


def test_a_cookie_of_the_console_opens_no_hospital(app, hospital, root, omar):
    for browser, name in ((root, "root"), (app.test_client(), "city-general-admin")):
        cookie = cookie_of(enter(browser, name))
        assert replay(app, cookie).status_code == 200
        assert replay(app, cookie, hospital).status_code == 303


FORGED = [
    "{uuid}::1:1", "platform:{generation}:1:1", "{uuid}:{generation}:1", "1", "", ":::", "{uuid}:{generation}:1:1:1",
    "{uuid}:{generation}:-1:1", "{uuid}:{generation}:²:1", "{uuid}:{generation}:99999999999999999999:1",
    "{uuid}:{generation}:1:2", "{uuid}:{generation}: 1:1", "{uuid}:{generation}:1:1\n",
]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED, ids=ascii)
def test_a_session_that_names_nobody_here_is_nobody(app, hospital, forged):
    browser = app.test_client(hospital=hospital)
    with browser.session_transaction(base_url=browser.base_url) as session:
        session["_user_id"] = forged.format(uuid=hospital.uuid, generation=hospital.generation)
    assert browser.get("/patients/").status_code == 303


def test_a_remember_cookie_of_one_hospital_opens_nothing_elsewhere(app, two_hospitals):
    city, lakeside = two_hospitals
    with app.test_request_context(base_url="http://city-general.localhost:8000"):
        kept = encode_cookie(f"{city.uuid}:{city.generation}:1:1")
    for where in (lakeside, None):
        assert replay(app, f"remember_token={kept}", where).status_code == 303


def test_the_platforms_id_is_worth_nothing_in_a_hospital_and_the_other_way_round(app, two_hospitals):
    with app.app_context():
        user = add_user(two_hospitals[0], "leila")
        platform = PlatformIdentity(db.session.scalar(sa.select(User).where(User.username == "root"))).get_id()
        ids = {HospitalIdentity(hospital, user, 1).get_id() for hospital in two_hospitals} | {platform}
    assert len(ids) == 3


# CSRF and cookies


@pytest.fixture
def strict_app(app):
    """The application as people use it: every unsafe request needs the token of its page."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def unsafe_addresses(app, scope: str) -> list[str]:
    """Every address of this kind of host that changes something, parameters filled in."""
    found = set()
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        if getattr(blueprint, "scope", "both") in (scope, "both") and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            values = dict.fromkeys(rule.arguments, 1 if "int:" in rule.rule else "city-general")
            found.add(app.url_map.bind("x").build(rule.endpoint, values, method="POST"))
    return sorted(found)


@pytest.mark.parametrize("scope", ["platform", "hospital"])
def test_every_unsafe_request_without_a_token_is_refused(strict_app, hospital, scope):
    browser = strict_app.test_client(hospital=hospital if scope == "hospital" else None)
    with strict_app.app_context():
        if scope == "hospital":
            with in_hospital(hospital):
                user = db.session.scalar(sa.select(HospitalUser))
        else:
            user = db.session.scalar(sa.select(User).where(User.username == "root"))
    browser.sign_in_as(user)
    addresses = unsafe_addresses(strict_app, scope)
    assert "/sign-in" in addresses
    assert len(addresses) > 5
    for path in addresses:
        for data in ({}, {"csrf_token": "made up"}):
            answer = browser.post(path, data=data)
            assert answer.status_code == 400, path
            assert "This page was open too long" in answer.text


def test_the_token_of_another_session_is_refused_and_the_own_one_works(strict_app, root):
    def token(browser) -> str:
        return re.search(r'name="csrf-token" content="([^"]+)"', browser.get("/sign-in").text)[1]

    stolen = token(strict_app.test_client())
    own = token(root)
    assert enter(root, "root", csrf_token=stolen).status_code == 400
    assert enter(root, "root", csrf_token=own).status_code == 303
    assert root.post("/sign-out", headers={"X-CSRFToken": own}).status_code == 303


def cookies_of(answer) -> list[tuple[str, dict]]:
    """The cookies an answer sets, with their flags."""
    parsed = [SimpleCookie(header) for header in answer.headers.getlist("Set-Cookie")]
    return [(name, dict(morsel)) for cookie in parsed for name, morsel in cookie.items()]


def test_cookies_stay_on_their_host_and_away_from_scripts(root, leila):
    for browser, name in ((root, "root"), (leila, "leila")):
        for answer in (enter(browser, name), browser.post("/theme", data={"theme": "dark"})):
            for cookie, flags in cookies_of(answer):
                assert flags["domain"] == "", cookie
                assert flags["path"] == "/", cookie
                assert flags["httponly"] is True, cookie
                assert flags["samesite"] == "Lax", cookie
    assert [name for name, _flags in cookies_of(enter(root, "root"))] == ["session"]


def test_over_https_the_session_cookie_is_secure_and_bound_to_its_host(settings, password_hash):
    app = create_app(replace(settings, public_url="https://localhost"))
    try:
        app.config.update(WTF_CSRF_ENABLED=False)
        set_platform(app, "root", password_hash=password_hash)
        answer = app.test_client().post(
            "/sign-in", base_url="https://localhost", data={"username": "root", "password": PASSWORD}
        )
        ((name, flags),) = cookies_of(answer)
        assert name == "__Host-session"
        assert (flags["secure"], flags["path"], flags["domain"]) == (True, "/", "")
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    finally:
        shut(app)


# Where to go afterwards

ELSEWHERE = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example", "http:///evil",
    "javascript:alert(1)", "data:text/html,x", "evil.example",
    "/\t/evil.example", "/\n//evil", "\t//evil.example", " //evil",
    "///evil.example", "/%09/\\evil", "/\r\nSet-Cookie: a=b", "http://127.0.0.1:8000/", "/\\/evil.example", "",
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE, ids=ascii)
def test_after_signing_in_nobody_is_sent_to_another_site(root, wanted):
    answer = enter(root, "root", next=wanted)
    assert answer.status_code == 303
    assert answer.location == "/"


@pytest.mark.parametrize("wanted", ["/patients/", "/patients/7?sort=name&page=2", "/a#b", "/?q=//x"])
def test_a_path_of_this_site_is_where_people_go_on(wanted):
    assert safe_next(wanted, "/") == wanted


def test_a_stranger_is_sent_to_sign_in_and_back_again(root, leila):
    answer = root.get("/admin/users/?page=2")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/admin/users/?page%3D2")
    assert enter(root, "root", next="/admin/users/?page=2").location == "/admin/users/?page=2"
    assert leila.post("/patients/new").location == "/sign-in"
    fragment = leila.get("/patients/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/sign-in?next=/patients/")


# Failed attempts


def test_a_failed_attempt_is_in_the_audit_although_its_request_rolled_back(app, hospital, root, leila):
    enter(root, "root", "wrong password")
    enter(leila, "leila", "wrong password")
    enter(leila, "nobody", "wrong password")
    with app.app_context():
        entry = db.session.scalar(sa.select(AuditEntry).where(AuditEntry.action == "sign_in"))
        assert (entry.outcome, entry.details, entry.ip) == ("refused", {"name": "root"}, "127.0.0.1")
        with in_hospital(hospital):
            user = db.session.scalar(sa.select(HospitalUser).where(HospitalUser.username == "leila"))
            entries = db.session.scalars(sa.select(AuditLog).where(AuditLog.action == "login_failed")).all()
            assert [entry.object_id for entry in entries] == [user.id, None]
            assert user.failed_logins == 1


def test_signing_in_and_out_is_in_the_audit_too(app, hospital, root, leila):
    for browser, name in ((root, "root"), (leila, "leila")):
        enter(browser, name)
        browser.post("/sign-out")
    with app.app_context():
        done = sa.select(AuditEntry.action, AuditEntry.actor).where(AuditEntry.actor == "root")
        assert db.session.execute(done).all() == [("sign_in", "root"), ("sign_out", "root")]
        with in_hospital(hospital):
            assert db.session.scalars(sa.select(AuditLog.action)).all()[-2:] == ["login", "logout"]


@pytest.fixture
def log(app) -> io.StringIO:
    """What the portal writes to its log from now on."""
    written = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    return written


def test_no_password_and_no_cookie_reaches_the_log_even_when_a_page_fails(app, root, log):
    app.add_url_rule("/broken", "broken", lambda: 1 / 0, methods=["POST"])
    enter(root, "root", "a secret that was typed")
    cookie = cookie_of(enter(root, "root"))
    root.post("/broken?password=also-a-secret", data={"password": PASSWORD})
    assert "request_failed" in log.getvalue()
    for secret in ("a secret that was typed", "also-a-secret", PASSWORD, cookie):
        assert secret not in log.getvalue()


@pytest.fixture
def limited(app):
    """Attempts are counted, from none."""
    before, limiter.enabled = limiter.enabled, True
    yield
    limiter.enabled = before


def test_the_sixth_failure_in_five_minutes_has_to_wait_and_others_do_not(app, root, leila, limited):
    for _attempt in range(5):
        assert enter(root, "root", "wrong password").status_code == 422
    answer = enter(root, "root")
    assert answer.status_code == 429
    assert "Too many attempts. Try again in 5 minutes." in answer.text
    assert enter(root, "somebody-else", "wrong password").status_code == 422
    assert enter(leila, "leila").status_code == 303
    assert root.get("/sign-in").status_code == 200


def test_signing_in_rightly_is_not_counted(root, limited):
    for _attempt in range(7):
        assert enter(root, "root").status_code == 303


# Invitations


@pytest.fixture
def invited(app, hospital):
    """A function that makes the administrator's link and answers with its path."""

    def make() -> str:
        with app.app_context():
            link = invite(db.session.scalar(sa.select(User).where(User.username == "city-general-admin")))
            db.session.commit()
        assert link.startswith("http://localhost:8000/invitation/")
        return link.removeprefix("http://localhost:8000")

    return make


def choose(browser, path: str, password: str = PASSWORD, again: str = PASSWORD):
    """The answer to the invitation's form."""
    return browser.post(path, data={"password": password, "confirm": again})


def test_an_invitation_works_once(app, client, invited):
    path = invited()
    assert 'value="city-general-admin"' in client.page(path).html
    assert choose(client, path).location == "/sign-in"
    assert enter(client, "city-general-admin").status_code == 303
    assert "This link has ended" in client.page(path, 404).text
    assert choose(client, path, "another password!", "another password!").status_code == 404
    assert enter(app.test_client(), "city-general-admin").status_code == 303


def test_an_invitation_ends_after_a_day(client, invited):
    path = invited()
    clock.move(timedelta(hours=23, minutes=59))
    client.page(path)
    clock.move(timedelta(minutes=2))
    client.page(path, 404)
    assert choose(client, path).status_code == 404


def test_a_new_invitation_replaces_the_old_one(client, invited):
    old, new = invited(), invited()
    client.page(old, 404)
    client.page(new)


def test_an_invitation_to_somebody_disabled_has_ended(app, client, invited):
    path = invited()
    set_platform(app, "city-general-admin", is_active=False)
    client.page(path, 404)


def test_an_invitation_opens_on_the_platform_only_and_not_by_guessing(app, hospital, client, invited):
    path = invited()
    assert app.test_client(hospital=hospital).get(path).status_code == 404
    client.page(path[:-1] + ("a" if path[-1] != "a" else "b"), 404)
    with app.app_context():
        kept = db.session.scalar(sa.select(User.invitation_hash).where(User.invitation_hash.is_not(None)))
    assert kept not in path
    client.page(f"/invitation/{kept}", 404)


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("short", "short", "Password must be 12 characters or more"),
        ("x" * 129, "x" * 129, "Password must be 128 characters or fewer"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "harder to guess"),
        ("administrator", "administrator", "harder to guess"),
        (PASSWORD, PASSWORD + "!", "The two passwords are not the same"),
    ],
)
def test_a_password_that_cannot_be_used_gets_its_sentence(client, invited, password, again, sentence):
    path = invited()
    answer = choose(client, path, password, again)
    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    client.page(path)


def test_accepting_an_invitation_ends_the_sessions_of_the_old_password(app, omar, invited):
    enter(omar, "city-general-admin")
    assert is_signed_in(omar)
    choose(app.test_client(), invited(), "a quite different one", "a quite different one")
    assert not is_signed_in(omar)


# The edge around every answer


def some_answers(app, hospital, root, leila):
    """One answer of every kind: pages, fragments, redirects, refusals, failures, files, and none at all."""
    app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    enter(root, "root")
    stranger = app.test_client()
    file = stranger.get("/static/app.css")
    yield file
    yield stranger.get("/static/app.css", headers={"If-None-Match": file.headers["ETag"]})
    yield from (stranger.get(path) for path in ("/", "/sign-in", "/admin/hospitals/", "/nothing-here", "/readyz"))
    yield from (
        root.get(path) for path in ("/admin/hospitals/", "/admin/hospitals/city-general", "/broken", "/patients/")
    )
    yield root.post("/nothing-here")
    yield root.delete("/sign-in")
    yield enter(stranger, "root", "wrong password")
    yield stranger.get("/invitation/nonsense")
    yield stranger.get("/healthz")
    yield from (leila.get(path) for path in ("/", "/sign-in", "/patients/", "/nothing-here", "/broken", "/admin/"))
    yield stranger.get("/", headers={"Host": "nobody.localhost"})
    yield stranger.get("/", headers={"Host": "evil.example"})
    yield root.post("/admin/hospitals/new", data={"a": "x" * (3 * 1024 * 1024)})


def test_every_answer_carries_the_policy_and_the_other_guards(app, hospital, root, leila):
    seen = set()
    for answer in some_answers(app, hospital, root, leila):
        seen.add(answer.status_code)
        where = f"{answer.request.path} {answer.status_code}"
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy, where
        assert "frame-ancestors 'none'" in policy, where
        assert "unsafe" not in policy, where
        for name in HEADERS:
            if name != "Content-Security-Policy":
                assert answer.headers.get(name) == HEADERS[name], where
        if not answer.request.path.startswith("/static/"):
            assert answer.headers["Cache-Control"] == "no-store", where
        answer.close()
    assert seen >= {200, 302, 303, 304, 400, 404, 405, 413, 422, 500, 503}


def test_a_failure_shows_a_reference_and_nothing_else_about_it(app, root, log):
    app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    enter(root, "root")
    page = root.page("/broken", 500)
    assert "There is a problem with the service" in page.text
    assert "division" not in page.html
    assert "Traceback" not in page.html
    reference = re.search(r"Reference ([0-9a-f-]{36})", page.text)[1]
    assert f'"request_id": "{reference}"' in log.getvalue()
    assert "ZeroDivisionError" in log.getvalue()


def test_a_failure_undoes_what_the_request_did(app, root):
    def view():
        db.session.execute(sa.update(User).where(User.username == "root").values(name="half done"))
        raise ZeroDivisionError

    app.add_url_rule("/half-done", "half_done", view, methods=["GET"])
    assert root.get("/half-done").status_code == 500
    with app.app_context():
        assert db.session.scalar(sa.select(User.name).where(User.username == "root")) == "Root"


def test_without_its_control_database_the_portal_still_answers_in_plain_words(app, settings, root):
    enter(root, "root")
    shut(app)
    control = settings.instance_dir / "control.db"
    control.rename(control.with_suffix(".away"))
    assert "There is a problem with the service" in root.page("/admin/hospitals/", 500).text


def test_access_is_read_on_each_request_and_never_from_the_cookie(app, hospital, omar):
    enter(omar, "city-general-admin")
    with app.app_context():
        db.session.execute(sa.delete(TenantAccess))
        db.session.commit()
    assert not is_signed_in(omar)
    assert get_on(app).subdomain == "city-general"


def get_on(app):
    """The hospital as the registry has it now."""
    with app.app_context():
        return get_hospital("city-general")


def test_an_administrator_whose_address_somebody_of_the_hospital_has_can_still_sign_in(app, hospital):
    with app.app_context():
        add_user(hospital, "nurse", email="new@hospital.test")
        administrator = db.session.scalar(sa.select(User).where(User.username == "city-general-admin"))
        administrator.email, administrator.password_hash = "new@hospital.test", hashed(PASSWORD)
        db.session.commit()
    browser = app.test_client(hospital=hospital)
    answer = browser.post("/sign-in", data={"username": "city-general-admin", "password": PASSWORD})
    assert answer.status_code == 303
