"""What appointments have to say when something happens elsewhere."""

import sqlalchemy as sa

from modules.appointments.models import Schedule
from portal.kit import Record, Refused, _, db, on, today

DOCTORS = sa.table("doctors_doctor", sa.column("id"), sa.column("department_id"))


@on("department.closing")
def keep_hours_in_a_department(department: Record) -> None:
    """A department whose doctors can still be booked cannot be closed (STF-3)."""
    doctors = sa.select(DOCTORS.c.id).where(DOCTORS.c.department_id == department.id)
    lasting = sa.or_(Schedule.valid_to.is_(None), Schedule.valid_to >= today())
    hours = sa.select(Schedule.id).where(Schedule.doctor_id.in_(doctors), Schedule.is_active, lasting)
    if db.session.scalar(hours.limit(1)):
        raise Refused(_("Its doctors have hours in which they can be booked. End those first"), "is_active")
