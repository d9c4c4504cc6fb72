"""The six patterns that keep what many want at once in order (modules.md §0.4), each with twenty real threads."""

from decimal import Decimal
from functools import partial
from itertools import chain

import pytest
import sqlalchemy as sa

from modules.inventory.models import Batch
from modules.patients.models import Patient
from modules.rooms.models import Bed, BedAllocation
from portal import queue
from portal.extensions import db
from portal.kit import Refused, emit, guarded_update, hold, locks, next_value, now, on, outbox
from portal.kit.claims import claim
from portal.kit.events import _later
from portal.kit.models import ContentType, IdempotencyKey
from portal.tenancy.current import in_hospital
from tests.filled_tables import fill_hospital
from tests.modules.at_once import AT_ONCE, acted, gather, served, statuses, together
from tests.test_kit_locks import book, buckets, wanted

TAKEN = "This bed was just taken."
ANN = {"first_name": "Ann", "last_name": "Lee", "sex": "female", "token": "6a0f6c1e-0000-4000-8000-000000000001"}


@pytest.fixture
def hospital(app, hospital):
    """A hospital with rows 1 to 3 in every table, so that everything has what it belongs to."""
    fill_hospital(app, hospital, "Spatz")
    return hospital


@pytest.fixture
def at_once(app, hospital):
    """Runs `work(number)` in twenty threads that start together; each one's answer, or the sentence that refused it."""
    return partial(acted, app, hospital)


@pytest.fixture
def clerks(app, hospital):
    """Twenty who register patients, in browsers of their own on the served portal."""
    with served(app) as port:
        yield gather(app, hospital, port, "patients.view", "patients.add", "patients.change")


@pytest.fixture
def inside(in_app, hospital):
    """Work inside the hospital, without threads."""
    with in_hospital(hospital):
        yield hospital


def count(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


# P1: the active key


def lie_in(bed_id: int, patient_id: int | None = None) -> BedAllocation:
    """A patient takes a bed."""
    facts = {"patient_id": 1, "encounter_id": 1, "status": "active", "starts_at": now()}
    row = BedAllocation(bed_id=bed_id, **facts, active_bed_id=bed_id, active_patient_id=patient_id)
    return claim(row, TAKEN, "bed_id")


def test_of_twenty_who_want_a_bed_one_gets_it_and_the_others_hear_that_it_is_taken(at_once):
    """P1."""
    answers = at_once(lambda number: lie_in(1, number).status)
    assert sorted(answers) == [TAKEN] * (AT_ONCE - 1) + ["active"]


def test_a_bed_that_was_left_can_be_taken_again_and_taking_it_twice_keeps_the_rest(inside):
    """P1: the key is empty once the row is not active any more."""
    first = lie_in(1)
    with pytest.raises(Refused, match="just taken") as refusal:
        lie_in(1)
    assert refusal.value.field == "bed_id"
    lie_in(2)
    first.active_bed_id = None
    lie_in(1)
    db.session.commit()
    taken = sa.select(BedAllocation.active_bed_id).where(BedAllocation.active_bed_id.is_not(None))
    assert sorted(db.session.scalars(taken)) == [1, 2]


def test_a_row_that_is_there_takes_a_key_or_stays_as_it_was(inside):
    """P1."""
    first, second = (db.session.get(Bed, number) for number in (1, 2))
    claim(first, "The place is taken.", "grid_row", grid_row=1, grid_col=1, grid_key="1:1:1")
    with pytest.raises(Refused, match="The place is taken"):
        claim(second, "The place is taken.", "grid_row", grid_row=1, grid_col=1, grid_key="1:1:1")
    db.session.commit()
    assert (first.grid_key, second.grid_key, second.grid_row) == ("1:1:1", "2 Spatz", None)


def test_only_a_key_that_is_taken_is_told_as_taken(inside):
    with pytest.raises(sa.exc.IntegrityError, match=r"(?i)foreign key"):
        lie_in(4711)


# P2: the bucket lock


def test_of_twenty_bookings_that_overlap_by_five_minutes_one_is_kept(at_once):
    """P2."""
    answers = at_once(lambda number: book(number, wanted("doctor", 9, 15 - number % 4 * 5, 20 + number % 3 * 5)))
    assert sorted(answers) == ["The doctor is just taken."] * (AT_ONCE - 1) + ["booked"]


def test_bookings_of_several_resources_are_kept_whole_or_not_at_all(at_once, inside):
    """P2: whatever the order they are asked for in, and nobody waits for ever."""

    def several(number: int) -> str:
        all_three = [wanted(kind, 7 + number % 2, 0, 30) for kind in ("room", "doctor", "patient")]
        shared = wanted("doctor", 5, number % 10 * 5, number % 10 * 5 + 10)
        asked = [*all_three[number % 3 :], shared, *all_three[: number % 3]]
        return book(number, *asked)

    kept = at_once(several).count("booked")
    rows = buckets()
    holders = {holder for *_place, holder in rows}
    assert kept == len(holders) == 2
    assert all(len([row for row in rows if row[-1] == holder]) == 3 * 6 + 2 for holder in holders)


def test_a_booking_that_is_freed_leaves_its_time_bookable_at_once(inside, at_once):
    """P2."""
    book(1, wanted("doctor", 9, 0, 20), wanted("room", 9, 0, 20))
    book(2, wanted("doctor", 9, 20, 40))
    locks.free(Patient(id=1))
    db.session.commit()
    answers = at_once(lambda number: book(number + 10, wanted("doctor", 9, 10, 20)))
    assert answers.count("booked") == 1
    assert 2 in {row[-1] for row in buckets()}


def test_a_slot_with_three_seats_takes_three_bookings(at_once):
    """P2."""

    def sit(number: int) -> str:
        for seat in (1, 2, 3):
            try:
                return book(number, wanted("doctor", 9, 0, 15, seat))
            except Refused:
                continue
        raise Refused("All seats are taken.")

    assert sorted(at_once(sit)) == ["All seats are taken."] * (AT_ONCE - 3) + ["booked"] * 3


def test_twenty_at_once_find_or_add_one_row_for_a_kind_of_record(at_once, inside):
    assert len(set(at_once(lambda number: ContentType.id_of(Patient(id=number))))) == 1
    assert count(ContentType) == 1


# P3: the guarded update


def test_of_twenty_who_dispense_three_of_ten_three_do_and_one_is_left(at_once, inside):
    """P3."""
    db.session.execute(sa.update(Batch).where(Batch.id == 1).values(quantity=Decimal(10)))
    db.session.commit()

    def dispense(_number: int) -> str:
        batch = db.session.get(Batch, 1)
        if not guarded_update(batch, Batch.quantity >= 3, quantity=Batch.quantity - 3):
            raise Refused(f"Only {batch.quantity:f} left.")
        return "dispensed"

    assert sorted(at_once(dispense)) == ["Only 1.000 left."] * (AT_ONCE - 3) + ["dispensed"] * 3
    db.session.rollback()
    assert db.session.get(Batch, 1, populate_existing=True).quantity == 1


def test_of_twenty_at_once_one_moves_the_record_and_the_others_hear_why(at_once, inside):
    """P3."""
    patient_id = _patient()
    answers = at_once(lambda _number: db.session.get(Patient, patient_id).deactivate() or "moved")
    assert answers.count("moved") == 1
    others = {answer for answer in answers if answer != "moved"}
    assert others == {"This is not possible any more: the record is “inactive” now."}


def _patient() -> int:
    row = Patient(mrn="CG-000002-6", first_name="A", last_name="B", name_search="b a", sex="other")
    db.session.add(row)
    db.session.flush()
    patient_id = row.id
    db.session.commit()
    return patient_id


# The held row


def test_what_is_held_is_read_anew_so_that_no_step_of_twenty_is_lost(at_once, inside):
    """Take the lock, then read what you check."""

    def step(_number: int) -> int:
        batch = db.session.get(Batch, 1)
        before = batch.quantity
        hold(batch)
        batch.quantity += 1
        return before

    begin = db.session.get(Batch, 1).quantity
    db.session.rollback()
    at_once(step)
    assert db.session.get(Batch, 1, populate_existing=True).quantity == begin + AT_ONCE


def test_rows_that_are_held_together_are_held_in_one_order_whatever_the_order_they_are_named_in(at_once, inside):
    """Nobody waits for somebody who waits for them."""

    def step(number: int) -> str:
        rows = [db.session.get(Batch, 1), db.session.get(Bed, 1), db.session.get(Batch, 2)]
        hold(*rows[:: 1 if number % 2 else -1], None)
        for batch in (rows[0], rows[2]):
            batch.quantity += 1
        return "held"

    assert at_once(step) == ["held"] * AT_ONCE


# P4: the sequence row


def test_a_hundred_at_once_get_a_hundred_values_without_a_gap(at_once):
    """P4, CORE-2."""
    values = chain.from_iterable(at_once(lambda _number: [_next() for _time in range(5)]))
    assert sorted(values) == list(range(1, 101))


def _next() -> int:
    value = next_value("queue")
    db.session.commit()
    return value


# P5: the version


def test_of_twenty_who_correct_the_same_version_one_is_saved_and_the_others_are_shown_it(clerks, inside):
    """P5."""
    place = clerks[0].post("/patients/new", **ANN).location
    number = int(place.rpartition("/")[2])
    version = db.session.get(Patient, number).version
    db.session.rollback()
    form = ANN | {"version": version}
    answers = together(lambda number: clerks[number].post(f"{place}/edit", **form, city=f"Town {number}"))
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    city = db.session.get(Patient, number).city
    assert answers[int(city.split()[1])].status_code == 303
    for answer in answers:
        if answer.status_code == 409:
            assert "Somebody else changed this record" in answer.text
            assert f'value="{city}"' in answer.html


# P6: the idempotency token


def test_twenty_at_once_with_one_token_make_one_record_and_all_lead_to_it(clerks, inside):
    """P6, CORE-7: a form that one person sends twenty times."""
    before = count(Patient)
    db.session.rollback()
    answers = together(lambda _number: clerks[0].post("/patients/new", **ANN))
    assert statuses(answers) == {303: AT_ONCE}
    assert len({answer.location for answer in answers}) == 1
    assert count(Patient) == before + 1
    assert db.session.get(IdempotencyKey, ANN["token"]) is not None


# The outbox


def test_workers_at_once_have_each_effect_of_an_event_once(app, hospital, inside, monkeypatch):
    """CORE-3."""
    seen = []
    monkeypatch.setattr(queue, "enqueue", lambda *job: True)
    monkeypatch.setitem(_later, "test.happened", [])
    on("test.happened", later=True)(lambda **about: seen.append(about["id"]))
    for number in range(5):
        emit("test.happened", Patient(id=number))
    db.session.commit()

    def work(_number: int) -> int:
        with app.app_context():
            return outbox.deliver(hospital.subdomain)

    assert sum(together(work, 8)) == 5
    assert sorted(seen) == [0, 1, 2, 3, 4]
