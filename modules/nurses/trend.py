"""How vital signs went, as charts of a day or a week, each with its numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from modules.nurses.models import VitalSign
from modules.nurses.vitals import counting
from portal.kit import _, current_hospital, db, now, today
from portal.kit.charts import Chart, Series, bar_chart, line_chart

SPANS = {"24h": (timedelta(hours=24), _("24 hours")), "7d": (timedelta(days=7), _("7 days"))}
MOST = 200
PRESSURES = {"pulse": _("Pulse"), "bp_sys": _("Systolic"), "bp_dia": _("Diastolic")}
# The key of a chart, its title, its unit, its lines, and how it is drawn.
DRAWN: Sequence[tuple[str, str, str, dict[str, str], Callable[..., Chart]]] = (
    ("news2", _("NEWS2 score"), "", {"news2": _("NEWS2")}, bar_chart),
    ("pulse", _("Pulse and blood pressure"), "", PRESSURES, line_chart),
    ("temperature", _("Temperature"), "°C", {"temperature_c": _("Temperature")}, line_chart),
    ("oxygen", _("Oxygen saturation"), "%", {"spo2": _("SpO₂")}, line_chart),
    ("breaths", _("Breaths"), _("a minute"), {"resp_rate": _("Breaths")}, line_chart),
)


@dataclass(frozen=True)
class Trend:
    """A chart with its title, under a key of its own."""

    key: str
    title: str
    chart: Chart


def measured_since(patient_id: int, since: datetime) -> list[VitalSign]:
    """What was measured at a patient since a moment, the newest first."""
    query = sa.select(VitalSign).where(VitalSign.patient_id == patient_id, VitalSign.taken_at >= since, counting())
    return list(db.session.scalars(query.order_by(VitalSign.taken_at.desc(), VitalSign.id.desc()).limit(MOST)))


def measured_in(patient_id: int, span: str) -> list[VitalSign]:
    """What was measured in the last day or week, the newest first."""
    return measured_since(patient_id, now() - SPANS[span][0])


def trends_of(rows: Sequence[VitalSign]) -> list[Trend]:
    """The charts of what was measured, from the first to the last; those without a number are left out."""
    rows = list(reversed(rows))
    labels = [_label(row.taken_at) for row in rows]
    drawn = []
    for key, title, unit, lines, draw in DRAWN:
        series = [Series(label, [getattr(row, name) for row in rows]) for name, label in lines.items()]
        chart = draw(labels, series, unit)
        if not chart.is_empty:
            drawn.append(Trend(key, title, chart))
    return drawn


def _label(at: datetime) -> str:
    """The clock of today, the day too of another one."""
    local = at.astimezone(current_hospital().zone)
    return f"{local:%H:%M}" if local.date() == today() else f"{local.day} {local:%b %H:%M}"
