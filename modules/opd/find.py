"""Finding visits, and which of them the person at work sees."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from modules.doctors.api import Prescription, find_own, opens_notes
from modules.opd.models import Token, Visit
from modules.opd.models.visits import OPEN, VISIT_STATUSES, WAITING
from modules.patients.api import Patient
from portal.kit import Column, Found, Listing, Record, _, current_user, day_bounds, db, today
from portal.kit.search import has_words

SEES = "view | view_own | add | order_view_own | charge_view | prescription_view"
FILTERS = ("status", "day", "doctor")
LONGEST_SEARCH = 100
columns = (
    Column("arrived", _("Arrived"), sort=Visit.arrived_at),
    Column("patient", _("Patient"), sort=Patient.name_search),
    Column("number", _("Visit"), sort=Visit.number),
    Column("token", _("Number")),
    Column("doctor", _("Doctor")),
    Column("status", _("Status"), sort=Visit.status),
)


def seen() -> sa.ColumnElement[bool]:
    """Which visits the person at work sees: all, the own ones, or those with orders or prescriptions to carry out."""
    if current_user.may("opd.view | opd.add | opd.charge_view"):
        return sa.true()
    ways = []
    if current_user.may("opd.view_own"):
        own = find_own()
        ways.append(Visit.doctor_id == (own.id if own else None))
    if current_user.may("opd.prescription_view"):
        ways.append(Visit.encounter_id.in_(sa.select(Prescription.encounter_id).where(Prescription.status != "draft")))
    if current_user.may("opd.order_view_own"):
        ways += [Visit.encounter_id.in_(ordered(name)) for name in ("laboratory_order", "radiology_order")]
    return sa.or_(sa.false(), *ways)


def ordered(table: str) -> sa.Select:
    """The encounters for which something was ordered; other modules' tables, known here by name."""
    return sa.select(Record.metadata.tables[table].c.encounter_id)


def may_see(visit: Visit) -> bool:
    """The person at work sees this visit: by what they see in lists, or as a doctor who treats the patient (DOC-6)."""
    return bool(db.session.scalar(sa.select(sa.exists().where(Visit.id == visit.id, seen_of(visit.patient_id)))))


def seen_of(patient_id: int) -> sa.ColumnElement[bool]:
    """Which visits of one patient the person at work sees: all, for a doctor to whom the notes are open (DOC-6)."""
    if current_user.may("opd.view_own") and opens_notes(patient_id):
        return sa.true()
    return seen()


def listed(which: sa.ColumnElement[bool] | None = None) -> sa.Select:
    """The visits that the person at work sees, with patient and doctor; `which` narrows otherwise than lists do."""
    query = sa.select(Visit).join(Visit.patient).where(Visit.voided_at.is_(None), seen() if which is None else which)
    return query.options(joinedload(Visit.patient), joinedload(Visit.doctor), joinedload(Visit.token))


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    status = wanted.get("status")
    if status in VISIT_STATUSES:
        query = query.where(Visit.status == status)
    elif status in ("waiting", "open"):
        query = query.where(Visit.status.in_(WAITING if status == "waiting" else OPEN))
    if wanted.get("day") == "today":
        begin, end = day_bounds(today())
        query = query.where(Visit.arrived_at >= begin, Visit.arrived_at < end)
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: a patient's name or number, a visit's number, or a number of a queue."""
    text = text.strip()[:LONGEST_SEARCH]
    if not text:
        return query
    same = sa.or_(Patient.mrn == text.upper(), Visit.number == text.upper(), Visit.id.in_(_tokens(text)))
    return query.where(sa.or_(same, has_words(Patient.name_search, text)))


def _tokens(text: str) -> sa.Select:
    return sa.select(Token.visit_id).where(Token.label == text.upper())


def count_visits(**filters: str) -> int:
    """How many visits the list shows with these filters, such as `status="waiting"`."""
    query = filtered(sa.select(Visit.id).where(Visit.voided_at.is_(None), seen()), filters)
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))


def visit_list(wanted: dict[str, str], text: str) -> Listing:
    """The list with the filters of the address, and what was searched for."""
    shape = Found if text.strip() else Listing
    return shape(
        query=searched(filtered(listed(), wanted), text),
        columns=columns,
        noun=(_("visit"), _("visits")),
        default_sort="-arrived",
        tie=Visit.id.desc(),
        q=text,
        kept=("status", "day", "sort", "page", "per_page"),
    )


def to_measure() -> list[Visit]:
    """The visits of today without vital signs, the urgent and then the longest wait first."""
    begin, end = day_bounds(today())
    query = sa.select(Visit).join(Visit.token).where(Visit.status == "registered", Visit.voided_at.is_(None))
    query = query.where(Visit.arrived_at >= begin, Visit.arrived_at < end)
    query = query.options(joinedload(Visit.patient), joinedload(Visit.doctor), joinedload(Visit.token))
    return list(db.session.scalars(query.order_by(Token.priority != "urgent", Visit.arrived_at, Visit.id)))
