"""The queues of the outpatient clinics, the visits, what the doctors wrote, and who pays no second fee."""

from modules.opd.models.fees import FeeValidity
from modules.opd.models.notes import Addendum, Consultation
from modules.opd.models.queues import Queue, Token
from modules.opd.models.visits import Visit

__all__ = ["Addendum", "Consultation", "FeeValidity", "Queue", "Token", "Visit"]
