"""Staff: licences, certificates, trainings and contracts, and the reminders before they end."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from modules.staff.credentials import Credential
from modules.staff.models import Staff
from modules.staff.reminders import remind_of_credentials
from portal import clock
from portal.extensions import db
from portal.kit import Refused, housekeeping, on, today
from portal.kit.events import _now
from portal.kit.models import AuditLog
from portal.tenancy.current import in_hospital
from tests.modules.personnel import EVERYTHING, WARD, member_of, refused, register, sent, version_of, ward

LICENCE = {"kind": "license", "title": "Licence to practise", "number": "L1", "issued_on": "2024-01-01"}
MARKS = (60, 30, 7)


@pytest.fixture
def office(client_with):
    """Somebody of the personnel office, one department, and Leila."""
    browser = client_with(*EVERYTHING)
    sent(browser, "/staff/departments/new", WARD)
    register(browser)
    return browser


@pytest.fixture
def inside(in_app, hospital):
    """Work inside the hospital."""
    with in_hospital(hospital):
        yield hospital


@pytest.fixture
def told():
    """How many days before the end each reminder came."""
    days, before = [], list(_now["credential.expiring"])
    on("credential.expiring")(lambda credential: days.append((credential.expires_on - today()).days))
    yield days
    _now["credential.expiring"] = before


def licence(member: Staff, days: int | None) -> Credential:
    """A licence that ends in so many days, or never."""
    expires_on = None if days is None else today() + timedelta(days=days)
    credential = Credential.add(staff_id=member.id, kind="license", title="Licence", expires_on=expires_on)
    db.session.flush()
    return credential


def live(days: int) -> None:
    """Let days pass, on each of which reminders are asked for three times."""
    for _day in range(days):
        clock.move(timedelta(days=1))
        for _time in range(3):
            remind_of_credentials()
            db.session.commit()


def test_a_credential_raises_one_reminder_each_at_60_30_and_7_days(inside, told):
    """STF-5."""
    licence(member_of(ward()), 90)
    live(100)
    assert told == [60, 30, 7]


def test_a_credential_that_came_late_is_reminded_of_once_and_then_at_the_marks_ahead(inside, told):
    """STF-5: no two reminders on one day, whatever was missed."""
    licence(member_of(ward()), 26)
    live(30)
    assert told == [25, 7]


def test_a_renewed_credential_is_reminded_of_anew(inside, told):
    """STF-5."""
    credential = licence(member_of(ward()), 8)
    live(2)
    assert told == [7]
    facts = {"kind": "license", "title": "Licence", "number": None, "issued_on": None}
    credential.change(**facts, expires_on=credential.expires_on)
    assert credential.reminded_days == 7
    credential.change(**facts, expires_on=today() + timedelta(days=61))
    live(2)
    assert told == [7, 60]


def test_nobody_is_reminded_of_what_has_ended_never_ends_or_belongs_to_who_left(inside, told):
    """STF-5."""
    department = ward()
    gone = member_of(department)
    licence(gone, 20)
    gone.end_employment(left_on=today())
    licence(member_of(department), None)
    licence(member_of(department), -1)
    db.session.commit()
    assert remind_of_credentials() == 0
    assert told == []


def test_the_hour_of_the_hospital_asks_for_the_reminders(in_app, hospital, told):
    """STF-5."""
    with in_hospital(hospital):
        licence(member_of(ward()), 5)
        db.session.commit()
    housekeeping.tidy(hospital.subdomain)
    housekeeping.tidy(hospital.subdomain)
    assert told == [5]


def test_a_mark_that_was_told_is_not_told_again(inside, told):
    """STF-5: the guarded update decides."""
    credential = licence(member_of(ward()), 5)
    assert credential.remind(7)
    assert not credential.remind(7)
    assert not credential.remind(30)
    assert len(told) == 1


def test_a_credential_does_not_end_before_it_begins(inside):
    member = member_of(ward())
    facts = {"kind": "contract", "title": "Contract", "issued_on": date(2026, 2, 1), "expires_on": date(2026, 1, 1)}
    with pytest.raises(Refused, match="The last day must not be before the first") as refusal:
        Credential.add(staff_id=member.id, **facts)
    assert refusal.value.field == "expires_on"


def test_credentials_are_added_renewed_and_removed_on_the_persons_page(app, hospital, office):
    assert "No credentials yet" in office.page("/staff/1/credentials").text
    sent(office, "/staff/1/credentials/new", LICENCE, expires_on="2027-01-01")
    page = office.page("/staff/1/credentials").text
    assert "Licence to practise" in page
    assert "1 Jan 2027" in page
    path = "/staff/credentials/1/edit"
    sent(office, path, LICENCE, version=version_of(office, path), expires_on="2029-01-01")
    assert "1 Jan 2029" in office.page("/staff/1/credentials").text
    assert "Remove only what was never right" in office.page("/staff/credentials/1/remove").text
    sent(office, "/staff/credentials/1/remove", {})
    assert "No credentials yet" in office.page("/staff/1/credentials").text
    assert "Credential: Licence to practise L1 2029-01-01 → removed" in office.page("/staff/1/audit").text
    with app.app_context(), in_hospital(hospital):
        gone = AuditLog.content_type == "staff_credential", AuditLog.action == "delete"
        assert db.session.scalar(sa.select(sa.func.count(AuditLog.id)).where(*gone)) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "Select the kind"),
        ({"title": ""}, "Enter the title"),
        ({"expires_on": "2020-01-01"}, "The last day must not be before the first"),
    ],
)
def test_each_wrong_answer_about_a_credential_gets_its_sentence(office, changes, sentence):
    assert sentence in refused(office, "/staff/1/credentials/new", LICENCE, **changes)


def test_a_stale_form_does_not_shorten_a_credential(office):
    sent(office, "/staff/1/credentials/new", LICENCE, expires_on="2027-01-01")
    path = "/staff/credentials/1/edit"
    old = version_of(office, path)
    sent(office, path, LICENCE, version=old, expires_on="2029-01-01")
    assert "Somebody else changed this record" in refused(office, path, LICENCE, 409, version=old)


def test_the_list_shows_what_ends_soon_and_what_has_ended(app, hospital, office):
    with app.app_context(), in_hospital(hospital):
        leila = db.session.get_one(Staff, 1)
        for number, days in enumerate((-1, 0, 60, 61, None)):
            licence(leila, days).title = f"Licence {number}"
        db.session.commit()
    for ends, numbers in {"": "01234", "expired": "0", "soon": "12", "nonsense": "01234"}.items():
        text = office.page(f"/staff/credentials/?ends={ends}").text
        assert [number for number in "01234" if f"Licence {number}" in text] == list(numbers)
    file = office.post("/staff/credentials/export?ends=soon").get_data(as_text=True).splitlines()
    assert [line.split(",")[:2] for line in file[1:]] == [["Leila Rahmån", "ST26-000001"]] * 2


def test_the_list_of_credentials_makes_as_many_queries_for_many_as_for_one(app, hospital, office, count_queries):
    counts = []
    for many in (1, 6):
        with app.app_context(), in_hospital(hospital):
            for _number in range(many):
                licence(db.session.get_one(Staff, 1), 20)
            db.session.commit()
        with count_queries() as statements:
            office.page("/staff/credentials/")
        counts.append(len([one for one in statements if "staff_credential" in one]))
    assert counts[0] == counts[1] > 0
