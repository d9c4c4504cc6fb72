"""Voiding an admission that was entered in error: whatever began with it ends, and the bed is free to be cleaned."""

import sqlalchemy as sa

from modules.doctors.api import stop_prescriptions
from modules.ipd.models import Admission
from modules.rooms.api import BedAllocation, cancel_reservation, held_by, release_bed
from portal.kit import _, db, emit, hold


def void_admission(admission: Admission, reason: str) -> Admission:
    """Take the admission out of every list and sum, with its bed, its visit, its medicines and what was planned.

    What was written and given stays to be read. Who charges it hears `ipd.voiding` first and may refuse, then
    `ipd.voided`. Raises `WrongState` where it is void already.
    """
    with db.session.begin_nested():
        hold(admission)
        admission.refuse_voided()
        emit("ipd.voiding", admission)
        _leave_the_bed(admission)
        _end_the_visit(admission)
        stop_prescriptions(admission.encounter_id, note=_("The admission was entered in error"))
        lain = sa.select(BedAllocation).where(
            BedAllocation.admission_id == admission.id, BedAllocation.voided_at.is_(None)
        )
        for allocation in db.session.scalars(lain).all():
            allocation.void(reason)
        admission.active_key = None
        admission.void(reason)
        emit("ipd.voided", admission)
    return admission


def _leave_the_bed(admission: Admission) -> None:
    held = held_by(admission.patient_id)
    if held is None or held.admission_id != admission.id:
        return
    if held.status == "active":
        release_bed(admission.patient_id, "error")
    else:
        cancel_reservation(held)


def _end_the_visit(admission: Admission) -> None:
    if admission.is_waiting:
        admission.encounter.cancel()
    elif admission.is_in_bed:
        admission.encounter.finish()
