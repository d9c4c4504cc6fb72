"""What the wards' admissions do about what happens elsewhere."""

import sqlalchemy as sa

from modules.ipd.models import Admission
from portal.kit import Record, Refused, _, db, on

OPEN = ("requested", "waiting_bed", "admitted", "discharge_ordered")


@on("patient.merging")
def refuse_while_somebody_stays(merge: Record) -> None:
    """Two records become one only when neither has an open admission (PAT-3)."""
    ids = (merge.kept_id, merge.merged_id)
    staying = sa.select(Admission).where(
        Admission.patient_id.in_(ids), Admission.status.in_(OPEN), Admission.voided_at.is_(None)
    )
    admission = db.session.scalar(staying.order_by(Admission.id).limit(1))
    if admission:
        number = admission.number
        raise Refused(_("Admission {number} is open. End or cancel it before you merge the records", number=number))
