"""Stays in the hospital: the admission, its team and rounds, and everything a discharge needs."""

from modules.ipd.models.admission import Admission
from modules.ipd.models.care import CareTeamMember, DietOrder, Round
from modules.ipd.models.discharge import Clearance, DischargeSummary

__all__ = ["Admission", "CareTeamMember", "Clearance", "DietOrder", "DischargeSummary", "Round"]
