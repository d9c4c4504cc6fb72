"""Doses: each medicine that a patient gets on a ward, when it is due, and what became of it."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.nurses.house import tolerance
from portal.kit import Choice, Exposed, Qty, Record, Refused, Voidable, _, now, transition

if TYPE_CHECKING:
    from modules.doctors.api import PrescriptionItem

DOSE_STATUSES = ("scheduled", "completed", "not_done", "on_hold", "stopped")
OPEN = ("scheduled", "on_hold")


class MedicationAdministration(Voidable, Exposed, Record):
    """One dose of a prescribed medicine, due at one moment (NUR-1).

    scheduled → completed | not_done | on_hold;  on_hold → scheduled;  scheduled | on_hold → stopped
    """

    __tablename__ = "nurses_medicationadministration"
    __table_args__ = (
        sa.UniqueConstraint("prescription_item_id", "due_at"),
        sa.Index("ix_nurses_medicationadministration_encounter_due", "encounter_id", "due_at"),
    )

    prescription_item_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_prescriptionitem.id"))
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"))
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Choice(*DOSE_STATUSES, name="status"), default="scheduled")
    given_at: Mapped[datetime | None]
    given_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    witness_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    dose_given: Mapped[Decimal | None] = mapped_column(Qty())
    reason_not_given: Mapped[str | None] = mapped_column(sa.String(300))
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_batch.id"), index=True)

    item: Mapped["PrescriptionItem"] = relationship("PrescriptionItem", lazy="select")

    def __str__(self) -> str:
        return self.item.drug_text

    @property
    def said(self) -> str:
        """What became of it, in a word."""
        return {
            "scheduled": _("due"),
            "completed": _("given"),
            "not_done": _("not given"),
            "on_hold": _("on hold"),
            "stopped": _("stopped"),
        }[self.status]

    @property
    def is_late(self) -> bool:
        """It was given later than it should have been (NUR-2)."""
        return self.given_at is not None and self.given_at - self.due_at > tolerance()

    @property
    def is_overdue(self) -> bool:
        """It should have been given by now."""
        return self.status == "scheduled" and self.due_at < now()

    @property
    def is_early(self) -> bool:
        """It is too early to give it (NUR-2)."""
        return self.due_at - now() > tolerance()

    @transition("scheduled", "completed", needs="give")
    def give(self, dose_given: Decimal, witness_id: int | None = None, batch_id: int | None = None) -> None:
        """The patient got the dose."""
        self.given_at, self.given_by = now(), self.updated_by
        self.dose_given, self.witness_id, self.batch_id = dose_given, witness_id, batch_id

    @transition("scheduled", "not_done", needs="give")
    def skip(self, reason_not_given: str) -> None:
        """The patient did not get the dose."""
        if not reason_not_given.strip():
            raise Refused(_("Say why the dose was not given"), "reason_not_given")
        self.reason_not_given = reason_not_given

    @transition("scheduled", "on_hold", needs="give")
    def hold(self) -> None:
        """The dose waits until somebody decides."""

    @transition("on_hold", "scheduled", needs="give")
    def resume(self) -> None:
        """The dose is due again."""

    @transition("scheduled | on_hold", "stopped", needs="change")
    def stop(self) -> None:
        """The medicine was stopped before this dose."""
