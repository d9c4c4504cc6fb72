"""Is this person known already? The same phone, or the same birth date and a similar name, says perhaps (PAT-2)."""

from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

import sqlalchemy as sa

from modules.patients.models import Patient
from portal.kit import Refused, _, db, give_reason
from portal.kit.search import digits_of, ends_in, folded, has_words

PHONE_DIGITS = 9
SIMILAR = 0.75
LOOKED_AT = 200
NAME_BEGINS = 3
SHOWN = 5


@dataclass(frozen=True)
class LookAlike:
    """A known patient and what is the same: “phone”, “birth_date”, “name”."""

    patient: Patient
    same: tuple[str, ...]


class LooksAlike(Refused):
    """Somebody who may be the same person is registered; a reason is needed to register another."""

    def __init__(self, known: list[LookAlike]):
        self.known = known
        sentence = _("Use the record of the patient who looks the same, or enter a reason to create another")
        super().__init__(sentence, "duplicate_reason")


def register_once(*, duplicate_reason: str | None = None, **facts) -> Patient:
    """Register a patient who is not known yet, or whom somebody says to be another, and why.

    Raises `Refused` for a known national id, `LooksAlike` for one who seems known when there is no reason.
    """
    known = look_alikes(**facts)
    if known and not duplicate_reason:
        Patient(**facts).refuse_known_national_id()
        raise LooksAlike(known)
    patient = Patient(**facts)
    if known:
        give_reason(patient, duplicate_reason)
    return patient.register()


def look_alikes(
    *, first_name: str = "", last_name: str = "", birth_date: date | None = None, phone: str | None = None, **_facts
) -> list[LookAlike]:
    """The known patients who may be the person described, the most alike first."""
    clues = []
    digits = digits_of(phone)[-PHONE_DIGITS:]
    if len(digits) >= 5:
        clues.append(ends_in(Patient.phone_search, digits))
    if birth_date:
        clues.append(Patient.birth_date == birth_date)
    if not clues:
        return []
    name = folded(last_name, first_name)
    query = sa.select(Patient).where(sa.or_(*clues), Patient.voided_at.is_(None), Patient.status != "merged")
    query = query.order_by(*_most_telling(clues, name), Patient.id)
    found = [_compared(patient, name, birth_date, digits) for patient in db.session.scalars(query.limit(LOOKED_AT))]
    alike = [one for one in found if "phone" in one.same or {"birth_date", "name"} <= set(one.same)]
    return sorted(alike, key=lambda one: -len(one.same))[:SHOWN]


def _most_telling(clues: list[sa.ColumnElement[bool]], name: str) -> list[sa.ColumnElement]:
    """An order by which many who share a birth date hide neither the same phone nor a similar name."""
    alike = sa.or_(sa.false(), *(has_words(Patient.name_search, word[:NAME_BEGINS]) for word in name.split()))
    return [sa.case((clue, 0), else_=1) for clue in (clues[0], alike)]


def _compared(patient: Patient, name: str, birth_date: date | None, digits: str) -> LookAlike:
    same = {
        "name": is_similar(name, folded(patient.last_name, patient.first_name)),
        "birth_date": birth_date is not None and patient.birth_date == birth_date,
        "phone": len(digits) >= 5 and digits_of(patient.phone)[-PHONE_DIGITS:] == digits,
    }
    return LookAlike(patient, tuple(what for what, is_same in same.items() if is_same))


def is_similar(name: str, other: str) -> bool:
    """Two folded names have a word in common, or are written nearly alike."""
    if not name or not other:
        return False
    shared = set(name.split()) & set(other.split())
    return any(len(word) > 1 for word in shared) or SequenceMatcher(None, name, other).ratio() >= SIMILAR
