"""What tests of appointments share: a clinic that is open tomorrow, kinds of visit, and bookings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from modules.appointments.booking import book
from modules.appointments.hours import moment_at
from modules.appointments.models import Appointment, Schedule, ServiceType
from modules.rooms.models import Room
from portal.extensions import db
from portal.kit import today
from portal.tenancy.current import in_hospital
from tests.modules import clinic


@dataclass
class Clinic:
    """The ids of a doctor, the hours of tomorrow, two kinds of visit and a room."""

    doctor: int
    schedule: int
    short: int
    long: int
    room: int | None


def tomorrow_at(hour: int, minute: int = 0, days: int = 1) -> datetime:
    """The moment at which the hospital's clock shows this tomorrow."""
    return moment_at(today() + timedelta(days=days), time(hour, minute))


def service(name: str, minutes: int) -> int:
    """A kind of visit."""
    known = db.session.query(ServiceType).filter_by(name=name).one_or_none()
    one = known or ServiceType.add(name=name, default_minutes=minutes)
    db.session.flush()
    return one.id


def room(number: str) -> int:
    """A consulting room."""
    one = Room.add(number=number, kind="consulting")
    db.session.flush()
    return one.id


def open_hours(doctor_id: int, *, days: int = 1, **facts) -> int:
    """Hours of a doctor from 9 to 12, in slots of 20 minutes, on the weekday of tomorrow."""
    day = today() + timedelta(days=days)
    usual = {"start_time": time(9), "end_time": time(12), "slot_minutes": 20, "capacity_per_slot": 1}
    usual |= {"weekday": day.weekday(), "valid_from": today() - timedelta(days=30), "mode": "in_person"}
    one = Schedule.add(doctor_id=doctor_id, **usual | facts)
    db.session.flush()
    return one.id


def open_clinic(last_name: str = "Haddad", room_id: int | None = None, **facts) -> Clinic:
    """A doctor who can be booked tomorrow from 9 to 12."""
    doctor = clinic.doctor(last_name)
    hours = open_hours(doctor.id, room_id=room_id, **facts)
    return Clinic(doctor.id, hours, service("New patient", 20), service("Long visit", 40), room_id)


def patients(count: int) -> list[int]:
    """So many patients."""
    found = [clinic.patient(f"Amina{number}") for number in range(count)]
    db.session.flush()
    return [one.id for one in found]


def booked(at: Clinic, patient_id: int, starts_at: datetime, **facts) -> Appointment:
    """A time of the clinic for a patient."""
    who = {"patient_id": patient_id, "doctor_id": at.doctor, "service_type_id": at.short}
    return book(starts_at=starts_at, **who | facts)


def kept(app, hospital, work: Callable):
    """What `work` gives, done inside the hospital and kept."""
    with app.app_context(), in_hospital(hospital):
        answer = work()
        db.session.commit()
        return answer
