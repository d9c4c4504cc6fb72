"""What the emergency department shows in tabs and on the page of a patient."""

from modules.emergency.panels import patient, visit

__all__ = ["patient", "visit"]
