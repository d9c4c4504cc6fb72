"""Booked time: in multiples of five minutes, whole or not at all, given back with the booking (P2)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from portal import clock
from portal.extensions import db
from portal.kit import Refused, locks
from portal.kit.models import ResourceLock
from portal.tenancy.current import in_hospital

TEN = datetime(2030, 1, 7, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def inside(in_app, hospital):
    """Work inside the hospital."""
    with in_hospital(hospital):
        yield hospital


def book(number: int, *wanted: locks.Wanted) -> str:
    """Take time for the booking with this number, which patients stand for here."""
    locks.take_all(wanted, Patient(id=number))
    return "booked"


def wanted(kind: str, resource_id: int, begin: int, end: int, seat: int = 1) -> locks.Wanted:
    """Time of a resource, in minutes after ten."""
    sentence = f"The {kind} is just taken."
    return locks.Wanted(kind, resource_id, TEN + begin * MINUTE, TEN + end * MINUTE, sentence, kind, seat)


def buckets() -> list[tuple]:
    """What is taken from ten on, in the order in which it was: kind, id, minutes after ten, booking."""
    rows = db.session.scalars(sa.select(ResourceLock).where(ResourceLock.bucket_start >= TEN).order_by(ResourceLock.id))
    return [(row.resource_kind, row.resource_id, (row.bucket_start - TEN) // MINUTE, row.holder_id) for row in rows]


def test_time_is_taken_in_one_order_whatever_the_order_it_is_asked_in(inside):
    """P2: ascending by kind, id and bucket, so that two bookings never wait for each other."""
    asked = [
        wanted("room", 7, 0, 10),
        wanted("doctor", 8, 0, 10),
        wanted("doctor", 7, 30, 40),
        wanted("doctor", 7, 0, 5),
    ]
    book(1, *asked)
    rows = [row[:3] for row in buckets()]
    assert rows == sorted(rows)
    assert len(rows) == 7


def test_what_is_refused_leaves_nothing_taken(inside):
    book(1, wanted("room", 9, 10, 20))
    with pytest.raises(Refused, match="The room is just taken") as refusal:
        book(2, wanted("doctor", 9, 0, 20), wanted("room", 9, 0, 20))
    assert refusal.value.field == "room"
    db.session.commit()
    assert {row[-1] for row in buckets()} == {1}


def test_a_booking_that_frees_and_fails_keeps_its_time(inside):
    book(1, wanted("doctor", 9, 0, 20))
    db.session.commit()
    locks.free(Patient(id=1))
    db.session.rollback()
    with pytest.raises(Refused):
        book(2, wanted("doctor", 9, 0, 20))


def test_one_after_the_other_is_no_overlap(inside):
    locks.take("staff", 9, TEN, TEN + 15 * MINUTE, Patient(id=1), sentence="Taken.")
    locks.take("staff", 9, TEN + 15 * MINUTE, TEN + 30 * MINUTE, Patient(id=2), sentence="Taken.")
    with pytest.raises(Refused, match="Taken"):
        locks.take("staff", 9, TEN + 25 * MINUTE, TEN + 35 * MINUTE, Patient(id=3), sentence="Taken.")


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (TEN + 2 * MINUTE, TEN + 15 * MINUTE), (TEN, TEN + 7 * MINUTE), (TEN + timedelta(seconds=1), TEN + 5 * MINUTE),
        (TEN, TEN), (TEN + 5 * MINUTE, TEN), (TEN.replace(tzinfo=None), TEN),
    ],
)  # fmt: skip
def test_a_booking_begins_and_ends_at_multiples_of_five_minutes_and_ends_after_it_begins(begin, end):
    with pytest.raises(ValueError, match="a booking"):
        locks.Wanted("doctor", 1, begin, end, "Taken.")


def test_time_that_has_passed_is_forgotten_and_no_other(inside):
    """P2."""
    clock.move(TEN - clock.now())
    book(1, wanted("doctor", 9, 0, 20))
    clock.move(11 * MINUTE)
    locks.purge_past()
    assert [row[2] for row in buckets()] == [10, 15]


LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("begin", "hours"),
    [(datetime(2030, 10, 27, 0, 30, tzinfo=LONDON), 3), (datetime(2030, 3, 31, 0, 30, tzinfo=LONDON), 1)],
)
def test_every_five_minutes_are_taken_once_in_the_night_in_which_the_clock_changes(inside, begin, hours):
    """P2."""
    locks.take("room", 9, begin, begin.replace(hour=2), Patient(id=1), sentence="Taken.")
    taken = db.session.scalars(sa.select(ResourceLock.bucket_start).order_by(ResourceLock.bucket_start)).all()
    assert len(taken) == hours * 12
    assert {later - before for before, later in pairwise(taken)} == {locks.BUCKET}


def test_the_second_of_two_hours_with_one_name_comes_after_the_first(inside):
    """P2."""
    first = datetime(2030, 10, 27, 1, 30, tzinfo=LONDON)
    locks.take("room", 9, first, first.replace(minute=15, fold=1), Patient(id=1), sentence="Taken.")
    assert db.session.scalar(sa.select(sa.func.count(ResourceLock.id))) == 9
