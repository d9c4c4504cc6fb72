"""What care costs: services and prices, charges, invoices, what was paid, lent, given back and claimed."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Fixed, Money, Qty, Record, Voidable, now

MEANS = ("cash", "card", "mobile", "bank", "cheque", "insurer")
METHODS = (*MEANS, "deposit")
ZERO = Decimal(0)


class Service(Record):
    """Something the hospital charges for, at its usual price."""

    __tablename__ = "billing_service"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    category: Mapped[str] = mapped_column(
        Choice(
            "consultation",
            "procedure",
            "laboratory",
            "radiology",
            "bed",
            "theatre",
            "medicine",
            "consumable",
            "package",
            "other",
            name="category",
        )
    )
    price: Mapped[Decimal] = mapped_column(Money())
    tax_rate: Mapped[Decimal] = mapped_column(Fixed(2), default=ZERO)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class Insurer(Record):
    """A company that pays for patients, and how many days it takes."""

    __tablename__ = "billing_insurer"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    terms_days: Mapped[int] = mapped_column(default=30)


class PriceList(Record):
    """Prices that differ from the usual ones, agreed with an insurer or for a purpose."""

    __tablename__ = "billing_pricelist"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    insurer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_insurer.id"), index=True)


class Price(Record):
    """What a service costs on one price list, from one day on."""

    __tablename__ = "billing_price"
    __table_args__ = (sa.UniqueConstraint("pricelist_id", "service_id", "valid_from"),)

    pricelist_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_pricelist.id"))
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)
    price: Mapped[Decimal] = mapped_column(Money())
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


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


class ClaimLine(Voidable, Record):
    """One line of an invoice in a claim, with what the insurer makes of it."""

    __tablename__ = "billing_claimline"

    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_claim.id"), index=True)
    invoice_line_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_invoiceline.id"), index=True)
    claimed: Mapped[Decimal] = mapped_column(Money())
    approved: Mapped[Decimal | None] = mapped_column(Money())
    note: Mapped[str | None] = mapped_column(sa.String(200))


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


class Refund(Voidable, Record):
    """Money to give back, asked for, approved and paid by at least two people.

    requested → approved → paid | rejected
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
