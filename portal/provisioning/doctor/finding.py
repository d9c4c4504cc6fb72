"""One thing that does not fit together, and the transaction in which it is mended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from portal.control.models import AuditEntry, Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, operations
from portal.tenancy.control_engine import decision

ERROR, WARNING, NOTE = "error", "warning", "note"


class NotNow(Exception):
    """Work on the hospital has begun since it was looked at: that owns everything of it."""


@dataclass(frozen=True)
class Finding:
    """What is wrong in one sentence, how grave it is, and what mending does; without `mend` people decide."""

    kind: str
    severity: str
    subject: str
    sentence: str
    cure: str
    mend: Callable[[], object] | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """The same finding at another look."""
        return self.kind, self.subject


@contextmanager
def mending(kind: str, subject: str, tenant_id: int | None = None) -> Iterator[sa.Connection]:
    """A transaction of the control plane that nobody begins work beside, with an entry in the audit.

    Raises `NotNow` while there is work on the hospital.
    """
    with decision() as connection:
        active = sa.select(Operation.id).where(Operation.active_key == tenant_id)
        if tenant_id is not None and connection.scalar(active) is not None:
            raise NotNow
        details = {"kind": kind, "subject": subject}
        entry = sa.insert(AuditEntry).values(tenant_id=tenant_id, action="repair", details=details)
        connection.execute(entry)
        yield connection


def put_into_use(tenant_id: int) -> None:
    """Check a database that is there and use it, as Create Database does."""
    operation = asking.request(db.session.get(Tenant, tenant_id, populate_existing=True), "create")
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    operations.finish(operation_id)
