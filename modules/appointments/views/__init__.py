"""The pages of appointments."""

from modules.appointments.views import booking, day, lists, plan, record, waitlist

__all__ = ["booking", "day", "lists", "plan", "record", "waitlist"]
