"""Reminders of credentials that end soon: one each at 60, 30 and 7 days, however often this is asked for (STF-5)."""

from datetime import timedelta

import sqlalchemy as sa

from modules.staff.credentials import Credential
from modules.staff.find import credentials
from portal.kit import db, today

DAYS_BEFORE = (7, 30, 60)


def remind_of_credentials() -> int:
    """Emit `credential.expiring` for each credential that has come nearer to its end; answers with how many.

    A credential that passed two marks since the last time is told of once. The caller commits.
    """
    nearer = sa.or_(*(_passed(days) for days in DAYS_BEFORE))
    due = db.session.scalars(credentials().where(Credential.expires_on >= today(), nearer)).all()
    return sum(credential.remind(_mark_of(credential)) for credential in due)


def _passed(days: int) -> sa.ColumnElement[bool]:
    """The credential ends in this many days or fewer, and nobody has been told so."""
    untold = sa.or_(Credential.reminded_days.is_(None), Credential.reminded_days > days)
    return sa.and_(Credential.expires_on <= today() + timedelta(days=days), untold)


def _mark_of(credential: Credential) -> int:
    """The mark that the days until the end have passed."""
    left = (credential.expires_on - today()).days
    return next(days for days in DAYS_BEFORE if left <= days)
