"""What the hospital keeps in stock: items and batches, where they lie, and how they come, move and go."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.inventory.purchasing import (
    UNTRACKED,
    GoodsReceipt,
    GoodsReceiptLine,
    PurchaseOrder,
    PurchaseOrderLine,
)
from portal.kit import Choice, Exposed, Fixed, Money, Qty, Record, Voidable, db, now, transition

ZERO = Decimal(0)


class Category(Record):
    """A shelf in the catalogue of items."""

    __tablename__ = "inventory_category"

    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_category.id"), index=True)


class Supplier(Record):
    """A company the hospital buys from."""

    __tablename__ = "inventory_supplier"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    lead_days: Mapped[int] = mapped_column(default=0)


class Location(Record):
    """A place where stock lies: a store, the pharmacy, a ward's cupboard."""

    __tablename__ = "inventory_location"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(
        Choice("main_store", "pharmacy", "ward", "theatre", "lab", "quarantine", name="kind")
    )
    ward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class Item(Record):
    """A medicine or thing the hospital keeps, with when to order more of it."""

    __tablename__ = "inventory_item"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    barcode: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    generic_name: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    drug_class: Mapped[str | None] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(
        Choice("medicine", "consumable", "implant", "reagent", "equipment", "linen", "other", name="kind")
    )
    form: Mapped[str | None] = mapped_column(sa.String(40))
    strength: Mapped[str | None] = mapped_column(sa.String(40))
    unit: Mapped[str] = mapped_column(sa.String(20))
    pack_size: Mapped[int] = mapped_column(default=1)
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_category.id"), index=True)
    is_controlled: Mapped[bool] = mapped_column(default=False)
    track_batch: Mapped[bool] = mapped_column(default=True)
    track_expiry: Mapped[bool] = mapped_column(default=True)
    reorder_level: Mapped[Decimal] = mapped_column(Qty(), default=ZERO)
    reorder_qty: Mapped[Decimal] = mapped_column(Qty(), default=ZERO)
    max_level: Mapped[Decimal | None] = mapped_column(Qty())
    sale_price: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    tax_rate: Mapped[Decimal] = mapped_column(Fixed(2), default=ZERO)
    billing_service_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)
    storage: Mapped[str] = mapped_column(Choice("room", "cold", "frozen", name="storage"), default="room")
    is_active: Mapped[bool] = mapped_column(default=True)

    category: Mapped[Category] = relationship(lazy="raise")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, **facts) -> "Item":
        """A new item of the catalogue; the database keeps codes and barcodes apart."""
        item = cls(**facts)
        db.session.add(item)
        return item

    def change(self, **facts) -> "Item":
        """Correct what is known, or take the item out of use."""
        for name, value in facts.items():
            setattr(self, name, value)
        return self


class Batch(Voidable, Record):
    """Stock of one item from one production lot in one place; the day 9999-12-31 stands for no expiry.

    available ↔ quarantined;  available → expired (job) | recalled
    """

    __tablename__ = "inventory_batch"
    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="not_negative"),
        sa.UniqueConstraint("item_id", "location_id", "batch_no", "expiry_date"),
        sa.Index("ix_inventory_batch_item_location_expiry", "item_id", "location_id", "expiry_date"),
    )

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_item.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_location.id"), index=True)
    batch_no: Mapped[str] = mapped_column(sa.String(40), default="")
    expiry_date: Mapped[date] = mapped_column(default=UNTRACKED)
    quantity: Mapped[Decimal] = mapped_column(Qty(), default=ZERO)
    unit_cost: Mapped[Decimal] = mapped_column(Fixed(4), default=ZERO)
    status: Mapped[str] = mapped_column(
        Choice("available", "quarantined", "expired", "recalled", name="status"), default="available"
    )
    received_at: Mapped[datetime] = mapped_column(default=now)

    @transition("available", "quarantined", needs="batch_change")
    def quarantine(self) -> None:
        """Nobody may use the batch until it is released."""

    @transition("quarantined", "available", needs="batch_change")
    def release(self) -> None:
        """The batch may be used again."""

    @transition("available", "expired", needs="batch_change")
    def expire(self) -> None:
        """The batch is past its date."""

    @transition("available", "recalled", needs="batch_change")
    def recall(self) -> None:
        """The maker wants the batch back."""


class Transaction(Voidable, Record):
    """One movement of a batch in the ledger; rows are only ever added, and add up to the batch's quantity."""

    __tablename__ = "inventory_transaction"
    __table_args__ = (
        sa.Index("ix_inventory_transaction_batch", "batch_id", "id"),
        sa.Index("ix_inventory_transaction_kind_at", "kind", "at"),
        sa.Index("ix_inventory_transaction_source", "source_type_id", "source_id"),
    )

    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(
        Choice(
            "opening",
            "receipt",
            "dispense",
            "issue",
            "return",
            "transfer_out",
            "transfer_in",
            "adjust",
            "write_off",
            name="kind",
        )
    )
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_batch.id"))
    quantity: Mapped[Decimal] = mapped_column(Qty())
    balance_after: Mapped[Decimal] = mapped_column(Qty())
    source_type_id: Mapped[int] = mapped_column(sa.ForeignKey("contenttypes_contenttype.id"))
    source_id: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)


class Requisition(Record):
    """What one place asks another for.

    draft → submitted → approved | rejected;  approved → issued → received
    """

    __tablename__ = "inventory_requisition"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    from_location_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_location.id"), index=True)
    to_location_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_location.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice("draft", "submitted", "approved", "rejected", "issued", "received", name="status"), default="draft"
    )

    @transition("draft", "submitted", needs="requisition_add")
    def submit(self) -> None:
        """The requisition waits for approval."""

    @transition("submitted", "approved", needs="requisition_change")
    def approve(self) -> None:
        """The stock may be issued."""

    @transition("submitted", "rejected", needs="requisition_change")
    def reject(self) -> None:
        """The stock will not be issued."""

    @transition("approved", "issued", needs="requisition_change")
    def issue(self) -> None:
        """The stock is on its way."""

    @transition("issued", "received", needs="receive_ward")
    def receive(self) -> None:
        """The stock has come to who asked for it."""


class RequisitionLine(Record):
    """How much of one item was asked for, approved and issued."""

    __tablename__ = "inventory_requisitionline"

    requisition_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_requisition.id"), index=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_item.id"), index=True)
    requested_qty: Mapped[Decimal] = mapped_column(Qty())
    approved_qty: Mapped[Decimal | None] = mapped_column(Qty())
    issued_qty: Mapped[Decimal] = mapped_column(Qty(), default=ZERO)


class Dispense(Voidable, Exposed, Record):
    """Medicines handed out for a patient; a controlled one needs a second user as witness (INV-11).

    draft → completed → partially_returned | returned;  draft → cancelled
    """

    __tablename__ = "inventory_dispense"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_patient.id", use_alter=True, name="fk_inventory_dispense_patient_id"), index=True
    )
    encounter_id: Mapped[int] = mapped_column(
        sa.ForeignKey("patients_encounter.id", use_alter=True, name="fk_inventory_dispense_encounter_id"), index=True
    )
    prescription_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("doctors_prescription.id", use_alter=True, name="fk_inventory_dispense_prescription_id"),
        index=True,
    )
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_location.id"), index=True)
    witness_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice("draft", "completed", "partially_returned", "returned", "cancelled", name="status"), default="draft"
    )

    @transition("draft", "completed", needs="dispense")
    def complete(self, witness_id: int | None = None) -> None:
        """The patient has the medicines."""
        self.witness_id = witness_id

    @transition("completed", "partially_returned", needs="dispense")
    def return_part(self) -> None:
        """Some of the medicines came back."""

    @transition("completed", "returned", needs="dispense")
    def return_all(self) -> None:
        """All of the medicines came back."""

    @transition("draft", "cancelled", needs="dispense")
    def cancel(self) -> None:
        """The medicines were not handed out."""


class DispenseLine(Voidable, Record):
    """What was taken from one batch; the charge comes when the dispense is completed."""

    __tablename__ = "inventory_dispenseline"

    dispense_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_dispense.id"), index=True)
    prescription_item_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey(
            "doctors_prescriptionitem.id", use_alter=True, name="fk_inventory_dispenseline_prescription_item_id"
        ),
        index=True,
    )
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_item.id"), index=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_batch.id"), index=True)
    quantity: Mapped[Decimal] = mapped_column(Qty())
    charge_item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_chargeitem.id"), index=True)


class StockCount(Record):
    """A count of what really lies in one place.

    draft → counting → reviewed → posted;  draft | counting | reviewed → cancelled
    """

    __tablename__ = "inventory_stockcount"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_location.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice("draft", "counting", "reviewed", "posted", "cancelled", name="status"), default="draft"
    )

    @transition("draft", "counting", needs="count")
    def start(self) -> None:
        """People are counting."""

    @transition("counting", "reviewed", needs="count")
    def review(self) -> None:
        """What was counted was looked through."""

    @transition("reviewed", "posted", needs="approve_count")
    def post(self) -> None:
        """The stock is what was counted."""

    @transition("draft | counting | reviewed", "cancelled", needs="count")
    def cancel(self) -> None:
        """The count is given up, and the stock stays as it was."""


class StockCountLine(Record):
    """What the system says of one batch, and what was counted."""

    __tablename__ = "inventory_stockcountline"

    count_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_stockcount.id"), index=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_batch.id"), index=True)
    system_qty: Mapped[Decimal] = mapped_column(Qty())
    counted_qty: Mapped[Decimal | None] = mapped_column(Qty())
    reason: Mapped[str] = mapped_column(sa.String(200), default="")


__all__ = [
    "Batch",
    "Category",
    "Dispense",
    "DispenseLine",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "Item",
    "Location",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Requisition",
    "RequisitionLine",
    "StockCount",
    "StockCountLine",
    "Supplier",
    "Transaction",
]
