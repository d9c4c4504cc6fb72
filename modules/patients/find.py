"""Finding patients: by number, the end of a phone number, national id, or words of the name (PAT-7)."""

from datetime import date

import sqlalchemy as sa

from modules.patients.ages import years_before
from modules.patients.models import SEXES, STATUSES, Patient
from modules.patients.mrn import mrn_of, read_mrn
from portal.kit import HospitalProfile, day_bounds, db, today
from portal.kit.search import digits_of, ends_in, has_words

AGES = {"under-2": (0, 2), "2-15": (2, 16), "16-64": (16, 65), "65-over": (65, None)}
FILTERS = ("registered", "sex", "age", "status")
LONGEST_SEARCH = 100


def listed() -> sa.Select:
    """Every patient of the list."""
    return sa.select(Patient).where(Patient.voided_at.is_(None))


def registered_on(day: date) -> sa.ColumnElement[bool]:
    """Registered on this day of the hospital."""
    begin, end = day_bounds(day)
    return sa.and_(Patient.created_at >= begin, Patient.created_at < end)


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    if wanted.get("registered") == "today":
        query = query.where(registered_on(today()))
    if wanted.get("sex") in SEXES:
        query = query.where(Patient.sex == wanted["sex"])
    if wanted.get("status") in STATUSES:
        query = query.where(Patient.status == wanted["status"])
    if wanted.get("age") in AGES:
        least, below = AGES[wanted["age"]]
        query = query.where(Patient.birth_date <= years_before(today(), least))
        if below:
            query = query.where(Patient.birth_date > years_before(today(), below))
    return query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: a number of any kind, or words of the name."""
    text = text.strip()[:LONGEST_SEARCH]
    prefix = db.session.scalar(sa.select(HospitalProfile.mrn_prefix))
    mrn = read_mrn(text, prefix)
    if mrn:
        return query.where(Patient.mrn == mrn)
    national = Patient.national_id == as_national_id(text)
    digits = digits_of(text)
    if len(digits) < 3 or any(char.isalpha() for char in text):
        return query.where(sa.or_(national, has_words(Patient.name_search, text)))
    return query.where(
        sa.or_(national, ends_in(Patient.phone_search, digits), Patient.mrn == mrn_of(prefix, int(digits)))
    )


def as_national_id(text: str | None) -> str | None:
    """A national id as it is kept: capitals, no spaces."""
    return "".join(text.split()).upper() if text else None
