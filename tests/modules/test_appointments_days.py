"""Hours and days off, the board and its pages, what happens by itself, what others hear (APT-5, APT-8 to APT-10)."""

from datetime import time, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from modules.appointments import jobs
from modules.appointments.api import add_exception, appointments_of, booking_url, complete, next_of, start
from modules.appointments.booking import move
from modules.appointments.models import Appointment, Schedule, ScheduleException, ServiceType, WaitlistEntry
from modules.appointments.seats import read_taken
from modules.appointments.seed import seed
from modules.doctors.models import Doctor
from modules.hr.models import Holiday
from modules.patients.models import Patient
from portal import clock
from portal.auth.models import User
from portal.extensions import db
from portal.kit import Refused, WrongState, day_bounds, now, today
from portal.kit import events as kit_events
from portal.kit.demo import HospitalSize
from portal.kit.housekeeping import keep_house
from tests.modules.clinic import department
from tests.modules.clinic_hours import (
    DESK,
    answers_for,
    booked,
    count_booked,
    lock_count,
    open_clinic,
    open_hours,
    patients,
    room,
    tomorrow_at,
)
from tests.page import Page

DOCTOR = ("view_own", "follow_up", "start", "complete", "overbook")
DOCTOR = (*(f"appointments.{verb}" for verb in DOCTOR), "patients.view")


@pytest.fixture
def desk(client_with):
    """The receptionist."""
    return client_with(*DESK)


@pytest.fixture
def amina(look):
    """A patient."""
    return look(lambda: patients(1)[0])


def day_url(days: int = 1) -> str:
    return f"/appointments/?day={today() + timedelta(days=days)}"


def made(look, at, patient: int, starts_at=None, **facts) -> int:
    """The id of an appointment of tomorrow at nine, or at another time."""
    return look(lambda: booked(at, patient, starts_at or tomorrow_at(9), **facts).id)


def status_of(look, number: int) -> str:
    return look(lambda: db.session.get(Appointment, number).status)


def take_away(at, **facts) -> ScheduleException:
    day = today() + timedelta(days=1)
    usual = {"doctor_id": at.doctor, "reason": "meeting", "date_from": day, "date_to": day, "adds_time": False}
    one = ScheduleException(**usual | facts)
    db.session.add(one)
    db.session.flush()
    return one


# When somebody can be booked


def test_a_booking_lies_in_the_hours_and_begins_with_a_slot_in_the_future(look, at_clinic, amina):
    """APT-5."""

    def refused():
        for at in (tomorrow_at(8), tomorrow_at(8, 40), tomorrow_at(12), tomorrow_at(11, 50), tomorrow_at(9, days=2)):
            with pytest.raises(Refused, match="cannot be booked at this time"):
                booked(at_clinic, amina, at)
            db.session.rollback()
        for late in (now() - timedelta(days=7), tomorrow_at(9, days=-1)):
            with pytest.raises(Refused):
                booked(at_clinic, amina, late)
            db.session.rollback()
        with pytest.raises(Refused, match="in the future"):
            booked(at_clinic, amina, tomorrow_at(0, days=0))
        db.session.rollback()
        with pytest.raises(Refused, match="five minutes"):
            booked(at_clinic, amina, tomorrow_at(9, 3))
        db.session.rollback()
        with pytest.raises(Refused, match="cannot be booked"):
            booked(at_clinic, amina, tomorrow_at(11, 40), service_type_id=at_clinic.long)
        db.session.rollback()
        booked(at_clinic, amina, tomorrow_at(11, 40))

    look(refused)


@pytest.mark.parametrize("why", ["meeting", "holiday", "ended", "video"])
def test_no_booking_lies_in_time_that_was_taken_away(look, at_clinic, amina, why):
    """APT-5."""

    def away():
        day = today() + timedelta(days=1)
        if why == "meeting":
            take_away(at_clinic, start_time=time(9), end_time=time(10))
        elif why == "holiday":
            db.session.add(Holiday(date=day, name="Founders’ day"))
        elif why == "ended":
            db.session.get(Schedule, at_clinic.schedule).valid_to = today()
        db.session.flush()
        with pytest.raises(Refused, match="cannot be booked at this time"):
            booked(at_clinic, amina, tomorrow_at(9), kind="virtual" if why == "video" else "scheduled")
        db.session.rollback()

    look(away)


def test_an_extra_session_can_be_booked_where_there_are_no_hours(look, at_clinic, amina):
    """APT-5."""

    def extra():
        take_away(at_clinic, adds_time=True, reason="extra_session", start_time=time(14), end_time=time(15))
        assert booked(at_clinic, amina, tomorrow_at(14, 20)).is_overbooked is False

    look(extra)


def test_two_windows_that_follow_each_other_take_one_long_visit(look, at_clinic, amina):
    """APT-4, APT-5."""

    def across():
        open_hours(at_clinic.doctor, start_time=time(12), end_time=time(13))
        booked(at_clinic, amina, tomorrow_at(11, 40), service_type_id=at_clinic.long)

    look(across)


def test_beyond_capacity_needs_the_permission_and_is_marked(look, at_clinic, client_with):
    """APT-5."""
    first, second, third = look(lambda: patients(3))
    made(look, at_clinic, first)
    nine = look(lambda: tomorrow_at(9))
    beyond = {"overbook": "y", "other_time": "09:00", "at": ""}
    plain = client_with(*DESK)
    assert plain.post("/appointments/new", data=answers_for(at_clinic, second, nine) | beyond).status_code == 422
    senior = client_with(*DESK, "appointments.overbook", username="ines")
    assert senior.post("/appointments/new", data=answers_for(at_clinic, second, nine) | beyond).status_code == 303
    late = beyond | {"other_time": "13:00"}
    assert senior.post("/appointments/new", data=answers_for(at_clinic, third, nine) | late).status_code == 303
    marked = look(lambda: db.session.scalars(sa.select(Appointment.is_overbooked).order_by(Appointment.id)).all())
    assert marked == [False, True, True]
    assert "Overbooked" in senior.page(look(day_url)).text


def test_who_comes_without_an_appointment_gets_the_next_time_also_outside_the_hours(look, at_clinic, desk):
    """APT-5."""
    first, second = look(lambda: patients(2))
    came = {"doctor_id": at_clinic.doctor, "service_type_id": at_clinic.short, "priority": "routine", "check_in": "y"}
    for number, patient in enumerate((first, second)):
        answer = desk.post("/appointments/walk-in", data=came | {"patient_id": patient, "token": f"t{number}"})
        assert answer.status_code == 303

    def came_in():
        first, second = db.session.scalars(sa.select(Appointment).order_by(Appointment.starts_at)).all()
        for one in (first, second):
            assert (one.kind, one.status, one.is_overbooked) == ("walk_in", "checked_in", False)
        assert second.starts_at == first.ends_at
        assert first.starts_at <= now() < first.starts_at + timedelta(minutes=6)

    look(came_in)


def test_nobody_is_booked_who_died_or_with_a_doctor_whose_licence_ended(look, at_clinic, amina):
    """PAT-4, DOC-1."""

    def ended():
        db.session.get(Doctor, at_clinic.doctor).license_expiry = today() - timedelta(days=1)
        with pytest.raises(Refused, match="licence"):
            booked(at_clinic, amina, tomorrow_at(9))
        db.session.rollback()
        db.session.get(Patient, amina).record_death(now() - timedelta(minutes=1))
        with pytest.raises(Refused, match="has died"):
            booked(at_clinic, amina, tomorrow_at(9))

    look(ended)


def test_hours_of_one_doctor_never_overlap(look, at_clinic):
    def overlap():
        with pytest.raises(Refused, match="has hours then already"):
            open_hours(at_clinic.doctor, start_time=time(11), end_time=time(13))
        db.session.rollback()
        open_hours(at_clinic.doctor, start_time=time(12), end_time=time(13))
        db.session.get(Schedule, at_clinic.schedule).change(is_active=False)
        open_hours(at_clinic.doctor, start_time=time(10), end_time=time(11))

    look(overlap)


# Days off


def exception_answers(at, **more) -> dict:
    day = f"{today() + timedelta(days=1)}"
    return {"doctor_id": at.doctor, "reason": "leave", "date_from": day, "date_to": day, "token": "x"} | more


def test_a_day_off_lists_who_is_booked_and_needs_an_answer_for_each(look, at_clinic, desk):
    """APT-8."""
    first, second = look(lambda: patients(2))
    one, two = made(look, at_clinic, first), made(look, at_clinic, second, look(lambda: tomorrow_at(10)))
    away = look(lambda: exception_answers(at_clinic))
    refused = desk.post("/appointments/exceptions/new", data=away)
    assert refused.status_code == 422
    shown = Page(refused.text)
    assert "2 patients are booked in this time" in shown.text
    assert "Amina0 Yusuf" in shown.text
    next_week = look(lambda: tomorrow_at(9, days=8).isoformat())
    assert f'value="{next_week}"' in refused.text
    half = desk.post("/appointments/exceptions/new", data=away | {f"clash-{one}": "cancel"})
    assert half.status_code == 422
    assert (status_of(look, one), status_of(look, two)) == ("scheduled", "scheduled")
    done = desk.post("/appointments/exceptions/new", data=away | {f"clash-{one}": "cancel", f"clash-{two}": next_week})
    assert done.status_code == 303
    assert (status_of(look, one), status_of(look, two)) == ("cancelled", "rescheduled")
    assert look(count_booked) == 1
    assert "On leave" in desk.page("/appointments/exceptions/").text


def test_a_clash_that_cannot_be_moved_there_leaves_everything_as_it_was(look, at_clinic, desk):
    """APT-7, APT-8."""
    first, second, third = look(lambda: patients(3))
    one, two = made(look, at_clinic, first), made(look, at_clinic, second, look(lambda: tomorrow_at(10)))
    next_week = look(lambda: tomorrow_at(9, days=8))
    made(look, at_clinic, third, next_week)
    sent = {f"clash-{one}": "cancel", f"clash-{two}": next_week.isoformat()}
    refused = desk.post("/appointments/exceptions/new", data=look(lambda: exception_answers(at_clinic)) | sent)
    assert refused.status_code == 422
    assert "just taken" in Page(refused.text).text
    assert (status_of(look, one), status_of(look, two)) == ("scheduled", "scheduled")
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(ScheduleException.id)))) == 0


def test_a_day_off_outside_of_what_is_booked_asks_nothing(look, at_clinic, amina, desk):
    """APT-8."""
    made(look, at_clinic, amina)
    hours = {"start_time": "10:00", "end_time": "12:00"}
    away = look(lambda: exception_answers(at_clinic, **hours))
    assert desk.post("/appointments/exceptions/new", data=away).status_code == 303
    shown = desk.page(look(day_url)).text
    assert "On leave" in shown


# What happens by itself


def test_who_did_not_come_is_marked_once_and_who_was_checked_in_never(look, at_clinic):
    """APT-9."""
    first, second, third = look(lambda: patients(3))
    missed = made(look, at_clinic, first)
    here = made(look, at_clinic, second, look(lambda: tomorrow_at(9, 20)))
    later = made(look, at_clinic, third, look(lambda: tomorrow_at(11)))
    look(lambda: db.session.get(Appointment, here).check_in())
    begins = look(lambda: tomorrow_at(9))
    clock.move(begins + timedelta(minutes=29) - now())
    assert look(jobs.mark_no_shows) == 0
    clock.move(timedelta(minutes=31))
    assert look(jobs.mark_no_shows) == 1
    assert look(jobs.mark_no_shows) == 0
    assert [status_of(look, one) for one in (missed, here, later)] == ["no_show", "checked_in", "scheduled"]
    look(lambda: db.session.get(Appointment, missed).check_in_late())
    assert look(jobs.mark_no_shows) == 0
    assert status_of(look, missed) == "checked_in"


def test_the_work_of_the_hour_marks_who_did_not_come(look, at_clinic, amina, app, hospital):
    """APT-9."""
    one = made(look, at_clinic, amina)
    clock.move(look(lambda: tomorrow_at(11)) - now())
    with app.app_context():
        keep_house(hospital.subdomain)
        keep_house(hospital.subdomain)
    assert status_of(look, one) == "no_show"


def test_a_reminder_is_told_once_and_never_of_one_that_is_called_off_or_moved(look, at_clinic, monkeypatch):
    """APT-10: the event; sending comes with notifications."""
    heard = []
    monkeypatch.setitem(kit_events._now, "appointment.reminder_due", [lambda one: heard.append(one.id)])
    first, second, third = look(lambda: patients(3))
    one = made(look, at_clinic, first)
    off = made(look, at_clinic, second, look(lambda: tomorrow_at(10)))
    moved = made(look, at_clinic, third, look(lambda: tomorrow_at(11)))

    def change():
        db.session.get(Appointment, off).cancel("patient", "Ill")
        move(db.session.get(Appointment, moved), tomorrow_at(9, days=8))

    look(change)
    clock.move(look(lambda: tomorrow_at(8)) - now())
    assert (look(jobs.remind), look(jobs.remind)) == (1, 0)
    assert heard == [one]


def test_the_time_of_a_cancelled_appointment_is_offered_to_the_most_urgent_who_waits_for_it(look, at_clinic):
    """APT-6 and the map of events."""

    def wait():
        amina, *waiting = patients(4)
        one = booked(at_clinic, amina, tomorrow_at(9))
        day, place = today() + timedelta(days=1), department().id
        span = {"wanted_from": day, "wanted_to": day, "department_id": place}
        too_late = WaitlistEntry(
            patient_id=waiting[0], **span | {"wanted_from": day + timedelta(1), "wanted_to": day + timedelta(9)}
        )
        routine = WaitlistEntry(patient_id=waiting[1], **span)
        urgent = WaitlistEntry(patient_id=waiting[2], priority="urgent", doctor_id=at_clinic.doctor, **span)
        db.session.add_all([too_late, routine, urgent])
        db.session.flush()
        one.cancel("patient", "Ill")
        assert [entry.status for entry in (too_late, routine, urgent)] == ["waiting", "waiting", "offered"]

    look(wait)


def test_time_that_a_day_off_takes_away_is_offered_to_nobody(look, at_clinic):
    """APT-8."""

    def away():
        amina, omar = patients(2)
        one = booked(at_clinic, amina, tomorrow_at(9))
        day = today() + timedelta(days=1)
        span = {"wanted_from": day, "wanted_to": day, "department_id": department().id}
        entry = WaitlistEntry(patient_id=omar, **span)
        db.session.add(entry)
        leave = {"doctor_id": at_clinic.doctor, "reason": "leave", "date_from": day, "date_to": day}
        add_exception(ScheduleException(adds_time=False, **leave), {one.id: "cancel"})
        assert (one.status, one.cancelled_by, entry.status) == ("cancelled", "hospital", "waiting")

    look(away)


def test_a_day_off_that_is_taken_back_opens_the_hours_again(look, at_clinic, amina, desk):
    one = look(lambda: take_away(at_clinic).id)
    assert desk.post(f"/appointments/exceptions/{one}/remove").status_code == 303
    made(look, at_clinic, amina)


def test_wishes_whose_days_are_over_wait_no_longer(look, at_clinic, amina):
    def over():
        past = today() - timedelta(days=1)
        entry = WaitlistEntry(patient_id=amina, department_id=department().id, wanted_from=past, wanted_to=past)
        db.session.add(entry)
        db.session.flush()
        jobs.expire_wishes()
        assert entry.status == "expired"

    look(over)


def test_what_was_to_come_of_a_patient_who_dies_is_cancelled(look, at_clinic, amina):
    """PAT-4 and the map of events."""
    one = made(look, at_clinic, amina)
    look(lambda: db.session.get(Patient, amina).record_death(now() - timedelta(minutes=1)))
    assert status_of(look, one) == "cancelled"
    assert look(lock_count) == 0


# The pages


def test_the_day_shows_doctors_as_columns_with_what_is_booked_free_and_off(look, at_clinic, amina, desk):
    made(look, at_clinic, amina)
    shown = desk.page(look(day_url))
    assert "Dr Samir Haddad General surgery C-1" in shown.text
    assert "Amina0 Yusuf Scheduled New patient" in shown.text
    assert "Scheduled 1" in shown.text
    free = look(lambda: tomorrow_at(9, 20))
    assert any("/appointments/new?doctor=" in url and f"{free:%H}:20" in url for url, _text in shown.links)
    part = desk.get(look(day_url), headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<section id="appointment-board"')
    assert 'data-hx-trigger="every 15s"' in part


def test_a_free_cell_opens_the_form_with_its_doctor_and_time(look, at_clinic, desk):
    at = look(lambda: tomorrow_at(9, 20))
    shown = desk.page(f"/appointments/new?doctor={at_clinic.doctor}&at={at:%Y-%m-%dT%H:%M:%S}%2B00:00")
    assert f'value="{at.isoformat()}" checked' in shown.html
    assert f'<option selected value="{at_clinic.doctor}">' in shown.html


def test_the_day_takes_a_fixed_number_of_queries(look, at_clinic, desk, count_queries):
    look(lambda: open_clinic("Moreau"))  # with a single doctor the form shows the free times at once
    url = look(day_url)
    desk.page(url)
    with count_queries() as few:
        desk.page(url)

    def more():
        for number in range(4):
            other = open_clinic(f"Other{number}", room_id=room(f"D-{number}"))
            for place, one in enumerate(patients(5)):
                booked(other, one, tomorrow_at(9 + place // 3, place % 3 * 20))

    look(more)
    with count_queries() as many:
        desk.page(url)
    assert len(of_appointments(many)) == len(of_appointments(few)) <= 9


def of_appointments(statements: list[str]) -> list[str]:
    """Those that read appointments, hours or doctors; the portal looks after the hospital at times."""
    words = ("appointments_", "doctors_", "core_resourcelock", "rooms_")
    return [one for one in statements if any(f"FROM {word}" in one for word in words)]


def test_the_list_takes_a_fixed_number_of_queries_and_finds_patients_by_posted_words(
    look, at_clinic, desk, count_queries
):
    def some(count):
        for place, one in enumerate(patients(count)):
            booked(at_clinic, one, tomorrow_at(9 + place // 3, place % 3 * 20))

    look(lambda: some(1))
    desk.page("/appointments/list")
    with count_queries() as few:
        desk.page("/appointments/list")
    look(lambda: open_clinic_of(at_clinic, 8))
    with count_queries() as many:
        found = desk.page("/appointments/list")
    assert len(of_appointments(many)) == len(of_appointments(few)) <= 8
    assert "Showing 1 to 9 of 9 appointments" in found.text
    answer = desk.post("/appointments/list", data={"q": "amina3"})
    assert "AP26-" in answer.text
    assert "Showing 1 to 1 of 1" in Page(answer.text).text


def open_clinic_of(at, count: int) -> None:
    for place, one in enumerate(patients(count), 1):
        booked(at, one, tomorrow_at(9 + place // 3, place % 3 * 20))


def test_checking_in_and_cancelling_lead_back_to_the_day(look, at_clinic, desk):
    first, second = look(lambda: patients(2))
    one, two = made(look, at_clinic, first), made(look, at_clinic, second, look(lambda: tomorrow_at(10)))
    assert desk.post(f"/appointments/{one}/check-in").location == look(day_url)
    assert status_of(look, one) == "checked_in"
    assert desk.post(f"/appointments/{one}/check-in").status_code == 409
    assert desk.post(f"/appointments/{two}/cancel", data={"cancelled_by": "hospital"}).status_code == 422
    gone = {"cancelled_by": "hospital", "cancel_reason": "Theatre"}
    assert desk.post(f"/appointments/{two}/cancel", data=gone).status_code == 303
    assert "Cancelled The hospital: Theatre" in desk.page(look(day_url)).text
    assert "Cancelled by The hospital: Theatre" in desk.page(f"/appointments/{two}").text


def test_a_doctor_sees_the_own_appointments_alone(look, at_clinic, client_with):
    other = look(lambda: open_clinic("Moreau"))
    first, second = look(lambda: patients(2))
    browser = client_with(*DOCTOR)

    def link():
        db.session.get(Doctor, at_clinic.doctor).staff.user_id = db.session.scalar(
            sa.select(User.id).where(User.username == "leila")
        )

    look(link)
    mine, theirs = made(look, at_clinic, first), made(look, other, second)
    shown = browser.page(look(day_url)).text
    assert "Amina0" in shown
    assert "Amina1" not in shown
    assert "Moreau" not in shown
    assert browser.get(f"/appointments/{mine}").status_code == 200
    assert browser.get(f"/appointments/{theirs}").status_code == 403
    assert browser.get(f"/appointments/{theirs}/slip").status_code == 403
    assert "Showing 1 to 1 of 1" in browser.page("/appointments/list").text
    assert browser.get(f"/appointments/doctors/{other.doctor}/calendar.ics").status_code == 403
    assert browser.get("/appointments/week").status_code == 200
    assert "Amina1" not in browser.get(f"/appointments/print?day={look(lambda: today() + timedelta(days=1))}").text
    follow = look(lambda: answers_for(at_clinic, second, tomorrow_at(9, 40), kind="follow_up"))
    assert browser.post("/appointments/new", data=follow).status_code == 303
    elsewhere = look(lambda: answers_for(other, first, tomorrow_at(9, 40), kind="follow_up", token="z"))
    assert browser.post("/appointments/new", data=elsewhere).status_code == 422


def test_the_week_of_a_doctor_shows_its_days_as_columns(look, at_clinic, amina, desk):
    made(look, at_clinic, amina)
    shown = desk.page(f"/appointments/week?doctor={at_clinic.doctor}&day={look(lambda: today() + timedelta(days=1))}")
    assert "Monday" in shown.text
    assert "Sunday" in shown.text
    assert "Amina0 Yusuf" in shown.text


def test_the_calendar_file_names_no_patient(look, at_clinic, amina, desk):
    one = made(look, at_clinic, amina)
    answer = desk.get(f"/appointments/doctors/{at_clinic.doctor}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    text = answer.text
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.count("BEGIN:VEVENT") == 1
    number, begins = look(lambda: (db.session.get(Appointment, one).number, tomorrow_at(9)))
    assert f"SUMMARY:New patient ({number})" in text
    assert f"DTSTART:{begins:%Y%m%dT%H%M%SZ}" in text
    assert "Amina" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_the_day_list_and_the_slip_are_printed(look, at_clinic, amina, desk):
    one = made(look, at_clinic, amina, reason="Cough")
    day = look(lambda: today() + timedelta(days=1))
    sheet = desk.page(f"/appointments/print?day={day}").text
    assert "Dr Samir Haddad" in sheet
    assert "Amina0 Yusuf" in sheet
    slip = desk.page(f"/appointments/{one}/slip").text
    assert "Amina0 Yusuf" in slip
    assert "C-1" in slip


def test_a_wish_is_kept_offered_and_booked(look, at_clinic, amina, desk):
    day = look(lambda: today() + timedelta(days=1))
    wish = {"patient_id": amina, "doctor_id": at_clinic.doctor, "department_id": look(lambda: department().id)}
    wish |= {"wanted_from": f"{day}", "wanted_to": f"{day}", "priority": "urgent", "token": "w"}
    assert desk.post("/appointments/waitlist/new", data=wish).status_code == 303
    assert "1 waiting" in desk.page(look(day_url)).text
    entry = look(lambda: db.session.scalar(sa.select(WaitlistEntry.id)))
    offered = desk.post(f"/appointments/waitlist/{entry}/offer")
    assert f"waitlist={entry}" in offered.location
    form = look(lambda: answers_for(at_clinic, amina, tomorrow_at(9), waitlist_id=entry))
    assert desk.post("/appointments/new", data=form).status_code == 303
    assert look(lambda: db.session.get(WaitlistEntry, entry).status) == "booked"


def test_the_patients_page_shows_the_appointments(look, at_clinic, amina, desk):
    one = made(look, at_clinic, amina)
    shown = desk.page(f"/patients/{amina}/appointments")
    assert any(url == f"/appointments/{one}" for url, _text in shown.links)
    assert "Next appointment" in shown.text
    clock.move(timedelta(days=2))
    assert "Appointment" in desk.page(f"/patients/{amina}/timeline").text


def test_other_modules_start_and_complete_and_ask_for_days(look, at_clinic, amina, app):
    one = made(look, at_clinic, amina)

    def work():
        assert [row.id for row in appointments_of(today() + timedelta(days=1), at_clinic.doctor)] == [one]
        with pytest.raises(WrongState):
            start(one)
        db.session.get(Appointment, one).check_in()
        start(one)
        assert complete(one).status == "completed"
        with app.test_request_context():
            assert booking_url(amina) == f"/appointments/new?patient={amina}"

    look(work)
    assert next_of.__doc__


def test_a_kind_of_visit_takes_multiples_of_five_minutes(desk):
    answers = {"name": "Review", "default_minutes": "17", "token": "s"}
    assert desk.post("/appointments/services/new", data=answers).status_code == 422
    assert desk.post("/appointments/services/new", data=answers | {"default_minutes": "15"}).status_code == 303
    assert "Review" in desk.page("/appointments/services/").text


def test_hours_are_opened_and_ended_on_their_pages(look, at_clinic, desk):
    answers = {"doctor_id": at_clinic.doctor, "weekday": "2", "start_time": "18:00", "end_time": "20:00", "token": "h"}
    answers |= {"slot_minutes": "20", "capacity_per_slot": "1", "mode": "both", "valid_from": "2026-01-05"}
    assert desk.post("/appointments/schedules/new", data=answers).status_code == 303
    assert "18:00 to 20:00" in desk.page("/appointments/schedules/").text


def test_who_leaves_has_the_appointments_to_come_to_hand_over(look, at_clinic, amina, client_with):
    """STF-2."""
    made(look, at_clinic, amina)
    keeper = client_with("staff.view", "staff.detail_view", "appointments.view", "patients.view")
    member = look(lambda: db.session.get(Doctor, at_clinic.doctor).staff_id)
    shown = keeper.page(f"/staff/{member}/duties")
    assert "1 appointment to come" in shown.text
    assert any(f"doctor={at_clinic.doctor}" in url for url, _text in shown.links)


# The demonstration


def test_the_demonstration_fills_the_days_and_keeps_every_rule(look, at_clinic):
    def fill():
        db.session.get(Schedule, at_clinic.schedule).is_active = False
        patients(60)
        db.session.query(Patient).update({"created_at": now() - timedelta(days=100)})
        for number in range(3):
            open_clinic(f"Seeded{number}")
        for schedule in db.session.scalars(sa.select(Schedule)):
            schedule.is_active = False
        db.session.query(ServiceType).delete()
        db.session.flush()
        seed(HospitalSize(patients=120, staff=30), Random(7))

    look(fill)

    def check():
        counts = dict(
            db.session.execute(sa.select(Appointment.status, sa.func.count()).group_by(Appointment.status)).all()
        )
        begin, end = day_bounds(today())
        assert counts["completed"] > 80
        assert counts["scheduled"] > 15
        assert {"no_show", "cancelled"} <= set(counts)
        of_today = sa.select(sa.func.count(Appointment.id)).where(
            Appointment.starts_at >= begin, Appointment.starts_at < end
        )
        assert db.session.scalar(of_today) >= 4
        coming = db.session.scalars(sa.select(Appointment).where(Appointment.status == "scheduled"))
        for one in coming:
            taken = read_taken("doctor", [one.doctor_id], one.starts_at, one.ends_at)[one.doctor_id]
            assert one.ends_at <= now() or taken

    look(check)
