"""The pages of inpatients; importing them registers their routes."""

from modules.ipd.views import care, estimates, leaving, lists, printing, requests, stay, summaries

__all__ = ["care", "estimates", "leaving", "lists", "printing", "requests", "stay", "summaries"]
