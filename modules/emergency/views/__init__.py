"""The pages of the emergency department."""

from modules.emergency.views import boards, register, visits

__all__ = ["boards", "register", "visits"]
