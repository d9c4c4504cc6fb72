"""The pages of beds, wards, rooms and repairs."""

from modules.rooms.views import beds, boards, places, repairs

__all__ = ["beds", "boards", "places", "repairs"]
