"""Who works on which ward in which shift; head nurses say so for their own ward."""

from datetime import date

import sqlalchemy as sa

from modules.nurses.find import find_own_nurse
from modules.nurses.models import Assignment
from portal.kit import Refused, _, current_user, db
from portal.kit.claims import claim


def assign(**facts) -> Assignment:
    """Put a nurse on a shift; raises `Refused` for a second ward in one shift, and for a ward that is not one's own."""
    refuse_other_ward(facts["ward_id"])
    return claim(Assignment(**facts), _("This nurse works that shift already. Take that assignment away first"))


def remove(assignment: Assignment) -> Assignment:
    """Take a nurse off a shift; raises `Refused` for a ward that is not one's own."""
    refuse_other_ward(assignment.ward_id)
    return assignment.remove()


def refuse_other_ward(ward_id: int) -> None:
    """Raise `Refused` where the person at work may only assign in the own ward, and leads another one, or none."""
    if current_user.may("nurses.assignment_change"):
        return
    own = find_own_nurse()
    if own is None or not own.is_head or own.ward_id != ward_id:
        raise Refused(_("Only the head nurse of the ward assigns there"), "ward_id")


def assignments_of(day: date, ward_ids: set[int] | None = None) -> list[Assignment]:
    """Who works on a day, by ward and shift."""
    query = sa.select(Assignment).where(Assignment.shift_date == day)
    if ward_ids is not None:
        query = query.where(Assignment.ward_id.in_(ward_ids))
    return list(db.session.scalars(query.order_by(Assignment.ward_id, Assignment.shift_id, Assignment.id)))
