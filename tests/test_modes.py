"""Modes of a hospital: suspended, in maintenance, read-only; enforced below the application too (T20, T22)."""

import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.auth.models import User as HospitalUser
from portal.auth.passwords import hashed
from portal.control.models import AuditEntry, Plan
from portal.extensions import db, limiter
from portal.kit import housekeeping, outbox
from portal.kit.models import AuditLog
from portal.provisioning import TenantDatabaseManager, asking
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import HospitalReadOnly, TenantGone, in_hospital
from portal.tenancy.registry import BELIEVED_SECONDS, get_hospital
from tests.conftest import add_user
from tests.consoles import tenant_of
from tests.contents import content_of_hospital
from tests.processes import ROOT

PASSWORD = "a long enough password"
ENDS = date(2026, 6, 30)
GRACE = 14
CLOSINGS = {
    "suspended": TenantDatabaseManager.suspend_hospital,
    "in maintenance": TenantDatabaseManager.start_maintenance,
}


def change(app, method, *given) -> None:
    with app.app_context():
        assert method("city-general", *given)


def set_agreement(app, zone: str = "UTC") -> None:
    """An agreement that ended, in this zone, with days of grace."""
    with app.app_context():
        tenant = tenant_of("city-general")
        tenant.ends_on, tenant.timezone = ENDS, zone
        db.session.execute(sa.update(Plan).where(Plan.id == tenant.plan_id).values(grace_days=GRACE))
        db.session.commit()
    app.extensions["registry"].forget()


def move_to(moment: datetime) -> None:
    clock.move(moment - clock.now())


def entries(app, action: str) -> list[AuditEntry]:
    with app.app_context():
        found = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)).all()
        db.session.expunge_all()
    return found


# Following


@pytest.fixture
def three_processes(app, tmp_path):
    """Three processes of the portal beside this one: each asks and does what it is told."""
    command = [sys.executable, "-m", "tests.following", str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    processes = [subprocess.Popen(command, cwd=ROOT, **pipes) for _number in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"

    def ask_all(line: str) -> list[str]:
        for process in processes:
            print(line, file=process.stdin, flush=True)
        return [process.stdout.readline().strip() for process in processes]

    yield ask_all
    for process in processes:
        process.stdin.close()
        assert process.wait(20) == 0
        process.stdout.close()


def test_three_processes_follow_every_change_of_mode_within_a_second(app, hospital, three_processes):
    """T20."""
    manager = TenantDatabaseManager
    changes = [
        (manager.suspend_hospital, "503", "gone"),
        (manager.resume_hospital, "200", "done"),
        (manager.start_maintenance, "503", "gone"),
        (manager.end_maintenance, "200", "done"),
        (manager.make_read_only, "200", "gone"),
        (manager.make_writable, "200", "done"),
    ]
    assert three_processes("/sign-in") == ["200"] * 3
    for method, page, job in changes:
        change(app, method)
        time.sleep(BELIEVED_SECONDS)
        assert three_processes("/sign-in") == [page] * 3
        assert three_processes("job") == [job] * 3


def test_a_running_request_of_a_suspended_hospital_ends_and_the_next_is_503(app, hospital, client_with, monkeypatch):
    browser = client_with("patients.view")
    inside, go_on = threading.Event(), threading.Event()
    view = app.view_functions["patients.index"]

    def slow(**values):
        inside.set()
        assert go_on.wait(20)
        return view(**values)

    monkeypatch.setitem(app.view_functions, "patients.index", slow)
    answers = []
    running = threading.Thread(target=lambda: answers.append(browser.get("/patients/").status_code))
    running.start()
    assert inside.wait(20)
    change(app, TenantDatabaseManager.suspend_hospital)
    assert app.test_client(hospital=hospital).get("/sign-in").status_code == 503
    go_on.set()
    running.join()
    assert answers == [200]
    assert browser.get("/patients/").status_code == 503


# Closed


@pytest.mark.parametrize("mode", CLOSINGS)
def test_a_closed_hospital_gets_no_engine_and_no_job(app, hospital, mode):
    change(app, CLOSINGS[mode])
    with app.app_context():
        closed = get_hospital("city-general")
        with pytest.raises(TenantGone), in_hospital(closed):
            db.session.scalar(sa.select(HospitalUser.id))
        for job in (outbox.deliver, housekeeping.tidy):
            with pytest.raises(TenantGone):
                job("city-general")


def test_a_closed_hospitals_connections_are_let_go(app, hospital):
    browser = app.test_client(hospital=hospital)
    assert browser.get("/sign-in").status_code == 200
    assert len(app.extensions["engines"]) == 1
    change(app, TenantDatabaseManager.suspend_hospital)
    assert browser.get("/sign-in").status_code == 503
    assert len(app.extensions["engines"]) == 0


def test_staff_read_the_sentence_of_the_maintenance_and_stay_signed_in(app, hospital, client_with):
    browser = client_with("patients.view")
    change(app, TenantDatabaseManager.start_maintenance, "Back at 14:00.")
    assert "City General Hospital is being maintained. Back at 14:00." in browser.page("/patients/", 503).text
    change(app, TenantDatabaseManager.end_maintenance)
    assert browser.get("/patients/").status_code == 200


def test_suspending_ends_every_session_for_good_and_tells_staff_no_reason(app, hospital, client_with):
    """security.md 15."""
    browser = client_with("patients.view")
    change(app, TenantDatabaseManager.suspend_hospital, "Not paid")
    text = browser.page("/patients/", 503).text
    assert "This hospital’s access is paused." in text
    assert "Not paid" not in text
    change(app, TenantDatabaseManager.resume_hospital)
    assert browser.get("/patients/").status_code == 303


# Read-only


@pytest.fixture
def read_only(app, hospital) -> None:
    change(app, TenantDatabaseManager.make_read_only, "Agreement")


WRITES = [
    "INSERT INTO core_identity SELECT * FROM core_identity",
    "UPDATE auth_user SET first_name = 'x'",
    "DELETE FROM auth_user",
    "DROP TABLE auth_user",
    "CREATE TABLE x (y integer)",
    pytest.param("PRAGMA user_version = 7", marks=pytest.mark.sqlite),
]


@pytest.mark.parametrize("statement", WRITES)
@pytest.mark.parametrize("writing", [True, False])
def test_the_database_of_a_read_only_hospital_itself_refuses_raw_sql(app, read_only, statement, writing):
    """T22."""
    with app.app_context():
        engine = app.extensions["engines"].get(get_hospital("city-general"), writing=writing)
        before = content_of_hospital(app)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM auth_user"))
            with pytest.raises(HospitalReadOnly):
                connection.exec_driver_sql(statement)
            connection.rollback()
        assert content_of_hospital(app) == before


def test_a_job_writes_nothing_to_a_read_only_hospital_and_can_still_read(app, read_only):
    with app.app_context(), in_hospital(get_hospital("city-general")):
        assert db.session.scalar(sa.select(HospitalUser.username))
        with pytest.raises(HospitalReadOnly):
            db.session.execute(sa.update(HospitalUser).values(first_name="x"))


def test_what_is_posted_to_a_read_only_hospital_is_given_back_and_changes_nothing(app, client_with, hospital):
    browser = client_with("patients.view", "patients.add", "patients.export")
    browser.get("/patients/")
    change(app, TenantDatabaseManager.make_read_only)
    before = content_of_hospital(app)
    typed = {
        "first_name": "Zoë <b>",
        "notes": "line one\nline two",
        "password": "secret1",
        "csrf_token": "t0",
        "sex": "",
    }
    answer = browser.post("/patients/new", data=typed)
    assert answer.status_code == 409
    day = f"{clock.now().day} {clock.now():%b %Y}"
    assert f"City General Hospital is read-only since {day}: nothing was saved." in answer.text
    assert "<dd>Zoë &lt;b&gt;</dd>" in answer.text
    assert "Platform console" not in answer.text
    assert "<dd>line one\nline two</dd>" in answer.text
    assert "secret1" not in answer.text
    assert "t0<" not in answer.text
    for path in ("/settings/profile", "/settings/password", "/patients/1/edit"):
        assert browser.post(path).status_code == 409
    assert content_of_hospital(app) == before


def test_every_route_that_takes_a_post_and_does_not_only_read_answers_409(app, client_with, hospital):
    browser = client_with()
    change(app, TenantDatabaseManager.make_read_only)
    before = content_of_hospital(app)
    reading = {"auth.show_sign_in", "auth.sign_out", "auth.choose_theme"}
    reading |= {name for blueprint in app.blueprints.values() for name in getattr(blueprint, "only_reading", ())}
    asked = 0
    for rule in app.url_map.iter_rules():
        scope = getattr(app.blueprints.get(rule.endpoint.partition(".")[0]), "scope", "both")
        if "POST" in rule.methods and scope != "platform" and rule.endpoint not in reading | {"auth.show_invitation"}:
            values = {name: "x" if str(rule).count(f"<{name}>") else 1 for name in rule.arguments}
            with app.test_request_context(base_url=browser.base_url):
                path = app.url_map.bind("x").build(rule.endpoint, values, method="POST")
            assert browser.post(path).status_code == 409, rule.endpoint
            asked += 1
    assert asked > 50
    assert content_of_hospital(app) == before


def test_every_page_of_a_read_only_hospital_says_so(app, client_with, hospital):
    browser = client_with("patients.view")
    assert "read-only" not in browser.page("/patients/").text
    change(app, TenantDatabaseManager.make_read_only)
    for path in ("/patients/", "/settings/profile"):
        assert "City General Hospital is read-only since" in browser.page(path).text
    assert "City General Hospital is read-only since" in app.test_client(hospital=hospital).page("/sign-in").text


@pytest.fixture
def leila(app, hospital):
    """A browser of “leila”, who can sign in, in a hospital that is read-only."""
    with app.app_context():
        add_user(hospital, "leila", "patients.view", password_hash=hashed(PASSWORD))
    change(app, TenantDatabaseManager.make_read_only)
    limiter.enabled = False
    yield app.test_client(hospital=hospital)
    limiter.enabled = True


def enter(browser, password: str = PASSWORD):
    return browser.post("/sign-in", data={"username": "leila", "password": password})


def test_people_sign_in_and_out_of_a_read_only_hospital_and_the_platform_keeps_that(app, leila):
    before = content_of_hospital(app)
    assert enter(leila, "a wrong password, longer").status_code == 422
    assert enter(leila).status_code == 303
    assert leila.get("/patients/").status_code == 200
    assert leila.post("/patients/", data={"q": "Zoë"}).status_code == 200
    assert leila.post("/sign-out").status_code == 303
    assert content_of_hospital(app) == before
    kept = {action: entries(app, action) for action in ("login_failed", "login", "logout")}
    assert {action: len(found) for action, found in kept.items()} == {"login_failed": 1, "login": 1, "logout": 1}
    assert kept["login"][0].actor == "leila"
    assert kept["login"][0].details == {"record": "auth_user 2"}


def test_too_many_bad_passwords_lock_a_user_of_a_read_only_hospital_for_a_while(app, leila):
    """security.md 24."""
    for _time in range(5):
        assert enter(leila, "a wrong password, longer").status_code == 422
    assert enter(leila).status_code == 422
    clock.move(timedelta(minutes=10))
    assert enter(leila).status_code == 422
    clock.move(timedelta(minutes=6))
    assert enter(leila).status_code == 303


def test_a_look_at_a_record_of_a_read_only_hospital_is_kept_by_the_platform_without_names(app, client_with, hospital):
    browser = client_with("patients.view", "patients.export")
    change(app, TenantDatabaseManager.make_read_only)
    assert browser.post("/patients/export", data={"q": "Zoë"}).status_code == 200
    [entry] = entries(app, "export")
    assert (entry.tenant_id, entry.actor) == (hospital.id, "leila")
    assert entry.details == {"list": "patients", "rows": 0}
    with app.app_context(), in_hospital(get_hospital("city-general")):
        assert db.session.scalars(sa.select(AuditLog.action).where(AuditLog.action == "export")).all() == []


# After the end of the agreement


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("UTC", datetime(2026, 7, 15, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 7, 14, 12, tzinfo=UTC)),
        ("America/Toronto", datetime(2026, 7, 15, 4, tzinfo=UTC)),
    ],
)
def test_after_the_days_of_grace_a_hospital_is_read_only_from_its_own_midnight_on(
    app, hospital, signed_in, zone, midnight
):
    set_agreement(app, zone)
    browser = app.test_client(hospital=hospital)
    move_to(midnight - timedelta(seconds=5))
    assert browser.post("/settings/profile").status_code == 303
    assert "City General" not in signed_in.page("/admin/hospitals/?mode=read_only").text
    move_to(midnight + timedelta(seconds=5))
    answer = browser.post("/settings/profile")
    assert answer.status_code == 409
    assert "read-only since 15 Jul 2026" in answer.text
    with app.app_context():
        with pytest.raises(TenantGone):
            outbox.deliver("city-general")
        with pytest.raises(HospitalReadOnly), in_hospital(get_hospital("city-general")):
            db.session.execute(sa.update(HospitalUser).values(first_name="x"))
    assert "City General" in signed_in.page("/admin/hospitals/?mode=read_only").text
    record = signed_in.page("/admin/hospitals/city-general").text
    assert "Read-only since 15 Jul 2026: the agreement ended on 30 Jun 2026, and 14 days of grace are over." in record


def test_a_longer_agreement_lets_people_save_again(app, hospital):
    set_agreement(app)
    move_to(datetime(2026, 8, 1, tzinfo=UTC))
    browser = app.test_client(hospital=hospital)
    assert browser.post("/settings/profile").status_code == 409
    with app.app_context():
        tenant_of("city-general").ends_on = date(2027, 6, 30)
        db.session.commit()
    app.extensions["registry"].forget()
    assert browser.post("/settings/profile").status_code == 303


# Changing modes


def test_a_hospital_goes_back_to_read_only_when_its_maintenance_ends(app, hospital):
    manager = TenantDatabaseManager
    change(app, manager.make_read_only)
    change(app, manager.start_maintenance)
    change(app, manager.suspend_hospital)
    change(app, manager.resume_hospital)
    with app.app_context():
        assert get_hospital("city-general").mode == "read_only"


def test_a_mode_that_is_there_already_changes_nothing(app, hospital):
    change(app, TenantDatabaseManager.suspend_hospital, "Not paid")
    with app.app_context():
        before = get_hospital("city-general")
        assert TenantDatabaseManager.suspend_hospital("city-general", "again") is False
        assert get_hospital("city-general") == before


def test_a_mode_waits_for_other_work_but_not_for_a_check(app, hospital):
    with app.app_context():
        operation = asking.request(tenant_of("city-general"), "create")
        db.session.commit()
        with pytest.raises(ProvisioningProblem, match="Other work on this hospital is under way"):
            TenantDatabaseManager.suspend_hospital("city-general")
        db.session.rollback()
        operation = db.session.merge(operation)
        operation.kind = "verify"
        db.session.commit()
        assert TenantDatabaseManager.suspend_hospital("city-general")


def test_a_suspended_hospital_cannot_be_maintained(app, hospital):
    change(app, TenantDatabaseManager.suspend_hospital)
    with app.app_context(), pytest.raises(ProvisioningProblem, match="is suspended"):
        TenantDatabaseManager.start_maintenance("city-general")


def test_an_unknown_hospital_is_a_lookup_error(in_app):
    with pytest.raises(LookupError):
        TenantDatabaseManager.suspend_hospital("nobody")
