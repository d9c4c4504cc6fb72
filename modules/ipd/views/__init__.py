"""The pages of inpatients; importing them registers their routes."""

from modules.ipd.views import care, leaving, lists, printing, requests, stay, summaries

__all__ = ["care", "leaving", "lists", "printing", "requests", "stay", "summaries"]
