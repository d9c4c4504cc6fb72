"""What the page of a patient shows: its tabs, its banner, its timeline."""

from modules.patients.panels import banner, clinical, record, timeline

__all__ = ["banner", "clinical", "record", "timeline"]
