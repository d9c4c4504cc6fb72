"""What outpatient work shows on the page of a patient: visits in the timeline, who waits, and registering a visit."""

from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from modules.doctors.api import may_ask
from modules.opd import module, words
from modules.opd.find import SEES, listed, seen_of
from modules.opd.models import Token, Visit
from modules.opd.models.visits import OPEN
from modules.patients.api import Patient
from portal.kit import Act, Fact, Moment, _, current_user, db, fragment

MOST = 50


def visits_of(patient: Patient, *conditions: sa.ColumnElement[bool], most: int = MOST) -> list[Visit]:
    """The visits of a patient that the person at work sees, the latest first."""
    query = (
        listed(seen_of(patient.id))
        .where(Visit.patient_id == patient.id, *conditions)
        .options(joinedload(Visit.department))
    )
    return list(db.session.scalars(query.order_by(Visit.arrived_at.desc(), Visit.id.desc()).limit(most)))


def count_visits(patient: Patient) -> int:
    """How many visits the tab lists."""
    mine = (Visit.patient_id == patient.id, Visit.voided_at.is_(None), seen_of(patient.id))
    return db.session.scalar(sa.select(sa.func.count(Visit.id)).where(*mine))


@module.tab("patients_patient", "outpatient", _("Outpatient visits"), needs=SEES, order=42, count=count_visits)
def visits(patient: Patient) -> str:
    """The visits to the outpatient clinics, the latest first."""
    closed = not current_user.may("opd.view") and may_ask(patient.id)
    return fragment("opd/_visits_of.html", patient=patient, visits=visits_of(patient), closed=closed, words=words)


@module.fills("patients.timeline", needs=SEES)
def visited(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The visits, when the patient arrived."""
    return [_moment(one) for one in visits_of(patient, Visit.arrived_at < before, most=most)]


def _moment(visit: Visit) -> Moment:
    look = words.VISIT_STATES[visit.status]
    outcome = words.DISPOSITIONS[visit.disposition] if visit.disposition else look[2]
    detail = f"{visit.doctor.full_name} · {outcome}"
    url = url_for("opd.visit", record_id=visit.id)
    title, of = _("Outpatient visit {number}", number=visit), visit.encounter_id
    return Moment(visit.arrived_at, "clipboard-list", title, detail, url, look[1], told_of=of)


@module.fills("patients.banner", needs="token_view")
def numbers_held(patient: Patient) -> list[Fact]:
    """The numbers with which the patient waits now."""
    query = sa.select(Token).join(Visit, Visit.id == Token.visit_id)
    held = Token.status.in_(("issued", "called", "skipped", "serving"))
    rows = db.session.scalars(query.where(Token.patient_id == patient.id, held, Visit.status.in_(OPEN)))
    return [Fact(_("Number {label}", label=row.label), "", "list-numbers", "info") for row in rows]


@module.fills("patients.acts", needs="add")
def register(patient: Patient) -> list[Act]:
    """Registering a walk-in of this patient."""
    if patient.status in ("deceased", "merged"):
        return []
    return [Act(_("Register a visit"), "clipboard-list", url_for("opd.walk_in", patient=patient.id))]
