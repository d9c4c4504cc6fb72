"""Emergency visits, how urgent each was judged, what was noted, and the ambulances."""

from modules.emergency.models.ambulances import AMBULANCE_STATUSES, Ambulance
from modules.emergency.models.beside import Note, Triage
from modules.emergency.models.visits import ARRIVAL_MODES, DISPOSITIONS, OPEN, STATUSES, Visit

__all__ = [
    "AMBULANCE_STATUSES",
    "ARRIVAL_MODES",
    "DISPOSITIONS",
    "OPEN",
    "STATUSES",
    "Ambulance",
    "Note",
    "Triage",
    "Visit",
]
