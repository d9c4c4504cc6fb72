"""What the emergency department shows on the page of a patient."""

from datetime import datetime

from flask import url_for

from modules.emergency import module, words
from modules.emergency.bays import visit_here
from modules.emergency.find import visits_of
from modules.emergency.models import Visit
from modules.patients.api import Patient
from portal.kit import Act, Fact, Moment, _, db


@module.fills("patients.banner", needs="view | board_view")
def triage_now(patient: Patient) -> list[Fact]:
    """How urgent the open emergency visit is."""
    visit = visit_here(patient.id)
    if visit is None or visit.triage_level is None:
        return []
    level = f"{visit.triage_level} {words.LEVELS[visit.triage_level]}"
    return [Fact(level, _("Triage"), "urgent", "bad" if visit.triage_level < 3 else "info")]


@module.fills("patients.acts", needs="add")
def register(patient: Patient) -> list[Act]:
    """Registering that the patient came to the emergency department."""
    if patient.status not in ("active", "inactive") or visit_here(patient.id):
        return []
    return [Act(_("Emergency arrival"), "ambulance", url_for("emergency.new", patient=patient.id))]


@module.fills("patients.acts", needs="view")
def open_visit(patient: Patient) -> list[Act]:
    """The emergency visit that is going on."""
    visit = visit_here(patient.id)
    return [Act(_("Emergency visit"), "ambulance", url_for("emergency.show", record_id=visit.id))] if visit else []


@module.fills("patients.timeline", needs="view")
def visits_of_the_patient(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The emergency visits, when the patient came."""
    query = visits_of(patient).where(Visit.arrived_at < before).order_by(Visit.arrived_at.desc()).limit(most)
    return [_moment(visit) for visit in db.session.scalars(query)]


def _moment(visit: Visit) -> Moment:
    _icon, tone, state = words.STATES[visit.status]
    level = _("level {level}", level=visit.triage_level) if visit.triage_level else ""
    became = words.DISPOSITIONS.get(visit.disposition, state)
    detail = " · ".join(filter(None, (visit.complaint, level, became)))
    url = url_for("emergency.show", record_id=visit.id)
    title, of = _("Emergency visit {number}", number=visit.number), visit.encounter_id
    return Moment(visit.arrived_at, "ambulance", title, detail, url, tone, told_of=of)
