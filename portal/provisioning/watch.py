"""Badges are never stale: every hospital's database is looked at in turn, without anybody asking (tenancy.md T17)."""

from dataclasses import fields
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import current_app

from portal import queue
from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import operations
from portal.provisioning.verify import Verdict
from portal.tenancy.current import outside_hospital

log = structlog.get_logger(__name__)
AT_ONCE = 25  # at every look of the reaper: 18,000 an hour, and a second or two of one worker
DUE_AFTER = 0.9  # of the period, so that the look has ended before the period has


def sweep() -> list[int]:
    """Ask for a look at the hospitals whose last one is the oldest, once it is old enough; answers with their ids.

    One such job waits at a time, behind all real work: a worker that is busy has more time between looks, never a
    longer queue. A hospital with work waiting or under way is left to that.
    """
    if not queue.is_empty(queue.IDLE):
        return []
    waiting = due()
    return waiting if waiting and queue.enqueue_idle("portal.provisioning.watch.look", *waiting) else []


def due() -> list[int]:
    """The hospitals to look at now, the longest unseen first."""
    query = sa.select(Tenant.id).where(_is_due()).order_by(Tenant.checked_at.nulls_first(), Tenant.id)
    return _read(query.limit(AT_ONCE))


def look(*tenant_ids: int) -> None:
    """Look at those of these hospitals that are still due, and stop as soon as real work waits. A worker's job."""
    for tenant_id in tenant_ids:
        if _read(sa.select(Tenant.id).where(Tenant.id == tenant_id, _is_due())):
            _look_whatever_happens(tenant_id)
        if queue.has_waiting():
            return


def _look_whatever_happens(tenant_id: int) -> None:
    """A look that fails is told too, or this hospital would be the first in every round."""
    begun = now()
    try:
        look_at(tenant_id)
    except Exception:
        log.exception("look_failed", tenant_id=tenant_id)
        values = {
            "status": "unknown",
            "reason": _("The last check did not finish."),
            "checked_at": now(),
            "findings": {},
        }
        _keep(tenant_id, begun, values)


def look_at(tenant_id: int, *, thorough: bool = False) -> Verdict:
    """Look at one hospital now, and keep what was seen unless something newer is known by then."""
    begun = now()
    with outside_hospital():
        tenant = db.session.get_one(Tenant, tenant_id)
        db.session.expunge_all()
    values = operations.verified_values(tenant, thorough=thorough)
    _keep(tenant_id, begun, values, Tenant.generation.is_not_distinct_from(tenant.generation))
    names = {field.name for field in fields(Verdict)}
    return Verdict(**{name: value for name, value in values.items() if name in names})


def _is_due() -> sa.ColumnElement[bool]:
    """The last look is long ago, and no operation waits or is under way that would know better."""
    period = timedelta(minutes=current_app.extensions["settings"].verify_every)
    old = sa.or_(Tenant.checked_at.is_(None), Tenant.checked_at < now() - DUE_AFTER * period)
    return sa.and_(old, Tenant.mode != "deleted", _is_left_alone())


def _is_left_alone() -> sa.ColumnElement[bool]:
    return sa.not_(sa.exists().where(Operation.active_key == Tenant.id))


def _keep(tenant_id: int, begun: datetime, values: dict, *same: sa.ColumnElement[bool]) -> None:
    """Keep what a look saw, but where an operation, another file or a newer look makes it old news."""
    newest = sa.or_(Tenant.checked_at.is_(None), Tenant.checked_at <= begun)
    kept = sa.update(Tenant).where(Tenant.id == tenant_id, newest, _is_left_alone(), *same).values(values)
    with db.engine.begin() as connection:
        connection.execute(kept)


def _read(query: sa.Select) -> list[int]:
    with db.engine.connect().execution_options(writing=False) as connection:
        return list(connection.scalars(query))
