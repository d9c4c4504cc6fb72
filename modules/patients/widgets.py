"""What the dashboard shows of patients."""

from datetime import date, timedelta

import sqlalchemy as sa
from flask import url_for

from modules.patients import module
from modules.patients.api import count_patients, latest_patients
from modules.patients.find import listed, registered_on
from modules.patients.models import Patient
from portal.kit import Act, _, day_bounds, db, fragment, today
from portal.kit.charts import Series, bar_chart

LATEST_SHOWN = 6
DAYS_SHOWN = 30
FRONT_DESK = "hospital_admin receptionist"
BESIDE_CARE = "lab_technician radiographer pharmacist cashier"


@module.fills("dashboard.acts", needs="add")
def what_to_do_first() -> list[Act]:
    """What people at the desk do most."""
    return [Act(_("Register patient"), "user-plus", url_for("patients.new"))]


@module.tile("all", _("Patients"), "users", needs="view", roles=BESIDE_CARE)
def patient_count(**filters: str) -> int:
    """Everybody in the list of patients."""
    return count_patients(**filters)


@module.tile("today", _("Registered today"), "user-plus", needs="view", roles="receptionist", registered="today")
def registered_today(**filters: str) -> int:
    """Who was registered today."""
    return count_patients(**filters)


@module.widget("latest", _("Registered last"), needs="view", roles=f"{FRONT_DESK} {BESIDE_CARE}", order=40)
def registered_last() -> str:
    """The patients registered last."""
    return fragment("patients/_latest.html", patients=latest_patients(LATEST_SHOWN))


@module.widget("registrations", _("Registrations, last 30 days"), needs="view", roles="hospital_admin", order=30)
def registrations() -> str:
    """How many patients were registered on each day."""
    days = registered_by_day(DAYS_SHOWN)
    labels = [f"{day.day} {day:%b}" for day in days]
    return fragment("patients/_registrations.html", chart=bar_chart(labels, [Series(_("Registered"), days.values())]))


def registered_by_day(count: int) -> dict[date, int]:
    """How many patients of the list were registered on each of the last days of the hospital, today last."""
    days = [today() - timedelta(days=ago) for ago in reversed(range(count))]
    counts = [sa.func.count().filter(registered_on(day)) for day in days]
    recent = listed().with_only_columns(*counts).where(Patient.created_at >= day_bounds(days[0])[0])
    return dict(zip(days, db.session.execute(recent).one(), strict=True))
