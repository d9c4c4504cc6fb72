"""What nurses are, measure, give and do, and how they hand over."""

from modules.nurses.models.care import Handover, Note, Task
from modules.nurses.models.doses import MedicationAdministration
from modules.nurses.models.nurse import AssignedPatient, Assignment, Nurse
from modules.nurses.models.vitals import VitalSign

__all__ = [
    "AssignedPatient",
    "Assignment",
    "Handover",
    "MedicationAdministration",
    "Note",
    "Nurse",
    "Task",
    "VitalSign",
]
