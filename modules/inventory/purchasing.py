"""What the hospital orders from suppliers, and what comes of it."""

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Fixed, Money, Qty, Record, transition

ZERO = Decimal(0)
UNTRACKED = date(9999, 12, 31)


class PurchaseOrder(Record):
    """What the hospital orders from a supplier.

    draft → submitted → approved → partially_received → received → closed;  approved → received
    draft | submitted | approved → cancelled
    """

    __tablename__ = "inventory_purchaseorder"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    supplier_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_supplier.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice(
            "draft", "submitted", "approved", "partially_received", "received", "closed", "cancelled", name="status"
        ),
        default="draft",
    )
    expected_on: Mapped[date | None]
    total: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)

    @transition("draft", "submitted", needs="order_change")
    def submit(self) -> None:
        """The order waits for approval."""

    @transition("submitted", "approved", needs="approve_po")
    def approve(self) -> None:
        """The order may go to the supplier."""
        self.approved_by = self.updated_by

    @transition("approved", "partially_received", needs="receive")
    def receive_part(self) -> None:
        """Some of the order has come."""

    @transition("approved | partially_received", "received", needs="receive")
    def receive(self) -> None:
        """All of the order has come."""

    @transition("received", "closed", needs="order_change")
    def close(self) -> None:
        """Nothing is left to do about the order."""

    @transition("draft | submitted | approved", "cancelled", needs="order_change")
    def cancel(self) -> None:
        """Nothing of the order will come."""


class PurchaseOrderLine(Record):
    """How much of one item is ordered, and how much of it has come."""

    __tablename__ = "inventory_purchaseorderline"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_purchaseorder.id"), index=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_item.id"), index=True)
    quantity: Mapped[Decimal] = mapped_column(Qty())
    received_qty: Mapped[Decimal] = mapped_column(Qty(), default=ZERO)
    unit_cost: Mapped[Decimal] = mapped_column(Fixed(4))
    line_total: Mapped[Decimal] = mapped_column(Money())


class GoodsReceipt(Record):
    """A delivery from a supplier; the same delivery note is taken in once."""

    __tablename__ = "inventory_goodsreceipt"
    __table_args__ = (sa.UniqueConstraint("supplier_id", "supplier_ref"),)

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_purchaseorder.id"), index=True)
    supplier_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_supplier.id"))
    supplier_ref: Mapped[str] = mapped_column(sa.String(60))


class GoodsReceiptLine(Record):
    """One lot of a delivery and the batch it went into; the cost is that of one unit."""

    __tablename__ = "inventory_goodsreceiptline"

    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_goodsreceipt.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_purchaseorderline.id"), index=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_item.id"), index=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_batch.id"), index=True)
    batch_no: Mapped[str] = mapped_column(sa.String(40), default="")
    expiry: Mapped[date] = mapped_column(default=UNTRACKED)
    quantity: Mapped[Decimal] = mapped_column(Qty())
    cost: Mapped[Decimal] = mapped_column(Fixed(4))
