"""Column types that keep their meaning on every database: UTC times, closed lists of words, fixed decimals."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator


def new_uuid() -> str:
    """A fresh random identity as 36 characters."""
    return str(uuid4())


class UTCDateTime(TypeDecorator):
    """A moment in UTC; goes in and comes out as an aware `datetime`, refuses a naive one."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time needs its zone: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect):
        return None if value is None else value.replace(tzinfo=UTC)


class Choice(sa.Enum):
    """A word from a closed list, kept as VARCHAR(24) with a CHECK that names the words.

    `name` is the short name of the CHECK; the naming convention puts the table before it.
    """

    cache_ok = True
    inherit_cache = True

    def __init__(self, *words: str, name: str, **kwargs):
        kwargs |= {
            "native_enum": False,
            "create_constraint": True,
            "length": 24,
            "validate_strings": True,
        }
        super().__init__(*words, name=name, **kwargs)

    def result_processor(self, dialect, coltype):
        """Words come out as they are kept: a newer release may have written one that is not known here."""
        return sa.String.result_processor(self, dialect, coltype)

    def __repr__(self) -> str:
        return f"Choice({', '.join(map(repr, self.enums))}, name={self.name!r})"


class WholeUnits(TypeDecorator.Comparator, sa.BigInteger.Comparator):
    """Lets a database add, subtract and compare whole units, and refuses what it would get wrong."""

    def operate(self, op, *other, **kwargs):
        """As the base; raises TypeError for products and quotients, whose places nobody would set right."""
        if op in (operators.mul, operators.truediv, operators.floordiv, operators.mod):
            raise TypeError("multiply and divide fixed numbers in Python: the database sees whole units")
        found = super().operate(op, *other, **kwargs)
        return sa.type_coerce(found, self.type) if op in (operators.add, operators.sub) else found


class Fixed(TypeDecorator):
    """A `Decimal` with a fixed number of places, kept as a whole number so that no database rounds it.

    Sums and differences keep their places; `avg` in a query counts whole units, so divide a sum in Python instead.
    """

    impl = sa.BigInteger
    cache_ok = True
    comparator_factory = WholeUnits

    def __init__(self, scale: int):
        self.scale = scale
        super().__init__()

    def __repr__(self) -> str:
        return f"Fixed({self.scale})"

    def process_bind_param(self, value: Decimal | None, dialect):
        if value is None:
            return None
        return int(Decimal(value).scaleb(self.scale).quantize(Decimal(1), ROUND_HALF_UP))

    def process_result_value(self, value: int | None, dialect):
        return None if value is None else Decimal(value).scaleb(-self.scale)


class Money(Fixed):
    """An amount of money, two places, kept in minor units."""

    cache_ok = True

    def __init__(self):
        super().__init__(2)

    def __repr__(self) -> str:
        return "Money()"


class Qty(Fixed):
    """A quantity of something, three places."""

    cache_ok = True

    def __init__(self):
        super().__init__(3)

    def __repr__(self) -> str:
        return "Qty()"
