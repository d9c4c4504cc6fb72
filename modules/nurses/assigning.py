"""Who works on which ward in which shift; head nurses say so for their own ward."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa

from modules.nurses.find import find_own_nurse
from modules.nurses.models import AssignedPatient, Assignment, Nurse
from modules.nurses.shifts import shift_at_work
from portal.kit import Record, Refused, _, current_user, db
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
    if not may_assign_in(ward_id):
        raise Refused(_("Only the head nurse of the ward assigns there"), "ward_id")


def may_assign_in(ward_id: int) -> bool:
    """The person at work says who works on this ward: everywhere, or as the head nurse there."""
    if current_user.may("nurses.assignment_change"):
        return True
    own = find_own_nurse() if current_user.may("nurses.assignment_change_own") else None
    return own is not None and own.is_head and own.ward_id == ward_id


def assignments_of(day: date, ward_ids: set[int] | None = None) -> list[Assignment]:
    """Who works on a day, by ward and shift."""
    query = sa.select(Assignment).where(Assignment.shift_date == day)
    if ward_ids is not None:
        query = query.where(Assignment.ward_id.in_(ward_ids))
    return list(db.session.scalars(query.order_by(Assignment.ward_id, Assignment.shift_id, Assignment.id)))


def who_works(ward_id: int, day: date, shift_id: int) -> list[Assignment]:
    """Who works on a ward in a shift, who is in charge first."""
    at = (Assignment.ward_id == ward_id, Assignment.shift_date == day, Assignment.shift_id == shift_id)
    query = sa.select(Assignment).where(*at).order_by(Assignment.role != "charge", Assignment.id)
    return list(db.session.scalars(query))


def carers_of(encounter_ids: Collection[int]) -> dict[int, Nurse]:
    """Who cares for these stays in the shift that is at work, by visit; those without a nurse are left out."""
    at = shift_at_work()
    if at is None:
        return {}
    table = Record.metadata.tables["ipd_admission"]
    query = (
        sa.select(table.c.encounter_id, Assignment)
        .join(AssignedPatient, AssignedPatient.admission_id == table.c.id)
        .join(Assignment, Assignment.id == AssignedPatient.assignment_id)
        .where(table.c.encounter_id.in_(list(encounter_ids)))
        .where(Assignment.shift_date == at[0], Assignment.shift_id == at[1].id)
    )
    return {visit: assignment.nurse for visit, assignment in db.session.execute(query)}
