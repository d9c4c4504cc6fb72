"""What doctors show in tabs, on the page of a patient, and in a doctor's day."""

from modules.doctors.panels import day, patient, profile

__all__ = ["day", "patient", "profile"]
