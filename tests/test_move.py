"""Moving: the hospital is on its old server or on its new one, with every row, never on both and never on none."""

from dataclasses import replace

import pytest

from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import careful, move, operations
from portal.tenancy.servers import Server
from tests.provisioned import (
    answer_of,
    assert_consistent,
    checksums,
    database,
    seen_operation,
    seen_tenant,
    step_states,
)

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody waits for other processes that are not there."""
    monkeypatch.setattr(move, "DRAIN_SECONDS", 0)


@pytest.fixture
def settings(settings, tmp_path):
    """Two folders of hospitals."""
    north = Server.parse(f"north=sqlite:///{tmp_path}/north", tmp_path)
    return replace(settings, servers=settings.servers | {"north": north})


@pytest.fixture
def city(hospital, app):
    """City General inside an application context."""
    with app.app_context():
        yield hospital


def ask(tenant_id: int, server: str = "north") -> int:
    """Ask for a move: the operation's id."""
    operation = careful.request_move(db.session.get(Tenant, tenant_id), server)
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def moved(tenant_id: int, server: str = "north"):
    """Move and look at how that ended."""
    operation_id = ask(tenant_id, server)
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def test_a_moved_hospital_is_on_the_other_server_with_every_row(app, city, tmp_path):
    before = checksums(database())
    operation = moved(city.id)
    assert (operation.error, set(step_states(operation).values())) == (None, {"done"})
    assert_consistent(operation)
    tenant = seen_tenant(city.id)
    assert (tenant.server, tenant.generation, tenant.status) == ("north", city.generation, "ready")
    assert (tenant.moved_by, tenant.mode) == (None, "active")
    assert checksums(tmp_path / "north" / "hospital_city-general.db") == before
    assert not database().exists()
    assert answer_of(app).status_code == 302
