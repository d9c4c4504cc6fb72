"""A hospital behind this release: one migration is asked for, however many knock, and it ends the waiting (T16)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import Operation
from portal.extensions import db
from portal.provisioning import behind, operations
from tests.newer import FAILS_WHERE_POISONED, INSERT_POISON
from tests.provisioned import answer_of, change, database, request_again, seen_tenant


@pytest.fixture
def city(hospital, in_app, newer_release):
    """City General, which is behind by a revision that is not an addition."""
    newer_release(FAILS_WHERE_POISONED)
    return hospital


@pytest.fixture
def new_process(app, monkeypatch):
    """A process that remembers nothing of what others asked for."""
    return lambda: monkeypatch.setitem(app.extensions, "ask_migration", behind.Behind().ask)


def asked() -> list[tuple[str, str]]:
    """Every migration that was asked for: its state, and what its worker has to know."""
    db.session.rollback()
    query = sa.select(Operation.state, Operation.needs).where(Operation.kind == "migrate").order_by(Operation.id)
    with db.engine.connect().execution_options(writing=False) as connection:
        return [tuple(row) for row in connection.execute(query)]


def perform_asked() -> None:
    """A worker comes to the migration that waits."""
    with db.engine.connect().execution_options(writing=False) as connection:
        operation_id = connection.scalar(sa.select(Operation.id).where(Operation.state == "queued"))
    assert operations.perform(operation_id)


def test_many_requests_to_many_processes_ask_for_one_migration_and_then_are_served(city, app, new_process):
    for _process in range(3):
        new_process()
        assert {answer_of(app).status_code for _request in range(5)} == {503}
    assert asked() == [("queued", "0023")]
    perform_asked()
    assert (seen_tenant(city.id).revision, seen_tenant(city.id).serves_from) == ("0023", "0023")
    assert answer_of(app, path="/sign-in").status_code == 200
    assert len(asked()) == 1


def test_a_migration_that_did_not_work_is_not_asked_for_again_within_a_while(city, app, new_process):
    change(database(), INSERT_POISON)
    assert answer_of(app).status_code == 503
    perform_asked()
    assert [state for state, _needs in asked()] == ["failed"]
    new_process()
    assert answer_of(app).status_code == 503
    assert len(asked()) == 1
    clock.move(timedelta(minutes=16))
    new_process()
    assert answer_of(app).status_code == 503
    assert [state for state, _needs in asked()] == ["failed", "queued"]


def test_other_work_on_the_hospital_comes_first(city, app):
    request_again(city.id, "backup")
    assert answer_of(app).status_code == 503
    assert asked() == []
