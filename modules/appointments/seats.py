"""Taking time of a doctor, a room and a patient for an appointment: five-minute buckets, a seat in each (P2)."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from modules.appointments.models import Appointment
from modules.rooms.api import Room
from portal.kit import Refused, _, db, held
from portal.kit.locks import BUCKET, Wanted, take_all
from portal.kit.models import ContentType, ResourceLock

JUST_TAKEN = _("This time was just taken. Choose another one")
MOST_SEATS = 99
MOST_TRIES = 25
Taken = dict[int, dict[datetime, set[int]]]


def take_time(appointment: Appointment, capacity: int, *, beyond: bool = False) -> bool:
    """Take all the time of an appointment, or nothing; True where it is beyond the capacity, as `beyond` allows.

    Raises `Refused` where the doctor, the patient or the room has no time. Somebody else may take a seat between
    looking for one and taking it; then the next is looked for, until there is none (APT-1, APT-2, APT-3).
    """
    for tried in range(MOST_TRIES):
        wanted, is_beyond = _wanted(appointment, capacity, beyond)
        try:
            take_all(wanted, appointment)
            return is_beyond
        except Refused as refused:
            if refused.field == "patient_id" or tried == MOST_TRIES - 1:
                raise
    raise Refused(JUST_TAKEN, "at")


def _wanted(appointment: Appointment, capacity: int, beyond: bool) -> tuple[list[Wanted], bool]:
    begin, end = appointment.starts_at, appointment.ends_at
    seats = list(_doctor_seats(appointment, MOST_SEATS if beyond else capacity))
    wanted = [Wanted("doctor", appointment.doctor_id, *of, JUST_TAKEN, "at", seat) for *of, seat in seats]
    name = appointment.patient
    busy = _("{name} has another appointment at this time. Choose another one", name=name)
    wanted.append(Wanted("patient", appointment.patient_id, begin, end, busy, "patient_id"))
    if appointment.room_id:
        taken = [Wanted("room", appointment.room_id, *of, JUST_TAKEN, "at", seat) for *of, seat in _room(appointment)]
        wanted += taken
    return wanted, any(seat > capacity for *_of, seat in seats)


def _doctor_seats(appointment: Appointment, most: int) -> Iterator[tuple[datetime, datetime, int]]:
    taken = read_taken("doctor", [appointment.doctor_id], appointment.starts_at, appointment.ends_at)
    return _runs(appointment, taken[appointment.doctor_id], most)


def _room(appointment: Appointment) -> Iterator[tuple[datetime, datetime, int]]:
    """The room: a doctor may have several patients in it at once, two doctors may not share it.

    The room's row is held first, so that of two doctors one waits and then sees the other.
    """
    room = db.session.scalar(held(sa.select(Room).where(Room.id == appointment.room_id)))
    if _others_in_room(appointment):
        raise Refused(_("{room} was just taken at this time. Choose another time", room=room.number), "at")
    taken = read_taken("room", [room.id], appointment.starts_at, appointment.ends_at)
    return _runs(appointment, taken[room.id], MOST_SEATS)


def _others_in_room(appointment: Appointment) -> bool:
    is_one = ContentType.id_of(appointment)
    mine = sa.select(Appointment.id).where(Appointment.doctor_id == appointment.doctor_id)
    others = sa.or_(ResourceLock.holder_type_id != is_one, ResourceLock.holder_id.not_in(mine))
    begin, end = appointment.starts_at, appointment.ends_at
    at = sa.and_(ResourceLock.bucket_start >= begin, ResourceLock.bucket_start < end)
    of_room = (ResourceLock.resource_kind == "room", ResourceLock.resource_id == appointment.room_id)
    return db.session.scalar(sa.select(ResourceLock.id).where(*of_room, at, others).limit(1)) is not None


def _runs(
    appointment: Appointment, taken: dict[datetime, set[int]], most: int
) -> Iterator[tuple[datetime, datetime, int]]:
    """The lowest free seat of each bucket, those that follow each other with one seat together."""
    at, run = appointment.starts_at.astimezone(UTC), None
    while at < appointment.ends_at:
        seat = lowest_free(taken.get(at, set()))
        if seat > most:
            raise Refused(JUST_TAKEN, "at")
        if run and run[2] == seat:
            run = (run[0], at + BUCKET, seat)
        else:
            if run:
                yield run
            run = (at, at + BUCKET, seat)
        at += BUCKET
    yield run


def lowest_free(seats: Collection[int]) -> int:
    """The first seat that nobody has."""
    return next(seat for seat in range(1, MOST_SEATS + 2) if seat not in seats)


def read_taken(kind: str, ids: Collection[int], begin: datetime, end: datetime) -> Taken:
    """The seats that are taken in each five minutes, of each of these resources."""
    at = ResourceLock.bucket_start
    query = sa.select(ResourceLock.resource_id, at, ResourceLock.seat)
    query = query.where(ResourceLock.resource_kind == kind, ResourceLock.resource_id.in_(ids), at >= begin, at < end)
    taken: Taken = defaultdict(lambda: defaultdict(set))
    for resource_id, bucket, seat in db.session.execute(query):
        taken[resource_id][bucket].add(seat)
    return taken
