"""The rows of the hospitals list: each hospital with its work under way, read by a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.admin.badges import Badge, badge_of, mode_badge
from portal.control.models import Operation, OperationStep, Tenant, User
from portal.extensions import db


@dataclass(frozen=True)
class HospitalRow:
    """One hospital of the list and the latest operation on it."""

    tenant: Tenant
    operation: Operation | None
    modules: str

    @property
    def badge(self) -> Badge:
        """Its state now."""
        return badge_of(self.tenant, self.operation)

    @property
    def mode_badge(self) -> Badge | None:
        """Who may use it now; None for one in full use."""
        return mode_badge(self.tenant)

    @property
    def is_active(self) -> bool:
        """Work on it is waiting or under way, so the page asks again."""
        return self.operation is not None and self.operation.is_active

    @property
    def administrators(self) -> list[User]:
        """Its administrators, the first one first."""
        return [access.user for access in self.tenant.access]


def rows_of(tenants: Sequence[Tenant]) -> list[HospitalRow]:
    """The rows of these hospitals: one query for the operations, one more while any is under way."""
    operations = _latest_operations([tenant.id for tenant in tenants])
    counts = _module_counts([operation.id for operation in operations.values() if operation.is_active])
    return [_row(tenant, operations.get(tenant.id), counts) for tenant in tenants]


def _row(tenant: Tenant, operation: Operation | None, counts: dict) -> HospitalRow:
    done, total = tenant.modules_ready, tenant.modules_expected
    if operation is not None and operation.id in counts:
        done, total = counts[operation.id]
    return HospitalRow(tenant, operation, "–" if total is None else f"{done}/{total}")


def _latest_operations(tenant_ids: list[int]) -> dict[int, Operation]:
    latest = (
        sa.select(sa.func.max(Operation.id)).where(Operation.tenant_id.in_(tenant_ids)).group_by(Operation.tenant_id)
    )
    found = db.session.scalars(sa.select(Operation).where(Operation.id.in_(latest))) if tenant_ids else ()
    return {operation.tenant_id: operation for operation in found}


def _module_counts(operation_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Modules done and in all of each operation that sets modules up."""
    if not operation_ids:
        return {}
    done = sa.func.count().filter(OperationStep.state == "done")
    query = (
        sa.select(OperationStep.operation_id, done, sa.func.count())
        .where(OperationStep.operation_id.in_(operation_ids), OperationStep.module != "")
        .group_by(OperationStep.operation_id)
    )
    return {operation_id: (ready, total) for operation_id, ready, total in db.session.execute(query)}
