"""Whom a ward takes: women or men only, and children up to their sixteenth birthday (ROOM-6)."""

from datetime import date

from modules.patients.api import Patient
from modules.rooms.models import Bed, Ward
from portal.kit import Refused, _, today

CHILD_BELOW, COT_BELOW, NEWBORN_BELOW = 16, 3, 1
SMALL_BEDS = ("cot", "bassinet")


def refuse_wrong_ward(patient: Patient, bed: Bed, ward: Ward | None, override_reason: str = "") -> None:
    """Raise `Refused` where the ward does not take the patient, unless somebody gives a reason (ROOM-6)."""
    misfit = misfit_of(patient, bed, ward)
    if misfit and not override_reason.strip():
        raise Refused(_("{misfit}. Choose another bed, or give a reason", misfit=misfit), "override_reason")


def misfit_of(patient: Patient, bed: Bed, ward: Ward | None) -> str:
    """Why the patient does not belong there, in words; empty where they do."""
    years = years_of(patient.birth_date)
    if bed.bed_type in SMALL_BEDS and (years is None or years >= COT_BELOW):
        return _("{bed} is for children under {years}", bed=bed, years=COT_BELOW)
    if ward is None:
        return ""
    if ward.kind == "paediatric" and (years is None or years >= CHILD_BELOW):
        return _("{ward} takes children under {years}", ward=ward, years=CHILD_BELOW)
    if ward.gender_policy in ("any", patient.sex) or _is_with_the_mother(ward, years):
        return ""
    words = {"female": _("{ward} takes women only"), "male": _("{ward} takes men only")}
    return words[ward.gender_policy].format(ward=ward)


def _is_with_the_mother(ward: Ward, years: int | None) -> bool:
    return ward.kind == "maternity" and years is not None and years < NEWBORN_BELOW


def years_of(born: date | None) -> int | None:
    """How many years old somebody is today; None where the birth date is not known."""
    if born is None:
        return None
    day = today()
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
