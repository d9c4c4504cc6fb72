"""The hours, appointments and wishes of a demonstration hospital: sixty days behind, fourteen ahead."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from random import Random

import sqlalchemy as sa

from modules.appointments.hours import read_hours
from modules.appointments.models import Appointment, Schedule, ScheduleException, ServiceType, WaitlistEntry
from modules.doctors.api import Doctor, active_doctors
from modules.patients.api import Patient
from modules.rooms.api import rooms_of_kind
from portal.kit import _, current_hospital, db, new_uuid, next_number, now, today
from portal.kit.demo import HospitalSize, users_by_role
from portal.kit.locks import BUCKET
from portal.kit.models import ContentType, ResourceLock, Sequence, StatusLog

BEHIND, AHEAD, BOOKED_BEFORE = 60, 14, timedelta(days=12)
PAST_TO_A_PATIENT, AHEAD_TO_A_PATIENT, TODAY_TO_A_PATIENT = 1.25, 0.25, 0.035
# Name, minutes, how often it is wanted.
VISITS = (
    (_("New patient"), 40, 2),
    (_("Follow-up"), 20, 5),
    (_("Review of results"), 20, 2),
    (_("Vaccination"), 20, 1),
)
REASONS = (
    _("Headache for a week"), _("Blood pressure check"), _("Cough that does not end"), _("Pain in the knee"),
    _("Results of the laboratory"), _("Rash on both arms"), _("Palpitations after exercise"), _("Wound check"), "", "",
)  # fmt: skip
OUTCOMES = (("completed", 78), ("no_show", 9), ("cancelled", 13))
SOURCES = ("reception", "phone", "phone", "referral")
AT_ONCE = 500


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Open the hours, then fill them: what has passed, today, and what is to come."""
    doctors = active_doctors()
    known = sa.select(Patient.id, Patient.created_at).where(Patient.status == "active").order_by(Patient.id)
    patients = dict(db.session.execute(known).all())
    if not doctors or not patients:
        return
    services = _services()
    _open_hours(doctors)
    _days_off(random, doctors)
    counts = (PAST_TO_A_PATIENT, TODAY_TO_A_PATIENT, AHEAD_TO_A_PATIENT)
    past, this_day, ahead = (max(4, round(hospital_size.patients * share)) for share in counts)
    made = _Maker(random, doctors, patients, services)
    made.fill(today() - timedelta(days=BEHIND), today() - timedelta(days=1), past)
    made.fill(today(), today(), this_day)
    made.fill(today() + timedelta(days=1), today() + timedelta(days=AHEAD), ahead)
    made.keep()
    _wishes(random, doctors, list(patients))


def _services() -> list[ServiceType]:
    """The kinds of visit, each as often as it is wanted."""
    found = []
    for name, minutes, often in VISITS:
        one = ServiceType.add(name=name, default_minutes=minutes)
        found += [one] * often
    db.session.flush()
    return found


def _open_hours(doctors: list[Doctor]) -> None:
    """Mornings for everybody, afternoons for every other one; rooms as far as they go, a doctor keeps one."""
    rooms = [room.id for room in rooms_of_kind("consulting")]
    since = today() - timedelta(days=BEHIND + 30)
    for number, doctor in enumerate(doctors):
        room_id = rooms[number] if number < len(rooms) else None
        by_video = "both" if doctor.telemedicine else "in_person"
        facts = {"doctor_id": doctor.id, "slot_minutes": 20, "valid_from": since, "mode": by_video, "room_id": room_id}
        facts["capacity_per_slot"] = 2 if number == 3 else 1
        for weekday in range(7 if number < 4 else 5):
            hours = [(time(9), time(13))] + ([(time(14), time(17))] if number % 2 else [])
            if weekday > 4:
                hours = [(time(9), time(12))]
            for begin, end in hours:
                db.session.add(Schedule(weekday=weekday, start_time=begin, end_time=end, **facts))
    db.session.flush()


def _days_off(random: Random, doctors: list[Doctor]) -> None:
    """One doctor is on leave next week, one in a meeting tomorrow morning."""
    away, busy = doctors[-1], doctors[len(doctors) // 2]
    first = today() + timedelta(days=random.randint(5, 8))
    leave = {"date_from": first, "date_to": first + timedelta(days=4), "reason": "leave"}
    tomorrow = today() + timedelta(days=1)
    meeting = {"date_from": tomorrow, "date_to": tomorrow, "start_time": time(11), "end_time": time(12)}
    db.session.add(ScheduleException(doctor_id=away.id, **leave))
    db.session.add(ScheduleException(doctor_id=busy.id, reason="meeting", **meeting))
    db.session.flush()


class _Maker:
    """Makes appointments where doctor and patient have time, and keeps them with few statements."""

    def __init__(self, random: Random, doctors: list[Doctor], known: dict[int, datetime], services: list[ServiceType]):
        self.random, self.doctors, self.services = random, {one.id: one for one in doctors}, services
        self.known, self.patients = known, cycle(random.sample(list(known), len(known)))
        self.by = {role: user.id for role, user in users_by_role().items()}
        self.busy: set[tuple] = set()
        self.rows: list[dict] = []

    def fill(self, first: date, last: date, count: int) -> None:
        """So many appointments on these days, spread over all slots that there are."""
        slots = list(self._slots(first, last))
        self.random.shuffle(slots)
        for at, window in slots[: count * 2]:
            if count and self._add(at, window):
                count -= 1

    def _slots(self, first: date, last: date) -> Iterator[tuple[datetime, object]]:
        for hours in read_hours(sorted(self.doctors), first, last).values():
            for window in hours.windows:
                yield from ((at, window) for at in window.slots)

    def _add(self, at: datetime, window) -> bool:
        """Book a slot; False where doctor or patient is busy, or the patient sees that doctor on that day."""
        service, patient = self.random.choice(self.services), self._somebody(at)
        end = at + timedelta(minutes=service.default_minutes)
        buckets = [at + number * BUCKET for number in range(int((end - at) / BUCKET))]
        taken = {(key, bucket) for bucket in buckets for key in (-window.doctor_id, patient)}
        taken.add((window.doctor_id, patient, at.astimezone(current_hospital().zone).date()))
        if patient is None or end > window.ends_at or self.busy & taken:
            return False
        status = self._status(at, end)
        if status not in ("no_show", "cancelled"):
            self.busy |= taken
        self.rows.append(self._row(at, end, window, service, patient, status))
        return True

    def _somebody(self, at: datetime) -> int | None:
        """The next patient who was known when this was booked; None where nobody was."""
        latest = min(at, now()) - BOOKED_BEFORE - timedelta(days=1)
        return next((one for one in islice(self.patients, len(self.known)) if self.known[one] <= latest), None)

    def _status(self, at: datetime, end: datetime) -> str:
        """What became of it: what is over is completed, missed or called off; today's patients are here."""
        outcome = self.random.choices([word for word, _share in OUTCOMES], [share for _word, share in OUTCOMES])[0]
        minutes = (now() - at).total_seconds() / 60
        if minutes < -40:
            return "cancelled" if self.random.random() < 0.04 else "scheduled"
        if minutes < 0:
            return self.random.choice(("scheduled", "checked_in"))
        if minutes < 30 and end > now():
            return self.random.choice(("in_consultation", "in_consultation", "checked_in", "scheduled"))
        return outcome

    def _row(self, at: datetime, end: datetime, window, service: ServiceType, patient: int, status: str) -> dict:
        random = self.random
        booked = min(at, now()) - timedelta(days=random.randint(1, BOOKED_BEFORE.days), minutes=10)
        came = min(at - timedelta(minutes=random.randint(3, 25)), now())
        began = max(came, min(at + timedelta(minutes=random.randint(0, 18)), now()))
        over = min(end + timedelta(minutes=random.randint(0, 15)), now())
        here = status in ("checked_in", "in_consultation", "completed")
        off = status == "cancelled"
        return {
            "uuid": new_uuid(),
            "patient_id": patient,
            "doctor_id": window.doctor_id,
            "department_id": self.doctors[window.doctor_id].department_id,
            "service_type_id": service.id,
            "schedule_id": window.schedule_id,
            "room_id": window.room_id,
            "starts_at": at,
            "ends_at": end,
            "kind": "follow_up" if service.default_minutes == 20 and random.random() < 0.5 else "scheduled",
            "priority": "urgent" if random.random() < 0.06 else "routine",
            "status": status,
            "source": random.choice(SOURCES),
            "reason": random.choice(REASONS),
            "is_overbooked": False,
            "cancelled_by": random.choice(("patient", "patient", "hospital")) if off else None,
            "cancel_reason": _("Cannot come that day") if off else None,
            "checked_in_at": came if here else None,
            "started_at": began if status in ("in_consultation", "completed") else None,
            "completed_at": max(began, over) if status == "completed" else None,
            "created_at": booked,
            "updated_at": booked,
            "created_by": self.by.get("receptionist"),
            "version": 1,
        }

    def keep(self) -> None:
        """Keep them with their numbers, their states, and the time that those to come take."""
        self.rows.sort(key=lambda row: (row["starts_at"], row["doctor_id"]))
        first = next_number("appointment", "AP")
        head, start = first.rsplit("-", 1)
        for number, row in enumerate(self.rows):
            row["number"] = f"{head}-{int(start) + number:0{len(start)}d}"
        count = sa.update(Sequence).where(Sequence.name == "appointment")
        db.session.execute(count.values(value=int(start) + len(self.rows) - 1))
        for begin in range(0, len(self.rows), AT_ONCE):
            db.session.execute(sa.insert(Appointment), self.rows[begin : begin + AT_ONCE])
        ids = dict(db.session.execute(sa.select(Appointment.number, Appointment.id)).all())
        for row in self.rows:
            row["id"] = ids[row["number"]]
        _insert(ResourceLock, list(self._locks()))
        _insert(StatusLog, list(self._steps()))

    def _locks(self) -> Iterator[dict]:
        """The time of doctor, patient and room that is still to come."""
        holder_type_id = ContentType.id_of(Appointment())
        for row in self.rows:
            if row["status"] in ("no_show", "cancelled", "completed") or row["ends_at"] <= now():
                continue
            wanted = {"doctor": row["doctor_id"], "patient": row["patient_id"], "room": row["room_id"]}
            at = row["starts_at"]
            while at < row["ends_at"]:
                for kind, resource_id in wanted.items():
                    if resource_id:
                        held = {"holder_type_id": holder_type_id, "holder_id": row["id"], "seat": 1}
                        yield held | {"resource_kind": kind, "resource_id": resource_id, "bucket_start": at}
                at += BUCKET

    def _steps(self) -> Iterator[dict]:
        """Every state an appointment came into."""
        path = ("checked_in", "in_consultation", "completed")
        for row in self.rows:
            steps = []
            if row["status"] in path:
                times = (row["checked_in_at"], row["started_at"], row["completed_at"])
                steps = list(zip(path, times, strict=True))[: path.index(row["status"]) + 1]
            elif row["status"] != "scheduled":
                at = row["starts_at"] + timedelta(minutes=45) if row["status"] == "no_show" else row["created_at"]
                steps = [(row["status"], min(at, now()))]
            before = "scheduled"
            for status, at in steps:
                facts = {"content_type": Appointment.__tablename__, "object_id": row["id"], "note": ""}
                by = self.by.get("doctor" if status in path[1:] else "receptionist")
                yield facts | {"from_status": before, "to_status": status, "at": at, "actor_id": by}
                before = status


def _insert(model, rows: list[dict]) -> None:
    for begin in range(0, len(rows), AT_ONCE):
        db.session.execute(sa.insert(model), rows[begin : begin + AT_ONCE])


def _wishes(random: Random, doctors: list[Doctor], patients: list[int]) -> None:
    """A few who wait for a time."""
    for number, patient_id in enumerate(random.sample(patients, min(len(patients), 5))):
        doctor = random.choice(doctors)
        facts = {"doctor_id": doctor.id if number % 2 else None, "department_id": doctor.department_id}
        facts |= {"priority": "urgent" if number == 0 else "routine", "patient_id": patient_id}
        first = today() + timedelta(days=number % 3)
        db.session.add(WaitlistEntry(wanted_from=first, wanted_to=first + timedelta(days=7 + number), **facts))
    db.session.flush()
