"""Rows that are held until the transaction ends: take the lock, then read what you check (docs/decisions/0017).

In a file a change has the whole database to itself, and nothing here waits. On a server others change rows beside it,
but not those that are held: they wait, and read them when they are kept.
"""

from itertools import groupby

import sqlalchemy as sa

from portal.extensions import db
from portal.record import Record


def held(query: sa.Select, *, or_next: bool = False) -> sa.Select:
    """The query of one model, whose rows are held and read anew; ordered by id where it may find several.

    Rows that point at a held one are still added: that is no change of it. With `or_next` it passes over what somebody
    else holds, for a query of the first that is free.
    """
    model = query.column_descriptions[0].get("entity")
    held_rows = query.with_for_update(key_share=True, of=model, skip_locked=or_next)
    return held_rows.execution_options(populate_existing=True)


def hold(*records: Record | None) -> None:
    """Hold these rows and read them anew, by table and then by id, so that of two who need both one waits."""
    db.session.flush()
    known = {(row.__tablename__, row.id): type(row) for row in records if row is not None}
    for model, places in groupby(sorted(known), key=known.get):
        ids = [number for _table, number in places]
        db.session.scalars(held(sa.select(model).where(model.id.in_(ids)).order_by(model.id))).all()
