"""Column types keep their meaning in every database."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from portal.types import Fixed, Money, Qty

STOCK = sa.Table(
    "stock",
    sa.MetaData(),
    sa.Column("price", Money()),
    sa.Column("amount", Qty()),
    sa.Column("rate", Fixed(6)),
)


@pytest.fixture
def connection():
    """A database with two rows of stock."""
    with sa.create_engine("sqlite://").begin() as connection:
        STOCK.metadata.create_all(connection)
        rows = [("10.00", "2.500", "0.000001"), ("0.05", "1.000", "3")]
        names = ("price", "amount", "rate")
        connection.execute(sa.insert(STOCK), [dict(zip(names, map(Decimal, row), strict=True)) for row in rows])
        yield connection


def test_sums_differences_and_comparisons_keep_their_places(connection):
    price = STOCK.c.price
    assert connection.scalar(sa.select(sa.func.sum(price))) == Decimal("10.05")
    left = connection.scalars(sa.select(STOCK.c.amount - Decimal("0.5")).order_by(price.desc())).all()
    assert left == [Decimal("2.000"), Decimal("0.500")]
    assert connection.scalar(sa.select(STOCK.c.rate).where(price > Decimal("0.05"))) == Decimal("0.000001")


@pytest.mark.parametrize("wrong", [lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a * 2, lambda a, b: a % 2])
def test_products_and_quotients_are_refused_before_they_are_wrong(wrong):
    with pytest.raises(TypeError, match="in Python"):
        wrong(STOCK.c.amount, STOCK.c.price)
