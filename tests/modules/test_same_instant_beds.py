"""Beds at the same instant: real requests to the served portal, on real files (ROOM-1 to ROOM-8)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.rooms.agreement import find_mismatches
from modules.rooms.api import assign_bed, reserve_bed
from modules.rooms.holding import lapse_reservations
from modules.rooms.models import Bed, BedAllocation, Ward
from portal import clock
from portal.extensions import db
from tests.modules.at_once import AT_ONCE, statuses, together
from tests.modules.bed_ward import come, open_ward

NURSE = tuple(f"rooms.{verb}" for verb in "view reserve assign transfer clean change".split())
NURSE = (*NURSE, "patients.view")
GONE = "This is not possible any more"


@pytest.fixture
def ward(look):
    """Ward A with a bed more than there are people at once."""
    return look(lambda: open_ward(beds=AT_ONCE + 1))


@pytest.fixture
def patients(look):
    """Twenty who need a bed."""
    return look(lambda: [come(f"Name{number}") for number in range(AT_ONCE)])


@pytest.fixture
def nurses(crowd):
    """Twenty nurses."""
    return crowd(*NURSE)


def lie_down(ward, patients, count: int = AT_ONCE) -> None:
    """The patients lie in the beds of the ward, from the first on."""
    for bed, one in zip(ward.beds, patients[:count], strict=False):
        assign_bed(bed, one.patient, one.visit)


def states(look) -> dict[str, int]:
    """How many beds are in each state; each of them agrees with who has it (ROOM-8)."""
    assert look(find_mismatches) == []
    counted = sa.select(Bed.status, sa.func.count()).group_by(Bed.status)
    return look(lambda: dict(db.session.execute(counted).all()))


@pytest.mark.parametrize(
    ("path", "state", "events"),
    [
        ("/rooms/assign", "occupied", {"bedallocation.active": 1, "bed.occupied": 1, "bed.assigned": 1}),
        ("/rooms/reserve", "reserved", {"bed.reserved": 2}),
    ],
    ids=["assign", "reserve"],
)
def test_of_twenty_who_want_one_bed_one_gets_it_and_the_others_see_the_fresh_board(
    path, state, events, ward, patients, nurses, look, traces
):
    """ROOM-1, ROOM-8: `bed.reserved` is both the move of the bed and what others hear of."""
    trace, bed = traces(), ward.beds[2]

    def click(number: int):
        return nurses[number].post(path, bed_id=bed, patient_id=patients[number].patient, token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    for answer in answers:
        if answer.status_code == 422:
            assert "was just taken. Choose another one" in answer.text
            assert f"A-03 {state.capitalize()}" in answer.text
            assert f'<option value="{bed}"' not in answer.html
    assert states(look) == {"available": AT_ONCE, state: 1}
    assert trace.rows() == {"rooms_bedallocation": 1}
    assert trace.events() == events
    trace.refuse_doubles()


def test_one_patient_who_is_put_into_twenty_beds_at_once_lies_in_one(ward, patients, nurses, look, traces):
    """ROOM-2."""
    trace, amina = traces(), patients[0].patient

    def click(number: int):
        return nurses[number].post("/rooms/assign", bed_id=ward.beds[number], patient_id=amina, token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("already. Transfer the patient instead" in one.text for one in answers if one.status_code == 422)
    assert states(look) == {"available": AT_ONCE, "occupied": 1}
    assert trace.rows() == {"rooms_bedallocation": 1}
    trace.refuse_doubles()


def test_of_twenty_patients_who_move_to_one_bed_one_does_and_the_others_stay(ward, patients, nurses, look, traces):
    """ROOM-1, ROOM-2."""
    look(lambda: lie_down(ward, patients))
    trace, wanted = traces(), ward.beds[-1]

    def click(number: int):
        return nurses[number].post(f"/rooms/beds/{ward.beds[number]}/transfer", bed_id=wanted, token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("was just taken. Choose another one" in one.text for one in answers if one.status_code == 422)
    assert all("A-21 Occupied" in one.text for one in answers if one.status_code == 422)
    assert states(look) == {"cleaning": 1, "occupied": AT_ONCE}
    assert trace.rows() == {"rooms_bedallocation": 1}
    trace.refuse_doubles()


def test_one_patient_who_is_moved_to_twenty_beds_at_once_is_moved_once(ward, patients, nurses, look, traces):
    """ROOM-2: the others hear that the bed they took the patient from is empty, and are led to the board."""
    look(lambda: lie_down(ward, patients, 1))
    trace, old = traces(), ward.beds[0]

    def click(number: int):
        return nurses[number].post(f"/rooms/beds/{old}/transfer", bed_id=ward.beds[number + 1], token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(one for one in answers if one.status_code == 409)
    assert "Nobody has Bed A-01 any more" in late.text
    assert "A-01 Cleaning" in nurses[0].get(late.way_on).text
    assert states(look) == {"available": AT_ONCE - 1, "cleaning": 1, "occupied": 1}
    assert trace.rows() == {"rooms_bedallocation": 1}
    trace.refuse_doubles()


def test_the_same_form_sent_twenty_times_at_once_does_it_once(ward, patients, nurses, look, traces):
    """ROOM-1, CORE-7: a double click is no second patient, no second move, and nobody hears of an error."""
    trace, leila, amina = traces(), nurses[0], patients[0].patient
    reserved = {"bed_id": ward.beds[0], "patient_id": amina, "token": "a"}
    given = {"bed_id": ward.beds[1], "patient_id": amina, "token": "b"}
    moved = {"bed_id": ward.beds[2], "token": "c"}
    for path, form in (
        ("/rooms/reserve", reserved),
        ("/rooms/assign", given),
        (f"/rooms/beds/{given['bed_id']}/transfer", moved),
    ):
        answers = together(lambda _number, path=path, form=form: leila.post(path, **form))
        assert statuses(answers) == {303: AT_ONCE}, path
        assert len({one.location for one in answers}) == 1, path
    assert states(look) == {"available": AT_ONCE - 1, "cleaning": 1, "occupied": 1}
    assert trace.rows() == {"rooms_bedallocation": 3}
    trace.refuse_doubles()


def test_a_bed_that_is_cleaned_while_others_assign_it_and_move_to_it_has_one_patient_at_most(
    ward, patients, nurses, look, traces
):
    """ROOM-1, ROOM-4, ROOM-8: whoever comes before it is clean is refused as those who come second."""
    wanted = ward.beds[-1]

    def make_dirty():
        lie_down(ward, patients, 7)
        db.session.get(Bed, wanted).block()
        db.session.get(Bed, wanted).unblock()

    look(make_dirty)
    trace = traces()

    def click(number: int):
        if number < 7:
            return nurses[number].post(f"/rooms/beds/{ward.beds[number]}/transfer", bed_id=wanted, token=f"t{number}")
        if number < 13:
            return nurses[number].post(f"/rooms/beds/{wanted}/mark-clean")
        taken = {"bed_id": wanted, "patient_id": patients[number].patient, "token": f"t{number}"}
        return nurses[number].post("/rooms/assign", **taken)

    answers = together(click)
    got, cleaned = [*answers[:7], *answers[13:]], answers[7:13]
    assert statuses(cleaned) == {303: 1, 409: 5}
    late = next(one for one in cleaned if one.status_code == 409)
    assert GONE in late.text
    assert "A-21" in nurses[0].get(late.way_on).text
    counted = statuses(got)
    assert set(counted) <= {303, 422}
    assert counted.get(303, 0) <= 1
    assert all("was just taken" in one.text for one in got if one.status_code == 422)
    assert states(look).get("occupied") == 7 + statuses(answers[13:]).get(303, 0)
    assert trace.rows().get("rooms_bedallocation", 0) == counted.get(303, 0)
    trace.refuse_doubles()


def test_a_ward_that_is_closed_while_patients_come_has_nobody_in_it_or_stays_open(ward, patients, nurses, look, traces):
    """ROOM-7."""
    trace, form = traces(), look(lambda: ward_form(ward.ward))

    def click(number: int):
        if number % 2:
            return nurses[number].post(f"/rooms/wards/{ward.ward}/edit", **form)
        wanted = {"bed_id": ward.beds[number], "patient_id": patients[number].patient, "token": f"t{number}"}
        return nurses[number].post("/rooms/assign", **wanted)

    answers = together(click)
    closed, came = statuses(answers[1::2]), statuses(answers[::2])
    is_open = look(lambda: db.session.get(Ward, ward.ward).is_active)
    assert closed.get(303, 0) == (0 if is_open else 1)
    assert came.get(303, 0) == (AT_ONCE // 2 if is_open else 0)
    assert trace.rows().get("rooms_bedallocation", 0) == came.get(303, 0)
    if is_open:
        assert all("Patients have beds here" in one.text for one in answers[1::2])
    else:
        assert all("Choose another one" in one.text for one in answers[::2])
    states(look)
    trace.refuse_doubles()


def ward_form(ward_id: int) -> dict:
    """What the form sends that closes a ward."""
    one = db.session.get(Ward, ward_id)
    facts = {name: getattr(one, name) for name in ("code", "name", "department_id", "kind", "gender_policy", "version")}
    return {name: str(value) for name, value in facts.items()}


def test_a_reservation_that_is_over_lapses_once_while_others_take_the_bed(ward, patients, nurses, look, traces):
    """ROOM-5, ROOM-1: by the job, or by who comes first; the patient who was awaited has no bed then."""
    amina, bed = patients[0], ward.beds[0]
    look(lambda: reserve_bed(bed, amina.patient, amina.visit))
    clock.move(timedelta(hours=3))
    trace = traces()

    def act(number: int):
        if number % 2:
            return look(lapse_reservations)
        return nurses[number].post(
            "/rooms/assign", bed_id=bed, patient_id=patients[number + 1].patient, token=f"t{number}"
        )

    answers = together(act)
    assert statuses(answers[::2]) == {303: 1, 422: AT_ONCE // 2 - 1}
    assert sum(answers[1::2]) <= 1
    assert states(look) == {"available": AT_ONCE, "occupied": 1}
    kept = sa.select(BedAllocation.status).order_by(BedAllocation.id)
    assert look(lambda: db.session.scalars(kept).all()) == ["cancelled", "active"]
    assert trace.events()["bedallocation.cancelled"] == 1
    trace.refuse_doubles()


def test_of_twenty_who_correct_one_version_of_a_stay_one_is_saved_and_the_others_are_shown_it(
    ward, patients, nurses, look, traces
):
    """ROOM-3, P5."""
    look(lambda: lie_down(ward, patients, 1))
    trace, version = traces(), look(lambda: db.session.get(BedAllocation, 1).version)

    def click(number: int):
        return nurses[number].post("/rooms/stays/1/edit", starts_at=f"2026-01-02T10:{number:02}", version=version)

    answers = together(click)
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    kept = next(number for number, one in enumerate(answers) if one.status_code == 303)
    for answer in answers:
        if answer.status_code == 409:
            assert "Somebody else changed this record" in answer.text
            assert f'value="2026-01-02T10:{kept:02}"' in answer.html
    assert trace.rows() == {}
    trace.refuse_doubles()
