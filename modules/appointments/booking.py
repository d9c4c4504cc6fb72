"""Booking: a time of a doctor for a patient, moving it to another one, and patients who come without one."""

from datetime import UTC, datetime, timedelta

from modules.appointments.hours import Hours, hours_of
from modules.appointments.models import Appointment, ServiceType
from modules.appointments.seats import read_taken, take_time
from modules.doctors.api import Doctor, get_doctor
from modules.patients.api import Patient
from portal.kit import Refused, _, current_hospital, db, emit, next_number, now
from portal.kit.locks import BUCKET

OUTSIDE = _("The doctor cannot be booked at this time. Choose one of the free times")
OVER = _("Choose a time in the future")
NOT_FIVE = _("Choose a time at a multiple of five minutes")
KEPT = ("patient_id", "service_type_id", "kind", "priority", "source", "reason", "notes")


def book(
    *,
    patient_id: int,
    doctor_id: int,
    service_type_id: int,
    starts_at: datetime,
    minutes: int | None = None,
    kind: str = "scheduled",
    overbook: bool = False,
    **facts,
) -> Appointment:
    """Book a time for a patient, in one transaction with the time it takes (APT-1 to APT-5).

    `overbook` lets it stand beyond the capacity or outside the doctor's hours, which marks it. Raises `Refused` where
    doctor, patient or room have no time, where the doctor does not work, and where nothing may be planned for the
    patient. The caller's transaction keeps all of it or nothing.
    """
    doctor, patient = _who(doctor_id, patient_id)
    service = db.session.get_one(ServiceType, service_type_id)
    ends_at = starts_at + timedelta(minutes=minutes or service.default_minutes)
    _refuse_past(starts_at, BUCKET if kind == "walk_in" else timedelta())
    hours = hours_of(doctor.id, starts_at.astimezone(current_hospital().zone).date())
    window = hours.fit(starts_at, ends_at, kind)
    if window is None and kind != "walk_in" and not overbook:
        raise Refused(OUTSIDE, "at")
    room = window or (hours.at(starts_at) if kind != "virtual" else None)
    where = {"schedule_id": window and window.schedule_id, "room_id": room and room.room_id} | facts
    if kind == "virtual":
        where["room_id"] = None
    appointment = Appointment(
        number=next_number("appointment", "AP"),
        patient=patient,
        doctor=doctor,
        department_id=doctor.department_id,
        service_type_id=service.id,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        status="scheduled",
        **where,
    )
    db.session.add(appointment)
    is_beyond = take_time(appointment, _capacity(hours, starts_at, window), beyond=overbook)
    appointment.is_overbooked = is_beyond or (window is None and kind != "walk_in")
    emit("appointment.booked", appointment)
    return appointment


def _who(doctor_id: int, patient_id: int) -> tuple[Doctor, Patient]:
    """The doctor, held so that the hours stay as they are, and the patient, for whom something may be planned."""
    doctor = get_doctor(doctor_id)
    doctor.hold_active()
    patient = db.session.get_one(Patient, patient_id)
    patient.refuse_new_work()
    return doctor, patient


def _refuse_past(starts_at: datetime, late: timedelta) -> None:
    if starts_at.timestamp() % BUCKET.total_seconds():
        raise Refused(NOT_FIVE, "at")
    if starts_at <= now() - late:
        raise Refused(OVER, "at")


def _capacity(hours: Hours, starts_at: datetime, window) -> int:
    """How many patients the doctor sees at once then; one outside the hours."""
    found = window or hours.at(starts_at)
    return found.capacity if found else 1


def walk_in(*, patient_id: int, doctor_id: int, service_type_id: int, overbook: bool = False, **facts) -> Appointment:
    """Book somebody who is here without an appointment: the next time the doctor is free, or now beyond capacity."""
    service = db.session.get_one(ServiceType, service_type_id)
    seconds = BUCKET.total_seconds()
    at = datetime.fromtimestamp(now().timestamp() // seconds * seconds, UTC)
    if not overbook:
        at = _next_free(doctor_id, at, service.default_minutes)
    who = {"patient_id": patient_id, "doctor_id": doctor_id, "service_type_id": service_type_id}
    return book(starts_at=at, kind="walk_in", overbook=overbook, **who, **facts)


def _next_free(doctor_id: int, at: datetime, minutes: int) -> datetime:
    """The first time from now on, today, at which the doctor has nobody for so long."""
    day = at.astimezone(current_hospital().zone).date()
    hours = hours_of(doctor_id, day)
    last = max([at + timedelta(hours=1), *(window.ends_at for window in hours.windows)])
    needed = timedelta(minutes=minutes)
    taken = read_taken("doctor", [doctor_id], at, last + needed)[doctor_id]
    while at < last:
        most, buckets = _capacity(hours, at, None), range(int(needed / BUCKET))
        if all(len(taken.get(at + number * BUCKET, ())) < most for number in buckets):
            return at
        at += BUCKET
    raise Refused(_("The doctor has no more time today. Choose another doctor, or another day"), "doctor_id")


def move(
    appointment: Appointment, starts_at: datetime, *, doctor_id: int | None = None, overbook: bool = False
) -> Appointment:
    """Give an appointment another time: the new one says which one it took the place of (APT-7).

    Raises `Refused` where the new time is taken; the caller's transaction then takes everything back, and the old
    appointment stands with its time.
    """
    doctor = get_doctor(doctor_id or appointment.doctor_id)
    doctor.hold_active()
    kept = {name: getattr(appointment, name) for name in KEPT}
    if kept["kind"] == "walk_in":
        kept["kind"] = "scheduled"
    appointment.reschedule()
    return book(
        doctor_id=doctor.id,
        starts_at=starts_at,
        minutes=appointment.minutes,
        overbook=overbook,
        rescheduled_from_id=appointment.id,
        **kept,
    )
