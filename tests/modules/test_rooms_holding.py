"""Who gets which bed: one patient in a bed, one bed for a patient, whatever happens at the same instant."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from modules.rooms import api, holding
from modules.rooms.api import assign_bed, bed_of, free_beds, release_bed, reserve_bed, transfer
from modules.rooms.models import Bed, BedAllocation, Room, Ward
from portal import clock
from portal.extensions import db
from portal.kit import Refused, WrongState, now
from portal.kit.events import emit
from portal.kit.models import StatusLog
from portal.tenancy.current import in_hospital
from tests.modules.bed_ward import come, kept, open_ward


@pytest.fixture
def ward(app, hospital):
    """Ward A with four beds."""
    return kept(app, hospital, open_ward)


@pytest.fixture
def people(app, hospital):
    """Three patients with an open visit."""
    return kept(app, hospital, lambda: [come(name) for name in ("Amina", "Bea", "Cleo")])


@pytest.fixture
def inside(app, hospital, ward, people):
    """Inside the hospital that has the ward and the people."""
    with app.app_context(), in_hospital(hospital):
        yield
        db.session.rollback()


@pytest.fixture
def heard(hear):
    """The names of the events of beds."""
    return hear(*(f"bed.{name}" for name in ("reserved", "assigned", "transferred", "released", "cleaned")))


def states(*ids: int) -> list[str]:
    db.session.expire_all()
    return [db.session.get(Bed, number).status for number in ids]


def allocations() -> list[tuple]:
    rows = db.session.scalars(sa.select(BedAllocation).order_by(BedAllocation.id))
    return [(one.status, one.bed_id, one.active_bed_id, one.active_patient_id, one.end_reason) for one in rows]


# ROOM-1


# ROOM-2


def test_a_patient_has_one_bed_whether_reserved_or_assigned(inside, ward, people):
    """ROOM-2."""
    amina = people[0]
    reserve_bed(ward.beds[0], amina.patient, amina.visit)
    with pytest.raises(Refused, match="Bed A-01 is reserved for Amina Yusuf already"):
        reserve_bed(ward.beds[1], amina.patient, amina.visit)
    assign_bed(ward.beds[0], amina.patient, amina.visit)
    with pytest.raises(Refused, match=r"Amina Yusuf lies in Bed A-01 already\. Transfer the patient instead"):
        assign_bed(ward.beds[1], amina.patient, amina.visit)
    assert states(*ward.beds[:2]) == ["occupied", "available"]


def test_assigning_takes_over_the_reservation_of_the_same_patient(inside, ward, people):
    """ROOM-2: of this bed, or of another, which is free again then."""
    amina, bea, _cleo = people
    first = reserve_bed(ward.beds[0], amina.patient, amina.visit)
    assert assign_bed(ward.beds[0], amina.patient, amina.visit) is first
    reserve_bed(ward.beds[1], bea.patient, bea.visit)
    assign_bed(ward.beds[2], bea.patient, bea.visit)
    assert states(*ward.beds[:3]) == ["occupied", "available", "occupied"]
    assert [row[0] for row in allocations()] == ["active", "cancelled", "active"]


def test_a_transfer_ends_the_old_and_starts_the_new(inside, ward, people, heard):
    """ROOM-2."""
    amina, old, new = people[0], *ward.beds[:2]
    first = assign_bed(old, amina.patient, amina.visit)
    second = transfer(amina.patient, new)
    assert (first.status, first.end_reason, second.status) == ("ended", "transfer", "active")
    assert second.encounter_id == amina.visit
    assert states(old, new) == ["cleaning", "occupied"]
    assert bed_of(amina.patient).id == new
    assert heard == ["bed.assigned", "bed.released", "bed.transferred"]


def test_a_transfer_to_a_taken_bed_changes_nothing(inside, ward, people):
    """ROOM-2: also where the caller goes on in the same transaction."""
    amina, bea, _cleo = people
    assign_bed(ward.beds[0], amina.patient, amina.visit)
    assign_bed(ward.beds[1], bea.patient, bea.visit)
    before = allocations()
    with pytest.raises(Refused, match="was just taken"):
        transfer(amina.patient, ward.beds[1])
    assert [db.session.get(Bed, number).status for number in ward.beds[:2]] == ["occupied", "occupied"]
    assert holding.held_by(amina.patient).status == "active"
    db.session.commit()
    assert allocations() == before
    assert states(*ward.beds[:2]) == ["occupied", "occupied"]


def test_two_who_swap_into_each_others_bed_at_once_are_both_refused_and_nobody_waits_for_ever(
    app, hospital, ward, people, at_once
):
    """ROOM-2."""
    kept(app, hospital, lambda: [assign_bed(ward.beds[n], people[n].patient, people[n].visit) for n in (0, 1)])
    answers = at_once(lambda number: transfer(people[number].patient, ward.beds[1 - number]).status, times=2)
    assert all("was just taken" in answer for answer in answers)


def test_who_lies_in_no_bed_is_neither_moved_nor_let_go(inside, ward, people):
    for leave in (lambda: transfer(people[0].patient, ward.beds[0]), lambda: release_bed(people[0].patient, "death")):
        with pytest.raises(Refused, match="does not lie in a bed"):
            leave()
    with pytest.raises(ValueError, match="transfer"):
        release_bed(people[0].patient, "transfer")


def test_a_transfer_to_the_own_bed_is_refused(inside, ward, people):
    assign_bed(ward.beds[0], people[0].patient, people[0].visit)
    with pytest.raises(Refused, match="lies in this bed already"):
        transfer(people[0].patient, ward.beds[0])


def test_who_has_died_gets_no_bed(inside, ward, people):
    patient = db.session.get(Patient, people[0].patient)
    patient.record_death(now() - timedelta(minutes=1))
    with pytest.raises(Refused, match="has died"):
        assign_bed(ward.beds[0], people[0].patient, people[0].visit)


# ROOM-3


def lay(bed: int, who, begin: int, end: int | None) -> BedAllocation:
    """An allocation in the past, from and to so many hours ago."""
    row = BedAllocation(
        bed_id=bed,
        patient_id=who.patient,
        encounter_id=who.visit,
        status="ended",
        starts_at=now() - timedelta(hours=begin),
        ends_at=now() - timedelta(hours=end),
        end_reason="discharge",
    )
    db.session.add(row)
    db.session.flush()
    return row


def ago(hours: int):
    return now() - timedelta(hours=hours)


def test_times_that_are_corrected_never_overlap_those_of_another_patient_in_the_bed(inside, ward, people):
    """ROOM-3: back-dated edits."""
    first, second = lay(ward.beds[0], people[0], 50, 40), lay(ward.beds[0], people[1], 30, 20)
    for begin, end in ((45, 35), (60, 20), (48, 41), (41, 30)):
        with pytest.raises(Refused, match="Somebody else lay in bed A-01 then"):
            second.change(starts_at=ago(begin), ends_at=ago(end))
    second.change(starts_at=first.ends_at, ends_at=ago(10))
    assert second.starts_at == first.ends_at


def test_times_that_are_corrected_never_put_a_patient_into_two_beds(inside, ward, people):
    """ROOM-3."""
    lay(ward.beds[0], people[0], 50, 40)
    other = lay(ward.beds[1], people[0], 30, 20)
    with pytest.raises(Refused, match="The patient lay in another bed then"):
        other.change(starts_at=ago(45), ends_at=ago(20))


def test_the_stay_of_who_is_still_there_is_corrected_by_its_start_alone(inside, ward, people):
    """ROOM-3."""
    lay(ward.beds[0], people[1], 30, 20)
    here = assign_bed(ward.beds[0], people[0].patient, people[0].visit)
    with pytest.raises(Refused, match="Somebody else lay"):
        here.change(starts_at=ago(25), ends_at=None)
    with pytest.raises(Refused, match="still in the bed"):
        here.change(starts_at=ago(15), ends_at=ago(1))
    with pytest.raises(Refused, match="in the past"):
        here.change(starts_at=ago(-1), ends_at=None)
    here.change(starts_at=ago(15), ends_at=None)


@pytest.mark.parametrize(("begin", "end", "says"), [(20, 30, "after the start"), (20, -1, "in the past")])
def test_times_that_make_no_sense_are_refused(inside, ward, people, begin, end, says):
    """ROOM-3."""
    row = lay(ward.beds[0], people[0], 50, 40)
    with pytest.raises(Refused, match=says):
        row.change(starts_at=ago(begin), ends_at=ago(end))
    with pytest.raises(Refused, match="Enter the end"):
        row.change(starts_at=ago(begin), ends_at=None)


def test_of_two_corrections_at_once_that_would_overlap_one_is_kept(app, hospital, ward, people, at_once):
    """ROOM-3."""
    rows = kept(app, hospital, lambda: [lay(ward.beds[0], people[n], 50 - 20 * n, 40 - 20 * n).id for n in (0, 1)])
    middle = ((50, 34), (36, 20))
    times = [tuple(map(ago, pair)) for pair in middle]

    def correct(number: int):
        row = db.session.get(BedAllocation, rows[number])
        return row.change(starts_at=times[number][0], ends_at=times[number][1]).status

    assert sorted(at_once(correct, times=2)) == ["Somebody else lay in bed A-01 then", "ended"]


def test_a_reservation_has_no_times_to_correct(inside, ward, people):
    row = reserve_bed(ward.beds[0], people[0].patient, people[0].visit)
    with pytest.raises(WrongState, match="Nobody lay in the bed"):
        row.change(starts_at=ago(2), ends_at=None)


# ROOM-4


def test_a_bed_is_cleaned_once_the_patient_has_left_and_not_when_the_discharge_is_ordered(inside, ward, people, heard):
    """ROOM-4."""
    amina = people[0]
    held = assign_bed(ward.beds[0], amina.patient, amina.visit)
    emit("ipd.discharge_ordered", held)
    assert states(ward.beds[0]) == ["occupied"]
    release_bed(amina.patient, "discharge")
    assert states(ward.beds[0]) == ["cleaning"]
    assert (held.status, held.end_reason, held.active_bed_id) == ("ended", "discharge", None)
    with pytest.raises(Refused, match="was just taken"):
        assign_bed(ward.beds[0], people[1].patient, people[1].visit)
    db.session.get(Bed, ward.beds[0]).mark_clean()
    assign_bed(ward.beds[0], people[1].patient, people[1].visit)
    assert heard == ["bed.assigned", "bed.released", "bed.cleaned", "bed.assigned"]


# ROOM-5


def test_a_reservation_lapses_after_two_hours_once_and_frees_the_bed(inside, ward, people):
    """ROOM-5."""
    amina, bea, _cleo = people
    row = reserve_bed(ward.beds[0], amina.patient, amina.visit)
    reserve_bed(ward.beds[1], bea.patient, bea.visit, until=now() + timedelta(hours=5))
    clock.move(timedelta(minutes=119))
    assert holding.lapse_reservations() == 0
    clock.move(timedelta(minutes=121))
    assert [holding.lapse_reservations() for _time in range(2)] == [1, 0]
    assert (row.status, row.active_patient_id) == ("cancelled", None)
    assert states(*ward.beds[:2]) == ["available", "reserved"]
    note = sa.select(StatusLog.note).where(StatusLog.content_type == "rooms_bedallocation")
    assert db.session.scalars(note).all() == ["Not claimed in time"]


def test_twenty_jobs_at_once_free_a_bed_once(app, hospital, ward, people, at_once):
    """ROOM-5."""
    kept(app, hospital, lambda: reserve_bed(ward.beds[0], people[0].patient, people[0].visit))
    clock.move(timedelta(hours=3))
    assert sum(at_once(lambda _number: holding.lapse_reservations())) == 1


def test_whoever_asks_for_a_bed_whose_reservation_has_run_out_gets_it(inside, ward, people):
    """ROOM-5: before the job came."""
    amina, bea, _cleo = people
    reserve_bed(ward.beds[0], amina.patient, amina.visit)
    assert ward.beds[0] not in [bed.id for bed in free_beds()]
    clock.move(timedelta(hours=2))
    assert ward.beds[0] in [bed.id for bed in free_beds()]
    assign_bed(ward.beds[0], bea.patient, bea.visit)
    reserve_bed(ward.beds[1], amina.patient, amina.visit)
    clock.move(timedelta(hours=5))
    reserve_bed(ward.beds[2], amina.patient, amina.visit)
    assert states(*ward.beds[:3]) == ["occupied", "available", "reserved"]


def test_a_reservation_ends_in_the_future(inside, ward, people):
    with pytest.raises(Refused, match="must end in the future"):
        reserve_bed(ward.beds[0], people[0].patient, people[0].visit, until=now())


# ROOM-6


@pytest.mark.parametrize(
    ("facts", "born", "says"),
    [
        ({"gender_policy": "male"}, date(1990, 1, 1), "Ward X takes men only"),
        ({"kind": "paediatric"}, date(1990, 1, 1), "Ward X takes children under 16"),
        ({"kind": "paediatric"}, None, "Ward X takes children under 16"),
    ],
)
def test_a_ward_refuses_whom_it_does_not_take_unless_somebody_gives_a_reason(inside, facts, born, says):
    """ROOM-6."""
    other, who = open_ward("X", **facts), come("Dora", birth_date=born)
    with pytest.raises(Refused, match=says) as refusal:
        assign_bed(other.beds[0], who.patient, who.visit, override_reason="  ")
    assert refusal.value.field == "override_reason"
    row = assign_bed(other.beds[0], who.patient, who.visit, override_reason="No other bed")
    assert row.override_reason == "No other bed"


def test_the_policy_holds_for_reserving_and_moving_too_and_a_reason_is_given_once(inside, ward, people):
    """ROOM-6."""
    men, amina = open_ward("X", gender_policy="male"), people[0]
    with pytest.raises(Refused, match="men only"):
        reserve_bed(men.beds[0], amina.patient, amina.visit)
    reserve_bed(men.beds[0], amina.patient, amina.visit, override_reason="The only isolation room")
    assign_bed(men.beds[0], amina.patient, amina.visit)
    transfer(amina.patient, ward.beds[0])
    with pytest.raises(Refused, match="men only"):
        transfer(amina.patient, men.beds[1])


def test_newborns_lie_beside_their_mothers_and_children_in_their_own_ward(inside):
    """ROOM-6: what the policies let in."""
    today = now().date()
    mothers = open_ward("M", kind="maternity", gender_policy="female")
    boy = come("Tom", sex="male", birth_date=today - timedelta(days=2))
    assign_bed(mothers.beds[0], boy.patient, boy.visit)
    children = open_ward("D", kind="paediatric")
    girl = come("Isa", birth_date=today - timedelta(days=15 * 365))
    assign_bed(children.beds[0], girl.patient, girl.visit)
    cot, grown = db.session.get(Bed, mothers.beds[1]), come("Eva")
    cot.bed_type = "cot"
    with pytest.raises(Refused, match="Bed M-02 is for children under 3"):
        assign_bed(cot.id, grown.patient, grown.visit)


# ROOM-7


def test_a_bed_a_room_and_a_ward_stay_open_while_a_patient_has_a_bed(inside, ward, people):
    """ROOM-7: whether it is reserved or assigned."""
    amina = people[0]
    bed, room, place = (db.session.get(*one) for one in ((Bed, ward.beds[0]), (Room, ward.room), (Ward, ward.ward)))
    facts = {"code": place.code, "name": place.name, "department_id": place.department_id, "kind": place.kind}
    closing = (
        lambda: bed.change(code=bed.code, room_id=bed.room_id, is_active=False),
        lambda: place.change(is_active=False, **facts),
        lambda: room.close(),
        lambda: room.start_maintenance(),
        lambda: room.change(number=room.number, kind=room.kind, ward_id=None),
    )
    for hold in (reserve_bed, assign_bed):
        hold(bed.id, amina.patient, amina.visit)
        for close in closing:
            with pytest.raises(Refused, match="before"), db.session.begin_nested():
                close()
            db.session.expire_all()
            assert (bed.is_active, room.status, place.is_active) == (True, "active", True)
    for row in (bed, room, place):
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.execute(sa.delete(type(row)).where(type(row).id == row.id))
    release_bed(amina.patient, "discharge")
    bed.change(code=bed.code, room_id=bed.room_id, is_active=False)
    room.close()


def test_nobody_gets_a_bed_that_was_closed_with_its_room_or_ward(inside, ward, people):
    """ROOM-7: the other way round."""
    db.session.get(Room, ward.room).close()
    with pytest.raises(Refused, match="Bed A-01 is closed"):
        assign_bed(ward.beds[0], people[0].patient, people[0].visit)
    assert free_beds(ward_id=ward.ward) == []


def test_a_bed_is_closed_or_taken_but_never_both(app, hospital, ward, people, at_once):
    """ROOM-7: at the same instant."""

    def close_or_take(number: int) -> str:
        if number % 2:
            return assign_bed(ward.beds[0], people[0].patient, people[0].visit).status
        db.session.get(Room, ward.room).close()
        return "closed"

    answers = at_once(close_or_take)
    assert answers.count("active") + answers.count("closed") == 1


# What others ask


def test_free_beds_are_found_by_ward_sex_and_features(inside, ward, people):
    men = open_ward("X", gender_policy="male", beds=1)
    db.session.get(Bed, ward.beds[3]).features = ["oxygen", "monitor"]
    db.session.get(Bed, ward.beds[1]).start_maintenance()
    assign_bed(ward.beds[0], people[0].patient, people[0].visit)
    codes = lambda **wanted: [bed.code for bed in free_beds(**wanted)]  # noqa: E731
    assert codes() == ["A-03", "A-04", "X-01"]
    assert codes(sex="female") == ["A-03", "A-04"]
    assert codes(ward_id=men.ward) == ["X-01"]
    assert codes(features=["oxygen"]) == ["A-04"]
    assert codes(room_kind="er_bay") == []
    assert len(codes(room_kind="ward_room")) == 3
    assert api.bed_choices(free_beds(sex="female")) == {ward.beds[2]: "A-03, Ward A", ward.beds[3]: "A-04, Ward A"}
    assert [one.name for one in api.wards()] == ["Ward A", "Ward X"]
    assert [one.number for one in api.rooms_of_kind("ward_room")] == ["A1", "X1"]
