"""The pages of beds: the board and what is done on it, lists, forms, repairs, the night's work, the seed."""

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from modules.rooms import agreement, module
from modules.rooms.api import BedMark, assign_bed, free_beds, release_bed, reserve_bed, transfer
from modules.rooms.board import read_numbers
from modules.rooms.holding import held_by
from modules.rooms.models import Bed, BedAllocation, Maintenance, Room, Ward
from modules.rooms.occupancy import occupancy_by_day
from modules.rooms.seed import seed
from modules.staff.models import Department
from portal import clock
from portal.auth.models import User
from portal.extensions import db
from portal.kit import Refused, current_hospital, locks, now, today
from portal.kit.demo import HospitalSize
from portal.kit.housekeeping import keep_house
from tests.modules.bed_ward import come, kept, open_ward
from tests.page import Page

NURSE = ("view", "reserve", "assign", "transfer", "clean", "board_view")
NURSE = (*(f"rooms.{verb}" for verb in NURSE), "patients.view")


@pytest.fixture
def ward(app, hospital):
    """Ward A with four beds."""
    return kept(app, hospital, open_ward)


@pytest.fixture
def amina(app, hospital):
    """A patient with an open stay."""
    return kept(app, hospital, come)


@pytest.fixture
def nurse(client_with):
    """Somebody who gives beds."""
    return client_with(*NURSE)


@pytest.fixture
def keeper(client_with):
    """Somebody who opens and closes wards."""
    return client_with("rooms.view", "rooms.add", "rooms.change", username="ines")


def status(look, bed: int) -> str:
    return look(lambda: db.session.get(Bed, bed).status)


def lie_down(ward, who, place: int = 0) -> BedAllocation:
    return assign_bed(ward.beds[place], who.patient, who.visit)


def give(browser, path: str, **answers):
    """Send a form of giving a bed."""
    return browser.post(path, data={"token": f"token-{path}", **answers})


# The board


def test_the_board_shows_every_bed_with_its_state_and_initials_and_names_only_when_asked(ward, amina, look, nurse):
    look(lambda: lie_down(ward, amina))
    look(lambda: db.session.get(Bed, ward.beds[1]).block(note="Isolation next door"))
    shown = nurse.page("/rooms/")
    assert "1 of 4 open beds occupied (25 %)" in shown.text
    assert "A-01 Occupied Patient A.Y. 36 F Day 1 Transfer" in shown.text
    assert "A-02 Blocked Isolation next door" in shown.text
    assert "A-03 Free Assign" in shown.text
    assert "Amina" not in shown.text
    assert "Amina Yusuf" in nurse.page("/rooms/?names=full").text


def test_the_board_asks_for_its_part_alone_and_every_control_keeps_its_id(ward, nurse):
    part = nurse.get("/rooms/", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<section id="bed-board"')
    assert 'data-hx-trigger="every 15s"' in part
    assert all(f'id="assign-bed-{bed}"' in part for bed in ward.beds)


def test_one_ward_is_shown_when_it_is_asked_for(ward, look, nurse):
    other = look(lambda: open_ward("B", beds=1))
    shown = nurse.page(f"/rooms/?ward={other.ward}")
    assert "B-01" in shown.text
    assert "A-01" not in shown.text
    assert "A-01" in nurse.page("/rooms/?ward=4711").text


def test_the_board_takes_a_fixed_number_of_queries(ward, amina, look, nurse, count_queries):
    look(lambda: lie_down(ward, amina))
    nurse.page("/rooms/")
    with count_queries() as few:
        nurse.page("/rooms/")
    look(lambda: _fill(open_ward("W", beds=12)))
    with count_queries() as many:
        nurse.page("/rooms/")
    assert len(of_beds(many)) == len(of_beds(few)) <= 6


def of_beds(statements: list[str]) -> list[str]:
    """Those that read wards, rooms or beds; the portal looks after the hospital at times, whatever the page."""
    return [one for one in statements if "rooms_" in one]


def _fill(ward) -> None:
    for place in range(8):
        lie_down(ward, come(f"Name{place}"), place)
    db.session.get(Bed, ward.beds[9]).block(note="x")


def test_other_modules_put_badges_on_beds(ward, amina, look, nurse, monkeypatch):
    look(lambda: lie_down(ward, amina))
    monkeypatch.setattr(module, "parts", list(module.parts))
    asked = []

    @module.fills("rooms.beds", needs="view")
    def marks(allocations):
        asked.append([one.bed_id for one in allocations])
        score = BedMark(ward.beds[0], "NEWS2 7", "alert-triangle", "bad", is_red=True)
        return [score, BedMark(ward.beds[0], "out 25 Nov"), BedMark(4711, "nobody")]

    shown = nurse.page("/rooms/")
    module.needed.remove(("marks", "view"))
    assert asked == [[ward.beds[0]]]
    assert "NEWS2 7 Day 1 · out 25 Nov" in shown.text.replace("A.Y. 36 F ", "")
    assert 'class="bed occ red"' in shown.html


def test_the_big_screen_shows_numbers_and_no_patient(ward, amina, look, client_with):
    look(lambda: lie_down(ward, amina))
    wall = client_with("rooms.board_view", username="wall")
    shown = wall.page("/rooms/screen")
    assert "Ward A 3 free" in shown.text
    assert not {"Amina", "A.Y."} & set(shown.text.split())
    assert wall.get("/rooms/").location == "/rooms/screen"


@pytest.mark.parametrize(("verb", "first"), [("clean", "/rooms/cleaning"), ("rate_view", "/rooms/rates")])
def test_who_may_not_see_patients_comes_to_the_page_that_is_for_them(ward, client_with, verb, first):
    browser = client_with(f"rooms.{verb}", username=verb)
    assert browser.get("/rooms/").location == first
    browser.page(first)


def test_a_cleaner_marks_a_bed_clean_and_sees_no_patient(ward, amina, look, client_with):
    """ROOM-4: what follows once the patient has left."""
    look(lambda: lie_down(ward, amina))
    look(lambda: release_bed(amina.patient, "discharge"))
    cleaner = client_with("rooms.clean", username="cleaner")
    assert "A-01 , Ward A left just now Mark clean" in cleaner.page("/rooms/cleaning").text
    assert "Amina" not in cleaner.page("/rooms/cleaning").text
    cleaner.post(f"/rooms/beds/{ward.beds[0]}/mark-clean")
    assert status(look, ward.beds[0]) == "available"
    assert "Every bed is clean" in cleaner.page("/rooms/cleaning").text
    assert cleaner.post(f"/rooms/beds/{ward.beds[0]}/mark-clean").status_code == 409


# Giving beds


def test_a_nurse_assigns_a_bed_for_the_open_visit_of_the_patient(ward, amina, look, nurse):
    assert "A-01" in nurse.page(f"/rooms/assign?bed={ward.beds[0]}").text
    answer = give(nurse, "/rooms/assign", bed_id=ward.beds[0], patient_id=amina.patient)
    assert answer.location == f"/rooms/#bed-{ward.beds[0]}"
    held = look(lambda: (held_by(amina.patient).encounter_id, held_by(amina.patient).status))
    assert held == (amina.visit, "active")
    assert "Amina Yusuf has Bed A-01 now." in nurse.page("/rooms/").text


def test_who_is_not_here_for_anything_gets_no_bed(ward, look, nurse):
    somebody = look(lambda: Patient(first_name="Ann", last_name="Lee", sex="female").register().id)
    answer = give(nurse, "/rooms/assign", bed_id=ward.beds[0], patient_id=somebody)
    assert answer.status_code == 422
    assert "The patient has no open visit" in Page(answer.text).text


def test_who_comes_second_hears_that_the_bed_was_taken_and_sees_the_fresh_board(ward, amina, look, nurse):
    """ROOM-1."""
    bea = look(lambda: come("Bea"))
    look(lambda: lie_down(ward, bea))
    answer = give(nurse, "/rooms/assign", bed_id=ward.beds[0], patient_id=amina.patient)
    assert answer.status_code == 422
    shown = Page(answer.text)
    assert "The bed was just taken. Choose another one" in shown.text
    assert "A-01 Occupied Patient B.Y." in shown.text
    assert f'<option value="{ward.beds[0]}"' not in answer.text
    assert f'<option value="{ward.beds[1]}"' in answer.text


def test_the_same_form_sent_twice_gives_one_bed(ward, amina, look, nurse):
    answers = [give(nurse, "/rooms/assign", bed_id=ward.beds[0], patient_id=amina.patient) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(BedAllocation.id)))) == 1


def test_a_bed_is_reserved_and_the_patient_arrives_or_the_reservation_is_cancelled(ward, amina, look, nurse):
    bed = ward.beds[0]
    for ends_by, state in (("cancel", "available"), ("arrived", "occupied")):
        give(nurse, "/rooms/reserve", bed_id=bed, patient_id=amina.patient, token=f"reserve-{ends_by}")
        assert status(look, bed) == "reserved"
        assert "Patient arrived" in nurse.page("/rooms/").text
        nurse.post(f"/rooms/beds/{bed}/{ends_by}")
        assert status(look, bed) == state
    assert nurse.post(f"/rooms/beds/{ward.beds[1]}/arrived").status_code == 409


def test_a_bed_that_is_kept_is_offered_to_who_it_is_kept_for_and_to_nobody_else(ward, amina, look, nurse):
    """ROOM-3."""
    bea, bed = look(lambda: come("Bea")), ward.beds[0]
    give(nurse, "/rooms/reserve", bed_id=bed, patient_id=amina.patient, token="reserve")
    option = f'<option value="{bed}"'
    assert option not in nurse.get(f"/rooms/assign?patient={bea.patient}").text
    assert option in nurse.get(f"/rooms/assign?patient={amina.patient}").text
    refused = give(nurse, "/rooms/assign", bed_id=bed, patient_id=bea.patient, token="bea")
    assert "The bed was just taken. Choose another one" in Page(refused.text).text
    assert give(nurse, "/rooms/assign", bed_id=bed, patient_id=amina.patient, token="amina").status_code == 303
    assert status(look, bed) == "occupied"


def test_a_patient_is_moved_and_the_old_bed_waits_to_be_cleaned(ward, amina, look, nurse):
    """ROOM-2."""
    look(lambda: lie_down(ward, amina))
    path = f"/rooms/beds/{ward.beds[0]}/transfer"
    assert "Amina Yusuf" in nurse.page(path).text
    assert give(nurse, path, bed_id=ward.beds[1]).status_code == 303
    assert [status(look, bed) for bed in ward.beds[:2]] == ["cleaning", "occupied"]
    assert nurse.get(path).status_code == 409


def test_a_ward_that_does_not_take_the_patient_asks_for_a_reason(look, amina, nurse):
    """ROOM-6."""
    men = look(lambda: open_ward("M", gender_policy="male"))
    answer = give(nurse, "/rooms/assign", bed_id=men.beds[0], patient_id=amina.patient)
    assert "Ward M takes men only. Choose another bed, or give a reason" in Page(answer.text).text
    given = give(nurse, "/rooms/assign", bed_id=men.beds[0], patient_id=amina.patient, override_reason="No other bed")
    assert given.status_code == 303
    assert "Other ward because: No other bed" in nurse.page(f"/rooms/beds/{men.beds[0]}").text


def test_free_beds_are_found_by_what_a_patient_needs(ward, amina, look, nurse):
    look(lambda: setattr(db.session.get(Bed, ward.beds[1]), "features", ["oxygen"]))
    look(lambda: lie_down(ward, amina))
    assert "Showing 1 to 3 of 3 free beds" in nurse.page("/rooms/find").text
    found = nurse.page(f"/rooms/find?feature=oxygen&sex=female&ward={ward.ward}").text
    assert "Showing 1 to 1 of 1 free bed" in found
    assert "A-02" in found


def test_a_bed_is_blocked_for_a_reason_and_cleaned_before_it_is_free(ward, look, nurse):
    place = f"/rooms/beds/{ward.beds[0]}"
    assert nurse.post(f"{place}/block").status_code == 422
    assert nurse.post(f"{place}/block", data={"note": "Beside an isolated patient"}).status_code == 303
    assert "Beside an isolated patient" in nurse.page(f"{place}/life").text
    nurse.post(f"{place}/unblock")
    assert status(look, ward.beds[0]) == "cleaning"


# One bed, and the patient's page


def test_the_page_of_a_bed_tells_who_had_it_and_the_page_of_a_patient_which_beds(ward, amina, look, client_with):
    look(lambda: lie_down(ward, amina))
    doctor = client_with("rooms.view", "patients.view", "patients.encounter_view")
    assert "Amina Yusuf" in doctor.page(f"/rooms/beds/{ward.beds[0]}").text
    shown = doctor.page(f"/patients/{amina.patient}/timeline").text
    assert "Bed A-01, Ward A" in shown
    assert "Bed" in doctor.page(f"/patients/{amina.patient}").text


def test_the_page_of_a_patient_leads_to_a_bed_until_they_have_one(ward, amina, look, nurse):
    path = f"/rooms/assign?patient={amina.patient}"
    assert path in nurse.page(f"/patients/{amina.patient}").html
    assert "Amina Yusuf" in nurse.page(path).text
    look(lambda: lie_down(ward, amina))
    assert path not in nurse.page(f"/patients/{amina.patient}").html


def test_the_times_in_a_bed_are_corrected_unless_somebody_else_lay_there(ward, amina, look, keeper):
    """ROOM-3: back-dated edits."""
    bea = look(lambda: come("Bea"))
    look(lambda: lie_down(ward, bea))
    clock.move(timedelta(hours=5))
    look(lambda: (release_bed(bea.patient, "discharge"), db.session.get(Bed, ward.beds[0]).mark_clean()))
    clock.move(timedelta(hours=6))
    stay = look(lambda: lie_down(ward, amina).id)
    clock.move(timedelta(hours=8))
    path = f"/rooms/stays/{stay}/edit"
    version = next(one["value"] for one in keeper.page(path).fields if one.get("name") == "version")
    zone = look(lambda: current_hospital().zone)
    for hours, expected in ((16, 422), (12, 303)):
        begin = (now() - timedelta(hours=hours)).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
        answer = keeper.post(path, data={"version": version, "starts_at": begin, "ends_at": ""})
        assert answer.status_code == expected, Page(answer.text).text
        assert expected == 303 or "Somebody else lay in bed A-01 then" in Page(answer.text).text


# Wards, rooms and beds


def test_a_ward_says_how_many_nurses_it_needs_by_day_and_at_night(ward, look, keeper):
    path = f"/rooms/wards/{ward.ward}/edit"
    names = ("version", "department_id")
    kept_now = look(lambda: {name: getattr(db.session.get(Ward, ward.ward), name) for name in names})
    facts = {"name": "Ward A", "code": "A", "kind": "general", "gender_policy": "any", "is_active": "y"}
    facts |= kept_now | {"nurses_by_day": "3"}
    assert keeper.post(path, data=facts).status_code == 303
    assert look(lambda: db.session.get(Ward, ward.ward).min_staff) == {"day": 3}
    fields = [one for one in keeper.page(path).fields if one.get("name", "").startswith("nurses_")]
    needed = {one["name"]: one.get("value") for one in fields}
    assert needed == {"nurses_by_day": "3", "nurses_at_night": ""}


def test_a_ward_a_room_and_a_bed_are_added_and_changed(look, keeper):
    department = look(lambda: Department.add(code="GEN", name="General", kind="clinical"))
    facts = {"name": "Ward Z", "code": "Z", "kind": "icu", "gender_policy": "any", "department_id": "1", "token": "a"}
    place = keeper.post("/rooms/wards/new", data=facts).location
    assert department
    room = {"number": "Z1", "kind": "ward_room", "ward_id": place.rpartition("/")[2], "token": "b"}
    keeper.post("/rooms/list/new", data=room)
    bed = {"code": "Z-1", "room_id": "1", "bed_type": "icu", "features": ["oxygen", "monitor"], "token": "c"}
    bed |= {"grid_row": "1", "grid_col": "1"}
    at = keeper.post("/rooms/beds/new", data=bed).location
    assert "Oxygen · Monitor" in keeper.page(at).text
    again = keeper.post("/rooms/beds/new", data={**bed, "token": "d"})
    assert "Another bed is called Z-1" in Page(again.text).text
    there = keeper.post("/rooms/beds/new", data={**bed, "code": "Z-2", "token": "e"})
    assert "Another bed stands there" in Page(there.text).text
    half = keeper.post("/rooms/beds/new", data={**bed, "code": "Z-2", "grid_col": "", "token": "f"})
    assert "Enter both the row and the place" in Page(half.text).text
    assert "Z1" in keeper.page("/rooms/list/?kind=ward_room&q=z").text
    assert "Z1" not in keeper.page("/rooms/list/?kind=theatre").text


def test_a_ward_with_a_patient_is_not_closed_on_its_page(ward, amina, look, keeper):
    """ROOM-7."""
    look(lambda: reserve_bed(ward.beds[0], amina.patient, amina.visit))
    path = f"/rooms/wards/{ward.ward}/edit"
    form = keeper.page(path)
    version = next(one["value"] for one in form.fields if one.get("name") == "version")
    facts = {"name": "Ward A", "code": "A", "kind": "general", "gender_policy": "any", "department_id": "1"}
    answer = keeper.post(path, data={**facts, "version": version})
    assert "Patients have beds here" in Page(answer.text).text
    assert look(lambda: db.session.get(Ward, ward.ward).is_active)
    keeper.post(f"/rooms/list/{ward.room}/close")
    assert look(lambda: db.session.get(Room, ward.room).status) == "active"


def test_lists_take_a_fixed_number_of_queries(ward, look, keeper, count_queries):
    paths = ("/rooms/list/", "/rooms/wards/", "/rooms/find", f"/rooms/wards/{ward.ward}")
    counts = []
    for more in ("", "B", "C"):
        if more:
            look(lambda more=more: open_ward(more, beds=6))
        counts.append([])
        for path in paths:
            with count_queries() as statements:
                keeper.page(path)
            counts[-1].append(len(of_beds(statements)))
    assert counts[1] == counts[2]
    assert max(counts[2]) <= 8


# Repairs


def test_a_repair_takes_the_bed_out_of_use_until_it_is_done(ward, look, keeper):
    answers = {"bed_id": ward.beds[0], "reason": "The motor", "start_now": "y", "token": "a"}
    assert keeper.post("/rooms/maintenance/new", data=answers).status_code == 303
    assert status(look, ward.beds[0]) == "maintenance"
    assert "A-01 Repair The motor" in keeper.page("/rooms/").text
    assert "0 of 3 open beds" in keeper.page("/rooms/").text
    again = keeper.post("/rooms/maintenance/new", data={**answers, "token": "b"})
    assert "A repair of it is open already" in Page(again.text).text
    assert "The motor" in keeper.page("/rooms/maintenance/?status=in_progress").text
    keeper.post("/rooms/maintenance/1/finish")
    assert status(look, ward.beds[0]) == "available"
    assert look(lambda: db.session.get(Maintenance, 1).to_at) is not None


def test_a_room_with_a_patient_is_not_repaired_and_one_without_takes_its_beds_along(ward, amina, look, keeper):
    """ROOM-7."""
    held = look(lambda: lie_down(ward, amina))
    assert held
    answers = {"room_id": ward.room, "reason": "Water", "start_now": "y", "token": "a"}
    answer = keeper.post("/rooms/maintenance/new", data=answers)
    assert "Patients have beds here" in Page(answer.text).text
    look(lambda: release_bed(amina.patient, "discharge"))
    keeper.post("/rooms/maintenance/new", data={**answers, "token": "b"})
    assert look(lambda: free_beds(ward_id=ward.ward)) == []
    assert keeper.post("/rooms/maintenance/new", data={"reason": "x", "token": "c"}).status_code == 422


def test_the_diary_shows_when_a_room_is_booked_on_a_day_and_by_what(ward, amina, look, nurse):
    def book():
        noon = now().astimezone(current_hospital().zone).replace(hour=12, minute=0, second=0, microsecond=0)
        theatre = Room.add(number="OT-1", kind="theatre", ward_id=None)
        db.session.flush()
        holder = db.session.get(Patient, amina.patient)
        locks.take("room", theatre.id, noon, noon + timedelta(minutes=90), holder, sentence="Taken")
        return noon.date()

    day = look(book)
    assert "OT-1 Operating theatre 12:00 to 13:30 Patient" in nurse.page(f"/rooms/diary?day={day}").text
    assert "OT-1 Operating theatre Nothing booked" in nurse.page(f"/rooms/diary?day={day + timedelta(days=1)}").text
    for wrong in ("x", "9999-12-31"):
        assert "12:00 to 13:30" in nurse.page(f"/rooms/diary?day={wrong}").text


# The night


def test_a_reservation_lapses_by_the_hourly_job(ward, amina, look, hospital, in_app):
    """ROOM-5."""
    look(lambda: reserve_bed(ward.beds[0], amina.patient, amina.visit))
    clock.move(timedelta(hours=2, minutes=1))
    keep_house(hospital.subdomain)
    assert status(look, ward.beds[0]) == "available"


def test_whatever_is_done_every_bed_agrees_with_its_allocation(ward, amina, look):
    """ROOM-8: nothing is listed, whatever was done."""
    chance = Random(8)
    people = look(lambda: [come(f"Name{number}") for number in range(6)])

    def something() -> None:
        one, bed = chance.choice(people), chance.choice(ward.beds)
        acts = (
            lambda: assign_bed(bed, one.patient, one.visit),
            lambda: reserve_bed(bed, one.patient, one.visit),
            lambda: release_bed(one.patient, "discharge"),
            lambda: transfer(one.patient, bed),
            lambda: db.session.get(Bed, bed).mark_clean(),
            lambda: db.session.get(Bed, bed).mark_clean(),
            lambda: db.session.get(Bed, bed).block(),
            lambda: db.session.get(Bed, bed).unblock(),
        )
        with suppress(Refused), db.session.begin_nested():
            chance.choice(acts)()

    for _time in range(100):
        look(something)
        assert look(agreement.find_mismatches) == []
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(BedAllocation.id)))) > 3


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda ward: _set(Bed, ward.beds[0], status="available"), "Its allocation says “occupied”"),
        (lambda ward: _set(Bed, ward.beds[1], status="occupied"), "nobody holds it"),
        (lambda ward: _set(BedAllocation, 1, active_bed_id=None), "without its key"),
    ],
)
def test_a_bed_that_disagrees_is_listed_at_night_and_on_its_page(ward, amina, look, keeper, break_it, says):
    """ROOM-8."""
    look(lambda: lie_down(ward, amina))
    assert "Every bed agrees" in keeper.page("/rooms/check").text
    look(lambda: break_it(ward))
    assert says in keeper.page("/rooms/check").text
    local = look(lambda: now().astimezone(current_hospital().zone))
    assert look(agreement.check_nightly) == (1 if local.hour == agreement.AT_HOUR else 0)
    at_three = local.replace(hour=3, minute=30) + timedelta(days=1)
    clock.move(at_three - local)
    assert look(agreement.check_nightly) == 1


def _set(model, number: int, **values) -> None:
    db.session.execute(sa.update(model).where(model.id == number).values(**values))


# How full


def test_occupancy_counts_the_hours_in_which_somebody_lay_in_a_bed(ward, amina, look):
    def shares():
        noon = (now() - timedelta(days=2)).astimezone(current_hospital().zone).replace(hour=12, minute=0)
        _set(Bed, ward.beds[0], created_at=now() - timedelta(days=30))
        for bed in ward.beds[1:]:
            _set(Bed, bed, created_at=now() - timedelta(days=30))
        row = lie_down(ward, amina)
        row.starts_at = noon
        _set_repair(ward.beds[1], noon.replace(hour=0), noon.replace(hour=12))
        return occupancy_by_day(db.session.get(Ward, ward.ward), days=3), today()

    found, day = look(shares)
    assert [*found] == [day - timedelta(days=2), day - timedelta(days=1), day]
    assert [float(share) for share in found.values()] == [pytest.approx(100 * 12 / 84, abs=0.1), 25.0, 25.0]


def _set_repair(bed: int, begin, end) -> None:
    by = db.session.scalar(sa.select(User.id).limit(1))
    facts = {"reason": "x", "from_at": begin, "to_at": end, "reported_by": by, "status": "done"}
    db.session.add(Maintenance(bed_id=bed, **facts))


def test_a_ward_nobody_could_use_has_no_share(look):
    assert set(look(lambda: occupancy_by_day(days=2)).values()) == {None}


# The rates, the dashboard, the seed


def test_a_cashier_sees_what_a_night_costs_and_nothing_else(ward, look, client_with):
    cashier = client_with("rooms.rate_view", username="cashier")
    assert "Ward A Nothing is charged" in cashier.page("/rooms/rates").text
    assert cashier.get("/rooms/find").status_code == 403


@pytest.mark.parametrize(("patients", "beds", "bays", "theatres"), [(1200, 40, 6, 2), (150, 13, 2, 1)])
def test_the_seed_opens_a_hospital_that_agrees(app, hospital, patients, beds, bays, theatres):
    """ROOM-8, and the numbers of the demonstration."""

    def made():
        for code in ("GEN", "SUR", "MAT", "PAE") if patients > 800 else ("GEN",):
            Department.add(code=code, name=code, kind="clinical")
        db.session.flush()
        seed(HospitalSize(patients=patients, staff=20), Random(1))
        sections = read_numbers().sections
        return (
            [len(one.spots) for one in sections],
            agreement.find_mismatches(),
            {kind: _count(kind) for kind in ("er_bay", "theatre")},
        )

    counts, wrong, rooms = kept(app, hospital, made)
    assert sum(counts) == beds + bays
    assert wrong == []
    assert rooms == {"er_bay": bays, "theatre": theatres}


def _count(kind: str) -> int:
    return db.session.scalar(sa.select(sa.func.count(Room.id)).where(Room.kind == kind))
