"""Video visits: the session, who takes part, what they write, and the links that let patients in."""

from datetime import datetime
from secrets import token_urlsafe

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Voidable, now, transition

PEOPLE = ("patient", "doctor", "guest", "interpreter")


class Session(Voidable, Exposed, Record):
    """A video visit of an appointment; the room's name is random and tells nothing.

    scheduled → waiting → in_progress → completed;  scheduled | waiting → cancelled | no_show;
    in_progress → failed → in_progress (rejoin) | completed
    """

    __tablename__ = "telemedicine_session"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    appointment_id: Mapped[int] = mapped_column(sa.ForeignKey("appointments_appointment.id"), unique=True)
    encounter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_encounter.id"), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    room_token: Mapped[str] = mapped_column(sa.String(64), unique=True, default=lambda: token_urlsafe(48))
    provider: Mapped[str] = mapped_column(Choice("jitsi", "external_link", "none", name="provider"), default="none")
    status: Mapped[str] = mapped_column(
        Choice("scheduled", "waiting", "in_progress", "completed", "cancelled", "no_show", "failed", name="status"),
        default="scheduled",
    )
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    patient_joined_at: Mapped[datetime | None]
    doctor_joined_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(sa.String(200))
    fallback_phone: Mapped[str | None] = mapped_column(sa.String(40))

    @transition("scheduled", "waiting", needs="assist")
    def receive(self) -> None:
        """The patient is there and waits for the doctor."""
        self.patient_joined_at = now()

    @transition("waiting", "in_progress", needs="start")
    def start(self) -> None:
        """The doctor has let the patient in."""
        self.doctor_joined_at, self.started_at = self.doctor_joined_at or now(), now()

    @transition("in_progress", "failed", needs="end")
    def fail(self, end_reason: str) -> None:
        """The connection broke."""
        self.ended_at, self.end_reason = now(), end_reason

    @transition("failed", "in_progress", needs="admit")
    def rejoin(self) -> None:
        """The two are connected again."""
        self.ended_at = self.end_reason = None

    @transition("in_progress | failed", "completed", needs="end")
    def complete(self) -> None:
        """The visit is over."""
        self.ended_at = now()

    @transition("scheduled | waiting", "cancelled", needs="add")
    def cancel(self, end_reason: str) -> None:
        """The visit does not take place."""
        self.ended_at, self.end_reason = now(), end_reason

    @transition("scheduled | waiting", "no_show", needs="end")
    def mark_no_show(self) -> None:
        """The two did not meet."""
        self.ended_at = now()


class Participant(Record):
    """Somebody in a session, and from when to when."""

    __tablename__ = "telemedicine_participant"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey("telemedicine_session.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice(*PEOPLE, name="kind"))
    name: Mapped[str] = mapped_column(sa.String(120))
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class Message(Voidable, Record):
    """Something written in the chat; it is part of the record and is not edited."""

    __tablename__ = "telemedicine_message"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey("telemedicine_session.id"), index=True)
    sender_kind: Mapped[str] = mapped_column(Choice(*PEOPLE, name="sender_kind"))
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(default=now)
    attachment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("core_attachment.id"), index=True)


class Invite(Record):
    """A link that lets a patient in; only its hash is kept."""

    __tablename__ = "telemedicine_invite"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey("telemedicine_session.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    sent_to: Mapped[str] = mapped_column(sa.String(254))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
