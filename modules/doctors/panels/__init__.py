"""What doctors show in tabs, on the pages of a patient and a stay, and in a doctor's day."""

from modules.doctors.panels import day, patient, profile, stay

__all__ = ["day", "patient", "profile", "stay"]
