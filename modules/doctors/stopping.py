"""Stopping all that a patient gets: at the end of a stay, or of a life."""

import sqlalchemy as sa

from modules.doctors.models import Prescription
from modules.doctors.models.prescription import RUNNING
from portal.kit import db, held


def stop_prescriptions(encounter_id: int, *, note: str | None = None) -> int:
    """Stop what runs in a visit and cancel its drafts; what is to be taken home stays. Answers with how many."""
    takes_home = Prescription.kind == "discharge"
    return _end(Prescription.encounter_id == encounter_id, sa.not_(takes_home), note=note)


def stop_all_of(patient_id: int, *, note: str | None = None) -> int:
    """Stop everything that a patient gets; answers with how many prescriptions that were."""
    return _end(Prescription.patient_id == patient_id, note=note)


def _end(*conditions: sa.ColumnElement[bool], note: str | None) -> int:
    going = sa.select(Prescription).where(
        Prescription.status.in_(("draft", *RUNNING)), Prescription.voided_at.is_(None), *conditions
    )
    rows = db.session.scalars(held(going.order_by(Prescription.id))).all()
    for prescription in rows:
        prescription.cancel(note=note) if prescription.status == "draft" else prescription.stop(note=note)
    return len(rows)
