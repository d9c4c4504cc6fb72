"""The queues of the outpatient clinics, the visits, and what the doctors wrote."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Voidable, now, transition

TOKEN_PRIORITIES = ("normal", "elderly", "disabled", "pregnant", "urgent")
TOKEN_STATUSES = ("issued", "called", "serving", "done", "skipped", "cancelled")
VISIT_STATUSES = ("registered", "vitals_done", "in_consultation", "awaiting_results", "completed", "left")
DISPOSITIONS = ("home", "admit", "refer", "emergency", "review")


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

    @transition("open", "paused", needs="call")
    def pause(self) -> None:
        """Nobody is called for a while."""

    @transition("paused", "open", needs="call")
    def resume(self) -> None:
        """Patients are called again."""

    @transition("open | paused", "closed", needs="call")
    def close(self) -> None:
        """The session is over."""


class Visit(Voidable, Record):
    """A patient comes to the outpatient clinic.

    registered → vitals_done → in_consultation → awaiting_results → in_consultation → completed
    registered → in_consultation;  registered | vitals_done → left
    """

    __tablename__ = "opd_visit"
    announced_as = "opd"
    __table_args__ = (sa.Index("ix_opd_visit_doctor_arrived", "doctor_id", "arrived_at"),)

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments_appointment.id"), unique=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    visit_type: Mapped[str] = mapped_column(Choice("new", "follow_up", "review", name="visit_type"), default="new")
    status: Mapped[str] = mapped_column(Choice(*VISIT_STATUSES, name="status"), default="registered")
    arrived_at: Mapped[datetime] = mapped_column(default=now)
    vitals_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    disposition: Mapped[str | None] = mapped_column(Choice(*DISPOSITIONS, name="disposition"))

    @transition("registered", "vitals_done", needs="vitals")
    def record_vitals(self) -> None:
        """A nurse has taken the vital signs."""
        self.vitals_at = now()

    @transition("registered | vitals_done", "in_consultation", needs="consult")
    def start(self) -> None:
        """The doctor sees the patient."""
        self.started_at = now()

    @transition("in_consultation", "awaiting_results", needs="consult")
    def await_results(self) -> None:
        """The patient waits for results before the doctor decides."""

    @transition("awaiting_results", "in_consultation", needs="consult")
    def resume(self) -> None:
        """The doctor sees the patient again."""

    @transition("in_consultation", "completed", needs="sign")
    def complete(self, disposition: str) -> None:
        """The doctor has finished and said where the patient goes."""
        self.disposition, self.completed_at = disposition, now()

    @transition("registered | vitals_done", "left", needs="cancel")
    def leave(self) -> None:
        """The patient went away before the consultation."""


class Token(Record):
    """A patient's number in a queue; `serving_key` lets a counter serve one at a time (OPD-3).

    issued → called → serving → done;  called → skipped → issued;  issued | called → cancelled
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

    @transition("issued", "called", needs="call")
    def call(self, counter: str) -> None:
        """The patient is asked to come."""
        self.counter, self.called_at = counter, now()

    @transition("called", "serving", needs="call")
    def serve(self) -> None:
        """The patient has come."""
        self.served_at, self.serving_key = now(), f"{self.queue_id}:{self.counter}"

    @transition("serving", "done", needs="call")
    def finish(self) -> None:
        """The patient was seen, and the next one can be called."""
        self.done_at, self.serving_key = now(), None

    @transition("called", "skipped", needs="call")
    def skip(self) -> None:
        """The patient did not answer."""

    @transition("skipped", "issued", needs="call")
    def requeue(self) -> None:
        """The patient is back and waits again."""
        self.counter, self.called_at, self.recalls = None, None, 0

    @transition("issued | called", "cancelled", needs="cancel")
    def cancel(self) -> None:
        """The patient does not wait any longer."""


class Consultation(Voidable, Exposed, Record):
    """What the doctor heard, found, thinks and plans at a visit.

    draft → signed → amended
    """

    __tablename__ = "opd_consultation"

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("opd_visit.id"), unique=True)
    complaint: Mapped[str] = mapped_column(sa.Text, default="")
    history: Mapped[str] = mapped_column(sa.Text, default="")
    examination: Mapped[str] = mapped_column(sa.Text, default="")
    assessment: Mapped[str] = mapped_column(sa.Text, default="")
    plan: Mapped[str] = mapped_column(sa.Text, default="")
    advice: Mapped[str | None] = mapped_column(sa.Text)
    followup_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Choice("draft", "signed", "amended", name="status"), default="draft")
    signed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    signed_at: Mapped[datetime | None]

    @transition("draft", "signed", needs="sign")
    def sign(self) -> None:
        """The doctor stands for what is written, and it is closed."""
        self.signed_by, self.signed_at = self.updated_by, now()

    @transition("signed", "amended", needs="sign")
    def amend(self) -> None:
        """Something was added after it was signed."""


class Addendum(Voidable, Record):
    """What was added to a consultation after it was signed (OPD-5)."""

    __tablename__ = "opd_addendum"

    consultation_id: Mapped[int] = mapped_column(sa.ForeignKey("opd_consultation.id"), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)


class FeeValidity(Record):
    """How long, and how often, a patient may come back to a doctor without a new fee (OPD-8)."""

    __tablename__ = "opd_feevalidity"
    __table_args__ = (sa.CheckConstraint("used_visits <= max_visits", name="used_visits"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    max_visits: Mapped[int]
    used_visits: Mapped[int] = mapped_column(default=0)
    source_visit_id: Mapped[int] = mapped_column(sa.ForeignKey("opd_visit.id"), index=True)
