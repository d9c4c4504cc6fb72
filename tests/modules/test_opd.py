"""Outpatients: numbers without a gap, one patient for each counter, the consultation, and what ends together."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from modules.appointments.models import Appointment, ServiceType
from modules.doctors.models import Doctor
from modules.opd.arrivals import receive
from modules.opd.board import read_desk
from modules.opd.models import FeeValidity, Queue, Token, Visit
from modules.opd.queueing import call_again, call_next, call_token, queue_of, serve_here
from modules.opd.seed import seed
from modules.patients.api import diagnoses_of
from modules.patients.models import Patient
from portal.extensions import db
from portal.kit import Refused, WrongState, new_uuid, now, today
from portal.kit.demo import HospitalSize
from portal.kit.profile import hospital_profile
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.modules import clinic
from tests.modules.at_once import AT_ONCE

ROOM = "Room 12"


@dataclass
class Clinic:
    """Dr Haddad's clinic: ids of the doctor and of twenty patients."""

    doctor: int
    patients: list[int]


@pytest.fixture
def place(app, hospital) -> Clinic:
    """A doctor at work and people who may come."""
    with app.app_context():
        user = add_user(hospital, "haddad", first_name="Samir")
        with in_hospital(hospital):
            doctor = clinic.doctor(user_id=user.id)
            people = [clinic.patient(f"Name{number}") for number in range(AT_ONCE)]
            made = Clinic(doctor.id, [one.id for one in people])
            db.session.commit()
            return made


@pytest.fixture
def inside(app, hospital, place):
    """Inside the hospital that has the clinic."""
    with app.app_context(), in_hospital(hospital):
        yield place
        db.session.rollback()


def come(place: Clinic, number: int = 0, **facts) -> Visit:
    """One of the people comes to the doctor."""
    patient, doctor = db.session.get_one(Patient, place.patients[number]), db.session.get_one(Doctor, place.doctor)
    return receive(patient, doctor, **facts)


def line(place: Clinic) -> Queue:
    """The doctor's queue of now."""
    return queue_of(db.session.get_one(Doctor, place.doctor), now())


# Numbers


def test_a_number_that_is_taken_back_is_given_again(inside):
    """OPD-1: no gap."""
    come(inside)
    db.session.commit()
    come(inside, 1)
    db.session.rollback()
    assert come(inside, 2).token.number == 2


def test_each_session_of_a_doctor_counts_for_itself(inside):
    """OPD-1."""
    doctor = db.session.get_one(Doctor, inside.doctor)
    morning, evening = (now().replace(hour=hour, minute=0) for hour in (9, 19))
    come(inside, 0, at=morning)
    assert [come(inside, 1, at=morning).token.number, come(inside, 2, at=evening).token.number] == [2, 1]
    assert [queue_of(doctor, at).session for at in (morning, now().replace(hour=13), evening)] == ["am", "pm", "eve"]


def test_a_closed_queue_gives_no_number(inside):
    line(inside).close()
    with pytest.raises(Refused, match="This queue is closed"):
        come(inside)


def test_a_queue_in_which_somebody_waits_is_not_closed(inside):
    come(inside)
    with pytest.raises(Refused, match="Patients wait in this queue"):
        line(inside).close()


# Calling


def test_who_is_urgent_comes_first_then_who_cannot_stand_then_the_lower_number(inside):
    """OPD-2."""
    wanted = ("normal", "elderly", "urgent", "pregnant", "normal", "urgent")
    for number, priority in enumerate(wanted):
        come(inside, number, priority=priority)
    called = [call_next(line(inside), f"Room {number}").number for number in range(len(wanted))]
    assert called == [3, 6, 2, 4, 1, 5]


def test_a_counter_serves_one_number_at_a_time(inside):
    """OPD-3."""
    for number in range(2):
        come(inside, number)
    first = call_next(line(inside), ROOM)
    with pytest.raises(Refused, match="Room 12 has SH-001 already"):
        call_next(line(inside), ROOM)
    first.serve()
    with pytest.raises(Refused, match="Room 12 has SH-001 already"):
        call_next(line(inside), ROOM)
    second = call_next(line(inside), "Room 13")
    second.counter = ROOM
    db.session.flush()
    with pytest.raises(Refused, match="Room 12 still serves another patient"), db.session.begin_nested():
        second.serve()
    first.finish()
    second.serve()
    assert (first.serving_key, second.serving_key) == (None, f"{second.queue_id}:{ROOM}")


def test_of_twenty_who_serve_at_one_counter_at_once_one_does(app, hospital, place, at_once):
    """OPD-3."""
    with app.app_context(), in_hospital(hospital):
        tokens = [come(place, number).token.id for number in range(AT_ONCE)]
        db.session.commit()
    answers = at_once(lambda number: serve_here(db.session.get_one(Token, tokens[number]), ROOM).status)
    assert answers.count("serving") == 1
    assert sum("Room 12 has" in answer for answer in answers) == AT_ONCE - 1


def test_after_three_calls_without_an_answer_a_number_waits_at_the_end(inside):
    """OPD-3."""
    for number in range(3):
        come(inside, number)
    token = call_next(line(inside), ROOM)
    assert [call_again(token).status for _call in range(3)] == ["called", "called", "skipped"]
    with pytest.raises(Refused, match="is not being called any more"):
        call_again(token)
    called = []
    for _call in range(3):
        called.append(call_next(line(inside), ROOM).number)
        db.session.scalars(sa.select(Token).where(Token.status == "called")).one().serve()
        db.session.scalars(sa.select(Token).where(Token.status == "serving")).one().finish()
    assert called == [2, 3, 1]


def test_the_hospital_sets_how_often_a_number_is_called(inside):
    """OPD-3."""
    hospital_profile().set_numbers(opd_calls=1)
    come(inside)
    assert call_again(call_next(line(inside), ROOM)).status == "skipped"


def test_who_is_back_after_three_calls_waits_behind_the_others(inside):
    """OPD-3."""
    for number in range(2):
        come(inside, number)
    token = call_next(line(inside), ROOM)
    token.skip()
    token.requeue()
    assert [call_next(line(inside), f"Room {number}").number for number in (1, 2)] == [2, 1]


def test_a_patient_is_called_out_of_turn_when_somebody_decides_so(inside):
    for number in range(2):
        come(inside, number)
    second = db.session.scalars(sa.select(Token).where(Token.number == 2)).one()
    assert call_token(second, ROOM).status == "called"
    assert call_next(line(inside), "Room 13").number == 1


def test_nobody_is_called_from_a_paused_queue(inside):
    come(inside)
    queue = line(inside)
    queue.pause()
    with pytest.raises(Refused, match="Nobody is called from this queue now"):
        call_next(queue, ROOM)
    queue.resume()
    assert call_next(queue, ROOM).number == 1


# Arriving


def test_a_walk_in_has_a_visit_an_encounter_and_a_number_and_no_appointment(inside):
    """OPD-6: without an appointment."""
    visit = come(inside, reason="Cough")
    assert (visit.status, visit.encounter.status, visit.token.status) == ("registered", "arrived", "issued")
    assert (visit.encounter.encounter_class, visit.encounter.reason, visit.appointment_id) == ("AMB", "Cough", None)
    assert visit.number == f"OP{today():%y}-000001"


def test_who_waits_for_a_doctor_already_gets_no_second_number(inside):
    come(inside)
    with pytest.raises(Refused, match="has an open outpatient visit with this doctor already"):
        come(inside)


def test_nobody_comes_to_a_doctor_whose_licence_has_ended(inside):
    doctor = db.session.get_one(Doctor, inside.doctor)
    doctor.license_expiry = today().replace(year=today().year - 1)
    with pytest.raises(Refused, match="licence"):
        come(inside)


def test_who_leaves_takes_number_and_encounter_along(inside):
    visit = come(inside)
    visit.leave()
    assert (visit.status, visit.encounter.status, visit.token.status) == ("left", "cancelled", "cancelled")
    assert come(inside).token.number == 2
    with pytest.raises(WrongState):
        visit.leave()


# The demonstration


def test_the_demonstration_keeps_every_rule_and_has_people_waiting_today(inside):
    """OPD-1, OPD-3, OPD-6, OPD-8 hold of what is invented; the same again gives the same."""
    clinic.doctor("Adler")
    for one in db.session.scalars(sa.select(Patient)):
        one.created_at = now() - timedelta(days=70)
    db.session.flush()
    seed(HospitalSize(patients=120, staff=20), Random(1))
    visits = db.session.scalars(sa.select(Visit)).all()
    assert 130 <= len(visits) <= 160
    board = read_desk()
    assert board.waiting >= 2
    assert board.with_doctors >= 1
    for queue in db.session.scalars(sa.select(Queue)):
        numbers = db.session.scalars(sa.select(Token.number).where(Token.queue_id == queue.id)).all()
        assert sorted(numbers) == list(range(1, queue.last_number + 1))
    assert {one.consultation.status for one in visits if one.status == "completed"} == {"signed"}
    assert all(diagnoses_of(one.encounter_id) for one in visits if one.status == "completed")
    assert all(one.encounter.status == "finished" for one in visits if one.status == "completed")
    assert all(one.arrived_at <= one.started_at <= one.completed_at for one in visits if one.completed_at)
    assert db.session.scalar(sa.select(sa.func.count(FeeValidity.id)).where(FeeValidity.used_visits > 0))


def test_the_demonstration_gives_everybody_who_was_checked_in_a_visit(inside):
    """Also who came before the time of the appointment; a walk-in to the same doctor does not take its place."""
    doctor = db.session.get_one(Doctor, inside.doctor)
    visit_kind = ServiceType.add(name="New patient", default_minutes=20)
    db.session.flush()
    row = {"doctor_id": doctor.id, "department_id": doctor.department_id, "service_type_id": visit_kind.id}
    times = {"starts_at": now() + timedelta(minutes=20), "ends_at": now() + timedelta(minutes=40)}
    came = {"status": "checked_in", "checked_in_at": now() - timedelta(minutes=1), "version": 1}
    rows = [
        {"number": f"AP26-{who:06}", "uuid": new_uuid(), "patient_id": who, **row, **times, **came}
        for who in inside.patients
    ]
    db.session.execute(sa.insert(Appointment), rows)
    seed(HospitalSize(patients=120, staff=20), Random(1))
    of_appointments = sa.select(Visit.patient_id).where(Visit.appointment_id.is_not(None), Visit.status == "registered")
    assert sorted(db.session.scalars(of_appointments)) == inside.patients
    waits = sa.select(Token.patient_id).where(Token.appointment_id.is_not(None), Token.status == "issued")
    assert sorted(db.session.scalars(waits)) == inside.patients
