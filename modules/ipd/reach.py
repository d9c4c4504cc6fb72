"""Which inpatients somebody sees: all of them, or those of the own department, wards and team."""

import sqlalchemy as sa
from flask import abort

from modules.doctors.api import Doctor, ask_why_or_403, opens_notes
from modules.ipd.models import Admission, CareTeamMember
from modules.ipd.models.admission import WAITING
from modules.nurses.api import wards_cared_for
from modules.rooms.api import Bed, BedAllocation, Room, Ward
from modules.staff.api import Staff
from portal.kit import current_user, db, get_or_404


def own_only() -> sa.ColumnElement[bool]:
    """What lists show to the person at work; to a nurse also the wards that nursing lets them see, and who waits there.

    Who holds no permission to see inpatients, and opens a list by another one, such as clearing bills, sees what that
    list is about.
    """
    if current_user.may("ipd.view") or not current_user.may("ipd.view_own"):
        return sa.true()
    member = sa.select(Staff.id).where(Staff.user_id == current_user.id)
    places = sa.select(Staff.department_id).where(Staff.user_id == current_user.id)
    mine = sa.select(Doctor.id).where(Doctor.by_user(current_user.id))
    in_team = sa.select(CareTeamMember.admission_id).where(
        CareTeamMember.staff_id.in_(member), CareTeamMember.to_at.is_(None)
    )
    nursed = sa.select(Ward.id).where(Ward.id.in_(wards_cared_for()))
    in_ward = (
        sa.select(BedAllocation.admission_id)
        .join(Bed, Bed.id == BedAllocation.active_bed_id)
        .join(Room, Room.id == Bed.room_id)
        .join(Ward, Ward.id == Room.ward_id)
        .where(sa.or_(Ward.department_id.in_(places), Ward.id.in_(nursed)), BedAllocation.admission_id.is_not(None))
    )
    for_ward = sa.and_(
        Admission.status.in_(WAITING),
        sa.or_(
            Admission.ward_wanted_id.in_(nursed),
            Admission.department_id.in_(sa.select(Ward.department_id).where(Ward.id.in_(nursed))),
        ),
    )
    return sa.or_(
        Admission.department_id.in_(places),
        Admission.attending_id.in_(mine),
        Admission.requested_by.in_(mine),
        Admission.id.in_(in_team),
        Admission.id.in_(in_ward),
        for_ward,
    )


def seen_of(patient_id: int) -> sa.ColumnElement[bool]:
    """Which stays of one patient the person at work reads: all, for a doctor to whom the notes are open (DOC-6)."""
    if current_user.may("ipd.view_own") and opens_notes(patient_id):
        return sa.true()
    return own_only()


def read_or_404(admission_id: int) -> Admission:
    """The admission with this id, to be read; a doctor of other patients is asked for a reason first (DOC-6)."""
    admission = get_or_404(Admission, admission_id)
    if not db.session.scalar(
        sa.select(Admission.id).where(Admission.id == admission_id, seen_of(admission.patient_id))
    ):
        ask_why_or_403(admission.patient_id)
    return admission


def reached_or_404(admission_id: int) -> Admission:
    """The admission with this id, to work on; 403 where it is none of those that the person at work sees."""
    admission = get_or_404(Admission, admission_id)
    if not db.session.scalar(sa.select(Admission.id).where(Admission.id == admission_id, own_only())):
        abort(403)
    return admission
