"""Failed events: what should have followed from something that happened, told in words, and tried again (CORE-3)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.core.failures import Failure
from portal import clock, queue
from portal.extensions import db
from portal.kit import Refused, emit, on, outbox
from portal.kit.events import _later
from portal.kit.models import AuditLog, Event, HospitalProfile
from portal.tenancy.current import in_hospital
from tests.modules.test_core import text_of

WATCHES = ("core.view", "core.event_view")
PLACE = "/settings/events/"


@pytest.fixture
def asked(monkeypatch) -> list:
    """The jobs that were put into the queue, which works."""
    jobs = []
    monkeypatch.setattr(queue, "enqueue", lambda *job: jobs.append(job) or True)
    return jobs


@pytest.fixture
def broken(app, hospital, asked, monkeypatch) -> list[Exception]:
    """A letter that should follow from an event fails for as long as this holds an error; it failed once."""
    monkeypatch.setitem(_later, "letter.wanted", [])
    broken = [ConnectionError("the mail server is away")]

    @on("letter.wanted", later=True)
    def send_a_letter(**about):
        if broken:
            raise broken[0]

    @on("letter.wanted", later=True)
    def count_the_letter(**about):
        """The other handler, which is never in the way."""

    want_a_letter(app, hospital)
    deliver(app)
    asked.clear()
    return broken


def want_a_letter(app, hospital) -> None:
    with app.app_context(), in_hospital(hospital):
        emit("letter.wanted", db.session.get(HospitalProfile, 1))
        db.session.commit()


def deliver(app, after: timedelta = timedelta(0)) -> None:
    clock.move(after)
    with app.app_context():
        outbox.deliver("city-general")


def test_while_nothing_failed_the_page_says_so(client_with):
    assert "Nothing failed" in client_with(*WATCHES).page(PLACE).text


def test_what_failed_is_listed_with_what_is_left_why_and_when_it_is_tried_again(app, hospital, broken, client_with):
    text = client_with(*WATCHES).page(PLACE).text
    for words in (
        "Letter wanted",
        "hospitalprofile 1",
        "Send a letter",
        "Something outside the portal did not answer.",
    ):
        assert words in text
    assert "Count the letter" not in text
    assert "Given up" not in text
    assert "1 failed event" in text


def test_what_is_not_tried_any_more_is_given_up(app, hospital, broken, client_with):
    for _time in range(outbox.MOST_ATTEMPTS):
        deliver(app, timedelta(days=2))
    text = client_with(*WATCHES).page(PLACE).text
    assert "Given up" in text
    assert f" {outbox.MOST_ATTEMPTS} " in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "took too long to answer"),
        (Refused("There is no number to send this to."), "There is no number to send this to."),
        (ZeroDivisionError("Zoë"), "A fault in the portal, which its log describes (ZeroDivisionError)."),
    ],
)
def test_why_it_failed_is_told_in_words(app, broken, client_with, error, words):
    broken[:] = [error]
    deliver(app, timedelta(minutes=2))
    text = client_with(*WATCHES).page(PLACE).text
    assert words in text
    assert "Zoë" not in text


def test_trying_again_makes_it_due_at_once_wakes_a_worker_and_is_audited(app, hospital, broken, asked, client_with):
    browser = client_with(*WATCHES, "core.event_retry", "core.audit_view")
    assert browser.post(f"{PLACE}1/retry").location == PLACE
    assert asked == [("portal.kit.outbox.deliver", "city-general")]
    assert "It is tried again now" in browser.page(PLACE).text
    broken.clear()
    deliver(app)
    assert "Nothing failed" in browser.page(PLACE).text
    assert "Tried again: letter.wanted" in browser.page("/settings/audit/").text
    with app.app_context(), in_hospital(hospital):
        acts = db.session.scalars(sa.select(AuditLog).where(AuditLog.content_type == Event.__tablename__)).all()
        assert [act.action for act in acts] == ["update"]


def test_what_is_done_cannot_be_tried_again(app, broken, client_with):
    browser = client_with(*WATCHES, "core.event_retry")
    broken.clear()
    deliver(app, timedelta(minutes=2))
    answer = browser.post(f"{PLACE}1/retry")
    assert answer.status_code == 409
    assert "Everything that belongs to this event is done." in text_of(answer)
    assert browser.post(f"{PLACE}4711/retry").status_code == 404


def test_who_may_only_look_is_offered_no_button_and_refused_without_one(broken, client_with):
    browser = client_with(*WATCHES)
    assert "Try again" not in browser.page(PLACE).text
    assert browser.post(f"{PLACE}1/retry").status_code == 403


def test_the_settings_lead_to_the_failed_events(client_with):
    assert (PLACE, "Failed events") in client_with(*WATCHES).page("/settings/").links


def test_the_list_makes_as_many_queries_for_many_as_for_one(app, hospital, broken, client_with, count_queries):
    browser = client_with(*WATCHES, "core.event_retry")
    with count_queries() as few:
        browser.page(PLACE)
    for _time in range(4):
        want_a_letter(app, hospital)
    deliver(app)
    with count_queries() as many:
        assert "5 failed events" in browser.page(PLACE).text
    assert len([one for one in many if "core_event" in one]) == len([one for one in few if "core_event" in one]) == 3


def test_an_event_that_nothing_is_known_of_any_more_is_told_without_a_fault():
    failure = Failure(Event(name="bed_allocation.ended", payload={}, last_error="OSError"), [])
    assert (failure.what, failure.record, failure.why) == (
        "Bed allocation ended",
        "",
        "The disk or the network did not work.",
    )
