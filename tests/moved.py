"""What the tests of moving share: asking for a move, saving as somebody in the hospital does, looking at a server."""

import contextvars

import sqlalchemy as sa
from flask import current_app

from portal.control.models import Tenant
from portal.extensions import db
from portal.kit.models import Sequence
from portal.provisioning import careful, operations, transfer
from portal.provisioning.places import names_at
from portal.tenancy.current import HospitalReadOnly, in_hospital
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, WrongDatabase
from portal.tenancy.registry import get_hospital
from tests.conftest import NORTH
from tests.provisioned import seen_operation, seen_tenant

SUBDOMAIN = "city-general"
REFUSALS = (HospitalReadOnly, WrongDatabase, DatabaseMissing, DatabaseDamaged, sa.exc.DBAPIError)


def ask(tenant_id: int, server: str = NORTH) -> int:
    """Ask for a move: the operation's id."""
    operation = careful.request_move(db.session.get(Tenant, tenant_id, populate_existing=True), server)
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def moved(tenant_id: int, server: str = NORTH):
    """Move and look at how that ended."""
    operation_id = ask(tenant_id, server)
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def is_on(server: str) -> bool:
    """The server has a database of City General."""
    return current_app.extensions["engines"].databases(server).exists(names_at(SUBDOMAIN))


def proofs_on(server: str) -> dict:
    """What City General's database there holds, table by table."""
    engine = current_app.extensions["engines"].databases(server).looking_engine(names_at(SUBDOMAIN))
    return transfer.read_again(engine, "whatever its stamp")


def save(value: int, hospital=None) -> str:
    """Set a number in the hospital as a request would, by what the registry says now or said then: saved or refused."""

    def change() -> str:
        try:
            with in_hospital(hospital or get_hospital(SUBDOMAIN)):
                db.session.execute(sa.update(Sequence).where(Sequence.name == "mrn").values(value=value))
                db.session.commit()
        except REFUSALS as error:
            return f"refused: {type(error).__name__}"
        return "saved"

    return contextvars.Context().run(_with_app(change))


def _with_app(work):
    app = current_app._get_current_object()

    def inside():
        with app.app_context():
            return work()

    return inside


def number_on(server: str) -> int:
    """The number that `save` sets, as the server has it."""
    engine = current_app.extensions["engines"].databases(server).looking_engine(names_at(SUBDOMAIN))
    with engine.connect() as connection:
        return connection.scalar(sa.select(Sequence.value).where(Sequence.name == "mrn"))


def here(tenant_id: int) -> str:
    """The server that the registry names."""
    return seen_tenant(tenant_id).server
