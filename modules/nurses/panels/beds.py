"""What nursing says on the bed board: the score of who lies in each bed."""

from collections.abc import Sequence
from datetime import timedelta

from modules.nurses import module
from modules.nurses.badges import news2_badge
from modules.nurses.vitals import latest_scores
from modules.rooms.api import BedAllocation, BedMark
from portal.kit import now

FRESH = timedelta(days=2)


@module.fills("rooms.beds", needs="view | view_own")
def scores(allocations: Sequence[BedAllocation]) -> list[BedMark]:
    """The last score of each patient; 7 and more turns the bed red (NUR-6)."""
    found = latest_scores([one.patient_id for one in allocations], since=now() - FRESH)
    marks = []
    for one in allocations:
        badge = news2_badge(found.get(one.patient_id))
        if badge:
            marks.append(BedMark(one.bed_id, badge.text, badge.icon, badge.tone, is_red=found[one.patient_id].is_red))
    return marks
