"""Work that died kept people out of a hospital's database, on its own server: they come in again."""

import sqlalchemy as sa
import structlog

from portal.control.models import Operation, Tenant
from portal.provisioning.places import databases_of, names_of
from portal.tenancy.control_engine import decision
from portal.tenancy.databases.base import OUT_OF_REACH

log = structlog.get_logger(__name__)
PLACE = Tenant.subdomain, Tenant.server, Tenant.moved_by


def reopen(hospital: Tenant | sa.Row) -> None:
    """For whoever works on the hospital now; what a move keeps closed is opened where it is let go."""
    if hospital.moved_by is None:
        databases_of(hospital).reopen(names_of(hospital))


def reopen_at_rest(tenant_id: int) -> None:
    """For who does not work on the hospital: while this is done nobody asks for other work on it, or takes up any."""
    state = sa.select(Operation.state).where(Operation.active_key == tenant_id).with_for_update()
    try:
        with decision() as connection:
            if connection.scalar(state) != "running":
                reopen(connection.execute(sa.select(*PLACE).where(Tenant.id == tenant_id)).one())
    except (*OUT_OF_REACH, sa.exc.DBAPIError):
        log.exception("not_reopened", tenant_id=tenant_id)
