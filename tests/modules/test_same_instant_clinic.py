"""Appointments at the same instant: real requests to the served portal, on real files (APT-1 to APT-9, DOC-7)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.appointments import jobs
from modules.appointments.models import Appointment, Schedule
from modules.doctors.models import Doctor
from portal import clock
from portal.extensions import db
from portal.kit import now, today
from portal.kit.models import ResourceLock
from tests.modules.at_once import AT_ONCE, statuses, together
from tests.modules.clinic_hours import DESK, answers_for, booked, open_clinic, patients, room, tomorrow_at

JUST_TAKEN = "This time was just taken. Choose another one"
ONE_BOOKED = {"appointments_appointment": 1}


@pytest.fixture
def clerks(crowd):
    """Twenty receptionists, who also keep the hours."""
    return crowd(*DESK)


@pytest.fixture
def people(look):
    """Twenty patients."""
    return look(lambda: patients(AT_ONCE))


def taken(look) -> dict[str, int]:
    """How many five minutes are taken of each kind; all of them by appointments that stand."""
    standing = sa.select(Appointment.id).where(Appointment.status.in_(("scheduled", "checked_in")))
    holders = sa.select(ResourceLock.holder_id).where(ResourceLock.holder_id.not_in(standing))
    assert look(lambda: db.session.scalars(holders).all()) == []
    counted = sa.select(ResourceLock.resource_kind, sa.func.count()).group_by(ResourceLock.resource_kind)
    return look(lambda: dict(db.session.execute(counted).all()))


def states(look) -> dict[str, int]:
    """How many appointments are in each state."""
    counted = sa.select(Appointment.status, sa.func.count()).group_by(Appointment.status)
    return look(lambda: dict(db.session.execute(counted).all()))


def test_of_twenty_bookings_that_overlap_one_is_saved_and_the_others_see_fresh_times(
    at_clinic, people, clerks, look, traces
):
    """APT-1, APT-4: half of them stay longer than a slot, and overlap with the others without beginning with them."""
    nine, trace = look(lambda: tomorrow_at(9)), traces()

    def click(number: int):
        begins, visit = (nine, at_clinic.long) if number % 2 else (nine + timedelta(minutes=20), at_clinic.short)
        answers = answers_for(at_clinic, people[number], begins, service_type_id=visit)
        return clerks[number].post("/appointments/new", **answers)

    answers = together(click)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    for answer in answers:
        if answer.status_code == 422:
            assert JUST_TAKEN in answer.text
            assert "09:20 taken" in answer.text
    assert trace.rows() == ONE_BOOKED
    assert trace.events() == {"appointment.booked": 1}
    buckets = 8 if 303 in statuses(answers[1::2]) else 4
    assert taken(look) == {"doctor": buckets, "patient": buckets, "room": buckets}
    trace.refuse_doubles()


@pytest.mark.parametrize("shared", ["patient", "room"])
def test_of_twenty_doctors_who_share_a_patient_or_a_room_one_has_it(shared, people, clerks, look, traces):
    """APT-2."""

    def open_all():
        one = room("C-9") if shared == "room" else None
        return [open_clinic(f"Haddad{number}", room_id=one) for number in range(AT_ONCE)]

    clinics, nine = look(open_all), look(lambda: tomorrow_at(9))
    trace = traces()

    def click(number: int):
        who = people[0 if shared == "patient" else number]
        answers = answers_for(clinics[number], who, nine, token=f"t{number}")
        return clerks[number].post("/appointments/new", **answers)

    answers = together(click)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    said = "has another appointment at this time" if shared == "patient" else "C-9 was just taken at this time"
    assert all(said in one.text for one in answers if one.status_code == 422)
    assert all("09:20 1 left" in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == ONE_BOOKED
    assert taken(look)[shared] == 4
    trace.refuse_doubles()


def test_with_room_for_three_exactly_three_of_twenty_get_the_time(people, clerks, look, traces):
    """APT-3: seats 1 to 3, in one room whose doctor sees all three."""
    at, nine = look(lambda: open_clinic(room_id=room("C-3"), capacity_per_slot=3)), look(lambda: tomorrow_at(9))
    trace = traces()
    answers = together(lambda n: clerks[n].post("/appointments/new", **answers_for(at, people[n], nine)))
    assert statuses(answers) == {303: 3, 422: AT_ONCE - 3}
    assert all("09:00 taken 09:20 3 left" in one.text for one in answers if one.status_code == 422)
    seats = sa.select(ResourceLock.seat, sa.func.count()).where(ResourceLock.resource_kind == "doctor")
    seats = seats.group_by(ResourceLock.seat)
    assert look(lambda: dict(db.session.execute(seats).all())) == {1: 4, 2: 4, 3: 4}
    assert trace.rows() == {"appointments_appointment": 3}
    numbers = look(lambda: db.session.scalars(sa.select(Appointment.number).order_by(Appointment.number)).all())
    assert [one[-6:] for one in numbers] == ["000001", "000002", "000003"]
    trace.refuse_doubles()


def test_the_last_free_time_is_booked_or_taken_away_by_a_day_off_never_both(at_clinic, people, clerks, look, traces):
    """APT-5, APT-8: who takes the day off reads who is booked, and who books reads that the doctor is away."""
    nine, day = look(lambda: tomorrow_at(9)), look(today) + timedelta(days=1)
    away = {"doctor_id": at_clinic.doctor, "reason": "leave", "date_from": f"{day}", "date_to": f"{day}"}
    trace = traces()

    def click(number: int):
        if number % 5 == 0:
            return clerks[number].post("/appointments/exceptions/new", **away, token=f"x{number}")
        return clerks[number].post("/appointments/new", **answers_for(at_clinic, people[number], nine))

    answers = together(click)
    off = statuses(answers[::5])
    got = [one for number, one in enumerate(answers) if number % 5]
    booked_now = statuses(got).get(303, 0)
    if booked_now:
        assert (booked_now, off) == (1, {422: 4})
        assert all("1 patient is booked in this time" in one.text for one in answers[::5])
        assert all(JUST_TAKEN in one.text for one in got if one.status_code == 422)
    else:
        assert (statuses(got), off) == ({422: len(got)}, {303: 4})
        assert all("The doctor cannot be booked at this time" in one.text for one in got)
    assert trace.rows().get("appointments_appointment", 0) == booked_now
    assert taken(look).get("doctor", 0) == 4 * booked_now
    trace.refuse_doubles()


def test_a_time_that_is_given_back_is_booked_once_by_those_who_wait_for_it(at_clinic, people, clerks, look, traces):
    """APT-6: it is called off once, and before that nobody else has it."""
    nine, first = look(lambda: tomorrow_at(9)), look(lambda: booked(at_clinic, people[0], tomorrow_at(9)).id)
    trace, off = traces(), {"cancelled_by": "patient", "cancel_reason": "Ill"}

    def click(number: int):
        if number % 2 == 0:
            return clerks[number].post(f"/appointments/{first}/cancel", **off)
        return clerks[number].post("/appointments/new", **answers_for(at_clinic, people[number], nine))

    answers = together(click)
    got = statuses(answers[1::2])
    assert statuses(answers[::2]) == {303: 1, 409: AT_ONCE // 2 - 1}
    late = next(one for one in answers[::2] if one.status_code == 409)
    assert "Haddad" in clerks[0].get(late.way_on).text
    assert got.get(303, 0) <= 1
    assert all(JUST_TAKEN in one.text for one in answers[1::2] if one.status_code == 422)
    assert trace.rows().get("appointments_appointment", 0) == got.get(303, 0)
    assert taken(look).get("doctor", 0) == 4 * got.get(303, 0)
    assert trace.events()["appointment.cancelled"] == 1
    trace.refuse_doubles()


def test_of_twenty_who_move_to_one_time_one_does_and_the_others_stand_where_they_were(people, clerks, look, traces):
    """APT-7."""
    many = look(lambda: open_clinic(capacity_per_slot=AT_ONCE))
    wanted, nine = look(lambda: open_clinic("Adler")), look(lambda: tomorrow_at(9))
    ids = look(lambda: [booked(many, one, nine).id for one in people])
    trace, to = traces(), {"doctor_id": wanted.doctor, "day": f"{nine:%Y-%m-%d}", "at": nine.isoformat()}
    answers = together(lambda n: clerks[n].post(f"/appointments/{ids[n]}/move", **to, token=f"t{n}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("09:00 taken" in one.text for one in answers if one.status_code == 422)
    assert states(look) == {"scheduled": AT_ONCE, "rescheduled": 1}
    assert taken(look) == {"doctor": 4 * AT_ONCE, "patient": 4 * AT_ONCE}
    assert trace.rows() == ONE_BOOKED
    trace.refuse_doubles()


def test_one_appointment_that_twenty_move_is_moved_once(at_clinic, people, clerks, look, traces):
    """APT-7: the others hear that it was moved, and are led to its day."""
    nine, first = look(lambda: tomorrow_at(9)), look(lambda: booked(at_clinic, people[0], tomorrow_at(9)).id)
    trace, to = traces(), {"doctor_id": at_clinic.doctor, "day": f"{nine:%Y-%m-%d}"}

    def click(number: int):
        at = nine + timedelta(minutes=20 * (number % 8 + 1))
        return clerks[number].post(f"/appointments/{first}/move", **to, at=at.isoformat(), token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(one for one in answers if one.status_code == 409)
    assert "the record is “rescheduled” now" in late.text
    assert "Amina0 Yusuf" in clerks[0].get(late.way_on).text
    assert states(look) == {"scheduled": 1, "rescheduled": 1}
    assert taken(look) == {"doctor": 4, "patient": 4, "room": 4}
    assert trace.rows() == ONE_BOOKED
    trace.refuse_doubles()


def test_who_is_checked_in_while_the_job_marks_who_did_not_come_is_one_of_both(at_clinic, people, clerks, look, traces):
    """APT-9: whoever was first; nobody is both, and the visit with its number is there only for who is here."""
    first, begins = look(lambda: booked(at_clinic, people[0], tomorrow_at(9)).id), look(lambda: tomorrow_at(9))
    clock.move(begins + timedelta(minutes=40) - now())
    trace = traces()

    def act(number: int):
        return clerks[number].post(f"/appointments/{first}/check-in") if number % 2 else look(jobs.mark_no_shows)

    answers = together(act)
    came, missed = statuses(answers[1::2]), sum(answers[::2])
    assert came.get(303, 0) + missed == 1
    assert states(look) == ({"no_show": 1} if missed else {"checked_in": 1})
    rows = {} if missed else dict.fromkeys(("opd_visit", "opd_token", "opd_queue", "patients_encounter"), 1)
    assert {name: count for name, count in trace.rows().items() if name != "opd_feevalidity"} == rows
    assert taken(look).get("doctor", 0) == (0 if missed else 4)
    trace.refuse_doubles()


def test_of_twenty_jobs_that_remind_one_tells(at_clinic, people, look, at_once, traces):
    """APT-10."""
    look(lambda: booked(at_clinic, people[0], tomorrow_at(9)))
    clock.move(look(lambda: tomorrow_at(9)) - now() - timedelta(hours=5))
    trace = traces()
    assert sum(at_once(lambda _number: jobs.remind())) == 1
    assert trace.events() == {"appointment.reminder_due": 1}


def test_of_twenty_who_open_the_same_hours_one_does(clerks, look, traces):
    """Windows of one doctor never overlap (§3)."""
    doctor = look(lambda: open_clinic().doctor)
    hours = {
        "doctor_id": doctor,
        "weekday": (look(today).weekday() + 3) % 7,
        "start_time": "09:00",
        "end_time": "12:00",
    }
    hours |= {"slot_minutes": 20, "capacity_per_slot": 1, "mode": "in_person", "valid_from": f"{look(today)}"}
    trace = traces()
    answers = together(lambda n: clerks[n].post("/appointments/schedules/new", **hours, token=f"t{n}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("has hours then already" in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == {"appointments_schedule": 1}
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Schedule.id)))) == 2


def test_a_doctor_who_leaves_while_patients_are_booked_has_none_or_stays(at_clinic, people, crowd, look, traces):
    """DOC-7."""
    both = crowd(*DESK, "doctors.view", "doctors.change")
    nine, trace = look(lambda: tomorrow_at(9)), traces()

    def click(number: int):
        if number % 2:
            return both[number].post(f"/doctors/{at_clinic.doctor}/deactivate")
        return both[number].post("/appointments/new", **answers_for(at_clinic, people[number], nine))

    answers = together(click)
    got, gone = statuses(answers[::2]), statuses(answers[1::2])
    assert got.get(303, 0) + gone.get(303, 0) == 1, (got, gone)
    status = look(lambda: db.session.get(Doctor, at_clinic.doctor).status)
    assert status == ("inactive" if gone.get(303) else "active")
    assert trace.rows().get("appointments_appointment", 0) == got.get(303, 0)
    assert taken(look).get("doctor", 0) == 4 * got.get(303, 0)
    trace.refuse_doubles()


def test_the_same_form_sent_twenty_times_at_once_books_and_moves_once(at_clinic, people, clerks, look, traces):
    """APT-1, APT-7, CORE-7."""
    nine, rita, trace = look(lambda: tomorrow_at(9)), clerks[0], traces()
    to = {"doctor_id": at_clinic.doctor, "day": f"{nine:%Y-%m-%d}", "at": (nine + timedelta(hours=1)).isoformat()}
    for path, form in (
        ("/appointments/new", answers_for(at_clinic, people[0], nine)),
        ("/appointments/1/move", to | {"token": "m"}),
    ):
        answers = together(lambda _number, path=path, form=form: rita.post(path, **form))
        assert statuses(answers) == {303: AT_ONCE}, path
    assert states(look) == {"rescheduled": 1, "scheduled": 1}
    assert taken(look) == {"doctor": 4, "patient": 4, "room": 4}
    trace.refuse_doubles()
