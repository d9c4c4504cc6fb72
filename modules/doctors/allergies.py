"""Whether a drug harms a patient: compared with the active allergies by item, generic name, class and words (DOC-2)."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from modules.patients.api import Allergy
from portal.kit import Record, Refused, _, db
from portal.kit.search import folded

SHORTEST_STEM = 5
FIELD = "allergy_override_reason"


@dataclass(frozen=True)
class DrugWarning:
    """An active allergy of the patient that a drug matches, and by what: “item”, “generic”, “class” or “text”."""

    allergy_id: int
    substance: str
    reaction: str
    severity: str
    matched: str

    @property
    def sentence(self) -> str:
        """What the doctor reads."""
        told = f"{self.substance} ({self.reaction.lower()})" if self.reaction else self.substance
        return {
            "item": _("The patient is allergic to this very drug: {told}", told=told),
            "generic": _("The patient is allergic to what this drug is made of: {told}", told=told),
            "class": _("The patient is allergic to drugs of this class: {told}", told=told),
            "text": _("The patient is allergic to something of this name: {told}", told=told),
        }[self.matched]


@dataclass(frozen=True)
class Drug:
    """What is compared of a drug."""

    item_id: int | None = None
    text: str = ""
    generic: str = ""
    drug_class: str = ""


def allergy_matches(patient_id: int, item_id: int | None, drug_text: str | None = None) -> list[DrugWarning]:
    """The active allergies of the patient that forbid this drug, the most dangerous first; empty where none does."""
    items = Record.metadata.tables["inventory_item"]
    query = (
        sa.select(Allergy, items.c.name, items.c.generic_name, items.c.drug_class)
        .outerjoin(items, items.c.id == Allergy.item_id)
        .where(Allergy.patient_id == patient_id, Allergy.status == "active", Allergy.voided_at.is_(None))
        .order_by(sa.case({"severe": 0, "moderate": 1}, value=Allergy.severity, else_=2), Allergy.substance)
    )
    known = db.session.execute(query).all()
    drugs = _drugs(item_id, drug_text) if known else []
    found = []
    for allergy, *named in known:
        harmful = _drug(allergy.item_id, *named)
        matched = next(filter(None, (_matched(allergy.substance, harmful, drug) for drug in drugs)), None)
        if matched:
            found.append(DrugWarning(allergy.id, allergy.substance, allergy.reaction, allergy.severity, matched))
    return found


def refuse_allergic(patient_id: int, item_id: int | None, drug_text: str | None, reason: str | None) -> None:
    """Raise `Refused` for a drug that matches an active allergy, until somebody gives a reason (DOC-2)."""
    warnings = [] if reason else allergy_matches(patient_id, item_id, drug_text)
    if warnings:
        sentence = _("{warning}. Give the reason to prescribe it all the same", warning=warnings[0].sentence)
        raise Refused(sentence, FIELD)


def names_allergy(substance: str, names: Iterable[str]) -> bool:
    """A drug of these names, generic name and class, is what the patient is allergic to."""
    return _shares_word(folded(substance).split(), folded(*names).split())


def _drugs(item_id: int | None, drug_text: str | None) -> list[Drug]:
    """The drug itself; one that was only typed is also compared as the items of that name in the catalogue."""
    items = Record.metadata.tables["inventory_item"]
    columns = (items.c.id, items.c.name, items.c.generic_name, items.c.drug_class)
    typed = folded(drug_text)
    if item_id is not None:
        rows = db.session.execute(sa.select(*columns).where(items.c.id == item_id)).all()
        return [_drug(*row) for row in rows] + ([Drug(text=typed)] if typed else [])
    first = typed.split()[0] if typed else ""
    if len(first) < SHORTEST_STEM:
        return [Drug(text=typed)]
    called = [
        sa.func.lower(column).startswith(first, autoescape=True) for column in (items.c.name, items.c.generic_name)
    ]
    rows = db.session.execute(sa.select(*columns).where(sa.or_(*called))).all()
    return [Drug(text=typed), *(_drug(None, *row[1:]) for row in rows)]


def _drug(item_id: int | None, name: str | None, generic: str | None, drug_class: str | None) -> Drug:
    return Drug(item_id, folded(name), folded(generic), folded(drug_class))


def _matched(substance: str, harmful: Drug, drug: Drug) -> str | None:
    """By what the drug is the substance, the nearest first."""
    words = folded(substance).split()
    if drug.item_id is not None and drug.item_id == harmful.item_id:
        return "item"
    if drug.generic and (drug.generic == harmful.generic or _shares_word(words, drug.generic.split())):
        return "generic"
    if drug.drug_class and (drug.drug_class == harmful.drug_class or _shares_word(words, drug.drug_class.split())):
        return "class"
    return "text" if _shares_word(words, drug.text.split()) else None


def _shares_word(one: Iterable[str], other: Iterable[str]) -> bool:
    """A word of the one is a word of the other, or one begins with the other: “penicillin” and “penicillins”."""
    return any(_is_same(mine, theirs) for mine in one for theirs in other)


def _is_same(mine: str, theirs: str) -> bool:
    shorter, longer = sorted((mine, theirs), key=len)
    return (mine == theirs and len(mine) > 2) or (len(shorter) >= SHORTEST_STEM and longer.startswith(shorter))
