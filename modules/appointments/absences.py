"""Days off and extra sessions: what is booked in the way is moved or cancelled in the same moment (APT-8)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from modules.appointments.booking import move
from modules.appointments.find import with_people
from modules.appointments.hours import bounds_of, days_of
from modules.appointments.models import Appointment, ScheduleException
from modules.appointments.models.schedules import hold_hours_of
from portal.kit import Refused, _, db, now

CANCEL = "cancel"
Decision = str | datetime


class Undecided(Refused):
    """Appointments are booked in the time that is taken away, and it was not said what becomes of each."""


def clashes_with(one: ScheduleException) -> Sequence[Appointment]:
    """The appointments to come that stand in time which an exception takes away, in their order."""
    if one.adds_time:
        return []
    first, last = bounds_of(one, one.date_from), bounds_of(one, one.date_to)
    query = with_people().where(
        Appointment.doctor_id == one.doctor_id,
        Appointment.status.in_(("requested", "scheduled")),
        Appointment.voided_at.is_(None),
        Appointment.ends_at > now(),
        Appointment.starts_at < last[1],
        Appointment.ends_at > first[0],
    )
    rows = db.session.scalars(query.order_by(Appointment.starts_at, Appointment.id))
    return [row for row in rows if _stands_in(row, one)]


def _stands_in(row: Appointment, one: ScheduleException) -> bool:
    """The exception takes away hours of each of its days; between them nothing."""
    return any(
        row.starts_at < end and row.ends_at > begin for begin, end in (bounds_of(one, day) for day in days_of(one))
    )


def add_exception(one: ScheduleException, decisions: Mapping[int, Decision] | None = None) -> ScheduleException:
    """Take time away from a doctor, or add some; `decisions` says of each clash “cancel”, or the moment to move it to.

    Raises `Undecided` where a clash has none, and `Refused` where it cannot be moved there; then nothing is kept. The
    doctor's row is held first, so that nobody books into the time meanwhile.
    """
    _refuse_wrong(one)
    hold_hours_of(one.doctor_id)
    db.session.add(one)
    db.session.flush()
    clashes, decided = clashes_with(one), decisions or {}
    if any(clash.id not in decided for clash in clashes):
        raise Undecided(_("Patients are booked in this time. Say for each of them what happens"))
    for clash in clashes:
        _resolve(clash, decided[clash.id], one)
    return one


def _resolve(clash: Appointment, decision: Decision, one: ScheduleException) -> None:
    if isinstance(decision, datetime):
        move(clash, decision)
    else:
        clash.cancel("hospital", _("The doctor is away"))


def _refuse_wrong(one: ScheduleException) -> None:
    if one.date_to < one.date_from:
        raise Refused(_("The last day must not be before the first"), "date_to")
    if (one.start_time is None) != (one.end_time is None):
        raise Refused(_("Enter both times, or none for whole days"), "end_time")
    if one.start_time is not None and one.end_time <= one.start_time:
        raise Refused(_("The end must be after the start"), "end_time")
    if one.start_time is not None and (one.start_time.minute % 5 or one.end_time.minute % 5):
        raise Refused(_("Times are multiples of five minutes"), "start_time")
    if one.adds_time and one.start_time is None:
        raise Refused(_("Enter from when to when the extra session is"), "start_time")
