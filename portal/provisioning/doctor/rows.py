"""Rows that hold something although nobody is at work any more."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.provisioning import operations
from portal.provisioning.doctor.finding import ERROR, WARNING, Finding, mending
from portal.provisioning.doctor.scene import ACTIVE, Scene

REAPER_HAD = timedelta(minutes=1)


def stale_leases(scene: Scene) -> Iterator[Finding]:
    """Work whose worker is dead, and that no reaper has noticed."""
    for one in scene.active:
        if one.state == "running" and one.lease_until is not None and one.lease_until < now() - REAPER_HAD:
            facts = {"reference": one.reference, "name": one.tenant.name}
            yield Finding(
                "stale-lease", WARNING, one.reference,
                _("The worker of operation {reference} on {name} is dead, and nobody has noticed.", **facts),
                _("It goes back to the queue, or is called interrupted after three attempts."),
                operations.reap,
            )  # fmt: skip


def keys_of_ended_work(scene: Scene) -> Iterator[Finding]:
    """Ended operations that still keep all other work off their hospital."""
    for one in scene.holding:
        facts = {"reference": one.reference, "name": one.tenant.name}
        yield Finding(
            "held-by-ended-work", ERROR, one.reference,
            _("Operation {reference} has ended and still keeps other work off {name}.", **facts),
            _("The hospital is let go."),
            partial(_let_go, one.id, one.reference),
        )  # fmt: skip


def _let_go(operation_id: int, reference: str) -> None:
    with mending("held-by-ended-work", reference) as connection:
        ended = sa.and_(Operation.id == operation_id, Operation.state.not_in(ACTIVE))
        connection.execute(sa.update(Operation).where(ended).values(active_key=None))


def closed_for_ended_work(scene: Scene) -> Iterator[Finding]:
    """Hospitals that are closed for the sake of an operation which is over, or never was."""
    active = {one.id for one in scene.active}
    for tenant in scene.tenants.values():
        if tenant.closed_by is not None and tenant.closed_by not in active:
            yield Finding(
                "closed-for-ended-work", ERROR, tenant.subdomain,
                _("{name} is closed for work that is over.", name=tenant.name),
                _("The hospital is opened again, in the mode it is in."),
                partial(_open, tenant.id, tenant.subdomain, tenant.closed_by),
            )  # fmt: skip


def _open(tenant_id: int, subdomain: str, closed_by: int) -> None:
    with mending("closed-for-ended-work", subdomain, tenant_id) as connection:
        closed = sa.and_(Tenant.id == tenant_id, Tenant.closed_by == closed_by)
        connection.execute(sa.update(Tenant).where(closed).values(closed_by=None, epoch=Tenant.epoch + 1))
