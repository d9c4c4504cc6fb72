"""The pages of outpatient work, by subject."""

from modules.opd.views import consult, desk, printing, queues, visits

__all__ = ["consult", "desk", "printing", "queues", "visits"]
