"""Warnings of licences that end soon: one each at 60, 30 and 7 days, however often this is asked for (DOC-1)."""

from datetime import timedelta

import sqlalchemy as sa

from modules.doctors.models import Doctor
from portal.kit import db, today

DAYS_BEFORE = (7, 30, 60)


def warn_of_licences() -> int:
    """Emit `doctor.license_expiring` for each doctor whose licence has come nearer to its end; answers how many.

    Those who treat nobody any more are left out. The caller commits.
    """
    nearer = sa.or_(*(_passed(days) for days in DAYS_BEFORE))
    due = sa.select(Doctor).where(Doctor.license_expiry >= today(), Doctor.status != "inactive", nearer)
    return sum(doctor.warn_of_licence(_mark_of(doctor)) for doctor in db.session.scalars(due).all())


def _passed(days: int) -> sa.ColumnElement[bool]:
    """The licence ends in this many days or fewer, and nobody has been told so."""
    untold = sa.or_(Doctor.license_reminded_days.is_(None), Doctor.license_reminded_days > days)
    return sa.and_(Doctor.license_expiry <= today() + timedelta(days=days), untold)


def _mark_of(doctor: Doctor) -> int:
    """The mark that the days until the end have passed."""
    left = (doctor.license_expiry - today()).days
    return next(days for days in DAYS_BEFORE if left <= days)
