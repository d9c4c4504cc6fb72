"""What care costs: what is charged for, at which price, and who pays for patients."""

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Fixed, Money, Record, db

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

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, **facts) -> "Service":
        """Something new to charge for; the database keeps the codes apart."""
        row = cls(**facts)
        db.session.add(row)
        return row

    def change(self, **facts) -> "Service":
        """Correct it, change its usual price, or take it out of use; what was charged keeps its price."""
        for name, value in facts.items():
            setattr(self, name, value)
        return self


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
