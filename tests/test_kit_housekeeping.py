"""Once an hour every hospital forgets what has passed, and no event stays behind unseen (D14)."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from portal import clock, queue
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit import housekeeping, locks, outbox
from portal.kit.models import Event, EventDelivery, IdempotencyKey, ResourceLock
from portal.tenancy.current import in_hospital

HOUR = timedelta(hours=1)
HALF_PAST = datetime(2030, 1, 7, 10, 30, tzinfo=UTC)


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The hospitals whose housekeeping was asked for; the queue works."""
    asked = []
    monkeypatch.setattr(queue, "enqueue", lambda job, *hospitals: asked.extend(hospitals) or True)
    return asked


@pytest.fixture
def inside(in_app, hospital):
    """Work inside the hospital."""
    with in_hospital(hospital):
        yield hospital


def rows(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def event(days_ago: int, **values) -> int:
    """An event of so many days ago that is done, with its one effect."""
    values = {"last_error": "", "next_try_at": None, **values}
    row = Event(name="test.happened", occurred_at=clock.now() - timedelta(days=days_ago), **values)
    db.session.add(row)
    db.session.flush()
    db.session.add(EventDelivery(event_id=row.id, handler="somebody"))
    return row.id


def sweep_for(span: timedelta, step: timedelta = timedelta(seconds=5)) -> None:
    """What the reaper does for so long."""
    since, end = clock.now(), clock.now() + span
    while clock.now() < end:
        clock.move(step)
        since = housekeeping.sweep(since)


def test_tokens_of_forms_are_forgotten_after_a_day(inside):
    for hours in (23, 25):
        at = clock.now() - hours * HOUR
        db.session.add(IdempotencyKey(token=str(hours), route="x", result_type="x", result_id=1, created_at=at))
    housekeeping.forget_what_has_passed()
    assert db.session.scalars(sa.select(IdempotencyKey.token)).all() == ["23"]


def test_events_that_are_done_are_forgotten_after_ninety_days_with_their_effects(inside):
    event(91)
    young = event(89)
    failing = event(91, last_error="OSError")
    waiting = event(91, last_error=None, next_try_at=clock.now() + HOUR)
    housekeeping.forget_what_has_passed()
    kept = set(db.session.scalars(sa.select(Event.id)))
    assert kept == set(db.session.scalars(sa.select(EventDelivery.event_id))) == {young, failing, waiting}


def test_the_time_of_bookings_that_is_over_is_forgotten(inside):
    begin = datetime.fromtimestamp(clock.now().timestamp() // 300 * 300, UTC)
    locks.take("doctor", 1, begin - HOUR, begin + HOUR, Patient(id=1), sentence="Taken.")
    housekeeping.forget_what_has_passed()
    assert rows(ResourceLock) == 12


def test_keeping_house_delivers_an_event_whose_wake_was_lost_and_commits(in_app, hospital, asked):
    """D14."""
    with in_hospital(hospital):
        event(1, last_error=None, next_try_at=clock.now())
        event(91)
        db.session.commit()
    housekeeping.keep_house("city-general")
    with in_hospital(hospital):
        assert db.session.scalars(sa.select(Event.last_error)).all() == [""]


def test_one_hospital_that_fails_keeps_no_other_waiting(in_app, two_hospitals, monkeypatch):
    kept, real = [], outbox.deliver

    def deliver(subdomain: str) -> int:
        if subdomain == "city-general":
            raise OSError("the disk is away")
        kept.append(subdomain)
        return real(subdomain)

    monkeypatch.setattr(outbox, "deliver", deliver)
    housekeeping.keep_house("nobody", "city-general", "lakeside")
    assert kept == ["lakeside"]


def test_within_an_hour_every_hospital_has_its_turn_once_and_not_all_at_the_same_moment(in_app, two_hospitals, asked):
    """D14."""
    sweep_for(HOUR)
    assert sorted(asked) == ["city-general", "lakeside"]
    sweep_for(HOUR)
    assert sorted(asked) == ["city-general"] * 2 + ["lakeside"] * 2


def test_each_second_of_the_hour_is_somebodys_turn_over_the_full_hour_too(in_app, monkeypatch):
    spans = []
    monkeypatch.setattr(housekeeping, "served_between", lambda first, last, parts: spans.append((first, last)) or [])
    clock.move(datetime(2030, 1, 7, 10, 59, 50, tzinfo=UTC) - clock.now())
    sweep_for(timedelta(seconds=20), timedelta(seconds=7))
    seconds = [second for first, last in spans for second in range(first, last + 1)]
    assert seconds == [second % 3600 for second in range(seconds[0], seconds[0] + len(seconds))]
    assert len(seconds) in (20, 21, 22)


def test_a_hospital_that_is_not_served_has_no_turn(in_app, two_hospitals, asked):
    db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "lakeside").values(mode="suspended"))
    db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "city-general").values(generation=None))
    db.session.commit()
    sweep_for(HOUR, timedelta(minutes=1))
    assert asked == []


def test_while_the_queue_is_away_nobody_loses_their_turn(in_app, two_hospitals, monkeypatch):
    clock.move(HALF_PAST - clock.now())
    since = clock.now()
    clock.move(HOUR)
    for _round in range(70):  # no Redis in tests
        since = housekeeping.sweep(since)
    assert timedelta(minutes=29) < since - HALF_PAST < timedelta(minutes=30, seconds=1)
    jobs = []
    monkeypatch.setattr(queue, "enqueue", lambda job, *hospitals: jobs.append(hospitals) or True)
    for _round in range(70):
        since = housekeeping.sweep(since)
    assert jobs == [("city-general", "lakeside")]
    assert since > HALF_PAST + HOUR - timedelta(seconds=1)


def test_after_a_long_pause_the_hospitals_come_a_few_at_a_time_and_none_twice(in_app, monkeypatch):
    widths = []
    monkeypatch.setattr(
        housekeeping, "served_between", lambda first, last, parts: widths.append(last - first + 1) or []
    )
    since = clock.now()
    clock.move(timedelta(days=3))
    for _round in range(70):
        since = housekeeping.sweep(since)
    assert max(widths) <= 60
    assert 3600 <= sum(widths) <= 3602


def test_a_work_of_the_hour_that_fails_is_undone_and_keeps_no_other_waiting(in_app, hospital, monkeypatch):
    def fail() -> None:
        event(1, last_error=None)
        db.session.flush()
        raise OSError

    monkeypatch.setattr(housekeeping, "_works", [fail, lambda: event(1, last_error="later")])
    housekeeping.tidy("city-general")
    with in_hospital(hospital):
        assert db.session.scalars(sa.select(Event.last_error)).all() == ["later"]


def test_an_outbox_that_fails_keeps_the_works_of_the_hour_from_nothing(in_app, hospital, monkeypatch):
    done = []

    def deliver(subdomain: str) -> int:
        raise OSError("the disk is away")

    monkeypatch.setattr(outbox, "deliver", deliver)
    monkeypatch.setattr(housekeeping, "_works", [lambda: done.append("work")])
    housekeeping.keep_house("city-general")
    assert done == ["work"]
