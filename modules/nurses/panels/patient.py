"""What nursing shows of a patient: vital signs with charts, the score in the banner, alerts in the timeline."""

from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from flask import request, url_for

from modules.doctors.api import amount
from modules.nurses import module
from modules.nurses.badges import news2_badge
from modules.nurses.find import refuse_other_wards
from modules.nurses.models import VitalSign
from modules.nurses.models.vitals import ALERT_FROM, ALERTING_SINGLE
from modules.nurses.trend import SPANS, measured_in, trends_of
from modules.nurses.vitals import counting, latest_scores, latest_vitals
from modules.nurses.words import CONSCIOUSNESS_WORDS
from modules.patients.api import Encounter, Patient
from portal.kit import Act, Fact, Moment, _, current_user, db, fragment, now

SEES = "view | view_own"
ENDED = ("finished", "cancelled")
FRESH = timedelta(days=2)


@module.tab("patients_patient", "vitals", _("Vital signs"), needs=SEES, order=40)
def vitals(patient: Patient) -> str:
    """What was measured in the last day or week: charts, and every number."""
    refuse_other_wards(patient.id)
    return vitals_shown(patient, url_for("patients.show", record_id=patient.id, tab="vitals"))


def vitals_shown(patient: Patient, here: str) -> str:
    """The tab of vital signs, on the page with this address."""
    span = request.args.get("span") if request.args.get("span") in SPANS else "24h"
    rows = measured_in(patient.id, span)
    words = {"consciousness": CONSCIOUSNESS_WORDS, "badge_of": news2_badge, "spans": SPANS, "amount": amount}
    shown = {"rows": rows, "trends": trends_of(rows), "span": span, "visit": open_visit(patient)}
    return fragment("nurses/_vitals.html", here=here, last=_last(patient, rows), **shown, **words)


def _last(patient: Patient, rows: list[VitalSign]) -> VitalSign | None:
    """What was measured last, also where that is longer ago than the page shows."""
    return rows[0] if rows else latest_vitals([patient.id]).get(patient.id)


def open_visit(patient: Patient) -> Encounter | None:
    """The visit that nursing of now belongs to: the stay first, then the last that is open."""
    query = sa.select(Encounter).where(Encounter.patient_id == patient.id, Encounter.status.not_in(ENDED))
    stay = sa.case((Encounter.encounter_class == "IMP", 0), else_=1)
    return db.session.scalar(query.order_by(stay, Encounter.started_at.desc(), Encounter.id.desc()).limit(1))


@module.fills("patients.acts", needs="vitalsign_add")
def take_vitals(patient: Patient) -> list[Act]:
    """Taking vital signs in the open visit."""
    visit = open_visit(patient)
    if visit is None:
        return []
    return [Act(_("Vital signs"), "heartbeat", url_for("nurses.vitals_new", encounter_id=visit.id))]


@module.fills("patients.banner", needs=SEES)
def score_now(patient: Patient) -> list[Fact]:
    """The score of the last two days, and the weight that doses are reckoned by."""
    scored = latest_scores([patient.id], since=now() - FRESH).get(patient.id)
    badge = news2_badge(scored)
    facts = [Fact(badge.text, icon=badge.icon, tone=badge.tone)] if badge else []
    weight = _weight(patient)
    return [*facts, Fact(_("{weight} kg", weight=amount(weight)), _("Weight"))] if weight else facts


def _weight(patient: Patient) -> Decimal | None:
    query = sa.select(VitalSign.weight_kg).where(
        VitalSign.patient_id == patient.id, VitalSign.weight_kg.is_not(None), counting()
    )
    return db.session.scalar(query.order_by(VitalSign.taken_at.desc(), VitalSign.id.desc()).limit(1))


@module.fills("patients.timeline", needs=SEES)
def alerts(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The scores of which a doctor was told."""
    bad = sa.or_(VitalSign.news2 >= ALERT_FROM, VitalSign.news2_max_single >= ALERTING_SINGLE)
    query = sa.select(VitalSign).where(VitalSign.patient_id == patient.id, VitalSign.taken_at < before, counting(), bad)
    rows = db.session.scalars(query.order_by(VitalSign.taken_at.desc(), VitalSign.id.desc()).limit(most))
    may_open = current_user.may("nurses.view | nurses.view_own")
    url = url_for("patients.show", record_id=patient.id, tab="vitals") if may_open else ""
    return [Moment(row.taken_at, "heartbeat", news2_badge(row).text, row.in_words, url, "bad") for row in rows]
