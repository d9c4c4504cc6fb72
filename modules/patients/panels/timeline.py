"""What happened to a patient, newest first, from every module that knows of something."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import request, url_for

from modules.patients import module
from modules.patients.models import MergeLog, Patient
from modules.patients.models.clinical import Allergy, MedicalHistory
from modules.patients.models.encounters import STATUS_WORDS
from modules.patients.visits import CLASS_ICONS, STATUS_TONES, doctor_in_words, visits_before
from portal.kit import Moment, Record, _, current_hospital, db, fragment, now, timeline_of, today

PLACE = "patients.timeline"
MOST, ON_SUMMARY = 25, 6


@dataclass(frozen=True)
class Line:
    """A moment as it stands on the page: today's by the clock, others by their day first."""

    moment: Moment
    first: str
    second: str = ""


@module.tab(Patient, "timeline", _("Timeline"), needs="view", order=10)
def timeline(patient: Patient) -> str:
    """All that happened, 25 at a time; the address says before when."""
    moments = timeline_of(PLACE, patient, _before(), MOST + 1)
    shown, older = _page_of(moments)
    return fragment("patients/_timeline.html", patient=patient, lines=lines_of(shown), older=older)


def _before() -> datetime:
    """The moment of the address; what is none, or has no zone, means everything until now."""
    with suppress(ValueError, OverflowError):
        before = datetime.fromisoformat(request.args.get("before", ""))
        if before.tzinfo:
            return before.astimezone(UTC)
    return now() + timedelta(microseconds=1)


def _page_of(moments: list[Moment]) -> tuple[list[Moment], str]:
    """Those of one page, and where the next begins; what happened at one moment stays on one page if it can."""
    if len(moments) <= MOST:
        return moments, ""
    border = moments[MOST].at
    shown = [moment for moment in moments[:MOST] if moment.at > border] or moments[:MOST]
    return shown, shown[-1].at.isoformat()


def lines_of(moments: list[Moment]) -> list[Line]:
    """The moments in the hospital's time."""
    return [_line(moment) for moment in moments]


def _line(moment: Moment) -> Line:
    at = moment.at.astimezone(current_hospital().zone)
    clock = f"{at:%H:%M}"
    if at.date() == today():
        return Line(moment, clock)
    return Line(moment, f"{at.day} {at:%b}" + (f" {at:%Y}" if at.year != today().year else ""), clock)


def latest(patient: Patient) -> list[Line]:
    """What happened last, for the summary."""
    return lines_of(timeline_of(PLACE, patient, now() + timedelta(microseconds=1), ON_SUMMARY))


@module.fills(PLACE, needs="view")
def life_of_the_record(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """When the patient was registered, which records were merged, and the death."""
    moments = [Moment(patient.created_at, "user-plus", _("Registered"), patient.mrn), *_merges(patient)]
    if patient.deceased_at:
        moments.append(Moment(patient.deceased_at, "info-circle", _("Died"), tone="unk"))
    return [moment for moment in moments if moment.at < before]


def _merges(patient: Patient) -> Iterator[Moment]:
    is_mine = sa.or_(MergeLog.kept_id == patient.id, MergeLog.merged_id == patient.id)
    other = sa.case((MergeLog.kept_id == patient.id, MergeLog.merged_id), else_=MergeLog.kept_id)
    for log, one in db.session.execute(sa.select(MergeLog, Patient).join(Patient, Patient.id == other).where(is_mine)):
        says = _("{mrn} was merged into this record") if log.kept_id == patient.id else _("Merged into {mrn}")
        url = url_for("patients.show", record_id=one.id)
        yield Moment(log.created_at, "copy", says.format(mrn=one.mrn), log.reason, url, "warn")


@module.fills(PLACE, needs="encounter_view")
def visits_that_began(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The visits, when they began."""
    moments = []
    for row in visits_before(patient, before, most):
        visit = row.Encounter
        told = (row.department, doctor_in_words(row.doctor), visit.reason, STATUS_WORDS[visit.status])
        icon, tone = CLASS_ICONS[visit.encounter_class], STATUS_TONES[visit.status]
        detail, about = " · ".join(filter(None, told)), {"told_of": visit.id, "is_general": True}
        moments.append(Moment(visit.started_at, icon, str(visit), detail, tone=tone, **about))
    return moments


@module.fills(PLACE, needs="allergy_view")
def allergies_recorded(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The allergies, when they were recorded."""
    url = url_for("patients.show", record_id=patient.id, tab="allergies")
    rows = _recorded(Allergy, patient, before, most, Allergy.status != "entered_in_error")
    return [
        Moment(one.created_at, "alert-triangle", _("Allergy: {name}", name=one), one.reaction, url, "bad")
        for one in rows
    ]


@module.fills(PLACE, needs="history_view")
def history_recorded(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The medical history, when it was recorded."""
    url = url_for("patients.show", record_id=patient.id, tab="history")
    rows = _recorded(MedicalHistory, patient, before, most)
    return [Moment(one.created_at, "history", one.title, _("Medical history"), url) for one in rows]


def _recorded(
    model: type[Record], patient: Patient, before: datetime, most: int, *conditions: sa.ColumnElement[bool]
) -> Iterable[Record]:
    rows = sa.select(model).where(model.patient_id == patient.id, model.created_at < before, model.voided_at.is_(None))
    return db.session.scalars(rows.where(*conditions).order_by(model.created_at.desc(), model.id.desc()).limit(most))
