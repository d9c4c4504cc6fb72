"""Stopping doses: those that lie ahead of a drug that was stopped, or all of a visit that is over (NUR-7)."""

import sqlalchemy as sa

from modules.nurses.models import MedicationAdministration
from modules.nurses.models.doses import OPEN
from portal.kit import db, held, now


def stop_doses(encounter_id: int, *, note: str | None = None) -> int:
    """Stop every dose of a visit that was not given; answers with how many."""
    return _stop(MedicationAdministration.encounter_id == encounter_id, note=note)


def stop_doses_ahead(item_id: int, *, note: str | None = None) -> int:
    """Stop the doses of a drug that lie ahead; what is due already stays to be answered for (NUR-7)."""
    ahead = MedicationAdministration.due_at > now()
    return _stop(MedicationAdministration.prescription_item_id == item_id, ahead, note=note)


def _stop(*conditions: sa.ColumnElement[bool], note: str | None) -> int:
    dose = MedicationAdministration
    query = sa.select(dose).where(dose.status.in_(OPEN), dose.voided_at.is_(None), *conditions)
    doses = db.session.scalars(held(query.order_by(dose.id))).all()
    for one in doses:
        one.stop(note=note)
    return len(doses)
