"""The waiting list: who would come if a time became free, and to whom a free one is offered."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from modules.appointments.hours import hours_of
from modules.appointments.models import Appointment, WaitlistEntry
from portal.kit import current_hospital, current_user, db, emit, held, now, today

MOST_BESIDE = 6
URGENCY = sa.case({"emergency": 0, "urgent": 1}, value=WaitlistEntry.priority, else_=2)


def entries() -> sa.Select:
    """The wishes with patient, doctor and department: what is most urgent first, then who waits longest."""
    people = (joinedload(WaitlistEntry.patient), joinedload(WaitlistEntry.doctor), joinedload(WaitlistEntry.department))
    return sa.select(WaitlistEntry).options(*people).order_by(URGENCY, WaitlistEntry.created_at, WaitlistEntry.id)


def waiting_now() -> Sequence[WaitlistEntry]:
    """The first of those who wait, for who may see them."""
    if not current_user.may("appointments.view"):
        return []
    query = entries().where(WaitlistEntry.status.in_(("waiting", "offered")))
    return db.session.scalars(query.limit(MOST_BESIDE)).all()


def offer(appointment: Appointment) -> WaitlistEntry | None:
    """Offer the time of an appointment that was called off to the first whose wish it fits; None for nobody."""
    day = appointment.starts_at.astimezone(current_hospital().zone).date()
    if appointment.starts_at <= now() or not _is_in_hours(appointment, day):
        return None
    any_of_department = sa.and_(
        WaitlistEntry.doctor_id.is_(None), WaitlistEntry.department_id == appointment.department_id
    )
    fits = (
        WaitlistEntry.status == "waiting",
        WaitlistEntry.patient_id != appointment.patient_id,
        WaitlistEntry.wanted_from <= day,
        WaitlistEntry.wanted_to >= day,
        sa.or_(WaitlistEntry.doctor_id == appointment.doctor_id, any_of_department),
    )
    first = db.session.scalars(held(entries().where(*fits).limit(1), or_next=True)).first()
    if first:
        first.offer(note=f"{appointment.doctor}, {day:%d %b %Y}")
        emit("waitlist.time_free", first)
    return first


def _is_in_hours(appointment: Appointment, day: date) -> bool:
    """The doctor is there at the time, so that somebody else can have it."""
    begin, end = appointment.starts_at, appointment.ends_at
    return hours_of(appointment.doctor_id, day).fit(begin, end, appointment.kind) is not None


def expire_wishes() -> None:
    """Wishes whose last day is over wait no longer."""
    over = sa.and_(WaitlistEntry.wanted_to < today(), WaitlistEntry.status.in_(("waiting", "offered")))
    for entry in db.session.scalars(held(sa.select(WaitlistEntry).where(over).order_by(WaitlistEntry.id))).all():
        entry.expire()
