"""Backups that nobody asked for: every hospital that has changed since its last one, once in `BACKUP_EVERY` hours."""

from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa
import structlog
from flask import current_app

from portal import queue
from portal.clock import now
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, backups, operations
from portal.provisioning.places import names_at
from portal.provisioning.steps import ProvisioningProblem

log = structlog.get_logger(__name__)
AT_ONCE = 10  # at every look, behind all other work and behind the looks of the hour
TRIED_AGAIN_AFTER = timedelta(hours=6)


def sweep() -> list[int]:
    """Ask for the backups that are due, the longest without one first; answers with the hospitals' ids.

    One such job waits at a time. A hospital with work waiting or under way is left to that.
    """
    if not current_app.extensions["settings"].backup_every or not queue.is_empty(queue.IDLE):
        return []
    waiting = due(most=AT_ONCE)
    return waiting if waiting and queue.enqueue_idle("portal.provisioning.scheduled.back_up", *waiting) else []


def back_up(*tenant_ids: int) -> None:
    """Back up those of these hospitals that are still due, and stop as soon as real work waits. A worker's job."""
    for tenant_id in tenant_ids:
        if tenant_id in due(tenant_id):
            _back_up_one(tenant_id)
        if queue.has_waiting():
            return


def _back_up_one(tenant_id: int) -> None:
    """An operation like any other, so that a killed worker's is taken up by the next one."""
    try:
        operation = asking.request_backup(db.session.get(Tenant, tenant_id), reason=backups.DAILY)
    except ProvisioningProblem:
        db.session.rollback()
        return
    db.session.commit()
    operations.perform(operation.id)


def due(tenant_id: int | None = None, most: int | None = None) -> list[int]:
    """The hospitals to back up now, the longest without one first; of them only this one, where one is named.

    Whether one has changed is asked of its own server, so not more are asked than to find the first `most`.
    """
    settings = current_app.extensions["settings"]
    last = (
        sa.select(Backup.tenant_id, sa.func.max(Backup.made_at).label("made_at"))
        .where(Backup.state == "verified")
        .group_by(Backup.tenant_id)
        .subquery()
    )
    tried = sa.exists().where(
        Operation.tenant_id == Tenant.id,
        Operation.kind == "backup",
        sa.or_(Operation.active_key.is_not(None), Operation.queued_at > now() - TRIED_AGAIN_AFTER),
    )
    old = sa.or_(last.c.made_at.is_(None), last.c.made_at < now() - timedelta(hours=settings.backup_every))
    query = (
        sa.select(Tenant.id, Tenant.subdomain, Tenant.server, last.c.made_at)
        .outerjoin(last, last.c.tenant_id == Tenant.id)
        .where(Tenant.generation.is_not(None), Tenant.mode != "deleted", old, sa.not_(tried))
        .where(sa.not_(sa.exists().where(Operation.active_key == Tenant.id)))
        .order_by(last.c.made_at.nulls_first(), Tenant.id)
    )
    if tenant_id is not None:
        query = query.where(Tenant.id == tenant_id)
    with db.engine.connect().execution_options(writing=False) as connection:
        rows = connection.execute(query).all()
    return list(islice((row.id for row in rows if _has_changed(row.subdomain, row.server, row.made_at)), most))


def _has_changed(subdomain: str, server: str, since: datetime | None) -> bool:
    """Something was written to the hospital since then; a database that is gone cannot be backed up at all."""
    changed = current_app.extensions["engines"].databases(server).changed_at(names_at(subdomain))
    return changed is not None and (since is None or changed > since)
