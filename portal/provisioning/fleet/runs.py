"""Runs over many hospitals: begun, stopped and gone on with by people, counted for whoever looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from portal.auth.audit import audit_platform
from portal.clock import now
from portal.control.models import Operation, Rollout, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.migrations import head
from portal.provisioning.cancelling import cancel_on
from portal.provisioning.fleet.standing import GIVEN_UP, behind
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.session import TENANT

LEASE = timedelta(seconds=12)
BY_HAND = _("It was paused.")
ENDED = _("The command that carried it out ended.")
UNDER_WAY = _("Hospitals are being migrated already. Wait until that has ended, or cancel it.")


@dataclass(frozen=True)
class Counts:
    """How far a run is, by hospitals."""

    migrated: int
    failed: int
    active: int
    total: int

    @property
    def left(self) -> int:
        """Those that have not ended, whether they were begun or not."""
        return max(0, self.total - self.migrated - self.failed)


def begin(
    hospitals: Sequence[int],
    *,
    canary: int = 0,
    stop_after: int | None = None,
    by_workers: bool = False,
    requested_by: int | None = None,
) -> Rollout:
    """A new run over these hospitals, in this order; raises `ProvisioningProblem` while another is under way.

    The caller commits.
    """
    run = Rollout(
        revision=head(TENANT), hospitals=list(hospitals), total=len(hospitals), canary=canary, stop_after=stop_after,
        by_workers=by_workers, requested_by=requested_by, lease_until=now() + LEASE,
    )  # fmt: skip
    _claim(run)
    audit_platform("migrate_hospitals", details={"run": run.reference, "hospitals": len(hospitals)})
    return run


def _claim(run: Rollout) -> None:
    """Only one is under way at a time: the others would wait for its hospitals."""
    if db.session.scalar(sa.select(Rollout.id).where(Rollout.active_key.is_not(None))) is not None:
        raise ProvisioningProblem(UNDER_WAY)
    run.active_key = 1
    db.session.add(run)
    try:
        db.session.flush()
    except sa.exc.IntegrityError:
        db.session.rollback()
        raise ProvisioningProblem(UNDER_WAY) from None


def go_on(run: Rollout, *, by_workers: bool) -> Rollout:
    """Go on with a run that is paused, with what is still behind and has not failed in it; the run. The caller commits.

    Raises `ProvisioningProblem` where it has ended, or another is under way.
    """
    if run.state != "paused":
        raise ProvisioningProblem(UNDER_WAY if run.state == "running" else _("This run has ended."))
    _claim(run)
    counted = counts_of(run)
    run.state, run.by_workers, run.lease_until = "running", by_workers, now() + LEASE
    run.revision, run.hospitals, run.position = head(TENANT), _left(run), 0
    run.canary = 0 if counted.failed > run.forgiven else max(0, run.canary - counted.migrated)
    run.forgiven, run.why = counted.failed, ""
    audit_platform("go_on_migrating", details={"run": run.reference})
    return run


def _left(run: Rollout) -> list[int]:
    still = set(db.session.scalars(sa.select(Tenant.id).where(behind(), Tenant.id.not_in(_failed(run)))))
    return [tenant_id for tenant_id in run.hospitals if tenant_id in still]


def failed_in(run: Rollout) -> list[int]:
    """The hospitals that failed in the run and are behind to this day, by subdomain."""
    still = sa.select(Tenant.id).where(behind(), Tenant.id.in_(_failed(run)))
    return list(db.session.scalars(still.order_by(Tenant.subdomain)))


def _failed(run: Rollout) -> sa.Select:
    return sa.select(Operation.tenant_id).where(Operation.batch == run.reference, Operation.state.in_(GIVEN_UP))


def pause(run_id: int, why: str = BY_HAND) -> bool:
    """Begin no hospital any more; those under way end. False where the run was not running. The caller commits."""
    return pause_on(db.session.connection(bind_arguments={"bind_key": None}), run_id, why)


def pause_on(connection: sa.Connection, run_id: int, why: str) -> bool:
    """As `pause`, in the transaction of this connection."""
    return _stop(connection, run_id, ("running",), {"state": "paused", "why": why})


def cancel_run(run_id: int) -> bool:
    """As `pause`, for good; what was migrated stays so. The caller commits."""
    connection = db.session.connection(bind_arguments={"bind_key": None})
    return _stop(connection, run_id, ("running", "paused"), {"state": "cancelled", "finished_at": now(), "why": ""})


def _stop(connection: sa.Connection, run_id: int, states: tuple[str, ...], values: dict) -> bool:
    same = sa.update(Rollout).where(Rollout.id == run_id, Rollout.state.in_(states)).returning(Rollout.reference)
    reference = connection.scalar(same.values(active_key=None, lease_until=None, **values))
    if reference is None:
        return False
    cancel_on(connection, Operation.batch == reference)
    return True


def keep_alive(run_id: int) -> None:
    """Who carries it out is still there."""
    held = sa.update(Rollout).where(Rollout.id == run_id, Rollout.state == "running")
    with db.engine.begin() as connection:
        connection.execute(held.values(lease_until=now() + LEASE))


def pause_orphans() -> list[int]:
    """Pause the runs of commands that ended without a word; answers with their ids."""
    gone = sa.and_(Rollout.state == "running", sa.not_(Rollout.by_workers), Rollout.lease_until < now())
    found = list(db.session.scalars(sa.select(Rollout.id).where(gone)))
    paused = [run_id for run_id in found if pause(run_id, ENDED)]
    db.session.commit()
    return paused


def latest(*states: str) -> Rollout | None:
    """The newest run, of those in these states where some are named."""
    query = sa.select(Rollout).order_by(Rollout.id.desc()).limit(1)
    return db.session.scalar(query.where(Rollout.state.in_(states)) if states else query)


def counts_of(run: Rollout) -> Counts:
    """How far the run is now."""
    query = sa.select(Operation.state, sa.func.count()).where(Operation.batch == run.reference)
    found = dict(db.session.execute(query.group_by(Operation.state)).all())
    failed = sum(found.get(state, 0) for state in GIVEN_UP)
    active = found.get("queued", 0) + found.get("running", 0)
    return Counts(found.get("succeeded", 0), failed, active, run.total)


def failures_of(run: Rollout) -> list[tuple[str, str]]:
    """Subdomain and error of the hospitals that failed, by subdomain."""
    query = sa.select(Tenant.subdomain, Operation.error).join(Operation, Operation.tenant_id == Tenant.id)
    query = query.where(Operation.batch == run.reference, Operation.state.in_(GIVEN_UP)).order_by(Tenant.subdomain)
    return [(subdomain, error or "") for subdomain, error in db.session.execute(query)]
