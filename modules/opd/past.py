"""What the doctor reads beside the note: what troubles the patient, and the visits before."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from modules.opd.models import Consultation, Visit
from modules.patients.api import Diagnosis, MedicalHistory
from portal.kit import db

MOST_VISITS, MOST_ENTRIES = 5, 12


@dataclass(frozen=True)
class Before:
    """A visit of the past with what was found there."""

    visit: Visit
    note: Consultation | None
    diagnoses: list[Diagnosis]


@dataclass(frozen=True)
class Past:
    """What is known of the patient before this visit."""

    history: list[MedicalHistory]
    visits: list[Before]


def past_of(visit: Visit) -> Past:
    """The history that matters today and the last visits, whoever saw the patient: three queries."""
    known = sa.select(MedicalHistory).where(
        MedicalHistory.patient_id == visit.patient_id,
        MedicalHistory.status == "active",
        MedicalHistory.voided_at.is_(None),
    )
    history = list(db.session.scalars(known.order_by(MedicalHistory.category, MedicalHistory.id).limit(MOST_ENTRIES)))
    return Past(history, visits_before(visit))


def visits_before(visit: Visit) -> list[Before]:
    """The visits that were completed before this one, the latest first."""
    query = sa.select(Visit).where(
        Visit.patient_id == visit.patient_id,
        Visit.id != visit.id,
        Visit.status == "completed",
        Visit.voided_at.is_(None),
        Visit.arrived_at < visit.arrived_at,
    )
    query = query.options(joinedload(Visit.doctor), joinedload(Visit.consultation))
    visits = list(db.session.scalars(query.order_by(Visit.arrived_at.desc()).limit(MOST_VISITS)))
    found = sa.select(Diagnosis).where(
        Diagnosis.encounter_id.in_([one.encounter_id for one in visits]), Diagnosis.voided_at.is_(None)
    )
    diagnoses = list(db.session.scalars(found.order_by(Diagnosis.is_primary.desc(), Diagnosis.id)))
    return [
        Before(one, one.consultation, [row for row in diagnoses if row.encounter_id == one.encounter_id])
        for one in visits
    ]
