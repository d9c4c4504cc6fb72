"""Finding emergency visits by day, level, state and who came, and what was noted about one."""

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from modules.emergency.models import OPEN, STATUSES, Note, Visit
from modules.patients.api import Patient
from modules.rooms.api import Bed, Room
from portal.kit import day_bounds, db, today
from portal.kit.forms import id_or_none
from portal.kit.search import has_words

FILTERS = ("status", "level", "day", "case")
DAYS = {"today": 1, "week": 7, "month": 30}
LONGEST_SEARCH = 100


def listed() -> sa.Select:
    """Every visit with the patient."""
    query = sa.select(Visit, Patient).join(Patient, Patient.id == Visit.patient_id)
    return query.where(Visit.voided_at.is_(None))


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    level = id_or_none(wanted.get("level"))
    if level:
        query = query.where(Visit.triage_level == level)
    if wanted.get("status") == "open":
        query = query.where(Visit.status.in_(OPEN))
    elif wanted.get("status") in STATUSES:
        query = query.where(Visit.status == wanted["status"])
    if wanted.get("day") in DAYS:
        query = query.where(Visit.arrived_at >= _begin_of(today() - timedelta(days=DAYS[wanted["day"]] - 1)))
    if wanted.get("case") == "medicolegal":
        query = query.where(Visit.is_medicolegal)
    return query


def _begin_of(day: date):
    begin, _end = day_bounds(day)
    return begin


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: words of the name, or the number of the visit or of the case."""
    text = text.strip()[:LONGEST_SEARCH]
    number = text.upper()
    same = sa.or_(Visit.number == number, Visit.mlc_no == number, Patient.mrn == number)
    return query.where(sa.or_(same, has_words(Patient.name_search, text))) if text else query


def count_visits(**filters: str) -> int:
    """How many visits the list shows with these filters, such as `day="today"`."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(filtered(listed(), filters).subquery()))


def notes_of(visit: Visit) -> Sequence[sa.Row]:
    """What was noted with the name of who wrote it, the latest first."""
    author = Note.metadata.tables["auth_user"]
    query = sa.select(Note, author.c.first_name + " " + author.c.last_name)
    query = query.join(author, author.c.id == Note.author_id)
    query = query.where(Note.visit_id == visit.id, Note.voided_at.is_(None))
    return db.session.execute(query.order_by(Note.at.desc(), Note.id.desc())).all()


def place_of(visit: Visit) -> str | None:
    """The bay of a visit: where the patient is, or was last."""
    query = sa.select(Room.number).join(Bed, Bed.room_id == Room.id)
    return db.session.scalar(query.where(Bed.id == visit.bed_id))


def visits_of(patient: Patient) -> sa.Select:
    """The emergency visits of a patient."""
    return sa.select(Visit).where(Visit.patient_id == patient.id, Visit.voided_at.is_(None))
