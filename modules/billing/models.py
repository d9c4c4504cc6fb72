"""What care costs: services and prices, charges, invoices, what was paid, lent, given back and claimed."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.billing.catalogue import Insurer, Price, PriceList, Service
from modules.billing.payments import (
    CashSession,
    CreditNote,
    CreditNoteLine,
    Deposit,
    DiscountRequest,
    Payment,
    Refund,
    RefundLine,
)
from portal.kit import (
    Choice,
    Exposed,
    Fixed,
    Money,
    Qty,
    Record,
    Refused,
    Voidable,
    _,
    next_number,
    now,
    transition,
)

ZERO = Decimal(0)


class Invoice(Voidable, Exposed, Record):
    """What a patient or an insurer is asked to pay; the number is given at issue.

    draft → issued → partially_paid → paid;  issued → paid;  draft → cancelled;  issued → cancelled (nothing paid);
    paid | partially_paid → refunded (fully)
    """

    __tablename__ = "billing_invoice"
    __table_args__ = (
        sa.CheckConstraint(
            "subtotal >= 0 AND discount_total >= 0 AND tax_total >= 0 AND total >= 0 AND "
            "paid_total >= 0 AND refunded_total >= 0 AND credited_total >= 0",
            name="totals",
        ),
        sa.CheckConstraint("paid_total - refunded_total <= total", name="paid_within_total"),
        sa.Index("ix_billing_invoice_patient_status", "patient_id", "status"),
        sa.Index("ix_billing_invoice_status_due_date", "status", "due_date"),
    )

    number: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_patient.id", use_alter=True, name="fk_billing_invoice_patient_id")
    )
    encounter_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("patients_encounter.id", use_alter=True, name="fk_billing_invoice_encounter_id"), index=True
    )
    kind: Mapped[str] = mapped_column(Choice("opd", "ipd", "emergency", "pharmacy", "other", name="kind"))
    status: Mapped[str] = mapped_column(
        Choice("draft", "issued", "partially_paid", "paid", "cancelled", "refunded", name="status"), default="draft"
    )
    issued_at: Mapped[datetime | None]
    due_date: Mapped[date | None]
    subtotal: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    discount_total: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    tax_total: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    total: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    paid_total: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    refunded_total: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    credited_total: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    balance: Mapped[Decimal] = mapped_column(
        Money(), sa.Computed("total - credited_total - paid_total + refunded_total", persisted=True)
    )
    patient_share: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    insurer_share: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    currency: Mapped[str] = mapped_column(sa.String(3))
    notes: Mapped[str | None] = mapped_column(sa.Text)
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(200))

    @transition("draft", "issued", needs="change")
    def issue(self, due_date: date) -> None:
        """The invoice has its number and is the patient’s; its lines stay as they are."""
        self.number, self.issued_at, self.due_date = next_number("invoice", "INV"), now(), due_date

    @transition("issued", "partially_paid", needs="payment_add")
    def pay_part(self) -> None:
        """Some of the invoice is paid."""

    @transition("issued | partially_paid", "paid", needs="payment_add")
    def pay(self) -> None:
        """Nothing is left to pay."""

    @transition("draft", "cancelled", needs="change")
    def discard(self) -> None:
        """The draft is not needed."""

    @transition("issued", "cancelled", needs="cancel_invoice")
    def cancel(self, cancel_reason: str) -> None:
        """The invoice is taken back before anything was paid."""
        if self.paid_total:
            raise Refused(_("Something was paid for this invoice. Write a credit note instead"))
        self.cancel_reason = cancel_reason

    @transition("paid | partially_paid", "refunded", needs="refund_pay")
    def refund(self) -> None:
        """All that was paid has been given back."""
        if self.refunded_total < self.paid_total:
            raise Refused(_("Not all that was paid has been given back"))


class ChargeItem(Voidable, Exposed, Record):
    """Something done or given that costs money, charged once per source with the price of its day.

    planned → billable → billed;  planned | billable → aborted | not_billable;  billed → billable (invoice cancelled)
    """

    __tablename__ = "billing_chargeitem"
    __table_args__ = (
        sa.UniqueConstraint("source_type_id", "source_id", "charge_kind"),
        sa.Index("ix_billing_chargeitem_patient_status", "patient_id", "status"),
        sa.Index("ix_billing_chargeitem_encounter_status", "encounter_id", "status"),
    )

    patient_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_patient.id", use_alter=True, name="fk_billing_chargeitem_patient_id")
    )
    encounter_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_encounter.id", use_alter=True, name="fk_billing_chargeitem_encounter_id")
    )
    service_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("inventory_item.id", use_alter=True, name="fk_billing_chargeitem_item_id"), index=True
    )
    description: Mapped[str] = mapped_column(sa.String(200))
    quantity: Mapped[Decimal] = mapped_column(Qty(), default=Decimal(1))
    unit_price: Mapped[Decimal] = mapped_column(Money())
    discount_pct: Mapped[Decimal] = mapped_column(Fixed(2), default=ZERO)
    discount_amount: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    tax_rate: Mapped[Decimal] = mapped_column(Fixed(2), default=ZERO)
    occurred_at: Mapped[datetime]
    source_type_id: Mapped[int] = mapped_column(sa.ForeignKey("contenttypes_contenttype.id"))
    source_id: Mapped[int] = mapped_column(sa.BigInteger)
    charge_kind: Mapped[str] = mapped_column(sa.String(40))
    status: Mapped[str] = mapped_column(
        Choice("planned", "billable", "not_billable", "billed", "aborted", "entered_in_error", name="status"),
        default="planned",
    )
    invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_invoice.id"), index=True)

    @transition("planned", "billable", needs="change")
    def make_billable(self) -> None:
        """What is charged for was done or given."""

    @transition("billable", "billed", needs="change")
    def bill(self, invoice_id: int) -> None:
        """The charge is on an invoice."""
        self.invoice_id = invoice_id

    @transition("billed", "billable", needs="change")
    def unbill(self) -> None:
        """Its invoice was cancelled, and the charge can be billed again."""
        self.invoice_id = None

    @transition("planned | billable", "aborted", needs="change")
    def abort(self) -> None:
        """What was to be charged for did not take place."""

    @transition("planned | billable", "not_billable", needs="change")
    def waive(self) -> None:
        """The patient need not pay for it."""


class InvoiceLine(Voidable, Record):
    """One line of an invoice, each amount rounded.

    A cancelled invoice lets go of its charges (`charge_item_id` becomes empty), so that they can be billed again.
    """

    __tablename__ = "billing_invoiceline"

    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoice.id"), index=True)
    charge_item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_chargeitem.id"), unique=True)
    description: Mapped[str] = mapped_column(sa.String(200))
    quantity: Mapped[Decimal] = mapped_column(Qty())
    unit_price: Mapped[Decimal] = mapped_column(Money())
    gross: Mapped[Decimal] = mapped_column(Money())
    discount_amount: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    tax_rate: Mapped[Decimal] = mapped_column(Fixed(2), default=ZERO)
    tax_amount: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    line_total: Mapped[Decimal] = mapped_column(Money())
    sort: Mapped[int] = mapped_column(default=0)


class Claim(Voidable, Exposed, Record):
    """What an insurer is asked to pay of an invoice.

    draft → submitted → queried → submitted;  submitted → approved | partially_approved | rejected → settled
    """

    __tablename__ = "billing_claim"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoice.id"), index=True)
    insurance_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_insurance.id", use_alter=True, name="fk_billing_claim_insurance_id"), index=True
    )
    claimed: Mapped[Decimal] = mapped_column(Money())
    approved: Mapped[Decimal | None] = mapped_column(Money())
    status: Mapped[str] = mapped_column(
        Choice("draft", "submitted", "queried", "approved", "partially_approved", "rejected", "settled", name="status"),
        default="draft",
    )

    @transition("draft", "submitted", needs="claim_change")
    def submit(self) -> None:
        """The insurer has the claim."""

    @transition("submitted", "queried", needs="claim_change")
    def record_query(self) -> None:
        """The insurer wants to know more."""

    @transition("queried", "submitted", needs="claim_change")
    def submit_again(self) -> None:
        """The insurer has the answer."""

    @transition("submitted", "approved", needs="claim_change")
    def approve(self) -> None:
        """The insurer pays all that was claimed."""
        self.approved = self.claimed

    @transition("submitted", "partially_approved", needs="claim_change")
    def approve_part(self, approved: Decimal) -> None:
        """The insurer pays some of what was claimed."""
        self.approved = approved

    @transition("submitted", "rejected", needs="claim_change")
    def reject(self) -> None:
        """The insurer pays nothing."""
        self.approved = ZERO

    @transition("approved | partially_approved | rejected", "settled", needs="claim_change")
    def settle(self) -> None:
        """The money has come, or none is expected, and the claim is closed."""


class ClaimLine(Voidable, Record):
    """One line of an invoice in a claim, with what the insurer makes of it."""

    __tablename__ = "billing_claimline"

    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_claim.id"), index=True)
    invoice_line_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoiceline.id"), index=True)
    claimed: Mapped[Decimal] = mapped_column(Money())
    approved: Mapped[Decimal | None] = mapped_column(Money())
    note: Mapped[str | None] = mapped_column(sa.String(200))


__all__ = [
    "CashSession",
    "ChargeItem",
    "Claim",
    "ClaimLine",
    "CreditNote",
    "CreditNoteLine",
    "Deposit",
    "DiscountRequest",
    "Insurer",
    "Invoice",
    "InvoiceLine",
    "Payment",
    "Price",
    "PriceList",
    "Refund",
    "RefundLine",
    "Service",
]
