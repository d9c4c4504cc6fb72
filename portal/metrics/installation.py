"""What the control database and Redis say of the whole installation, by a few cheap questions."""

import platform
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
import structlog
from flask import current_app
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from portal import queue
from portal.clock import now
from portal.control.models import KINDS, STATUSES, Backup, Operation, Tenant
from portal.extensions import db
from portal.migrations import head, revisions
from portal.provisioning import reaping
from portal.settings import ROOT
from portal.tenancy.modes import MODES

log = structlog.get_logger(__name__)
ENDED_WITHIN = timedelta(minutes=10)
ENDS = ("succeeded", "failed", "interrupted", "cancelled")
MIGRATE = "migrate"


class Installation:
    """What is the same on whatever machine it is asked."""

    def collect(self) -> Iterator[Metric]:
        """The families of this; what cannot be asked now is left out, and said to be away."""
        yield _build()
        yield from _queue()
        yield from _reaper()
        try:
            with db.engine.connect().execution_options(writing=False) as connection:
                asked = [*_hospitals(connection), *_operations(connection), *_backups(connection)]
        except sa.exc.SQLAlchemyError as error:
            log.warning("metrics_without_control", error=type(error).__name__)
            asked = []
        yield GaugeMetricFamily("portal_control_up", "The control database answers", value=bool(asked))
        yield from asked


def _build() -> Metric:
    about = {"version": version(), "control_head": head("control"), "tenant_head": head("tenant")}
    words = "The release that answers"
    return InfoMetricFamily("portal_build", words, value=about | {"python": platform.python_version()})


@cache
def version() -> str:
    """The release, as pyproject.toml names it."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def _queue() -> Iterator[Metric]:
    state = queue.look()
    yield GaugeMetricFamily("portal_redis_up", "Redis answers", value=state.answers)
    if state.answers:
        yield _labelled("portal_queue_waiting", "Jobs that wait", ["queue"], state.waiting)
        yield GaugeMetricFamily("portal_queue_failed", "Jobs that broke off within the hour", value=state.failed)
        yield GaugeMetricFamily("portal_workers", "Workers that are alive", value=len(state.workers))
        busy = sum(worker.job is not None for worker in state.workers)
        yield GaugeMetricFamily("portal_workers_busy", "Workers that are at a job", value=busy)


def _reaper() -> Iterator[Metric]:
    seen = reaping.last_round()
    if seen is not None:
        yield GaugeMetricFamily("portal_reaper_age_seconds", "Seconds since the reaper looked", value=_age(seen))


def _hospitals(connection: sa.Connection) -> Iterator[Metric]:
    """The hospitals by mode, badge and revision: one reading of one index."""
    columns = (Tenant.mode, Tenant.status, Tenant.revision)
    rows = connection.execute(sa.select(*columns, sa.func.count()).group_by(*columns)).all()
    modes, badges, states = (Counter(dict.fromkeys(names, 0)) for names in (MODES, STATUSES, ("head", "behind")))
    for mode, status, revision, count in rows:
        modes[mode] += count
        if mode != "deleted":
            badges[status] += count
            states[_revision_state(revision)] += count
    states["failed"] = _failed(connection)
    states["behind"] -= states["failed"]
    yield _labelled("portal_hospitals", "Hospitals by what was last seen of their databases", ["status"], badges)
    yield _labelled("portal_hospitals_mode", "Hospitals by who may use them", ["mode"], modes)
    words = "Hospitals by the migrations of their databases: failed are those behind whose last migration failed"
    yield _labelled("portal_hospitals_revision", words, ["state"], states)


def _revision_state(revision: str | None) -> str:
    if revision == head("tenant"):
        return "head"
    return "behind" if revision in {known for known, _module in revisions("tenant")} else "unknown"


def _failed(connection: sa.Connection) -> int:
    """Hospitals behind whose newest migration did not work."""
    if MIGRATE not in KINDS:
        return 0
    later = sa.orm.aliased(Operation)
    newer = sa.exists().where(later.tenant_id == Operation.tenant_id, later.kind == MIGRATE, later.id > Operation.id)
    known = [known for known, _module in revisions("tenant")][:-1]
    query = sa.select(sa.func.count()).select_from(Operation).join(Operation.tenant)
    query = query.where(Operation.state.in_(("failed", "interrupted")), Operation.kind == MIGRATE, sa.not_(newer))
    return connection.scalar(query.where(Tenant.revision.in_(known), Tenant.mode != "deleted"))


def _operations(connection: sa.Connection) -> Iterator[Metric]:
    """What waits and runs now, what ended a short while ago, and how far the newest fleet run is."""
    active = Operation.state.in_(("queued", "running"))
    columns = (Operation.kind, Operation.state)
    rows = connection.execute(sa.select(*columns, sa.func.count()).where(active).group_by(*columns)).all()
    now_active = {(kind, state): 0 for kind in KINDS for state in ("queued", "running")}
    now_active |= {(kind, state): count for kind, state, count in rows}
    yield _labelled("portal_operations", "Operations that wait or run", ["kind", "state"], now_active)
    asked = connection.scalar(sa.select(sa.func.min(Operation.queued_at)).where(Operation.state == "queued"))
    words = "Seconds since the oldest operation that waits was asked for"
    yield GaugeMetricFamily("portal_operations_oldest_seconds", words, value=_age(asked) if asked else 0)
    yield from _ended(connection)
    yield _fleet(connection)


def _ended(connection: sa.Connection) -> Iterator[Metric]:
    took = sa.extract("epoch", Operation.finished_at) - sa.extract("epoch", Operation.started_at)
    columns = (Operation.kind, Operation.state)
    query = sa.select(*columns, sa.func.count(), sa.func.sum(took)).group_by(*columns)
    rows = connection.execute(query.where(Operation.finished_at > now() - ENDED_WITHIN)).all()
    zero = {(kind, end): 0 for kind in KINDS for end in ENDS}
    counts = zero | {(kind, state): count for kind, state, count, _seconds in rows}
    seconds = zero | {(kind, state): float(total or 0) for kind, state, _count, total in rows}
    labels = ["kind", "outcome"]
    yield _labelled("portal_operations_ended", "Operations that ended within ten minutes", labels, counts)
    yield _labelled("portal_operations_ended_seconds", "How long those took, added up", labels, seconds)


def _fleet(connection: sa.Connection) -> Metric:
    """The operations of the newest batch of migrations, by state."""
    counts = {}
    if MIGRATE in KINDS:
        newest = sa.select(Operation.batch).where(Operation.kind == MIGRATE, Operation.batch.is_not(None))
        newest = newest.order_by(Operation.id.desc()).limit(1).scalar_subquery()
        query = sa.select(Operation.state, sa.func.count()).where(Operation.batch == newest)
        counts = dict(connection.execute(query.group_by(Operation.state)).all())
    return _labelled("portal_fleet_run", "The newest fleet migration: hospitals by state", ["state"], counts)


def _backups(connection: sa.Connection) -> Iterator[Metric]:
    settings = current_app.extensions["settings"]
    newest = connection.scalar(sa.select(sa.func.max(Backup.made_at)))
    if newest is not None:
        yield GaugeMetricFamily("portal_backup_age_seconds", "Seconds since the newest backup", value=_age(newest))
    hours = 2 * (settings.backup_every or 24)
    query = sa.select(sa.func.count(Backup.tenant_id.distinct())).join(Backup.tenant)
    recent = query.where(Backup.made_at > now() - timedelta(hours=hours), Tenant.mode != "deleted")
    words = "Hospitals with a backup made within twice BACKUP_EVERY; one that nobody worked in needs none"
    yield GaugeMetricFamily("portal_hospitals_backed_up", words, value=connection.scalar(recent))


def _age(moment: datetime) -> float:
    return (now() - moment).total_seconds()


def _labelled(name: str, words: str, labels: list[str], values: dict) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for key, value in values.items():
        family.add_metric(key if isinstance(key, tuple) else (key,), value)
    return family
