"""What is known of a patient, as its tabs and the banner show it: each list is one query."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from modules.patients.models import Patient
from modules.patients.models.beside import Contact, Identifier, Insurance
from modules.patients.models.clinical import Allergy, Consent, MedicalHistory
from portal.kit import db

WORST_FIRST = sa.case({"severe": 0, "moderate": 1, "mild": 2}, value=Allergy.severity)
ACTIVE_FIRST = {"active": 0, "inactive": 1, "resolved": 2, "entered_in_error": 3}


def active_allergies(patient: Patient) -> Sequence[Allergy]:
    """What harms the patient now, the worst first."""
    query = sa.select(Allergy).where(Allergy.active_of(patient)).order_by(WORST_FIRST, Allergy.substance)
    return db.session.scalars(query).all()


def count_active_allergies(patient: Patient) -> int:
    """How many substances harm the patient now."""
    return db.session.scalar(sa.select(sa.func.count(Allergy.id)).where(Allergy.active_of(patient)))


def allergies_of(patient: Patient) -> Sequence[Allergy]:
    """Every allergy that was ever recorded, those that count first."""
    query = sa.select(Allergy).where(Allergy.patient_id == patient.id, Allergy.voided_at.is_(None))
    order = sa.case(ACTIVE_FIRST, value=Allergy.status)
    return db.session.scalars(query.order_by(order, WORST_FIRST, Allergy.substance, Allergy.id)).all()


def history_of_patient(patient: Patient) -> dict[str, list[MedicalHistory]]:
    """The history by category, what is active first; categories without an entry are left out."""
    query = (
        sa.select(MedicalHistory)
        .where(MedicalHistory.patient_id == patient.id, MedicalHistory.voided_at.is_(None))
        .order_by(sa.case(ACTIVE_FIRST, value=MedicalHistory.status), MedicalHistory.onset_date.desc().nulls_last())
    )
    found: dict[str, list[MedicalHistory]] = {}
    for entry in db.session.scalars(query.order_by(MedicalHistory.id.desc())):
        found.setdefault(entry.category, []).append(entry)
    return {category: found[category] for category in MedicalHistory.category.type.enums if category in found}


def consents_of(patient: Patient) -> Sequence[Consent]:
    """What the patient agreed to or refused, the last first."""
    query = sa.select(Consent).where(Consent.patient_id == patient.id, Consent.voided_at.is_(None))
    return db.session.scalars(query.order_by(Consent.signed_at.desc(), Consent.id.desc())).all()


def insurances_of(patient: Patient) -> Sequence[Insurance]:
    """The policies of the patient with their insurers, those that pay first."""
    query = (
        sa.select(Insurance)
        .join(Insurance.insurer)
        .options(contains_eager(Insurance.insurer))
        .where(Insurance.patient_id == patient.id)
        .order_by(sa.case({"active": 0, "draft": 1}, value=Insurance.status, else_=2), Insurance.valid_from.desc())
    )
    return db.session.scalars(query.order_by(Insurance.id.desc())).all()


def insurers() -> dict[int, str]:
    """The insurers a policy may be with, by id; they are billing's, known here by the name of their table."""
    known = Insurance.metadata.tables["billing_insurer"]
    return dict(db.session.execute(sa.select(known.c.id, known.c.name).order_by(known.c.name)).all())


def contacts_of(patient: Patient) -> Sequence[Contact]:
    """Whom to call for the patient: guardians, then emergency contacts, then others."""
    query = sa.select(Contact).where(Contact.patient_id == patient.id)
    order = (Contact.is_guardian.desc(), Contact.is_emergency.desc(), Contact.id)
    return db.session.scalars(query.order_by(*order)).all()


def identifiers_of(patient: Patient) -> Sequence[Identifier]:
    """The other numbers the patient is known by."""
    query = sa.select(Identifier).where(Identifier.patient_id == patient.id)
    return db.session.scalars(query.order_by(Identifier.kind, Identifier.value)).all()
