"""What outpatient work shows in tabs, on the page of a patient, and in a doctor's day."""

from modules.opd.panels import day, patient, visit

__all__ = ["day", "patient", "visit"]
