"""Judging how urgent a visit is, as often as it changes; every judgement is kept (ER-4)."""

from collections.abc import Sequence

import sqlalchemy as sa

from modules.emergency.models import Triage, Visit
from modules.nurses.api import Nurse, VitalSign
from portal.kit import Refused, WrongState, _, db, emit, guarded_update, now

URGENT = (1, 2)


def triage(visit: Visit, level: int, nurse_id: int | None, **facts) -> Triage:
    """Judge how urgent a visit is, the first time or again; the visit takes the latest level.

    Tells `er.triaged` each time, so that the doctor on call hears of level 1 and 2 at once (ER-5). `facts` are the
    discriminator, the pain and the vital signs. Raises `Refused` for who is no nurse, `WrongState` after departure.
    """
    if nurse_id is None:
        raise Refused(_("You are not in the register of nurses, so you cannot triage"))
    again = visit.status != "arrived"
    row = Triage(visit_id=visit.id, level=level, triaged_by=nurse_id, triaged_at=now(), is_retriage=again, **facts)
    db.session.add(row)
    db.session.flush()
    if again:
        _take_level(visit, level)
    else:
        visit.triage(level)
    return row


def _take_level(visit: Visit, level: int) -> None:
    here = (Visit.status == visit.status, Visit.voided_at.is_(None))
    if not visit.is_open or not guarded_update(visit, *here, triage_level=level):
        raise WrongState(_("The patient has left the emergency department"), visit)
    emit("er.triaged", visit)


def triages_of(visit: Visit) -> Sequence[sa.Row]:
    """Every judgement of a visit with the nurse and the vital signs, the latest first."""
    query = sa.select(Triage, Nurse, VitalSign).join(Nurse, Nurse.id == Triage.triaged_by)
    query = query.outerjoin(VitalSign, VitalSign.id == Triage.vital_sign_id)
    query = query.where(Triage.visit_id == visit.id, Triage.voided_at.is_(None))
    return db.session.execute(query.order_by(Triage.triaged_at.desc(), Triage.id.desc())).all()
