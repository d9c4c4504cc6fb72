"""The demonstration: hospitals that look lived in, keep every rule, and are made once."""

from dataclasses import replace
from random import Random

import pytest
import sqlalchemy as sa

from modules.appointments.models import Appointment
from modules.opd.models import Token
from modules.patients.models import Allergy, Contact, Patient
from modules.patients.mrn import is_mistyped_mrn
from modules.staff.models import Credential, Department, Staff
from portal import create_app
from portal.auth.models import User, UserGroup
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit import day_bounds, history_of, invented, now, today
from portal.kit import demo as filling
from portal.kit.demo import HospitalSize
from portal.kit.seed import ROLES
from portal.provisioning import demo
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests import ready
from tests.conftest import make_hospital, make_settings, shut
from tests.provisioned import database

PASSWORD = "harbour-lamp-seven"
CITY, LAKESIDE = (
    replace(wanted, size=size)
    for wanted, size in zip(demo.HOSPITALS, (HospitalSize(60, 24), HospitalSize(30, 12)), strict=True)
)
RIVERSIDE = replace(
    LAKESIDE, subdomain="riverside", name="Riverside", administrator="riverside-admin", size=HospitalSize(12, 9)
)


def make_all(folder) -> None:
    """Make both hospitals in a portal that has none."""
    app = create_app(make_settings(folder))
    with app.app_context():
        assert all(demo.make(wanted, PASSWORD) for wanted in (CITY, LAKESIDE))
    shut(app)


@pytest.fixture(scope="session")
def filled(tmp_path_factory, blank):
    """A folder with both hospitals, small ones."""

    def make(folder) -> None:
        ready.copy(blank, folder)
        make_all(folder)

    return ready.made_once(tmp_path_factory, "demo", make)


@pytest.fixture
def settings(tmp_path, filled):
    """The settings of a portal that holds both hospitals already."""
    ready.copy(filled, tmp_path)
    return make_settings(tmp_path)


@pytest.fixture
def flask_demo(app, monkeypatch):
    """Runs `flask demo` for these hospitals."""

    def run(*wanted, arguments=()):
        monkeypatch.setattr(demo, "HOSPITALS", wanted)
        return app.test_cli_runner().invoke(args=["demo", *arguments])

    return run


@pytest.fixture(params=[CITY, LAKESIDE], ids=lambda wanted: wanted.subdomain)
def inside(in_app, request):
    """Inside each of the hospitals, one after the other."""
    with in_hospital(get_hospital(request.param.subdomain), writing=False):
        yield request.param


def every(model) -> list:
    """All rows of a model."""
    return db.session.scalars(sa.select(model).order_by(model.id)).all()


def may_enter(app, subdomain: str, username: str, password: str) -> bool:
    """Somebody who signs in with this password gets to the first page."""
    browser = app.test_client(hospital=get_hospital(subdomain))
    answer = browser.post("/sign-in", data={"username": username, "password": password})
    return answer.status_code == 303 and browser.get("/").status_code in (200, 302, 303)


def test_a_second_run_adds_nothing_and_says_so(flask_demo, in_app):
    before = [database(wanted.subdomain).read_bytes() for wanted in (CITY, LAKESIDE)]
    result = flask_demo(CITY, LAKESIDE)
    assert result.exit_code == 0
    assert "City General Hospital is there already." in result.stdout
    assert "Nothing was added." in result.stdout
    assert [database(wanted.subdomain).read_bytes() for wanted in (CITY, LAKESIDE)] == before


def test_everybody_in_the_printed_table_can_sign_in_and_nobody_has_that_password_elsewhere(flask_demo, app, in_app):
    result = flask_demo(LAKESIDE, RIVERSIDE)
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith("http://")]
    assert [row[0] for row in rows] == ["http://riverside.localhost:8000/"] * len(ROLES)
    assert [row[-2] for row in rows] == ["riverside-admin", *demo.STAFF_ROLES]
    assert len({row[-1] for row in rows}) == 1
    assert all(may_enter(app, "riverside", row[-2], row[-1]) for row in rows)
    assert not may_enter(app, "lakeside", "receptionist", rows[0][-1])


def test_each_role_has_one_user_who_holds_no_other(inside):
    holders = filling.users_by_role()
    assert set(holders) == set(demo.STAFF_ROLES)
    assert all(user.username == role for role, user in holders.items())
    given = db.session.scalars(sa.select(UserGroup.user_id)).all()
    assert len(given) == len(set(given)) == len(ROLES)


def test_a_hospital_is_as_large_as_it_was_asked_to_be(inside):
    assert len(every(Patient)) == inside.size.patients
    assert len(every(Staff)) == inside.size.staff


def test_record_numbers_are_unique_and_end_in_the_right_digit(inside):
    numbers = [patient.mrn for patient in every(Patient)]
    assert len(set(numbers)) == inside.size.patients
    assert not [mrn for mrn in numbers if is_mistyped_mrn(mrn)]
    assert [int(mrn.split("-")[1]) for mrn in numbers] == list(range(1, inside.size.patients + 1))


def test_nobody_is_registered_before_their_birth_or_tomorrow(inside):
    patients = every(Patient)
    assert all(one.birth_date <= one.created_at.date() for one in patients)
    assert all(one.created_at <= now() for one in patients)
    came = [one.created_at for one in patients]
    assert came == sorted(came), "the lowest numbers belong to those who came first"


def test_an_allergy_is_recorded_where_there_is_one_and_nowhere_else(inside):
    """PAT-8."""
    allergic = {allergy.patient_id for allergy in every(Allergy)}
    assert allergic
    assert allergic == {one.id for one in every(Patient) if one.allergy_status == "recorded"}


def test_every_child_has_a_guardian(inside):
    guarded = {contact.patient_id for contact in every(Contact) if contact.is_guardian}
    young = {one.id for one in every(Patient) if (today() - one.birth_date).days < 15 * 365 and one.phone}
    assert young <= guarded


def test_somebody_is_registered_twice_with_a_reason_and_merged(inside):
    merged = next(patient for patient in every(Patient) if patient.status == "merged")
    kept = db.session.get(Patient, merged.merged_into_id)
    assert merged.birth_date == kept.birth_date
    assert {merged.first_name, merged.last_name} == {kept.first_name, kept.last_name}
    reasons = [change.after for entry in history_of(merged, {}) for change in entry.changes]
    assert "Says they have never been here" in reasons


def test_staff_keep_the_plan_and_work_where_somebody_leads(inside):
    limit = get_limit(inside)
    active = [member for member in every(Staff) if member.status == "active"]
    assert limit is None or len(active) <= limit
    departments = {department.id: department for department in every(Department)}
    for member in active:
        head = db.session.get(Staff, departments[member.department_id].head_id)
        assert (head.status, head.department_id) == ("active", member.department_id)


def get_limit(wanted) -> int | None:
    """How many staff the hospital's plan covers."""
    return get_hospital(wanted.subdomain).staff_limit


def test_who_signs_in_is_a_member_of_staff_of_that_name(inside):
    members = {member.user_id: member for member in every(Staff) if member.user_id}
    users = [user for user in every(User) if not user.is_mirror]
    assert {user.id for user in users} == set(members)
    assert all(user.full_name == members[user.id].full_name for user in users)
    assert all(members[user.id].status == "active" for user in users)


def test_some_licences_end_soon(inside):
    left = [(credential.expires_on - today()).days for credential in every(Credential)]
    assert len([days for days in left if 0 < days < 60]) == 3


def test_somebody_is_expected_today_and_somebody_waits_in_a_queue(inside):
    begin, end = day_bounds(today())
    booked = every(Appointment)
    assert [one for one in booked if begin <= one.starts_at < end and one.status != "cancelled"]
    assert [token for token in every(Token) if token.status == "issued" and token.queue.queue_date == today()]


def test_names_are_of_several_scripts(in_app):
    with in_hospital(get_hospital("city-general"), writing=False):
        names = "".join(patient.full_name for patient in every(Patient))
    blocks = {"Arabic": "؀ۿ", "Cyrillic": "Ѐӿ", "Devanagari": "ऀॿ", "Greek": "ͰϿ", "Latin": "az"}
    met = {script for script, (first, last) in blocks.items() if any(first <= char <= last for char in names)}
    assert "Latin" in met
    assert len(met) >= 3


def test_the_same_hospital_has_the_same_people_again(in_app, blank, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    ready.copy(blank, again)
    with in_hospital(get_hospital("lakeside"), writing=False):
        people = [(one.mrn, one.full_name, one.birth_date, one.phone) for one in every(Patient)]
    other = create_app(make_settings(again))
    with other.app_context():
        demo.make(LAKESIDE, PASSWORD)
        with in_hospital(get_hospital("lakeside"), writing=False):
            assert [(one.mrn, one.full_name, one.birth_date, one.phone) for one in every(Patient)] == people
    shut(other)


def test_a_hospital_that_the_demonstration_did_not_make_is_left_alone(flask_demo, app, in_app):
    make_hospital(app, "riverside", "The Real Riverside")
    before = database("riverside").read_bytes()
    result = flask_demo(RIVERSIDE)
    assert result.exit_code == 3
    assert result.stderr.strip() == "“riverside” is a hospital that the demonstration did not make."
    assert database("riverside").read_bytes() == before


def test_a_run_that_was_interrupted_is_taken_up_where_it_ended(app, in_app, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(filling, "_add_users", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            demo.make(RIVERSIDE, "the password of the first run")
    db.session.rollback()
    accounts = demo.make(RIVERSIDE, PASSWORD)
    assert len(accounts) == len(ROLES)
    assert all(may_enter(app, "riverside", account.username, PASSWORD) for account in accounts)


def test_a_portal_on_https_is_filled_only_on_request(tmp_path, blank, monkeypatch):
    ready.copy(blank, tmp_path)
    app = create_app(make_settings(tmp_path, public_url="https://portal.example", base_domain="portal.example"))
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["demo"])
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    monkeypatch.setattr(demo, "HOSPITALS", (RIVERSIDE,))
    assert runner.invoke(args=["demo", "--yes"]).exit_code == 0
    with app.app_context():
        assert db.session.scalars(sa.select(Tenant.subdomain)).all() == ["riverside"]
    shut(app)


def test_an_invented_given_name_tells_one_sex():
    lists = [(name, sex) for culture in invented._lists()["cultures"] for sex in ("female", "male")
             for name in culture[sex]]  # fmt: skip
    assert len(lists) == len({name for name, _sex in lists})
    random = Random(7)
    people = [invented.person(random) for _turn in range(50)]
    assert all(invented.sex_of(one.first_name) == one.sex for one in people)


def test_nobody_is_ever_rung_up(inside):
    """Only numbers and addresses that are kept free for examples (Ofcom, NANPA, RFC 2606)."""
    free = {"GB": ("07700 900", "496 0", "020 7946 0"), "CA": ("-555-01",)}[inside.locale[-2:]]
    numbers = [row.phone for model in (Patient, Staff, Contact, Department) for row in every(model) if row.phone]
    assert numbers
    assert not [number for number in numbers if not any(part in number for part in free)]
    addresses = [row.email for model in (Patient, Staff, User) for row in every(model) if row.email]
    assert not [address for address in addresses if not address.endswith(".test")]
