"""What is kept beside an emergency visit: how urgent it was judged each time, and what was noted."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Record, Voidable, now


class Triage(Voidable, Record):
    """How urgent a visit was judged, by whom and why; earlier ones are kept (ER-4)."""

    __tablename__ = "emergency_triage"
    __table_args__ = (sa.CheckConstraint("level BETWEEN 1 AND 5", name="level"),)

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("emergency_visit.id"), index=True)
    level: Mapped[int]
    triaged_at: Mapped[datetime] = mapped_column(default=now)
    triaged_by: Mapped[int] = mapped_column(sa.ForeignKey("nurses_nurse.id"), index=True)
    vital_sign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("nurses_vitalsign.id"), index=True)
    discriminator: Mapped[str | None] = mapped_column(sa.String(200))
    pain: Mapped[int | None]
    is_retriage: Mapped[bool] = mapped_column(default=False)


class Note(Voidable, Record):
    """What somebody wrote about an emergency visit."""

    __tablename__ = "emergency_note"

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("emergency_visit.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    body: Mapped[str] = mapped_column(sa.Text)
