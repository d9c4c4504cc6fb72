"""The beds that wait to be cleaned."""

from dataclasses import dataclass
from datetime import datetime

from modules.rooms.board import last_moves, open_beds, spots_of
from modules.rooms.models import Bed


@dataclass(frozen=True)
class ToClean:
    """A bed, where it stands, and since when it waits."""

    bed: Bed
    place: str
    since: datetime


def beds_to_clean() -> list[ToClean]:
    """The beds that wait to be cleaned, the longest first."""
    spots = spots_of(open_beds().where(Bed.status == "cleaning"))
    since = {log.object_id: log.at for log in last_moves(spots)}
    rows = [
        ToClean(spot.bed, ward.name if ward else spot.room.number, since.get(number, spot.bed.updated_at))
        for number, (spot, ward) in spots.items()
    ]
    return sorted(rows, key=lambda row: row.since)
