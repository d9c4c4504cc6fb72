"""The next hospitals of a run: taken by whoever carries it out, never twice, and not while it is stopped (T12)."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Operation, OperationStep, Rollout, Tenant
from portal.extensions import db
from portal.i18n import _, ngettext
from portal.provisioning.asking import asked_here, steps_of
from portal.provisioning.fleet import runs
from portal.provisioning.fleet.standing import GIVEN_UP, behind
from portal.tenancy import releases

GROUP = 20  # asked for in one transaction; a stop takes back what of them was not begun
COLUMNS = (
    Rollout.id,
    Rollout.reference,
    Rollout.revision,
    Rollout.state,
    Rollout.hospitals,
    Rollout.position,
    Rollout.canary,
    Rollout.stop_after,
    Rollout.forgiven,
    Rollout.requested_by,
)


@dataclass(frozen=True)
class Taken:
    """The operations that were asked for, and whether there may be more later."""

    operations: list[int]
    more: bool


NOTHING = Taken([], False)


def take(run_id: int, most: int = GROUP) -> Taken:
    """Ask for the work on the next hospitals of a run, which the caller carries out.

    Empty with `more` while others are at the last ones, or at the first that go ahead alone. The run is finished here
    once nothing is left of it. A run to a revision that this release does not know is left to one that does.
    """
    db.session.rollback()
    with db.engine.begin() as connection:
        run = connection.execute(sa.select(*COLUMNS).where(Rollout.id == run_id).with_for_update()).one()
        if not releases.is_known(run.revision):
            return NOTHING
        why = _reason_to_stop(connection, run)
        if run.state != "running" or (why and runs.pause_on(connection, run_id, why)):
            return NOTHING
        active = _count(connection, run, "queued", "running")
        if active and 0 < run.position <= run.canary:
            return Taken([], True)
        end = run.canary if run.position < run.canary else run.position + most
        group, values = _next(connection, run, end)
        is_finished = not active and not group and values["position"] == len(values.get("hospitals", run.hospitals))
        if is_finished:
            values |= {"state": "finished", "finished_at": now(), "active_key": None, "lease_until": None}
        connection.execute(sa.update(Rollout).where(Rollout.id == run_id).values(values))
        return Taken(_ask(connection, run, group), not is_finished)


def _next(connection: sa.Connection, run: sa.Row, end: int) -> tuple[list[int], dict]:
    """The hospitals up to this place that are still behind and free; whom others work on comes after everybody else."""
    chunk = run.hospitals[run.position : end]
    query = sa.select(Tenant.id, Operation.id).where(Tenant.id.in_(chunk), behind())
    found = dict(connection.execute(query.outerjoin(Operation, Operation.active_key == Tenant.id)).all())
    busy = [one for one in chunk if found.get(one) is not None]
    passed = [one for one in chunk if one not in busy]
    values: dict = {"position": run.position + len(passed)}
    if busy:
        values["hospitals"] = [*run.hospitals[: run.position], *passed, *run.hospitals[end:], *busy]
    return [one for one in passed if one in found], values


def _count(connection: sa.Connection, run: sa.Row, *states: str) -> int:
    query = sa.select(sa.func.count()).select_from(Operation)
    return connection.scalar(query.where(Operation.batch == run.reference, Operation.state.in_(states)))


def _ask(connection: sa.Connection, run: sa.Row, tenant_ids: Sequence[int]) -> list[int]:
    """An operation and its steps for each hospital, all in the caller's transaction."""
    if not tenant_ids:
        return []
    shared = {"kind": "migrate", "batch": run.reference, "requested_by": run.requested_by, **asked_here()}
    rows = [{"tenant_id": one, "active_key": one, **shared} for one in tenant_ids]
    asked = list(connection.scalars(sa.insert(Operation).returning(Operation.id, sort_by_parameter_order=True), rows))
    steps = [{"operation_id": one, **step} for one in asked for step in steps_of("migrate")]
    connection.execute(sa.insert(OperationStep), steps)
    return asked


def left_waiting(run_id: int) -> list[int]:
    """Operations of a run that were asked for and not begun: whoever asked may be gone."""
    query = sa.select(Operation.id).join(Rollout, Rollout.reference == Operation.batch)
    with db.engine.connect().execution_options(writing=False) as connection:
        return list(connection.scalars(query.where(Rollout.id == run_id, Operation.state == "queued")))


def must_stop(run_id: int) -> bool:
    """The run is stopped, or it is now, because too much did not work."""
    with db.engine.connect().execution_options(writing=False) as connection:
        run = connection.execute(sa.select(*COLUMNS).where(Rollout.id == run_id)).one()
        why = _reason_to_stop(connection, run)
    if why:
        with db.engine.begin() as connection:
            runs.pause_on(connection, run_id, why)
    return bool(why) or run.state != "running"


def _reason_to_stop(connection: sa.Connection, run: sa.Row) -> str:
    """Why nothing more may begin, or nothing."""
    failed = _count(connection, run, *GIVEN_UP) - run.forgiven
    if failed and run.position <= run.canary:
        return _("One of the first {count} hospitals did not work.", count=run.canary)
    if run.stop_after is not None and failed >= run.stop_after:
        return ngettext("{count} hospital did not work.", "{count} hospitals did not work.", failed)
    return ""
