"""The discharge checklist: the signed summary, the clearances, and what other modules wait for (IPD-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from modules.ipd.blockers import Blocker, told_by_modules
from modules.ipd.models import Admission, Clearance, DischargeSummary
from modules.ipd.models.discharge import CLEARANCES
from modules.nurses.api import open_mandatory_tasks
from portal.kit import _, current_hospital, db, ngettext, now
from portal.kit.people import User

ICONS = {
    "medical": "stethoscope",
    "nursing": "heartbeat",
    "pharmacy": "pill",
    "laboratory": "flask",
    "billing": "receipt",
}
SEES = "ipd.view | ipd.view_own"
# Who gives a clearance works in this module; a hospital without it needs none.
GIVEN_IN = {"pharmacy": "inventory", "laboratory": "laboratory", "billing": "billing"}


@dataclass(frozen=True)
class Checklist:
    """The lines of the checklist as they were at a moment."""

    lines: list[Blocker]
    at: datetime

    @property
    def blocking(self) -> list[Blocker]:
        """What still keeps the patient here."""
        return [line for line in self.lines if not line.is_done]

    @property
    def done(self) -> list[Blocker]:
        """What does not keep the patient here any more."""
        return [line for line in self.lines if line.is_done]


def read_checklist(admission: Admission) -> Checklist:
    """What the discharge needs, read now."""
    ours = [_summary(admission), *_clearances(admission), *_tasks(admission)]
    return Checklist([*ours, *told_by_modules(admission)], now())


def wanted_kinds() -> list[str]:
    """The clearances that somebody in this hospital can give."""
    return [kind for kind in CLEARANCES if GIVEN_IN.get(kind, "ipd") in current_hospital().modules]


def clearances_of(admission: Admission) -> list[Clearance]:
    """The clearances of an admission, in their order."""
    order = sa.case({kind: place for place, kind in enumerate(CLEARANCES)}, value=Clearance.kind)
    query = sa.select(Clearance).where(Clearance.admission_id == admission.id)
    return list(db.session.scalars(query.order_by(order)))


def summary_of(admission: Admission) -> DischargeSummary | None:
    """The discharge summary of an admission; None before somebody began it."""
    mine = (DischargeSummary.admission_id == admission.id, DischargeSummary.voided_at.is_(None))
    return db.session.scalar(sa.select(DischargeSummary).where(*mine))


def _summary(admission: Admission) -> Blocker:
    summary = summary_of(admission)
    url = url_for("ipd.summary", record_id=admission.id)
    if summary is not None and summary.is_signed:
        detail = _by(names_of([summary.signed_by]).get(summary.signed_by), summary.signed_at)
        return Blocker("medical", "file-check", _("Discharge summary signed"), detail, True, url, _("View"), SEES)
    title = _("Discharge summary is not signed") if summary else _("Discharge summary is not written")
    return Blocker(
        "medical", "file-text", title, _("A doctor writes and signs it."), False, url, _("Open summary"), SEES
    )


def _clearances(admission: Admission) -> list[Blocker]:
    rows = clearances_of(admission)
    names = names_of([row.by for row in rows])
    return [
        Blocker(
            row.kind,
            "shield-check" if row.status == "waived" else ICONS[row.kind],
            _("{clearance} waived", clearance=row) if row.status == "waived" else str(row),
            _detail(row, names),
            is_done=row.status != "pending",
            is_waived=row.status == "waived",
            clearance_id=row.id,
        )
        for row in rows
    ]


def _tasks(admission: Admission) -> list[Blocker]:
    """What nurses must have done before the patient leaves."""
    tasks = open_mandatory_tasks(admission.encounter_id)
    if not tasks:
        return []
    title = ngettext("{count} task of the nurses is open", "{count} tasks of the nurses are open", len(tasks))
    url = url_for("patients.show", record_id=admission.patient_id, tab="nursing")
    told = ", ".join(task.title for task in tasks)
    return [Blocker("nursing", "list-check", title, told, False, url, _("Open tasks"), "nurses.view | nurses.view_own")]


def _detail(row: Clearance, names: dict[int, str]) -> str:
    if row.status == "pending":
        return _("Not given yet.")
    return ". ".join(
        filter(None, (_by(names.get(row.by), row.at), row.note and _("Reason: {reason}", reason=row.note)))
    )


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """How the users with these ids are called."""
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    return {user.id: user.full_name for user in db.session.scalars(sa.select(User).where(User.id.in_(wanted)))}


def _by(name: str | None, at: datetime | None) -> str:
    """Who and when; the name is kept apart, or a date after an Arabic one is read backwards."""
    clock = f"{at.astimezone(current_hospital().zone):%d %b %H:%M}" if at else ""
    return ", ".join(filter(None, (name and f"\u2068{name}\u2069", clock)))
