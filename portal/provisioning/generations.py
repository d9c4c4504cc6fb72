"""The generations that work gave to databases the registry has not heard of (D21: an operation's reference)."""

from collections import defaultdict
from uuid import UUID

import sqlalchemy as sa

from portal.control.models import Operation
from portal.extensions import db

MAKING = ("create", "restore", "recreate", "clone")  # the kinds of work that make a database


def unfinished(*which: sa.ColumnElement[bool]) -> dict[int, set[str]]:
    """For each hospital the generations of work that has not succeeded, of all or of `which` operations."""
    made = sa.select(Operation.tenant_id, Operation.reference)
    made = made.where(Operation.kind.in_(MAKING), Operation.state != "succeeded", *which)
    found = defaultdict(set)
    with db.engine.connect().execution_options(writing=False) as connection:
        for tenant_id, reference in connection.execute(made):
            found[tenant_id].add(UUID(reference).hex)
    return found
