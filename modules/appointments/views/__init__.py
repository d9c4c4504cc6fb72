"""The pages of appointments."""

from modules.appointments.views import booking, day, lists, record

__all__ = ["booking", "day", "lists", "record"]
