"""What outpatient work puts into a doctor's day: who is called, who waits, and the notes that are not signed."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from modules.doctors.api import Doctor
from modules.opd import module, words
from modules.opd.board import queues_for, read_board
from modules.opd.models import Consultation, Visit
from portal.kit import db, fragment

MOST = 20


@module.fills("doctors.my_day", needs="consult", order=10)
def queues_and_notes(doctor: Doctor) -> list[str]:
    """The doctor's queues of today, and the consultations to go on with."""
    board = read_board(queues_for(doctor))
    return [fragment("opd/_day.html", board=board, doctor=doctor, notes=notes_of(doctor), words=words)]


def notes_of(doctor: Doctor) -> list[Visit]:
    """The visits of a doctor whose note is not signed, the oldest first."""
    query = sa.select(Visit).join(Consultation, Consultation.visit_id == Visit.id)
    query = query.where(Visit.doctor_id == doctor.id, Consultation.status == "draft", Visit.voided_at.is_(None))
    query = query.options(joinedload(Visit.patient), joinedload(Visit.token))
    return list(db.session.scalars(query.order_by(Visit.started_at, Visit.id).limit(MOST)))
