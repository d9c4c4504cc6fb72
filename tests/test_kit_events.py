"""Events: handlers now share the emitter's fate, later ones run once after the commit (CORE-3)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from portal import clock, queue
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit import Refused, WrongState, emit, on, outbox
from portal.kit.events import _later, _now
from portal.kit.models import Event, EventDelivery
from portal.tenancy.current import TenantGone, in_hospital


@pytest.fixture(autouse=True)
def no_handlers_stay():
    """Handlers of a test end with it."""
    yield
    _now.pop("test.happened", None)
    _later.pop("test.happened", None)


@pytest.fixture
def asked(monkeypatch) -> list:
    """The jobs that were put into the queue, which works."""
    jobs = []
    monkeypatch.setattr(queue, "enqueue", lambda *job: jobs.append(job) or True)
    return jobs


def happen(hospital, *, commit: bool = True) -> int:
    """Register a patient and tell of it."""
    with in_hospital(hospital):
        count = db.session.scalar(sa.select(sa.func.count(Patient.id)))
        patient = Patient(mrn=f"CG-{count}", first_name="A", last_name="B", name_search="b a", sex="other")
        db.session.add(patient)
        db.session.flush()
        emit("test.happened", patient)
        patient_id = patient.id
        db.session.commit() if commit else db.session.rollback()
        return patient_id


def test_a_now_handler_works_in_the_transaction_of_the_emitter(in_app, hospital):
    """CORE-3, first half."""

    @on("test.happened")
    def rename(patient):
        patient.first_name = "Renamed"

    patient_id = happen(hospital)
    with in_hospital(hospital):
        assert db.session.get(Patient, patient_id).first_name == "Renamed"


def test_a_later_handler_runs_once_after_the_commit_however_often_it_is_tried(in_app, hospital, asked):
    """CORE-3, second half."""
    seen = []
    on("test.happened", later=True)(lambda **about: seen.append(about))
    patient_id = happen(hospital)
    assert seen == []
    assert asked == [("portal.kit.outbox.deliver", "city-general")]
    assert outbox.deliver("city-general") == 1
    assert outbox.deliver("city-general") == 0
    assert seen == [{"table": "patients_patient", "id": patient_id}]


def test_an_event_that_was_rolled_back_was_never_told(in_app, hospital, asked):
    on("test.happened", later=True)(lambda **about: None)
    happen(hospital, commit=False)
    assert asked == []
    assert outbox.deliver("city-general") == 0


def test_a_failing_handler_is_tried_again_and_the_done_ones_are_not(in_app, hospital, asked):
    seen, broken = [], [True]

    def works(**about):
        seen.append(about["id"])

    def fails_first(**about):
        if broken.pop() if broken else False:
            raise OSError("the mail server is away")
        seen.append(-about["id"])

    on("test.happened", later=True)(works)
    on("test.happened", later=True)(fails_first)
    patient_id = happen(hospital)
    outbox.deliver("city-general")
    with in_hospital(hospital):
        event = db.session.scalars(sa.select(Event)).one()
        assert (event.attempts, event.last_error) == (1, "OSError")
        db.session.rollback()
    assert outbox.deliver("city-general") == 0
    clock.move(timedelta(minutes=1))
    outbox.deliver("city-general")
    assert seen == [patient_id, -patient_id]
    with in_hospital(hospital):
        assert db.session.scalar(sa.select(sa.func.count(EventDelivery.id))) == 2


@pytest.fixture
def failing(hospital, asked):
    """An event whose one handler fails for as long as the list holds something; the event is there."""
    broken = [OSError("the mail server is away")]

    @on("test.happened", later=True)
    def send_a_letter(**about):
        if broken:
            raise broken[0]

    happen(hospital)
    return broken


def event_now(hospital) -> Event:
    """The one event as it is kept now."""
    with in_hospital(hospital, writing=False):
        return db.session.scalars(sa.select(Event)).one()


def due_at():
    """When the reaper wakes a worker for the hospital."""
    due = db.session.scalar(sa.select(Tenant.outbox_due_at))
    db.session.rollback()
    return due


def test_while_the_queue_is_away_the_reaper_remembers_the_hospital(in_app, hospital, monkeypatch):
    on("test.happened", later=True)(lambda **about: None)
    happen(hospital)  # no Redis in tests
    assert due_at() is not None
    outbox.wake_due()
    assert due_at() is not None
    jobs = []
    monkeypatch.setattr(queue, "enqueue", lambda *job: jobs.append(job) or True)
    outbox.wake_due()
    outbox.wake_due()
    assert jobs == [("portal.kit.outbox.deliver", "city-general")]


def test_what_failed_is_tried_again_by_itself_ever_more_slowly_and_then_given_up(in_app, hospital, failing, asked):
    pauses = []
    for attempt in range(1, outbox.MOST_ATTEMPTS + 1):
        asked.clear()
        outbox.deliver("city-general")
        event = event_now(hospital)
        assert (event.attempts, event.last_error) == (attempt, "OSError")
        if event.next_try_at is None:
            break
        assert due_at() == event.next_try_at
        pauses.append(round((event.next_try_at - clock.now()) / timedelta(minutes=1)))
        clock.move(event.next_try_at - clock.now() - timedelta(seconds=2))
        outbox.wake_due()
        assert (asked, outbox.deliver("city-general")) == ([], 0)
        clock.move(timedelta(seconds=3))
        outbox.wake_due()
        assert asked == [("portal.kit.outbox.deliver", "city-general")]
    assert pauses == [1, 5, 30, 120, 360, 720, 1440]
    assert event.attempts == outbox.MOST_ATTEMPTS
    clock.move(timedelta(days=60))
    assert outbox.deliver("city-general") == 0
    assert event_now(hospital).attempts == outbox.MOST_ATTEMPTS
    assert due_at() is None


def test_the_reaper_wakes_for_the_soonest_of_several_events(in_app, hospital, failing):
    outbox.deliver("city-general")
    first = due_at()
    clock.move(timedelta(seconds=30))
    happen(hospital)
    outbox.deliver("city-general")
    assert due_at() == first


def test_what_is_done_at_last_is_not_tried_any_more(in_app, hospital, failing):
    outbox.deliver("city-general")
    failing.clear()
    clock.move(timedelta(minutes=2))
    assert outbox.deliver("city-general") == 1
    event = event_now(hospital)
    assert (event.last_error, event.next_try_at, event.attempts) == ("", None, 1)


def test_what_was_given_up_is_tried_again_when_somebody_asks(in_app, hospital, failing, asked):
    with in_hospital(hospital):
        given_up = {"attempts": outbox.MOST_ATTEMPTS, "last_error": "OSError", "next_try_at": None}
        db.session.execute(sa.update(Event).values(given_up))
        db.session.commit()
    assert outbox.deliver("city-general") == 0
    asked.clear()
    with in_hospital(hospital):
        outbox.try_again(db.session.scalars(sa.select(Event)).one())
        assert asked == []
        db.session.commit()
    assert asked == [("portal.kit.outbox.deliver", "city-general")]
    outbox.deliver("city-general")
    assert event_now(hospital).next_try_at is None
    with in_hospital(hospital):
        outbox.try_again(db.session.scalars(sa.select(Event)).one())
        db.session.commit()
    failing.clear()
    assert outbox.deliver("city-general") == 1
    with in_hospital(hospital), pytest.raises(WrongState, match="is done"):
        outbox.try_again(db.session.scalars(sa.select(Event)).one())


def test_a_refusal_is_kept_as_its_sentence_and_a_fault_only_as_its_kind(in_app, hospital, failing):
    """What a fault says may name people; a sentence is written for them."""
    failing[:] = [Refused("There is no number to send this to.")]
    outbox.deliver("city-general")
    assert event_now(hospital).last_error == "There is no number to send this to."
    failing[:] = [ValueError("Zoë O’Brien")]
    clock.move(timedelta(minutes=2))
    outbox.deliver("city-general")
    assert event_now(hospital).last_error == "ValueError"


def test_a_control_database_that_is_busy_does_not_undo_what_was_delivered(in_app, hospital, failing, monkeypatch):
    """Best effort: the hourly sweep finds what the reaper was not told."""

    def busy():
        raise sa.exc.OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(db.engine, "begin", busy)
    outbox.deliver("city-general")
    assert event_now(hospital).attempts == 1


def test_a_hospital_that_is_gone_is_never_mistaken_for_another(in_app, hospital):
    with pytest.raises(TenantGone):
        outbox.deliver("nobody")


def test_a_failing_handler_does_not_keep_the_next_one_from_its_work(in_app, hospital, asked):
    seen = []

    def fails(**about):
        raise OSError("the mail server is away")

    on("test.happened", later=True)(fails)
    on("test.happened", later=True)(lambda **about: seen.append(about["id"]))
    patient_id = happen(hospital)
    assert outbox.deliver("city-general") == 1
    assert seen == [patient_id]
    with in_hospital(hospital):
        assert db.session.scalar(sa.select(Event.last_error)) == "OSError"


def test_a_worker_is_woken_after_the_commit_and_not_by_a_savepoint_before_it(in_app, hospital, asked):
    """CORE-3: what a worker looks for before it is kept, it does not find."""
    on("test.happened", later=True)(lambda **about: None)
    with in_hospital(hospital):
        emit("test.happened", Patient(id=1))
        with db.session.begin_nested():
            pass
        assert asked == []
        db.session.commit()
    assert asked == [("portal.kit.outbox.deliver", "city-general")]


def test_what_was_taken_back_wakes_nobody_when_something_else_is_kept(in_app, hospital, asked):
    on("test.happened", later=True)(lambda **about: None)
    with in_hospital(hospital):
        emit("test.happened", Patient(id=1))
        db.session.rollback()
        Patient(first_name="A", last_name="B", sex="other").register()
        db.session.commit()
    assert asked == []


def test_a_record_has_its_number_when_its_event_is_told(in_app, hospital, asked):
    told = []
    on("test.happened")(lambda patient: told.append(patient.id))
    on("test.happened", later=True)(lambda **about: told.append(about["id"]))
    with in_hospital(hospital):
        patient = Patient(mrn="CG-1", first_name="A", last_name="B", sex="other")
        db.session.add(patient)
        emit("test.happened", patient)
        db.session.commit()
    outbox.deliver("city-general")
    assert told == [1, 1]


def test_two_later_handlers_of_one_name_are_refused_for_the_second_would_never_run(app):
    """CORE-3: what was done is remembered by the handler's name."""

    def sender(channel: str):
        def send(**about):
            raise OSError(channel)

        return send

    on("test.happened", later=True)(sender("email"))
    with pytest.raises(ValueError, match=r"send.*has a handler of this name"):
        on("test.happened", later=True)(sender("sms"))


def test_a_wake_that_fails_does_not_say_of_what_was_kept_that_it_was_not(in_app, hospital, monkeypatch):
    """The commit is over by then; the hourly sweep finds the event."""

    def broken(*job):
        raise RuntimeError("the queue is in pieces")

    monkeypatch.setattr(queue, "enqueue", broken)
    on("test.happened", later=True)(lambda **about: None)
    happen(hospital)
    with in_hospital(hospital):
        assert db.session.scalar(sa.select(sa.func.count(Event.id))) == 1
