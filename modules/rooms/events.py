"""What rooms have to say when something happens elsewhere."""

import sqlalchemy as sa

from modules.rooms.models import BedAllocation, Ward
from portal.kit import Record, Refused, _, db, held, on


@on("department.closing")
def keep_wards_in_a_department(department: Record) -> None:
    """A department with a ward in use cannot be closed (STF-3)."""
    ours = sa.select(Ward.name).where(Ward.department_id == department.id, Ward.is_active)
    name = db.session.scalar(ours.order_by(Ward.name).limit(1))
    if name:
        raise Refused(_("{ward} belongs to it. Move or close the ward first", ward=name), "is_active")


@on("patient.merging")
def keep_the_bed(merge: Record) -> None:
    """Who lies in a bed under the number that disappears lies there under the one that is kept (PAT-3)."""
    kept = sa.select(BedAllocation).where(BedAllocation.active_patient_id.in_((merge.kept_id, merge.merged_id)))
    beds = db.session.scalars(held(kept)).all()
    if len(beds) > 1:
        raise Refused(_("Both records hold a bed. Free one of them before you merge the records"))
    for bed in beds:
        bed.active_patient_id = merge.kept_id
