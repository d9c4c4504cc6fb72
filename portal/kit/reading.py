"""What was read, printed or taken out: written down in a short transaction of its own, for reads write nothing else."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from flask import current_app

from portal.auth.audit import audit_hospital
from portal.extensions import db
from portal.record import Record
from portal.tenancy.current import current_hospital, is_writing


def audit_reading(action: str, record: Record | None, facts: Mapping[str, object]) -> None:
    """Write down that somebody looked, and at what: `action` is “view_sensitive”, “export” or “print” (D13)."""
    with beside() as connection:
        note(connection, action, record, facts)


def note(connection: sa.Connection, action: str, record: Record | None, facts: Mapping[str, object]) -> None:
    """As `audit_reading`, on a connection that somebody holds."""
    told = {name: [None, value] for name, value in facts.items() if value not in (None, "")}
    audit_hospital(action, record, told, connection=connection)


@contextmanager
def beside() -> Iterator[sa.Connection]:
    """A transaction beside the one that reads; work that writes already has its own, which is used.

    In a read-only hospital it only reads, and what is noted goes to the platform's audit (tenancy.md T22).
    """
    if is_writing():
        yield db.session.connection(bind_arguments={"bind_key": "tenant"})
        return
    engine = current_app.extensions["engines"].get(current_hospital(), writing=True)
    with engine.begin() as connection:
        yield connection
