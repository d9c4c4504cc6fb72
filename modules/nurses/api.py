"""What other modules may ask about nursing: vital signs and their score, doses, tasks, and who is at work."""

from flask import url_for

from modules.nurses.badges import ScoreBadge, news2_badge
from modules.nurses.find import active_nurses, find_own_nurse, own_wards
from modules.nurses.forms.vitals import VitalsForm
from modules.nurses.models import MedicationAdministration, Nurse, Task, VitalSign
from modules.nurses.news2 import score_of
from modules.nurses.stopping import stop_doses
from modules.nurses.tasks import cancel_tasks, open_mandatory_tasks, set_task
from modules.nurses.visits_seed import invent_stays, invent_vitals
from modules.nurses.vitals import latest_scores, latest_vitals, record_vitals, vitals_of

__all__ = [
    "MedicationAdministration",
    "Nurse",
    "ScoreBadge",
    "Task",
    "VitalSign",
    "VitalsForm",
    "active_nurses",
    "cancel_tasks",
    "find_own_nurse",
    "invent_stays",
    "invent_vitals",
    "latest_scores",
    "latest_vitals",
    "medicines_url",
    "news2_badge",
    "open_mandatory_tasks",
    "own_wards",
    "record_vitals",
    "score_of",
    "set_task",
    "stop_doses",
    "vitals_of",
    "vitals_url",
]


def vitals_url(encounter_id: int, then: str | None = None) -> str:
    """The form that takes vital signs in a visit; it leads to `then`, else to those of the patient."""
    return url_for("nurses.vitals_new", encounter_id=encounter_id, then=then)


def medicines_url(encounter_id: int) -> str:
    """The medicines of a stay, by time."""
    return url_for("nurses.medicines", encounter_id=encounter_id)
