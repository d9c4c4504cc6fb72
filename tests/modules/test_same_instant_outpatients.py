"""Outpatients at the same instant: real requests to the served portal, on real files (OPD-1 to OPD-8, ER-8, IPD-1)."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from modules.doctors.models import Doctor
from modules.opd.arrivals import receive
from modules.opd.consulting import begin, find
from modules.opd.models import Consultation, FeeValidity, Queue, Token, Visit
from modules.patients.models import Patient
from modules.patients.models.encounters import Encounter
from modules.rooms.models import Room
from modules.staff.models import Staff
from portal.auth.models import User
from portal.extensions import db
from tests.modules import casualty, clinic
from tests.modules.at_once import AT_ONCE, Person, statuses, together
from tests.modules.clinic_hours import DESK as APPOINTMENTS
from tests.modules.clinic_hours import booked, open_hours, service, tomorrow_at

DESK = ("opd.view", "opd.add", "opd.token_view", "opd.token_add", "opd.call", "opd.cancel", "patients.view")
DOCTOR = (*(f"opd.{verb}" for verb in "view token_view consult sign admit refer call".split()), "patients.view")
ENDS = {"disposition": "home", "advice": "Drink plenty"}


@dataclass
class Clinic:
    """The ids of a doctor and twenty patients, and the doctor's browser."""

    doctor: int
    patients: list[int]
    haddad: Person


@pytest.fixture
def place(look, crowd) -> Clinic:
    """A doctor at work, with rooms 1 to 20, and people who may come."""
    (haddad,) = crowd(*DOCTOR, name="haddad", count=1)

    def make():
        user = db.session.scalar(sa.select(User.id).where(User.username == "haddad-0"))
        doctor = clinic.doctor(user_id=user)
        db.session.add_all(Room(number=str(number), kind="consulting") for number in range(1, AT_ONCE + 1))
        people = [clinic.patient(f"Name{number}") for number in range(AT_ONCE)]
        db.session.flush()
        return doctor.id, [one.id for one in people]

    return Clinic(*look(make), haddad)


@pytest.fixture
def clerks(crowd):
    """Twenty who work at the desk and call patients."""
    return crowd(*DESK)


def come(place: Clinic, number: int = 0, **facts) -> Visit:
    """One of the people comes to the doctor."""
    patient, doctor = db.session.get_one(Patient, place.patients[number]), db.session.get_one(Doctor, place.doctor)
    return receive(patient, doctor, **facts)


def seen(place: Clinic, number: int = 0) -> int:
    """The id of a visit that could be signed."""
    visit, doctor = come(place, number), db.session.get_one(Doctor, place.doctor)
    begin(visit, doctor, "Room 1")
    db.session.flush()
    find(visit, doctor, description="Flu", kind="confirmed", is_primary=True)
    return visit.id


def counted(look, model) -> dict[str, int]:
    """How many of these records are in each state."""
    query = sa.select(model.status, sa.func.count()).group_by(model.status)
    return look(lambda: dict(db.session.execute(query).all()))


def test_twenty_who_come_at_once_get_twenty_numbers_without_a_gap_or_a_repeat(place, clerks, look, traces):
    """OPD-1, OPD-6: of the queue, of the visits, and each in the one queue of the session."""
    form, trace = {"who": f"doctor:{place.doctor}", "visit_type": "new", "priority": "normal"}, traces()

    def walk_in(number: int):
        return clerks[number].post("/opd/walk-ins/new", **form, patient_id=place.patients[number], token=f"t{number}")

    assert statuses(together(walk_in)) == {303: AT_ONCE}
    numbers = look(lambda: sorted(db.session.scalars(sa.select(Token.number))))
    assert numbers == list(range(1, AT_ONCE + 1))
    visits = look(lambda: sorted(db.session.scalars(sa.select(Visit.number))))
    assert [int(one[-6:]) for one in visits] == numbers
    assert look(lambda: db.session.scalars(sa.select(Queue.last_number)).all()) == [AT_ONCE]
    assert trace.rows() == {
        "opd_queue": 1,
        **dict.fromkeys(("opd_token", "opd_visit", "opd_feevalidity", "patients_encounter"), AT_ONCE),
    }
    assert trace.events()["opd.arrived"] == AT_ONCE
    trace.refuse_doubles()


def test_one_patient_whom_twenty_register_at_once_gets_one_number(place, clerks, look, traces):
    """PAT-5, OPD-1: who was refused leaves no gap behind."""
    form = {"who": f"doctor:{place.doctor}", "visit_type": "new", "priority": "normal"}
    form["patient_id"], trace = place.patients[0], traces()
    answers = together(lambda number: clerks[number].post("/opd/walk-ins/new", **form, token=f"t{number}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    said = "has an open outpatient visit with this doctor already"
    assert all(said in one.text for one in answers if one.status_code == 422)
    assert look(lambda: come(place, 1).token.number) == 2
    assert trace.events()["opd.fee_due"] == 2
    trace.refuse_doubles()


def test_the_same_form_sent_twenty_times_at_once_registers_once(place, clerks, look, traces):
    """OPD-1, CORE-7."""
    form = {"who": f"doctor:{place.doctor}", "visit_type": "new", "priority": "normal", "token": "a"}
    form["patient_id"], trace = place.patients[0], traces()
    answers = together(lambda _number: clerks[0].post("/opd/walk-ins/new", **form))
    assert statuses(answers) == {303: AT_ONCE}
    assert {one.location for one in answers} == {"/opd/visits/1"}
    assert trace.rows()["opd_visit"] == trace.rows()["opd_token"] == 1
    assert look(lambda: db.session.scalars(sa.select(Queue.last_number)).all()) == [1]
    trace.refuse_doubles()


def test_an_appointment_that_twenty_check_in_has_one_visit_and_one_number(place, crowd, look, traces):
    """OPD-1, OPD-6: the others hear that the patient is here, and are led to the day."""

    def expected():
        hours = open_hours(place.doctor)
        who = {"doctor": place.doctor, "schedule": hours, "short": service("New patient", 20), "long": 0, "room": None}
        return booked(type("Open", (), who), place.patients[0], tomorrow_at(9)).id

    appointment, clerks = look(expected), crowd(*APPOINTMENTS)
    trace = traces()
    answers = together(lambda number: clerks[number].post(f"/appointments/{appointment}/check-in"))
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(one for one in answers if one.status_code == 409)
    assert "the record is “checked_in” now" in late.text
    assert "Name0 Yusuf" in clerks[0].get(late.way_on).text
    tables = ("opd_queue", "opd_token", "opd_visit", "opd_feevalidity", "patients_encounter")
    assert trace.rows() == dict.fromkeys(tables, 1)
    assert trace.events()["appointment.checked_in"] == 1
    trace.refuse_doubles()


def test_twenty_rooms_that_call_the_next_call_twenty_patients_in_their_order(place, clerks, look, traces):
    """OPD-2: ten wait, so ten rooms get somebody and the others read that nobody waits."""
    look(lambda: [come(place, number) for number in range(AT_ONCE // 2)])
    trace = traces()

    def call(number: int):
        return clerks[number].post("/opd/queues/1/call-next", counter=f"Room {number + 1}")

    answers = together(call)
    assert statuses(answers) == {303: AT_ONCE}
    called = look(lambda: db.session.execute(sa.select(Token.number, Token.counter, Token.status)).all())
    assert [number for number, *_rest in called] == list(range(1, AT_ONCE // 2 + 1))
    assert len({counter for _number, counter, _status in called}) == AT_ONCE // 2
    assert {status for *_rest, status in called} == {"called"}
    assert trace.events() == {"token.called": AT_ONCE // 2, "opd.called": AT_ONCE // 2}
    none = set(range(1, AT_ONCE + 1)) - {int(counter.split()[1]) for _number, counter, _status in called}
    assert "Nobody waits in this queue" in clerks[none.pop() - 1].get(answers[0].location).text
    trace.refuse_doubles()


@pytest.mark.parametrize("path", ["/opd/queues/1/call-next", "/opd/tokens/{0}/call"], ids=["next", "this one"])
def test_one_room_to_which_twenty_call_has_one_patient(path, place, clerks, look, traces):
    """OPD-3: whether they call the next or the one they chose; the others read it on the fresh queue."""
    look(lambda: [come(place, number) for number in range(AT_ONCE)])
    trace = traces()
    answers = together(lambda number: clerks[number].post(path.format(number + 1), counter="Room 12"))
    assert statuses(answers) == {303: AT_ONCE}
    assert counted(look, Token) == {"issued": AT_ONCE - 1, "called": 1}
    pages = [clerks[number].get(answers[number].location).text for number in range(3)]
    assert sum("Room 12 has SH-0" in page for page in pages) >= 2
    assert trace.events() == {"token.called": 1, "opd.called": 1}
    trace.refuse_doubles()


def test_one_number_that_twenty_call_to_their_rooms_goes_to_one_of_them(place, clerks, look, traces):
    """OPD-2: two doctors pick the same number."""
    look(lambda: come(place))
    trace = traces()
    answers = together(lambda number: clerks[number].post("/opd/tokens/1/call", counter=f"Room {number + 1}"))
    assert statuses(answers) == {303: AT_ONCE}
    assert counted(look, Token) == {"called": 1}
    counter = look(lambda: db.session.get(Token, 1).counter)
    other = next(number for number in range(AT_ONCE) if counter != f"Room {number + 1}")
    assert "This is not possible any more" in clerks[other].get(answers[other].location).text
    assert trace.events() == {"token.called": 1, "opd.called": 1}
    trace.refuse_doubles()


def test_a_number_that_is_called_again_by_twenty_is_skipped_after_three_calls(place, clerks, look, traces):
    """OPD-3."""
    look(lambda: come(place))
    clerks[0].post("/opd/tokens/1/call", counter="Room 1")
    trace = traces()
    answers = together(lambda number: clerks[number].post("/opd/tokens/1/call-again"))
    assert statuses(answers) == {303: AT_ONCE}
    assert look(lambda: (db.session.get(Token, 1).status, db.session.get(Token, 1).recalls)) == ("skipped", 3)
    assert trace.events() == {"opd.called": 2, "token.skipped": 1}
    trace.refuse_doubles()


def test_of_twenty_doctors_who_begin_with_one_patient_of_the_department_one_has_the_patient(place, crowd, look, traces):
    """OPD-2, OPD-4: the visit, its encounter and the number are that doctor's, with one note; the others read whose."""

    def all_work_here():
        users = db.session.scalars(sa.select(User.id).where(User.username.like("doctor-%")).order_by(User.id)).all()
        for number, user in enumerate(users):
            clinic.doctor(f"Doctor{number}", user_id=user)
        return come(place, shared=True).id

    doctors = crowd(*DOCTOR, name="doctor")
    visit = look(all_work_here)
    trace = traces()
    answers = together(lambda number: doctors[number].post(f"/opd/visits/{visit}/start"))
    assert statuses(answers) == {303: AT_ONCE}
    own = look(lambda: (db.session.get(Visit, visit).doctor_id, db.session.get(Encounter, 1).doctor_id))
    began = [number for number, answer in enumerate(answers) if answer.location.endswith("/consult")]
    assert len(began) == 1
    assert own[0] == own[1] == look(lambda: db.session.scalar(doctor_named(f"Doctor{began[0]}")))
    other = (began[0] + 1) % AT_ONCE
    told = f"Only Dr Samir Doctor{began[0]} writes in this consultation"
    assert told in doctors[other].get(answers[other].location).text
    assert trace.rows() == {"opd_consultation": 1}
    trace.refuse_doubles()


def doctor_named(last_name: str) -> sa.Select:
    """The query for the id of a doctor."""
    return sa.select(Doctor.id).join(Staff, Staff.id == Doctor.staff_id).where(Staff.last_name == last_name)


def test_a_visit_that_is_signed_twenty_times_while_its_patient_goes_away_ends_once(place, clerks, look, traces):
    """OPD-4, OPD-5: note, visit, number and encounter together; what comes later finds them closed."""
    visit = look(lambda: seen(place))
    trace = traces()

    def act(number: int):
        if number % 4 == 0:
            return clerks[number].post(f"/opd/visits/{visit}/leave")
        return place.haddad.post(f"/opd/visits/{visit}/finish", **ENDS)

    answers = together(act)
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(one for one in answers if one.status_code == 409)
    assert late.way_on == f"/opd/visits/{visit}"
    ended = [counted(look, model) for model in (Visit, Token, Encounter, Consultation)]
    assert ended == [{"completed": 1}, {"done": 1}, {"finished": 1}, {"signed": 1}]
    assert trace.rows() == {}
    assert trace.events()["opd.completed"] == 1
    trace.refuse_doubles()


def test_of_twenty_who_write_on_one_version_of_a_note_one_is_kept_and_the_others_are_shown_it(place, look, traces):
    """P5, OPD-5: the note as it stands now, with what was typed."""
    visit = look(lambda: seen(place))
    trace, version = traces(), look(lambda: db.session.get(Consultation, 1).version)
    path = f"/opd/visits/{visit}/note"
    answers = together(lambda number: place.haddad.post(path, plan=f"Plan {number}", version=version))
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    kept = next(number for number, one in enumerate(answers) if one.status_code == 303)
    assert look(lambda: db.session.get(Consultation, 1).plan) == f"Plan {kept}"
    for number, answer in enumerate(answers):
        if answer.status_code == 409:
            assert "Somebody else changed this record" in answer.text
            assert f"Plan {kept}" in answer.text
            assert f"Plan {number}" in answer.text
    assert trace.rows() == {}


def test_a_window_that_covers_one_visit_covers_one_of_two_that_are_registered_at_once(place, clerks, look, traces):
    """OPD-8: the visit after a paid one is covered, registered by whomever; and it is asked a fee for once."""
    first = look(lambda: seen(place))
    place.haddad.post(f"/opd/visits/{first}/finish", **ENDS)
    form = {"who": f"doctor:{place.doctor}", "visit_type": "follow_up", "priority": "normal"}
    form["patient_id"], trace = place.patients[0], traces()
    answers = together(lambda number: clerks[number].post("/opd/walk-ins/new", **form, token=f"t{number}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert look(lambda: db.session.scalars(sa.select(FeeValidity.used_visits)).all()) == [1]
    assert "opd.fee_due" not in trace.events()
    trace.refuse_doubles()


def test_who_leaves_by_twenty_clicks_leaves_once_and_the_fee_is_taken_back_once(place, clerks, look, traces):
    """OPD-8."""
    visit = look(lambda: come(place).id)
    trace = traces()
    answers = together(lambda number: clerks[number].post(f"/opd/visits/{visit}/leave"))
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    ended = [counted(look, model) for model in (Visit, Token, Encounter)]
    assert ended == [{"left": 1}, {"cancelled": 1}, {"cancelled": 1}]
    assert trace.events()["opd.fee_cancelled"] == 1
    assert trace.rows() == {}
    trace.refuse_doubles()


def test_a_patient_who_is_kept_by_outpatients_and_emergency_at_once_is_asked_a_bed_for_once(place, crowd, look, traces):
    """IPD-1, ER-8, OPD-4: emergency takes the request that is there; the consultation is not signed beside one."""
    doctors = crowd("emergency.view", "emergency.disposition", "patients.view", name="casualty")

    def be_in_both():
        visit = seen(place)
        here = casualty.register_arrival(db.session.get_one(Patient, place.patients[0]), "Chest pain")
        casualty.triage(here, 2, casualty.nurse("nobody").id)
        here.see(place.doctor)
        return visit, here.id

    visit, here = look(be_in_both)
    trace = traces()

    def act(number: int):
        if number % 2:
            return place.haddad.post(f"/opd/visits/{visit}/finish", disposition="admit")
        return doctors[number].post(f"/emergency/visits/{here}/disposition", disposition="admitted")

    answers = together(act)
    assert statuses(answers[::2]) in ({303: 1, 409: AT_ONCE // 2 - 1}, {303: 2, 409: AT_ONCE // 2 - 2})
    signed = statuses(answers[1::2])
    if 303 in signed:
        assert signed == {303: 1, 409: AT_ONCE // 2 - 1}
    else:
        assert signed == {422: AT_ONCE // 2}
        assert all("has an open inpatient stay already" in one.text for one in answers[1::2])
    assert trace.rows() == {"ipd_admission": 1, "patients_encounter": 1}
    assert trace.events()["ipd.requested"] == 1
    assert counted(look, Consultation) == {"signed" if 303 in signed else "draft": 1}
    trace.refuse_doubles()
