"""Nothing of one hospital shows in another, and looking changes nothing (D28, D13, security.md 4, 5, 18)."""

import pytest
import sqlalchemy as sa

from portal.auth.models import User as HospitalUser
from portal.control.models import User
from portal.extensions import db
from portal.tenancy.current import in_hospital
from portal.tenancy.session import TENANT, TenantSession
from tests import ready
from tests.contents import content_of, content_of_hospital
from tests.filled_tables import AUDITS, IDS, fill_hospital

CANARY, ORDINARY = "Kanarienvogel", "Spatz"
UNKNOWN_ID = 4711


@pytest.fixture
def filled(app, two_hospitals) -> tuple:
    """Two hospitals with the same ids in every table: what city-general has is called after one bird, the rest after
    another."""
    for hospital, word in zip(two_hospitals, (CANARY, ORDINARY), strict=True):
        fill_hospital(app, hospital, word)
    return two_hospitals


def administrator_of(app, hospital):
    """A browser on the hospital's host, signed in as somebody who holds every permission there."""
    with app.app_context(), in_hospital(hospital):
        user = HospitalUser(username="everything", first_name="Ines")
        db.session.add(user)
        db.session.flush()
        held = db.metadatas[TENANT].tables["auth_user_user_permissions"]
        known = db.metadatas[TENANT].tables["auth_permission"]
        every = sa.select(sa.literal(user.id), known.c.id)
        db.session.execute(sa.insert(held).from_select(["user_id", "permission_id"], every))
        db.session.commit()
        db.session.refresh(user)
    browser = app.test_client(hospital=hospital)
    browser.sign_in_as(user)
    return browser


def superuser(app):
    """A browser on the console, signed in as the superuser."""
    browser = app.test_client()
    with app.app_context():
        browser.sign_in_as(db.session.scalar(sa.select(User).where(User.username == "root")))
    return browser


def readable(app, scope: str, ids=IDS) -> list[str]:
    """Every address of this kind of host that answers GET, with each of these ids for its numbers."""
    found = set()
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        if (
            "GET" in rule.methods
            and rule.endpoint != "static"
            and getattr(blueprint, "scope", "both") in (scope, "both")
        ):
            for number in ids:
                values = {name: number if f"int:{name}>" in rule.rule else "city-general" for name in rule.arguments}
                found.add(app.url_map.bind("x").build(rule.endpoint, values, method="GET"))
    return sorted(found)


def crawl(browser, addresses) -> dict[str, tuple[int, str]]:
    """Status and everything that was answered, headers too, for each address, as a page and as a fragment."""
    seen = {}
    for path in addresses:
        for kind, headers in (("page", {}), ("fragment", {"HX-Request": "true"})):
            answer = browser.get(path, headers=headers)
            seen[f"{path} as a {kind}"] = (answer.status_code, f"{answer.headers}{answer.get_data(as_text=True)}")
    return seen


def test_with_equal_ids_a_hospital_never_shows_what_another_one_holds(app, filled):
    city, lakeside = filled
    addresses = readable(app, "hospital")
    assert "/patients/3" in addresses
    own = crawl(administrator_of(app, city), addresses)
    other = crawl(administrator_of(app, lakeside), addresses)
    shown = {address for address, (_status, text) in own.items() if CANARY in text}
    assert {"/patients/ as a page", "/patients/3 as a page"} <= shown
    assert {address for address, (_status, text) in other.items() if ORDINARY in text} >= {"/patients/3 as a page"}
    assert [address for address, (_status, text) in other.items() if CANARY in text] == []
    assert [address for address, (_status, text) in own.items() if ORDINARY in text] == []
    assert {address: status for address, (status, _text) in (own | other).items() if status >= 500} == {}


def test_an_id_that_exists_elsewhere_is_answered_as_one_that_exists_nowhere(app, two_hospitals):
    city, lakeside = two_hospitals
    fill_hospital(app, city, CANARY)
    browser = administrator_of(app, lakeside)
    with_ids = set(readable(app, "hospital", (3,))) - set(readable(app, "hospital", (UNKNOWN_ID,)))
    assert "/patients/3" in with_ids
    for path in with_ids:
        elsewhere, nowhere = browser.get(path), browser.get(path.replace("/3", f"/{UNKNOWN_ID}"))
        assert elsewhere.status_code == nowhere.status_code == 404, path
        assert elsewhere.text.replace("/3", "") == nowhere.text.replace(f"/{UNKNOWN_ID}", ""), path


def test_the_console_shows_nothing_that_a_hospital_holds(app, filled):
    seen = crawl(superuser(app), readable(app, "platform"))
    assert seen["/admin/hospitals/city-general as a page"][0] == 200
    assert [address for address, (_status, text) in seen.items() if CANARY in text or ORDINARY in text] == []


def everything(app) -> dict[str, dict[str, str]]:
    """What the control database and every hospital's database hold, the audits left out."""
    hospitals = {subdomain: content_of_hospital(app, subdomain, AUDITS) for subdomain in ready.HOSPITALS}
    return {"control": content_of(app.extensions["control_engines"][False], AUDITS)} | hospitals


def test_looking_at_every_page_changes_nothing(app, filled):
    strangers = [(app.test_client(hospital=filled[0]), "hospital"), (app.test_client(), "platform")]
    insiders = [(administrator_of(app, hospital), "hospital") for hospital in filled]
    browsers = [*strangers, *insiders, (superuser(app), "platform")]
    before = everything(app)
    for browser, scope in browsers:
        for path in readable(app, scope):
            browser.get(path)
            browser.head(path)
    assert everything(app) == before


def test_a_change_is_really_noticed(app, filled):
    before = everything(app)
    with app.app_context(), in_hospital(filled[0]):
        db.session.execute(sa.update(HospitalUser).where(HospitalUser.id == 1).values(phone="1"))
        db.session.commit()
    after = everything(app)
    assert [name for name in before if before[name] != after[name]] == ["city-general"]


def test_a_session_outside_every_hospital_opens_no_database(app, two_hospitals, monkeypatch):
    app.extensions["engines"].close()
    opened = []
    monkeypatch.setattr(TenantSession, "locate", staticmethod(lambda: opened.append("opened")))
    with app.app_context():
        db.session.scalar(sa.select(User.id))
        for statement in (sa.select(HospitalUser), sa.text("SELECT 1")):
            with pytest.raises(RuntimeError):
                db.session.execute(statement)
    assert opened == []
    assert len(app.extensions["engines"]) == 0


def test_the_console_opens_no_hospitals_database(app, two_hospitals):
    browser = superuser(app)
    app.extensions["engines"].close()
    assert browser.get("/admin/hospitals/").status_code == 200
    assert browser.get("/sign-in").status_code == 302
    assert len(app.extensions["engines"]) == 0
