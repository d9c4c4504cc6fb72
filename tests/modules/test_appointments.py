"""Booking: one time for one patient, whoever asks at the same moment (APT-1 to APT-7, APT-11)."""

import pytest
import sqlalchemy as sa

from modules.appointments.booking import move
from modules.appointments.models import Appointment
from portal.extensions import db
from portal.kit import Refused
from tests.modules.clinic_hours import (
    DESK,
    answers_for,
    booked,
    count_booked,
    lock_count,
    patients,
    service,
    tomorrow_at,
)
from tests.page import Page


@pytest.fixture
def desk(client_with):
    """The receptionist."""
    return client_with(*DESK)


def test_bookings_that_overlap_by_five_minutes_are_never_both_saved(look, at_clinic):
    """APT-1, APT-4."""

    def overlap():
        first, second = patients(2)
        booked(at_clinic, first, tomorrow_at(9), minutes=25)
        with pytest.raises(Refused, match="just taken"):
            booked(at_clinic, second, tomorrow_at(9, 20))

    look(overlap)


def test_a_visit_takes_as_long_as_it_was_booked_for_whatever_the_slots(look, at_clinic):
    """APT-4."""

    def take():
        first, second, third = patients(3)
        booked(at_clinic, first, tomorrow_at(9), service_type_id=at_clinic.long)
        assert lock_count() == 8
        with pytest.raises(Refused, match="just taken"):
            booked(at_clinic, second, tomorrow_at(9, 20))
        booked(at_clinic, second, tomorrow_at(9, 40), service_type_id=service("Short", 10))
        booked(at_clinic, third, tomorrow_at(10))
        assert lock_count() == 8 + 2 + 4

    look(take)


def test_the_same_form_sent_twice_books_once(look, at_clinic, desk):
    amina, nine = look(lambda: (patients(1)[0], tomorrow_at(9)))
    answers = [desk.post("/appointments/new", data=answers_for(at_clinic, amina, nine)) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert look(count_booked) == 1


@pytest.mark.parametrize("ends_by", ["cancel", "mark_no_show", "reschedule", "void"])
def test_what_is_cancelled_missed_or_moved_is_free_in_the_same_moment(look, at_clinic, ends_by):
    """APT-6."""

    def give_back():
        first, second = patients(2)
        one = booked(at_clinic, first, tomorrow_at(9))
        if ends_by == "mark_no_show":
            one.starts_at -= 2 * (tomorrow_at(9) - tomorrow_at(9, days=0))
        answers = {"cancel": ("patient", "Ill"), "void": ("Wrong patient",)}.get(ends_by, ())
        getattr(one, ends_by)(*answers)
        assert (lock_count(), lock_count("patient"), lock_count("room")) == (0, 0, 0)
        booked(at_clinic, second, tomorrow_at(9))

    look(give_back)


def test_a_move_that_fails_leaves_the_old_booking_with_its_time(look, at_clinic, desk):
    """APT-7."""

    def two():
        first, second = patients(2)
        one = booked(at_clinic, first, tomorrow_at(9))
        booked(at_clinic, second, tomorrow_at(9, 20))
        return one.id, tomorrow_at(9, 20), tomorrow_at(9, 40)

    one, taken, free = look(two)
    facts = {"doctor_id": at_clinic.doctor, "day": f"{taken:%Y-%m-%d}"}
    refused = desk.post(f"/appointments/{one}/move", data=facts | {"at": taken.isoformat(), "token": "a"})
    assert refused.status_code == 422
    assert "09:20 taken" in Page(refused.text).text
    assert look(lambda: (db.session.get(Appointment, one).status, count_booked(), lock_count())) == ("scheduled", 2, 8)
    moved = desk.post(f"/appointments/{one}/move", data=facts | {"at": free.isoformat(), "token": "b"})
    assert moved.status_code == 303

    def after():
        new = db.session.scalar(sa.select(Appointment).where(Appointment.rescheduled_from_id == one))
        return new.starts_at, new.status, db.session.get(Appointment, one).status, count_booked(), lock_count()

    assert look(after) == (free, "scheduled", "rescheduled", 2, 8)


def test_an_appointment_may_move_into_a_part_of_its_own_time(look, at_clinic):
    """APT-7."""

    def shift():
        one = booked(at_clinic, patients(1)[0], tomorrow_at(9), service_type_id=at_clinic.long)
        new = move(one, tomorrow_at(9, 20))
        assert (new.starts_at, new.minutes, lock_count()) == (tomorrow_at(9, 20), 40, 8)

    look(shift)


def test_the_patient_of_a_saved_appointment_cannot_be_changed(look, at_clinic, desk):
    """APT-11: neither by its verb nor by its form, which does not ask for one."""

    def change():
        amina, omar = patients(2)
        one = booked(at_clinic, amina, tomorrow_at(9))
        with pytest.raises(Refused, match="cannot be changed"):
            one.change(patient_id=omar)
        return one.id, amina, omar, one.version

    one, amina, omar, version = look(change)
    sent = {"patient_id": omar, "priority": "urgent", "reason": "Cough", "version": version}
    assert desk.post(f"/appointments/{one}/edit", data=sent).status_code == 303
    kept_now = look(lambda: (db.session.get(Appointment, one).patient_id, db.session.get(Appointment, one).priority))
    assert kept_now == (amina, "urgent")
