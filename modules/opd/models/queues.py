"""Who waits: the queues of the clinics, and the numbers that patients hold."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.doctors.api import Doctor
from modules.patients.api import Patient
from modules.rooms.api import Room
from modules.staff.api import Department
from portal.kit import Choice, Record, Refused, _, db, now, transition
from portal.kit.claims import claim

TOKEN_PRIORITIES = ("normal", "elderly", "disabled", "pregnant", "urgent")
TOKEN_STATUSES = ("issued", "called", "serving", "done", "skipped", "cancelled")
BEHIND = 99  # as `recalls`: did not answer, and waits behind the others


class Queue(Record):
    """Who waits for a doctor or a department in one session of a day.

    open ↔ paused;  open | paused → closed
    """

    __tablename__ = "opd_queue"

    queue_key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    queue_date: Mapped[date]
    session: Mapped[str] = mapped_column(Choice("am", "pm", "eve", name="session"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_room.id"), index=True)
    status: Mapped[str] = mapped_column(Choice("open", "paused", "closed", name="status"), default="open")
    last_number: Mapped[int] = mapped_column(default=0)

    doctor: Mapped[Doctor | None] = relationship(Doctor)
    department: Mapped[Department] = relationship(Department)
    room: Mapped[Room | None] = relationship(Room)

    def __str__(self) -> str:
        return str(self.doctor or self.department.name)

    @property
    def prefix(self) -> str:
        """The letters before its numbers: the doctor's initials, or the department's code."""
        return self.doctor.initials.upper() if self.doctor else self.department.code[:6]

    def count_on(self) -> int:
        """The next number of the queue; raises `Refused` where the queue is closed.

        Counted and read in one statement, and taken back with its transaction: no gap and no repeat (OPD-1).
        """
        db.session.flush()
        statement = sa.update(Queue).where(Queue.id == self.id, Queue.status != "closed")
        statement = statement.values(last_number=Queue.last_number + 1, version=Queue.version + 1)
        statement = statement.returning(Queue.last_number).execution_options(synchronize_session=False)
        number = db.session.scalar(statement)
        if number is None:
            raise Refused(_("This queue is closed. Choose another doctor, or a later session"))
        db.session.refresh(self)
        return number

    @transition("open", "paused", needs="call")
    def pause(self) -> None:
        """Nobody is called for a while."""

    @transition("paused", "open", needs="call")
    def resume(self) -> None:
        """Patients are called again."""

    @transition("open | paused", "closed", needs="call", asks=_("Nobody gets a number of this queue any more."))
    def close(self) -> None:
        """The session is over."""

    def refuse_waiting(self) -> None:
        """Raise `Refused` where somebody still waits in the queue."""
        waits = sa.select(Token.id).where(Token.queue_id == self.id, Token.status.in_(("issued", "called", "serving")))
        if db.session.scalar(waits.limit(1)):
            raise Refused(_("Patients wait in this queue. Call them, or cancel their numbers, before you close it"))


class Token(Record):
    """A patient's number in a queue; `serving_key` lets a counter serve one at a time (OPD-3).

    issued → called → serving → done;  called → skipped → issued;  issued | called → cancelled;  serving → issued

    `recalls` is how often the patient did not answer. Who waits for results is still serving, without a counter.
    """

    __tablename__ = "opd_token"
    __table_args__ = (
        sa.UniqueConstraint("queue_id", "number"),
        sa.Index("ix_opd_token_queue_status", "queue_id", "status", "priority", "number"),
    )

    queue_id: Mapped[int] = mapped_column(sa.ForeignKey("opd_queue.id"))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(sa.String(20))
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments_appointment.id"), unique=True)
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("opd_visit.id"), unique=True)
    priority: Mapped[str] = mapped_column(Choice(*TOKEN_PRIORITIES, name="priority"), default="normal")
    status: Mapped[str] = mapped_column(Choice(*TOKEN_STATUSES, name="status"), default="issued")
    counter: Mapped[str | None] = mapped_column(sa.String(20))
    issued_at: Mapped[datetime] = mapped_column(default=now)
    called_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    recalls: Mapped[int] = mapped_column(default=0)
    serving_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

    queue: Mapped[Queue] = relationship()
    patient: Mapped[Patient] = relationship(Patient, lazy="raise")

    def __str__(self) -> str:
        return self.label

    @property
    def waits_for_results(self) -> bool:
        """The doctor has seen the patient, and nobody is called before the results are there."""
        return self.status == "serving" and self.serving_key is None

    @property
    def unanswered(self) -> int:
        """How many calls the patient has not answered since they last came forward."""
        return self.recalls % BEHIND

    @transition("issued", "called", needs="call")
    def call(self, counter: str) -> None:
        """The patient is asked to come."""
        self.counter, self.called_at = counter, now()

    @transition("called", "serving", needs="call")
    def serve(self) -> None:
        """The patient has come."""
        self.served_at = self.served_at or now()
        sentence = _("{counter} still serves another patient. Finish that one first", counter=self.counter)
        claim(self, sentence, serving_key=f"{self.queue_id}:{self.counter}")

    @transition("serving", "done", needs="call")
    def finish(self) -> None:
        """The patient was seen, and the next one can be called."""
        self.done_at, self.serving_key = now(), None

    @transition("serving", "issued", needs="call")
    def come_back(self) -> None:
        """The results are there, and the patient is called next."""
        self.counter, self.called_at, self.recalls, self.serving_key = None, None, 0, None

    @transition("called", "skipped", needs="call")
    def skip(self) -> None:
        """The patient did not answer and waits at the end."""

    @transition("skipped", "issued", needs="call")
    def requeue(self) -> None:
        """The patient is back and waits again."""
        self.counter, self.called_at, self.recalls = None, None, BEHIND

    @transition("issued | called", "cancelled", needs="cancel")
    def cancel(self) -> None:
        """The patient does not wait any longer."""
