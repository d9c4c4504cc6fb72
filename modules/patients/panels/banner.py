"""Who a page is about: what the banner says of a patient, on every page of one."""

from collections.abc import Sequence
from dataclasses import dataclass

from modules.patients import module
from modules.patients.find_clinical import active_allergies
from modules.patients.models import Patient
from modules.patients.models.clinical import Allergy
from modules.patients.visits import open_visits
from portal.kit import Fact, current_user, filled

PLACE = "patients.banner"


@dataclass(frozen=True)
class Banner:
    """What stands beside the name: facts with their labels, badges, and the allergies with how they are known."""

    facts: list[Fact]
    badges: list[Fact]
    allergies: Sequence[Allergy]
    asked: str


@module.blueprint.app_template_global()
def banner_of(patient: Patient) -> Banner:
    """The banner; a merged record shows the allergies of the one that took its place, for those moved there."""
    facts = list(filled(PLACE, patient))
    person = patient.merged_into or patient
    may_know = current_user.may("patients.allergy_view")
    return Banner(
        facts=[fact for fact in facts if fact.label],
        badges=[fact for fact in facts if not fact.label],
        allergies=active_allergies(person) if may_know else (),
        asked=person.allergy_status if may_know else "",
    )


@module.fills(PLACE, needs="encounter_view")
def visits_now(patient: Patient) -> list[Fact]:
    """What the patient is here for."""
    return open_visits(patient)
