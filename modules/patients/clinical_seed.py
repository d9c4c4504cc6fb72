"""What is known of the patients of a demonstration hospital: kin, allergies, history, consents, numbers, documents."""

import io
from datetime import datetime, timedelta
from random import Random

from werkzeug.datastructures import FileStorage

from modules.patients.ages import years_before
from modules.patients.models import Patient
from modules.patients.models.beside import Contact, Identifier
from modules.patients.models.clinical import Allergy, Consent, MedicalHistory
from portal.kit import _, db, now, today
from portal.kit.attachments import attach
from portal.kit.invented import phone_numbers, relative
from portal.kit.search import folded

ALLERGIES = (
    (_("Penicillin"), "medication", _("Rash"), "moderate", "high"),
    (_("Ibuprofen"), "medication", _("Wheezing"), "moderate", "high"),
    (_("Sulfamethoxazole"), "medication", _("Rash"), "mild", "low"),
    (_("Peanut"), "food", _("Anaphylaxis"), "severe", "high"),
    (_("Egg"), "food", _("Vomiting"), "mild", "low"),
    (_("Latex"), "environment", _("Contact dermatitis"), "mild", "low"),
    (_("Bee sting"), "environment", _("Swelling"), "severe", "high"),
    (_("Grass pollen"), "environment", _("Runny nose"), "mild", "low"),
)
# Category, title, ICD-10 code, from which age on.
HISTORY = (
    ("condition", _("Asthma"), "J45", 3),
    ("condition", _("Type 2 diabetes"), "E11", 35),
    ("condition", _("High blood pressure"), "I10", 40),
    ("condition", _("Osteoarthritis of the knee"), "M17", 55),
    ("condition", _("Atrial fibrillation"), "I48", 65),
    ("surgery", _("Appendix removed"), None, 8),
    ("surgery", _("Cataract surgery"), None, 65),
    ("family", _("Father had a heart attack before 60"), None, 16),
    ("social", _("Smokes ten cigarettes a day"), None, 18),
    ("immunization", _("Measles, mumps and rubella, two doses"), None, 4),
)
WITH_HISTORY, WITH_CONSENT, WITH_NUMBER, DOCUMENTS = 0.40, 0.10, 0.06, 6
CONSENTS = ("treatment", "treatment", "data_sharing", "data_sharing", "surgery", "anaesthesia", "telemedicine")


def note_what_is_known(random: Random, patients: list[Patient], users: dict) -> None:
    """Note of everybody what their first visits would have brought to light."""
    by = {role: user.id for role, user in users.items()}
    _note_kin(random, patients, by.get("receptionist"))
    _note_allergies(random, patients, by.get("nurse"))
    _note_history(random, patients, by.get("doctor"))
    _note_consents(random, patients, by.get("nurse"))
    _note_numbers(random, patients, by.get("receptionist"))
    _keep_documents(random, patients, by.get("doctor"))


def _noted(patient: Patient, minutes: int, by: int | None) -> dict:
    """When and by whom something was noted: so many minutes after the patient came."""
    at = min(patient.created_at + timedelta(minutes=minutes), now())
    return {"patient": patient, "created_at": at, "updated_at": at, "created_by": by, "updated_by": by}


def _note_kin(random: Random, patients: list[Patient], by: int | None) -> None:
    """A guardian for each child, and somebody to call for half of the others."""
    phones = phone_numbers(random)
    for patient in patients:
        is_child = patient.birth_date > years_before(today(), 16)
        if not is_child and random.random() < 0.5:
            continue
        near = relative(random, patient.last_name)
        parent, other = (_("Mother"), _("Sister")) if near.sex == "female" else (_("Father"), _("Brother"))
        row = Contact(
            name=f"{near.first_name} {near.last_name}",
            relation=parent if is_child else other,
            phone=next(phones),
            is_emergency=True,
            is_guardian=is_child,
            **_noted(patient, 3, by),
        )
        db.session.add(row)


def _note_allergies(random: Random, patients: list[Patient], by: int | None) -> None:
    """What those are allergic to of whom an allergy is recorded (PAT-8); some had one more, or were thought to."""
    for patient in [one for one in patients if one.allergy_status == "recorded"]:
        known, over = random.choice((1, 1, 2)), random.random() < 0.15
        for place, fact in enumerate(random.sample(ALLERGIES, known + over)):
            substance, category, reaction, severity, criticality = fact
            row = Allergy(
                substance=substance,
                category=category,
                reaction=reaction,
                severity=severity,
                criticality=criticality,
                active_key=f"{patient.id}:{folded(substance)}",
                **_noted(patient, 9 + place, by),
            )
            db.session.add(row)
            if place == known:
                row.resolve() if random.random() < 0.7 else row.mark_as_error()


def _note_history(random: Random, patients: list[Patient], doctor: int | None) -> None:
    """What matters of the past of those old enough to have one, noted by the doctor."""
    likely = [one for one in patients if one.birth_date < years_before(today(), 4)]
    for patient in random.sample(likely, min(len(likely), round(len(patients) * WITH_HISTORY))):
        age = (today() - patient.birth_date).days // 366
        possible = [entry for entry in HISTORY if entry[-1] <= age]
        for category, title, code, since in random.sample(possible, min(len(possible), random.choice((1, 1, 2, 3)))):
            onset, rests = years_before(today(), random.randint(0, age - since)), random.random() < 0.1
            row = MedicalHistory(
                category=category,
                title=title,
                code=code,
                status="inactive" if rests and category == "condition" else "active",
                onset_date=onset if category == "condition" else None,
                severity=random.choice(("mild", "moderate", None)) if category == "condition" else None,
                recorded_by=doctor,
                **_noted(patient, 26, doctor),
            )
            db.session.add(row)


def _note_consents(random: Random, patients: list[Patient], by: int | None) -> None:
    """What some of the adults signed; a few refused, or thought better of it."""
    adults = [one for one in patients if one.birth_date < years_before(today(), 18)]
    for patient in random.sample(adults, round(len(adults) * WITH_CONSENT)):
        noted, chance = _noted(patient, 14, by), random.random()
        row = Consent(
            kind=random.choice(CONSENTS),
            granted=chance > 0.1,
            signed_by_name=patient.full_name,
            signed_at=noted["created_at"],
            withdrawn_at=_later(random, noted["created_at"]) if chance > 0.93 else None,
            **noted,
        )
        db.session.add(row)


def _later(random: Random, at: datetime) -> datetime:
    return at + (now() - at) * random.random()


def _note_numbers(random: Random, patients: list[Patient], by: int | None) -> None:
    """Passports, and the numbers of records of before."""
    chosen = random.sample(patients, round(len(patients) * WITH_NUMBER))
    for patient, number in zip(chosen, random.sample(range(10**6), len(chosen)), strict=True):
        kind, value = random.choice((("passport", f"X{number:07d}"), ("old_mrn", f"OLD-{number:06d}")))
        db.session.add(Identifier(kind=kind, value=value, **_noted(patient, 4, by)))


def _keep_documents(random: Random, patients: list[Patient], by: int | None) -> None:
    """A few letters that patients brought with them."""
    adults = [one for one in patients if one.birth_date < years_before(today(), 18)]
    for patient in random.sample(adults, min(len(adults), DOCUMENTS)):
        letter = _(
            "Dear colleague,\n\nThank you for seeing {name}, born {day}.\n", name=patient, day=patient.birth_date
        )
        document = attach(patient, FileStorage(io.BytesIO(letter.encode()), _("Referral letter.txt")), "referral")
        document.created_by = document.updated_by = by
        document.created_at = document.updated_at = min(patient.created_at + timedelta(minutes=5), now())
