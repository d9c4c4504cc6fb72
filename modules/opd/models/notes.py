"""What the doctor heard, found and decided at a visit, and what was added later."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.opd.models.visits import Visit
from portal.kit import Choice, Exposed, Record, Voidable, WrongState, _, now, transition


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

    visit: Mapped[Visit] = relationship(back_populates="consultation")
    addenda: Mapped[list["Addendum"]] = relationship(lambda: Addendum, order_by=lambda: Addendum.at)

    def __str__(self) -> str:
        return _("Consultation of {number}", number=self.visit.number)

    def change(self, **facts) -> "Consultation":
        """Write the note on; raises `WrongState` where it is signed (OPD-5)."""
        self.refuse_signed()
        for name, value in facts.items():
            setattr(self, name, value)
        return self

    def refuse_signed(self) -> None:
        """Raise `WrongState` where the note is closed (OPD-5)."""
        self.refuse_voided()
        if self.status != "draft":
            raise WrongState(_("The consultation is signed and closed. Add to it with an addendum."), self.visit)

    @transition("draft", "signed", needs="sign")
    def sign(self) -> None:
        """The doctor stands for what is written, and it is closed."""
        self.signed_by, self.signed_at = self.updated_by, now()

    @transition("signed", "amended", needs="sign")
    def amend(self) -> None:
        """Something was added after it was signed."""

    def add(self, body: str, by: int) -> "Addendum":
        """Add something after it was signed, with the day and the author; raises `WrongState` before (OPD-5)."""
        self.refuse_voided()
        if self.status == "draft":
            raise WrongState(_("The consultation is not signed yet. Write it into the note."), self.visit)
        if self.status == "signed":
            self.amend()
        addendum = Addendum(body=body, by=by)
        self.addenda.append(addendum)
        return addendum


class Addendum(Voidable, Record):
    """What was added to a consultation after it was signed (OPD-5)."""

    __tablename__ = "opd_addendum"

    consultation_id: Mapped[int] = mapped_column(sa.ForeignKey("opd_consultation.id"), index=True)
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
