"""Whether every bed is in the state that its allocation says, looked at each night (ROOM-8)."""

import sqlalchemy as sa
import structlog

from modules.rooms.models import Bed, BedAllocation
from portal.kit import _, current_hospital, db, now

log = structlog.get_logger(__name__)
AT_HOUR = 3
MEANS = {"reserved": "reserved", "active": "occupied"}


def find_mismatches() -> list[tuple[Bed, str]]:
    """Every bed that disagrees with its allocations, and what is wrong with it; none is expected."""
    held = {row.bed_id: row for row in db.session.execute(_held())}
    beds = db.session.scalars(sa.select(Bed).order_by(Bed.code))
    found = [(bed, _wrong(bed, held.get(bed.id))) for bed in beds]
    return [(bed, sentence) for bed, sentence in found if sentence]


def _held() -> sa.Select:
    """The beds that somebody holds: how many rows say so, and what the row that has the key says."""
    says_so = BedAllocation.status.in_(tuple(MEANS))
    status = sa.func.max(sa.case((BedAllocation.active_bed_id == BedAllocation.bed_id, BedAllocation.status)))
    query = sa.select(BedAllocation.bed_id, sa.func.count().label("count"), status.label("status"))
    return query.where(sa.or_(says_so, BedAllocation.active_bed_id.is_not(None))).group_by(BedAllocation.bed_id)


def _wrong(bed: Bed, held: sa.Row | None) -> str:
    if held is None:
        return _("It has a patient’s state, but nobody holds it") if bed.status in MEANS.values() else ""
    if held.count > 1:
        return _("{count} allocations hold it at once", count=held.count)
    if held.status is None:
        return _("An allocation holds it without its key")
    return "" if MEANS[held.status] == bed.status else _("Its allocation says “{state}”", state=MEANS[held.status])


def check_nightly() -> int:
    """In the first hour after three at night, write every mismatch into the log; answers with how many there were."""
    if now().astimezone(current_hospital().zone).hour != AT_HOUR:
        return 0
    wrong = find_mismatches()
    for bed, sentence in wrong:
        log.error("bed_disagrees", bed=bed.code, status=bed.status, wrong=sentence)
    return len(wrong)
