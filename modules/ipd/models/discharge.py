"""What a discharge needs: those who agree to it, and the summary that the next doctor reads."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.ipd.models.admission import Admission
from portal.kit import Choice, Exposed, Record, Refused, Voidable, WrongState, _, now, transition

CLEARANCE_WORDS = {
    "medical": _("Medical clearance"),
    "nursing": _("Nursing clearance"),
    "pharmacy": _("Pharmacy clearance"),
    "laboratory": _("Laboratory clearance"),
    "billing": _("Billing clearance"),
}
CLEARANCES = tuple(CLEARANCE_WORDS)
NEEDED = ("diagnoses", "course", "condition", "advice")


class Clearance(Record):
    """One of the parties that must agree before an inpatient leaves.

    pending → cleared | waived
    """

    __tablename__ = "ipd_clearance"
    __table_args__ = (sa.UniqueConstraint("admission_id", "kind"),)

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"))
    kind: Mapped[str] = mapped_column(Choice(*CLEARANCES, name="kind"))
    status: Mapped[str] = mapped_column(Choice("pending", "cleared", "waived", name="status"), default="pending")
    by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(sa.String(300))

    def __str__(self) -> str:
        return CLEARANCE_WORDS[self.kind]

    @transition("pending", "cleared", needs="clear_medical")
    def clear_medical(self) -> None:
        """A doctor agrees that the patient leaves."""
        self._clear("medical")

    @transition("pending", "cleared", needs="clear_nursing")
    def clear_nursing(self) -> None:
        """A nurse agrees that the patient leaves."""
        self._clear("nursing")

    @transition("pending", "cleared", needs="clear_pharmacy")
    def clear_pharmacy(self) -> None:
        """The pharmacy agrees that the patient leaves."""
        self._clear("pharmacy")

    @transition("pending", "cleared", needs="clear_laboratory")
    def clear_laboratory(self) -> None:
        """The laboratory agrees that the patient leaves."""
        self._clear("laboratory")

    @transition("pending", "cleared", needs="clear_billing")
    def clear_billing(self) -> None:
        """The cashier agrees that the patient leaves."""
        self._clear("billing")

    @transition("pending", "waived", needs="waive_clearance")
    def waive(self, reason: str) -> None:
        """The patient may leave without this clearance."""
        self.by, self.at, self.note = self.updated_by, now(), reason

    def _clear(self, kind: str) -> None:
        if kind != self.kind:
            raise Refused(_("This clearance is not yours to give"))
        self.by, self.at = self.updated_by, now()


class DischargeSummary(Voidable, Exposed, Record):
    """What the next doctor must know about a stay.

    draft → signed → amended
    """

    __tablename__ = "ipd_dischargesummary"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), unique=True)
    diagnoses: Mapped[str] = mapped_column(sa.Text, default="")
    course: Mapped[str] = mapped_column(sa.Text, default="")
    procedures: Mapped[str] = mapped_column(sa.Text, default="")
    key_results: Mapped[str] = mapped_column(sa.Text, default="")
    condition: Mapped[str] = mapped_column(sa.Text, default="")
    advice: Mapped[str] = mapped_column(sa.Text, default="")
    followup_on: Mapped[date | None]
    prescription_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_prescription.id"), index=True)
    status: Mapped[str] = mapped_column(Choice("draft", "signed", "amended", name="status"), default="draft")
    signed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    signed_at: Mapped[datetime | None]

    admission: Mapped[Admission] = relationship(Admission, lazy="select")

    def __str__(self) -> str:
        return _("Discharge summary")

    @property
    def is_signed(self) -> bool:
        """A doctor stands for what is written."""
        return self.status != "draft"

    def change(self, **facts) -> "DischargeSummary":
        """Write the summary; what is signed is corrected by amending it (`WrongState`)."""
        self.refuse_voided()
        if self.is_signed:
            raise WrongState(_("This is not possible any more: the summary is signed. Amend it instead."))
        for name, value in facts.items():
            setattr(self, name, value)
        return self

    def refuse_unready(self) -> None:
        """Raise `Refused` where a part that every summary needs is still empty."""
        for name in NEEDED:
            if not getattr(self, name).strip():
                raise Refused(_("Write diagnoses, course, condition and advice before you sign"), name)

    @transition("draft", "signed", needs="sign")
    def sign(self) -> None:
        """The doctor stands for what is written, and it is closed."""
        self.signed_by, self.signed_at = self.updated_by, now()

    @transition("signed", "amended", needs="sign")
    def amend(self) -> None:
        """Something was corrected after it was signed."""
