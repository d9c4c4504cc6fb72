"""What tests of appointments share: a clinic that is open tomorrow, kinds of visit, and bookings."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from modules.appointments.booking import book
from modules.appointments.hours import moment_at
from modules.appointments.models import Appointment, Schedule, ServiceType
from modules.rooms.models import Room
from portal.extensions import db
from portal.kit import today
from portal.kit.models import ResourceLock
from tests.modules import clinic

DESK = ("view", "add", "change", "check_in", "cancel", "reschedule")
DESK = (*(f"appointments.{verb}" for verb in DESK), "patients.view")


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


def lock_count(kind: str = "doctor") -> int:
    """How many five minutes are taken of doctors, or of another kind."""
    return db.session.scalar(sa.select(sa.func.count(ResourceLock.id)).where(ResourceLock.resource_kind == kind))


def count_booked() -> int:
    """How many appointments are still to come."""
    return db.session.scalar(sa.select(sa.func.count(Appointment.id)).where(Appointment.status == "scheduled"))


def answers_for(at: Clinic, patient_id: int, starts_at: datetime, **more) -> dict:
    """What the form sends that books this time."""
    facts = {"patient_id": patient_id, "doctor_id": at.doctor, "service_type_id": at.short, "kind": "scheduled"}
    facts |= {"day": f"{starts_at:%Y-%m-%d}", "at": starts_at.isoformat(), "priority": "routine", "source": "phone"}
    return facts | {"token": f"token-{patient_id}"} | more
