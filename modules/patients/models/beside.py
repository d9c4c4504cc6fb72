"""Who stands beside a patient: whom to call, who pays, and the other numbers the patient is known by."""

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.patients.models.clinical import OfPatient, hold
from portal.kit import Choice, Exposed, Fixed, Money, Record, Refused, WrongState, _, db, transition
from portal.kit.claims import claim

KNOWN_NUMBER = _("A patient has this number already. Search for it, or check what you typed")
SAME_POLICY = _("This policy of the patient is recorded already")
WHOLE = Decimal(100)


class Removable(OfPatient):
    """A row of a patient's record that is deleted when it is of no use any more; the audit keeps what it was."""

    def remove(self):
        """Delete the row."""
        hold(self.patient)
        db.session.delete(self)
        return self


class Contact(Removable, Record):
    """Somebody to call for a patient."""

    __tablename__ = "patients_contact"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    relation: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(40))
    is_emergency: Mapped[bool] = mapped_column(default=False)
    is_guardian: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        return self.name


class Identifier(Removable, Record):
    """Another number a patient is known by."""

    __tablename__ = "patients_identifier"
    __table_args__ = (sa.UniqueConstraint("kind", "value"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice("national_id", "passport", "insurance", "old_mrn", "other", name="kind"))
    value: Mapped[str] = mapped_column(sa.String(60))

    def __str__(self) -> str:
        return self.value

    def add(self) -> "Identifier":
        """Add the number; raises `Refused` where it is known, of this patient or another."""
        hold(self.patient)
        return claim(self, KNOWN_NUMBER, "value")

    def change(self, **facts) -> "Identifier":
        """Correct the number; raises `Refused` where it is known, of this patient or another."""
        hold(self.patient)
        return claim(self, KNOWN_NUMBER, "value", **facts)


class Insurance(OfPatient, Exposed, Record):
    """Who pays for a patient's care, and how much of it.

    draft → active → cancelled;  draft → cancelled
    """

    __tablename__ = "patients_insurance"
    __table_args__ = (sa.UniqueConstraint("insurer_id", "policy_no", "patient_id"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    insurer_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_insurer.id"))
    policy_no: Mapped[str] = mapped_column(sa.String(60))
    plan: Mapped[str | None] = mapped_column(sa.String(80))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    coverage_pct: Mapped[Decimal] = mapped_column(Fixed(2))
    copay: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    status: Mapped[str] = mapped_column(Choice("draft", "active", "cancelled", name="status"), default="draft")

    insurer: Mapped["Insurer"] = relationship("Insurer", lazy="raise")  # noqa: F821 - billing's, by its name

    def __str__(self) -> str:
        return self.policy_no

    def covers(self, day: date) -> bool:
        """The policy pays for what is done on this day."""
        return self.status == "active" and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def add(self) -> "Insurance":
        """Keep the policy as a draft until somebody has checked it; raises `Refused` for one that cannot be."""
        refuse_nonsense(self.valid_from, self.valid_to, self.coverage_pct, self.copay)
        hold(self.patient)
        return claim(self, SAME_POLICY, "policy_no")

    def change(self, **facts) -> "Insurance":
        """Correct the policy; raises `Refused` for one that cannot be, `WrongState` for a cancelled one."""
        if self.status == "cancelled":
            raise WrongState(_("This is not possible any more: the policy is cancelled."))
        refuse_nonsense(*(facts[name] for name in ("valid_from", "valid_to", "coverage_pct", "copay")))
        hold(self.patient)
        return claim(self, SAME_POLICY, "policy_no", **facts)

    @transition("draft", "active", needs="insurance_change")
    def activate(self) -> None:
        """The policy is checked and pays."""

    @transition(
        "draft | active",
        "cancelled",
        needs="insurance_change",
        asks=_("The policy pays for nothing from now on. This cannot be taken back."),
    )
    def cancel_policy(self) -> None:
        """The policy does not pay any more."""


def refuse_nonsense(valid_from: date, valid_to: date | None, coverage_pct: Decimal, copay: Decimal) -> None:
    """Raise `Refused` for a policy that ends before it begins, or pays less than nothing or more than all."""
    if valid_to and valid_to < valid_from:
        raise Refused(_("The last day must not be before the first"), "valid_to")
    if not 0 <= coverage_pct <= WHOLE:
        raise Refused(_("The share must be from 0 to 100"), "coverage_pct")
    if copay < 0:
        raise Refused(_("The patient’s own part must be 0 or more"), "copay")
