"""Money that comes in and goes out: sessions, deposits, payments, refunds, credit notes, discounts."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Fixed, Money, Record, Voidable, now, transition

MEANS = ("cash", "card", "mobile", "bank", "cheque", "insurer")
METHODS = (*MEANS, "deposit")
ZERO = Decimal(0)


class CashSession(Record):
    """A cashier's time at one till: what was in it, what should be, and what was counted at the end."""

    __tablename__ = "billing_cashsession"

    cashier_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    point: Mapped[str] = mapped_column(sa.String(40))
    opened_at: Mapped[datetime] = mapped_column(default=now)
    opening_float: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    closed_at: Mapped[datetime | None]
    counted: Mapped[Decimal | None] = mapped_column(Money())
    expected: Mapped[Decimal | None] = mapped_column(Money())
    variance: Mapped[Decimal | None] = mapped_column(Money())
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)


class Deposit(Voidable, Record):
    """Money a patient leaves in advance; it is not revenue until it is applied to an invoice."""

    __tablename__ = "billing_deposit"
    __table_args__ = (sa.CheckConstraint("applied_amount + refunded_amount <= amount", name="within_amount"),)

    receipt_no: Mapped[str] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_patient.id", use_alter=True, name="fk_billing_deposit_patient_id"), index=True
    )
    encounter_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("patients_encounter.id", use_alter=True, name="fk_billing_deposit_encounter_id"), index=True
    )
    amount: Mapped[Decimal] = mapped_column(Money())
    applied_amount: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    refunded_amount: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    method: Mapped[str] = mapped_column(Choice(*MEANS, name="method"))
    cash_session_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_cashsession.id"), index=True)


class Payment(Voidable, Record):
    """Money received for an invoice.

    completed → voided
    """

    __tablename__ = "billing_payment"
    __table_args__ = (sa.CheckConstraint("amount > 0", name="positive"),)

    receipt_no: Mapped[str] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_patient.id", use_alter=True, name="fk_billing_payment_patient_id"), index=True
    )
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoice.id"), index=True)
    method: Mapped[str] = mapped_column(Choice(*METHODS, name="method"))
    amount: Mapped[Decimal] = mapped_column(Money())
    tendered: Mapped[Decimal | None] = mapped_column(Money())
    change_due: Mapped[Decimal | None] = mapped_column(Money())
    reference: Mapped[str | None] = mapped_column(sa.String(60))
    deposit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_deposit.id"), index=True)
    claim_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_claim.id"), index=True)
    cash_session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_cashsession.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(default=now)
    received_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    status: Mapped[str] = mapped_column(Choice("completed", "voided", name="status"), default="completed")

    @transition("completed", "voided", needs="payment_void")
    def void(self, void_reason: str) -> None:
        """The payment was entered in error and does not count."""
        self.voided_at, self.voided_by, self.void_reason = now(), self.updated_by, void_reason


class Refund(Voidable, Record):
    """Money to give back, asked for, approved and paid by at least two people.

    requested → approved → paid;  requested | approved → rejected
    """

    __tablename__ = "billing_refund"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_payment.id"), index=True)
    deposit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_deposit.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_invoice.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(Money())
    reason: Mapped[str] = mapped_column(sa.String(200))
    status: Mapped[str] = mapped_column(
        Choice("requested", "approved", "paid", "rejected", name="status"), default="requested"
    )
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    paid_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    paid_at: Mapped[datetime | None]

    @transition("requested", "approved", needs="approve_refund")
    def approve(self) -> None:
        """The money may be given back."""
        self.approved_by = self.updated_by

    @transition("requested | approved", "rejected", needs="approve_refund")
    def reject(self) -> None:
        """The money is not given back."""

    @transition("approved", "paid", needs="refund_pay")
    def pay(self) -> None:
        """The money was given back."""
        self.paid_by, self.paid_at = self.updated_by, now()


class RefundLine(Voidable, Record):
    """What a refund is for; the lines add up to its amount (BIL-8)."""

    __tablename__ = "billing_refundline"

    refund_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_refund.id"), index=True)
    invoice_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_invoiceline.id"), index=True)
    description: Mapped[str] = mapped_column(sa.String(200))
    amount: Mapped[Decimal] = mapped_column(Money())


class CreditNote(Voidable, Record):
    """A correction of an issued invoice, whose own lines never change."""

    __tablename__ = "billing_creditnote"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoice.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(Money())
    reason: Mapped[str] = mapped_column(sa.String(200))


class CreditNoteLine(Voidable, Record):
    """How much of one invoice line is taken back, with its tax."""

    __tablename__ = "billing_creditnoteline"

    credit_note_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_creditnote.id"), index=True)
    invoice_line_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoiceline.id"), index=True)
    net_amount: Mapped[Decimal] = mapped_column(Money())
    tax_amount: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    line_total: Mapped[Decimal] = mapped_column(Money())


class DiscountRequest(Voidable, Record):
    """A discount above the asker's limit that waits for somebody else; one at a time for its line or invoice.

    pending → approved | rejected
    """

    __tablename__ = "billing_discountrequest"

    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoice.id"), index=True)
    line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_invoiceline.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice("percent", "fixed", name="kind"))
    value: Mapped[Decimal] = mapped_column(Fixed(2))
    reason: Mapped[str] = mapped_column(sa.String(200))
    status: Mapped[str] = mapped_column(Choice("pending", "approved", "rejected", name="status"), default="pending")
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

    @transition("pending", "approved", needs="approve_discount")
    def approve(self) -> None:
        """The discount may be given."""
        self.approved_by, self.active_key = self.updated_by, None

    @transition("pending", "rejected", needs="approve_discount")
    def reject(self) -> None:
        """The discount is not given."""
        self.active_key = None
