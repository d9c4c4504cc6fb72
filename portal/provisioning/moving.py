"""What a move keeps from others while it lasts, and what is left to do after one that broke off."""

from contextlib import suppress
from functools import partial

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.provisioning import leaving
from portal.provisioning.places import names_at, stamp_at
from portal.tenancy.databases.base import OUT_OF_REACH, DatabaseMissing, Databases, ServerAway, is_closed_stamp
from portal.tenancy.names import HospitalNames

log = structlog.get_logger(__name__)
HELD = Tenant.id, Tenant.subdomain, Tenant.server, Tenant.generation, Tenant.moved_by


def held(tenant_id: int, operation_id: int) -> sa.Update:
    """Nothing is saved in the hospital any more; every process follows within a second (D21)."""
    return sa.update(Tenant).where(Tenant.id == tenant_id).values(moved_by=operation_id, epoch=Tenant.epoch + 1)


def let_go(tenant_id: int, operation_id: int) -> sa.Update:
    """People save again in the hospital, wherever it is now."""
    values = {"moved_by": None, "epoch": Tenant.epoch + 1, "outbox_due_at": now()}
    return sa.update(Tenant).where(Tenant.id == tenant_id, Tenant.moved_by == operation_id).values(values)


def let_go_of_ended() -> list[int]:
    """Open the hospitals that a move keeps closed to writers although nobody works on it; answers with their ids."""
    running = sa.select(Operation.id).where(Operation.state == "running")
    query = sa.select(*HELD).where(Tenant.moved_by.is_not(None), Tenant.moved_by.not_in(running))
    with db.engine.connect().execution_options(writing=False) as connection:
        rows = connection.execute(query).all()
    return [row.id for row in rows if _let_go_whatever_happens(row)]


def _let_go_whatever_happens(row: sa.Row) -> bool:
    """A server that is away is asked again in the next round; until then people read."""
    try:
        return _let_go(row)
    except (*OUT_OF_REACH, sa.exc.DBAPIError):
        log.exception("not_let_go", tenant_id=row.id, server=row.server)
        return False


def _let_go(row: sa.Row) -> bool:
    """While this is written nobody takes the operation up again."""
    databases = current_app.extensions["engines"].databases(row.server)
    with db.engine.begin() as connection:
        state = sa.select(Operation.state).where(Operation.id == row.moved_by).with_for_update()
        if connection.scalar(state) == "running":
            return False
        with suppress(DatabaseMissing):
            databases.open_to_writers(names_at(row.subdomain), row.generation)
        return connection.execute(let_go(row.id, row.moved_by)).rowcount == 1


def discard_there(details: dict, build: str | None) -> None:
    """Remove what a dead worker was building on the server that a hospital was to come to."""
    databases = current_app.extensions["engines"].servers.get(details.get("server"))
    if databases and build:
        try:
            databases.discard(build)
        except ServerAway as error:
            log.warning("server_away", server=details["server"], error=str(error))


def is_left(databases: Databases, names: HospitalNames, uuid: str) -> bool:
    """A database of this hospital is there that a move closed to writers: the old one, or one nobody was led to."""
    stamp = stamp_at(databases, names)
    return stamp is not None and stamp[0] == uuid and is_closed_stamp(stamp[1])


def forget_left() -> list[str]:
    """Remove what moves that are over left on the server where the hospital is not; answers with the subdomains."""
    moves = sa.select(Operation.details, Tenant.uuid, Tenant.server)
    moves = moves.join(Operation.tenant).where(Operation.kind == "move", Operation.active_key.is_(None))
    with db.engine.connect().execution_options(writing=False) as connection:
        rows = connection.execute(moves).all()
    places = {
        (row.details[name], row.details["subdomain"], row.uuid)
        for row in rows
        for name in ("before", "server")
        if row.details[name] != row.server
    }
    return [about[1] for about in sorted(places) if leaving.tried(about[1], partial(_forget, *about))]


def _forget(server: str, subdomain: str, uuid: str) -> bool:
    databases, names = current_app.extensions["engines"].servers.get(server), names_at(subdomain)
    if databases is None or not is_left(databases, names, uuid) or _is_worked_on(uuid):
        return False
    databases.remove(names)
    return True


def _is_worked_on(uuid: str) -> bool:
    active = (
        sa.select(Operation.id).join(Operation.tenant).where(Tenant.uuid == uuid, Operation.active_key.is_not(None))
    )
    with db.engine.connect().execution_options(writing=False) as connection:
        return connection.scalar(active.limit(1)) is not None
