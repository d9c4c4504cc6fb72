"""What is done for somebody who stays: the team, the rounds, the diet."""

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Record, Voidable, now

if TYPE_CHECKING:
    pass


class CareTeamMember(Record):
    """A member of staff who looks after an inpatient, in which role and since when."""

    __tablename__ = "ipd_careteam"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(40))
    from_at: Mapped[datetime] = mapped_column(default=now)
    to_at: Mapped[datetime | None]


class Round(Voidable, Record):
    """What a doctor heard, found, thinks and plans at the bedside."""

    __tablename__ = "ipd_round"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    subjective: Mapped[str] = mapped_column(sa.Text, default="")
    objective: Mapped[str] = mapped_column(sa.Text, default="")
    assessment: Mapped[str] = mapped_column(sa.Text, default="")
    plan: Mapped[str] = mapped_column(sa.Text, default="")
    signed_at: Mapped[datetime | None]


class DietOrder(Record):
    """What an inpatient may eat, and for how long."""

    __tablename__ = "ipd_dietorder"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    diet: Mapped[str] = mapped_column(sa.String(120))
    from_at: Mapped[datetime] = mapped_column(default=now)
    to_at: Mapped[datetime | None]
