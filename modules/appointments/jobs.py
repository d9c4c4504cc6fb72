"""What happens to appointments without anybody asking: who did not come, who is reminded, whose wish is over."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa

from modules.appointments.models import Appointment
from modules.appointments.waiting import expire_wishes
from portal.kit import WrongState, db, now
from portal.kit.housekeeping import hourly
from portal.kit.profile import hospital_profile

REMIND_BEFORE = timedelta(hours=24)
AT_ONCE = 500


def mark_no_shows() -> int:
    """Mark who was expected, is late by more than the grace and was never checked in; how many (APT-9)."""
    grace = timedelta(minutes=hospital_profile().noshow_grace_min)
    late = sa.and_(Appointment.status == "scheduled", Appointment.starts_at < now() - grace)
    return _each(late, Appointment.mark_no_show)


def remind() -> int:
    """Tell, once for each, of appointments that begin within a day (APT-10)."""
    soon = sa.and_(
        Appointment.status == "scheduled",
        Appointment.reminder_sent_at.is_(None),
        Appointment.starts_at > now(),
        Appointment.starts_at <= now() + REMIND_BEFORE,
    )
    return _each(soon, Appointment.remind)


def _each(condition: sa.ColumnElement[bool], work: Callable[[Appointment], object]) -> int:
    """Do it for each, and count; who was moved on or told by somebody else meanwhile is left alone."""
    query = sa.select(Appointment).where(condition, Appointment.voided_at.is_(None))
    count = 0
    for one in db.session.scalars(query.order_by(Appointment.starts_at).limit(AT_ONCE)).all():
        with suppress(WrongState), db.session.begin_nested():
            count += work(one) is not False
    return count


hourly(mark_no_shows)
hourly(remind)
hourly(expire_wishes)
