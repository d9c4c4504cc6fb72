"""The numbers of the first page: each is counted by the module whose list it opens (DSH-1)."""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from flask import url_for

from modules.patients import api as patients
from modules.staff import api as staff
from portal.kit import _, current_hospital, current_user, db

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Part:
    """One part of the page: what it shows, who may see it, and the list it opens."""

    code: str
    label: str
    icon: str
    needs: str
    read: Callable
    endpoint: str
    filters: dict = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The list this part counts."""
        return url_for(self.endpoint, **self.filters)

    @property
    def is_allowed(self) -> bool:
        """The person at work may see it, and the hospital has the module (DSH-2)."""
        return self.needs.split(".")[0] in current_hospital().modules and current_user.may(self.needs)


TILES = (
    Part("patients", _("Patients"), "users", "patients.view", patients.count_patients, "patients.index"),
    Part(
        "patients-today",
        _("Registered today"),
        "user-plus",
        "patients.view",
        patients.count_patients,
        "patients.index",
        {"registered": "today"},
    ),
    Part(
        "staff-active",
        _("Active staff"),
        "id-badge-2",
        "staff.view",
        staff.count_staff,
        "staff.index",
        {"status": "active"},
    ),
    Part(
        "staff-leave",
        _("On leave"),
        "calendar-user",
        "staff.view",
        staff.count_staff,
        "staff.index",
        {"status": "on_leave"},
    ),
)
LATEST = Part(
    "patients-latest", _("Registered last"), "users", "patients.view", patients.latest_patients, "patients.index"
)
DEPARTMENTS = Part(
    "staff-departments", _("Staff by department"), "building", "staff.view", staff.staff_by_department, "staff.index"
)


@dataclass(frozen=True)
class Shown:
    """A part with what was read for it; `failed` where that did not work."""

    part: Part
    value: object = None
    failed: bool = False


def show(part: Part, *args, **filters) -> Shown | None:
    """Read one part; one that fails says so itself and the rest of the page stands (DSH-3)."""
    if not part.is_allowed:
        return None
    try:
        with db.session.begin_nested():
            return Shown(part, part.read(*args, **filters))
    except Exception:
        log.exception("dashboard_part_failed", part=part.code)
        return Shown(part, failed=True)
