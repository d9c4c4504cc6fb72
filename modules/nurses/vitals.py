"""Taking vital signs in a visit, and what was measured last."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from modules.nurses.models import VitalSign
from modules.nurses.news2 import score_of
from modules.patients.api import Encounter, Patient
from portal.kit import Refused, _, current_hospital, current_user, db, emit, now

CANCELLED = "cancelled"


def record_vitals(
    encounter: Encounter, *, taken_at: datetime | None = None, taken_by: int | None = None, **answers
) -> VitalSign:
    """Keep what was measured in a visit, with its score; emits `vitals.recorded`, and `vitals.alert` for a bad score.

    `answers` are the fields of `VitalsForm`. `taken_by` is the user who measured: the person at work where nobody says.
    Raises `Refused` for what is impossible (NUR-4), and for a visit that does not take place.
    """
    if encounter.status == CANCELLED:
        raise Refused(_("This visit was cancelled. Record vital signs in another one"))
    patient = db.session.get_one(Patient, encounter.patient_id)
    patient.refuse_merged()
    row = VitalSign(patient_id=patient.id, encounter_id=encounter.id, **answers)
    row.taken_at, row.taken_by = taken_at or now(), taken_by or current_user.id
    row.refuse_impossible()
    row.compute(score_of(row, patient.birth_date, row.taken_at.astimezone(current_hospital().zone).date()))
    db.session.add(row)
    emit("vitals.recorded", row)
    if row.is_alert:
        emit("vitals.alert", row)
    return row


def counting() -> sa.ColumnElement[bool]:
    """What was not taken back."""
    return VitalSign.voided_at.is_(None)


def latest_vitals(patient_ids: Iterable[int], since: datetime | None = None) -> dict[int, VitalSign]:
    """What was measured last at each of these patients, by patient: one query."""
    return _latest(VitalSign.patient_id, patient_ids, since)


def latest_scores(patient_ids: Iterable[int], since: datetime | None = None) -> dict[int, VitalSign]:
    """The last measurement with a score of each of these patients, by patient: one query."""
    return _latest(VitalSign.patient_id, patient_ids, since, VitalSign.news2.is_not(None))


def _latest(column, ids: Iterable[int], since: datetime | None, *conditions) -> dict[int, VitalSign]:
    place = sa.func.row_number().over(partition_by=column, order_by=(VitalSign.taken_at.desc(), VitalSign.id.desc()))
    newest = sa.select(VitalSign.id, place.label("place")).where(column.in_(list(ids)), counting(), *conditions)
    if since:
        newest = newest.where(VitalSign.taken_at >= since)
    newest = newest.subquery()
    query = sa.select(VitalSign).join(newest, newest.c.id == VitalSign.id).where(newest.c.place == 1)
    return {getattr(row, column.key): row for row in db.session.scalars(query)}


def vitals_of(encounter_id: int) -> list[VitalSign]:
    """What was measured in a visit, the newest first."""
    query = sa.select(VitalSign).where(VitalSign.encounter_id == encounter_id, counting())
    return list(db.session.scalars(query.order_by(VitalSign.taken_at.desc(), VitalSign.id.desc())))


def told_of(row: VitalSign) -> str:
    """What people read after vital signs were taken (NUR-6)."""
    if row.news2 is None:
        return _("The vital signs are kept. There is no NEWS2 score: it needs all seven parts, and 16 years of age.")
    if row.is_red:
        return _("NEWS2 {score}: the attending doctor and the doctor on call are told.", score=row.news2)
    if row.is_alert:
        return _("NEWS2 {score}: the attending doctor is told.", score=row.news2)
    return _("The vital signs are kept. NEWS2 {score}.", score=row.news2)
