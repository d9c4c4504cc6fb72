"""Giving out numbers, and calling who comes next: one patient for each counter, whoever presses at the same instant."""

from datetime import datetime

import sqlalchemy as sa

from modules.doctors.api import Doctor
from modules.opd.house import calls
from modules.opd.models import Queue, Token, Visit
from modules.opd.models.queues import BEHIND
from modules.staff.api import Department
from portal.kit import Refused, _, current_hospital, db, emit, hold, now
from portal.kit.claims import claim

NOON, EVENING = 12, 17
SESSION_ORDER = sa.case({"am": 0, "pm": 1}, value=Queue.session, else_=2)
# Who is back with results, then who waits, then who did not answer (OPD-3, OPD-7); among them OPD-2.
IN_ORDER = (
    sa.case((Token.served_at.is_not(None), 0), (Token.recalls >= BEHIND, 2), else_=1),
    sa.case({"urgent": 0, "normal": 2}, value=Token.priority, else_=1),
    Token.number,
)


def session_of(at: datetime) -> str:
    """The part of the hospital's day: am, pm or eve."""
    hour = at.astimezone(current_hospital().zone).hour
    return "am" if hour < NOON else "pm" if hour < EVENING else "eve"


def queue_of(owner: Doctor | Department, at: datetime) -> Queue:
    """The queue of a doctor, or of a whole department, at this time of the day; a new one where there is none yet."""
    is_doctor = isinstance(owner, Doctor)
    day, session = at.astimezone(current_hospital().zone).date(), session_of(at)
    key = f"{'doctor' if is_doctor else 'department'}:{owner.id}:{day}:{session}"
    known = sa.select(Queue).where(Queue.queue_key == key)
    found = db.session.scalar(known)
    if found is None:
        facts = _of_doctor(owner) if is_doctor else {"department_id": owner.id}
        try:
            found = claim(Queue(queue_key=key, queue_date=day, session=session, **facts), "")
        except Refused:  # somebody else opened it at the same moment
            found = db.session.scalars(known).one()
    return found


def _of_doctor(doctor: Doctor) -> dict:
    """What a new queue of a doctor begins with: the room is that of the last one."""
    query = sa.select(Queue.room_id).where(Queue.doctor_id == doctor.id, Queue.room_id.is_not(None))
    room_id = db.session.scalar(query.order_by(Queue.id.desc()).limit(1))
    return {"doctor_id": doctor.id, "department_id": doctor.department_id, "room_id": room_id}


def issue(queue: Queue, visit: Visit, priority: str = "normal") -> Token:
    """Give the patient of a visit the next number of the queue (OPD-1)."""
    number = queue.count_on()
    token = Token(
        queue=queue,
        number=number,
        label=f"{queue.prefix}-{number:03}",
        patient_id=visit.patient_id,
        appointment_id=visit.appointment_id,
        visit_id=visit.id,
        priority=priority,
    )
    db.session.add(token)
    db.session.flush()
    return token


def call_next(queue: Queue, counter: str) -> Token:
    """Call who comes next to this counter; raises `Refused` where nobody waits, or the counter has somebody (OPD-2)."""
    hold(queue)
    if queue.status != "open":
        raise Refused(_("Nobody is called from this queue now: it is {state}", state=queue.status))
    refuse_busy(queue, counter)
    token = db.session.scalar(_waiting(queue, "issued").order_by(*IN_ORDER))
    if token is None:
        token = db.session.scalar(_waiting(queue, "skipped").order_by(Token.called_at, Token.number))
    if token is None:
        raise Refused(_("Nobody waits in this queue"))
    return call_token(token, counter)


def _waiting(queue: Queue, status: str) -> sa.Select:
    """The tokens of a queue in a state, read anew."""
    query = sa.select(Token).where(Token.queue_id == queue.id, Token.status == status)
    return query.limit(1).execution_options(populate_existing=True)


def call_token(token: Token, counter: str) -> Token:
    """Call this patient to the counter, out of turn where somebody who may call decides so."""
    hold(token.queue, token)
    refuse_busy(token.queue, counter)
    if token.status == "skipped":
        token.requeue()
    token.call(counter)
    emit("opd.called", token)
    return token


def refuse_busy(queue: Queue, counter: str) -> None:
    """Raise `Refused` where the counter has called or serves somebody already (OPD-3)."""
    has = sa.or_(Token.status == "called", Token.serving_key == f"{queue.id}:{counter}")
    query = sa.select(Token.label).where(Token.queue_id == queue.id, Token.counter == counter, has)
    label = db.session.scalar(query.limit(1))
    if label:
        raise Refused(
            _("{counter} has {label} already. Finish or skip that number first", counter=counter, label=label)
        )


def call_again(token: Token) -> Token:
    """Call a patient who did not answer once more; after so many calls the patient waits at the end (OPD-3)."""
    hold(token.queue, token)
    if token.status != "called":
        raise Refused(_("{label} is not being called any more", label=token))
    token.recalls += 1
    db.session.flush()
    if token.recalls >= calls():
        token.skip()
    else:
        token.called_at = now()
        emit("opd.called", token)
    return token


def serve_here(token: Token, counter: str) -> Token:
    """The patient is with the doctor now, called or not; raises `Refused` where the counter has somebody else."""
    if token.status in ("issued", "skipped"):
        call_token(token, counter)
    if token.status == "called":
        token.serve()
    return token
