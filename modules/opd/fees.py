"""Who pays for a visit: the first one does, and opens a window in which further ones are covered (OPD-8).

For how many days and visits the hospital sets.
"""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from modules.opd.models import FeeValidity, Visit
from portal.kit import db, emit, guarded_update, today
from portal.kit.profile import hospital_profile


def fee_of(visit: Visit) -> Decimal:
    """What the visit costs where nothing covers it: who comes back to a doctor pays the fee of a follow-up."""
    doctor = visit.doctor
    return doctor.consultation_fee if visit.visit_type == "new" else doctor.followup_fee


def charge(visit: Visit) -> bool:
    """Cover the visit by an open window; else ask for the fee, which opens a new window. True where it is covered."""
    window = window_before(visit)
    if window and guarded_update(window, *_open(), used_visits=FeeValidity.used_visits + 1):
        return True
    facts = {"patient_id": visit.patient_id, "doctor_id": visit.doctor_id, "source_visit_id": visit.id}
    rule = hospital_profile()
    valid = {"valid_from": today(), "valid_to": today() + timedelta(days=rule.followup_days)}
    db.session.add(FeeValidity(**facts, **valid, max_visits=rule.followup_visits))
    emit("opd.fee_due", visit)
    return False


def _open() -> tuple[sa.ColumnElement[bool], ...]:
    valid = sa.and_(FeeValidity.valid_from <= today(), FeeValidity.valid_to >= today())
    return valid, FeeValidity.used_visits < FeeValidity.max_visits


def window_before(visit: Visit) -> FeeValidity | None:
    """The latest window that an earlier visit to the same doctor opened: the one that may cover this visit."""
    query = sa.select(FeeValidity).where(
        FeeValidity.patient_id == visit.patient_id,
        FeeValidity.doctor_id == visit.doctor_id,
        FeeValidity.source_visit_id < visit.id,
    )
    return db.session.scalar(query.order_by(FeeValidity.source_visit_id.desc()).limit(1))


def window_opened_by(visit: Visit) -> FeeValidity | None:
    """The window of a visit that was paid for; None where the visit was covered."""
    return db.session.scalar(sa.select(FeeValidity).where(FeeValidity.source_visit_id == visit.id))


def take_back(visit: Visit) -> None:
    """A visit did not take place: its window covers nothing more, or it is given back to the one that covered it."""
    own = window_opened_by(visit)
    if own:
        guarded_update(own, max_visits=FeeValidity.used_visits)
        emit("opd.fee_cancelled", visit)
        return
    window = window_before(visit)
    if window:
        guarded_update(window, FeeValidity.used_visits > 0, used_visits=FeeValidity.used_visits - 1)
