"""The beds of the hospital, the rooms and wards they stand in, who held which bed when, and what is being repaired."""

from modules.rooms.models.allocations import BedAllocation
from modules.rooms.models.beds import BED_STATUSES, BED_TYPES, Bed, refuse_held
from modules.rooms.models.maintenance import Maintenance
from modules.rooms.models.places import ROOM_KINDS, WARD_KINDS, Room, Ward

__all__ = [
    "BED_STATUSES",
    "BED_TYPES",
    "ROOM_KINDS",
    "WARD_KINDS",
    "Bed",
    "BedAllocation",
    "Maintenance",
    "Room",
    "Ward",
    "refuse_held",
]
