"""The nurse at work, for those who judge how urgent a visit is."""

import sqlalchemy as sa

from modules.emergency.models import Triage
from portal.kit import current_user, db


def find_own_nurse_id() -> int | None:
    """The nurse who is signed in; None for everybody else."""
    nurse = Triage.metadata.tables["nurses_nurse"]
    mine = sa.select(nurse.c.id).where(nurse.c.user_id == current_user.id, nurse.c.status == "active")
    return db.session.scalar(mine)


def nurse_names(ids: set[int]) -> dict[int, str]:
    """What these nurses are called."""
    nurse, member = (Triage.metadata.tables[name] for name in ("nurses_nurse", "staff_staff"))
    query = sa.select(nurse.c.id, member.c.first_name + " " + member.c.last_name)
    query = query.join(member, member.c.id == nurse.c.staff_id).where(nurse.c.id.in_(ids))
    return dict(db.session.execute(query).all())
