"""How to reach the hospital, and what people asked it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Record, Voidable, now, transition


class Channel(Record):
    """A way to reach the hospital or one of its departments."""

    __tablename__ = "contact_channel"

    kind: Mapped[str] = mapped_column(Choice("phone", "email", "address", "map", "emergency", "hours", name="kind"))
    label: Mapped[str] = mapped_column(sa.String(120))
    value: Mapped[str] = mapped_column(sa.String(300))
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    sort: Mapped[int] = mapped_column(default=0)
    is_public: Mapped[bool] = mapped_column(default=True)


class Enquiry(Voidable, Record):
    """A question from outside; its sender's address is kept only as a hash.

    new → assigned → answered → closed;  answered → reopened → assigned;  new | assigned → spam
    """

    __tablename__ = "contact_enquiry"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    category: Mapped[str] = mapped_column(
        Choice("general", "appointment", "billing", "complaint", "records", "other", name="category"), default="general"
    )
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice("new", "assigned", "answered", "closed", "reopened", "spam", name="status"), default="new"
    )
    assigned_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    due_at: Mapped[datetime]
    first_reply_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    source_ip_hash: Mapped[str] = mapped_column(sa.String(64), default="")

    @transition("new | reopened", "assigned", needs="assign")
    def assign(self, assigned_to_id: int) -> None:
        """Somebody looks after the enquiry."""
        self.assigned_to_id = assigned_to_id

    @transition("assigned", "answered", needs="reply")
    def answer(self) -> None:
        """The sender has an answer."""
        self.first_reply_at = self.first_reply_at or now()

    @transition("answered", "closed", needs="close")
    def close(self) -> None:
        """Nothing is left to answer."""
        self.closed_at = now()

    @transition("answered", "reopened", needs="reply")
    def reopen(self) -> None:
        """The sender has asked again."""

    @transition("new | assigned", "spam", needs="close")
    def mark_spam(self) -> None:
        """Nobody need answer this."""


class Reply(Voidable, Record):
    """An answer to an enquiry, or a note that only staff see."""

    __tablename__ = "contact_reply"

    enquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("contact_enquiry.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(default=now)
    is_internal: Mapped[bool] = mapped_column(default=False)
