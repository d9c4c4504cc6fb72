"""Numbers that people read out: one counter for each kind, never a gap or a repeat (modules.md P4)."""

import sqlalchemy as sa

from portal.extensions import db
from portal.kit.models import Sequence
from portal.times import today

PERIODS = {"none": lambda day: "", "day": lambda day: f"{day:%y%m%d}", "year": lambda day: f"{day:%y}"}


def next_number(name: str, prefix: str) -> str:
    """The next number of this year, such as ST26-000001; what is taken back with its transaction is given again."""
    row = _step(name, prefix, "year")
    return f"{row.prefix}{row.period_key}-{row.value:0{row.width}d}"


def next_value(name: str) -> int:
    """The next value of a counter that never starts again, for numbers with a pattern of their own."""
    return _step(name, "", "none").value


def _step(name: str, prefix: str, period: str) -> sa.Row:
    """Count on and read in one statement, so that of two at once each gets its own value (CORE-2)."""
    key = PERIODS[period](today())
    same_period = Sequence.period_key == key
    count_on = (
        sa.update(Sequence)
        .where(Sequence.name == name)
        .values(value=sa.case((same_period, Sequence.value + 1), else_=1), period_key=key)
        .returning(Sequence.value, Sequence.prefix, Sequence.width, Sequence.period_key)
        .execution_options(synchronize_session=False)
    )
    row = db.session.execute(count_on).first()
    if row is None:
        _start(name, prefix, period)
        row = db.session.execute(count_on).one()
    return row


def _start(name: str, prefix: str, period: str) -> None:
    """Add the counter; somebody else may add it at the same moment."""
    try:
        with db.session.begin_nested():
            values = {"name": name, "prefix": prefix, "period": period}
            db.session.execute(sa.insert(Sequence).values(values))
    except sa.exc.IntegrityError:
        pass
