"""Finding emergency visits by day, level, state and who came, and what was noted about one."""

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from flask import abort

from modules.emergency.models import OPEN, STATUSES, Note, Visit
from modules.patients.api import Patient
from modules.rooms.api import Bed, Room
from portal.kit import current_user, day_bounds, db, today
from portal.kit.forms import id_or_none
from portal.kit.search import has_words

FILTERS = ("status", "level", "day", "case")
DAYS = {"today": 1, "week": 7, "month": 30}
LONGEST_SEARCH = 100
ORDERS = ("laboratory_order", "radiology_order")
CHARGES = ("billing_chargeitem",)


def listed() -> sa.Select:
    """Every visit that the person at work may see, with the patient."""
    query = sa.select(Visit, Patient).join(Patient, Patient.id == Visit.patient_id)
    return seen_by_me(query.where(Visit.voided_at.is_(None)))


def seen_by_me(query: sa.Select) -> sa.Select:
    """The query for the person at work: all visits, or those with orders or charges, for who may see these alone."""
    if current_user.may("emergency.view"):
        return query
    theirs = {"order_view_own": ORDERS, "charge_view": CHARGES}
    tables = [Visit.metadata.tables[name] for verb, names in theirs.items() for name in names if may(verb)]
    return query.where(sa.or_(sa.false(), *(Visit.encounter_id.in_(sa.select(one.c.encounter_id)) for one in tables)))


def may(verb: str) -> bool:
    """The person at work has this verb of the department."""
    return current_user.may(f"emergency.{verb}")


def orders_of(visit: Visit) -> list[sa.Row]:
    """What was ordered from the laboratory and from radiology: number, priority and state, the newest first."""
    tables = [(Visit.metadata.tables[name], name.split("_")[0]) for name in ORDERS]
    queries = [
        sa.select(
            one.c.number, *in_text(one.c.priority, one.c.status), one.c.created_at, sa.literal(kind).label("kind")
        ).where(one.c.encounter_id == visit.encounter_id)
        for one, kind in tables
    ]
    return list(db.session.execute(sa.union_all(*queries).order_by(sa.desc("created_at"))))


def in_text(*columns: sa.ColumnElement) -> list[sa.ColumnElement]:
    """The columns as text: what may be chosen differs from one kind of order to another."""
    return [sa.cast(one, sa.String).label(one.key) for one in columns]


def charges_of(visit: Visit) -> list[sa.Row]:
    """What the visit costs so far, by when it was done."""
    one = Visit.metadata.tables[CHARGES[0]]
    counts = one.c.status.in_(("planned", "billable", "billed"))
    query = sa.select(one.c.description, one.c.quantity, one.c.unit_price, one.c.discount_amount, one.c.occurred_at)
    mine = one.c.encounter_id == visit.encounter_id
    return list(db.session.execute(query.where(mine, counts, one.c.voided_at.is_(None)).order_by(one.c.occurred_at)))


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


def get_visit_or_404(record_id: int) -> Visit:
    """The visit with this id; a 404 page where there is none that the person at work may see."""
    return db.session.scalar(seen_by_me(sa.select(Visit).where(Visit.id == record_id))) or abort(404)


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
