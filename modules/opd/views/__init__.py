"""The pages of outpatient work, by subject."""

from modules.opd.views import consult, desk, queues, visits

__all__ = ["consult", "desk", "queues", "visits"]
