"""Who is told what, by which way, and whether it arrived."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Record, now, transition

CHANNELS = ("in_app", "email", "sms")


class Template(Record):
    """The words of a notice in one language for one channel."""

    __tablename__ = "notifications_template"
    __table_args__ = (sa.UniqueConstraint("code", "channel", "locale"),)

    code: Mapped[str] = mapped_column(sa.String(60))
    channel: Mapped[str] = mapped_column(Choice(*CHANNELS, name="channel"))
    locale: Mapped[str] = mapped_column(sa.String(10))
    subject: Mapped[str | None] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)


class Rule(Record):
    """Who hears of an event, through which channels, and how much later."""

    __tablename__ = "notifications_rule"

    event_name: Mapped[str] = mapped_column(sa.String(80))
    audience: Mapped[str] = mapped_column(
        Choice("actor", "patient", "doctor", "department_head", "role", "user", name="audience")
    )
    role: Mapped[str | None] = mapped_column(sa.String(60))
    template_code: Mapped[str] = mapped_column(sa.String(60))
    channels: Mapped[list] = mapped_column(sa.JSON, default=list)
    delay_min: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class Notification(Record):
    """One thing one person is told, once for each event."""

    __tablename__ = "notifications_notification"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "code", "recipient_key"),
        sa.Index("ix_notifications_notification_user_read_at", "user_id", "read_at"),
    )

    recipient_key: Mapped[str] = mapped_column(sa.String(40))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"))
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("core_event.id"))
    code: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    link: Mapped[str | None] = mapped_column(sa.String(300))
    severity: Mapped[str] = mapped_column(Choice("info", "warning", "critical", name="severity"), default="info")
    read_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class Delivery(Record):
    """A notification on its way through one channel.

    queued → sent → delivered;  queued → failed → queued (3 tries);  queued → suppressed
    """

    __tablename__ = "notifications_delivery"
    __table_args__ = (sa.UniqueConstraint("notification_id", "channel"),)

    notification_id: Mapped[int] = mapped_column(sa.ForeignKey("notifications_notification.id"))
    channel: Mapped[str] = mapped_column(Choice(*CHANNELS, name="channel"))
    address: Mapped[str] = mapped_column(sa.String(254))
    status: Mapped[str] = mapped_column(
        Choice("queued", "sent", "delivered", "failed", "suppressed", name="status"), default="queued"
    )
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(500))
    sent_at: Mapped[datetime | None]

    @transition("queued", "sent", needs="delivery_change")
    def send(self) -> None:
        """The message has left the hospital."""
        self.sent_at, self.attempts = now(), self.attempts + 1

    @transition("sent", "delivered", needs="delivery_change")
    def confirm(self) -> None:
        """The message has arrived."""

    @transition("queued", "failed", needs="delivery_change")
    def fail(self, last_error: str) -> None:
        """The message could not be sent."""
        self.attempts, self.last_error = self.attempts + 1, last_error

    @transition("failed", "queued", needs="delivery_change")
    def retry(self) -> None:
        """The message will be sent again."""

    @transition("queued", "suppressed", needs="delivery_change")
    def suppress(self, last_error: str) -> None:
        """The message is not sent, because there is no reason or no way to send it any more."""
        self.last_error = last_error


class Preference(Record):
    """Whether a person wants a kind of notice through a channel."""

    __tablename__ = "notifications_preference"
    __table_args__ = (sa.UniqueConstraint("user_id", "code", "channel"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"))
    code: Mapped[str] = mapped_column(sa.String(60))
    channel: Mapped[str] = mapped_column(Choice(*CHANNELS, name="channel"))
    enabled: Mapped[bool] = mapped_column(default=True)
