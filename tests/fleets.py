"""Many hospitals that are behind a newer release, and what the tests of migrating them ask."""

import sqlalchemy as sa
from flask import current_app

from portal.control.models import Operation, Rollout, Tenant
from portal.extensions import db
from portal.provisioning import operations
from portal.provisioning.fleet import runs, standing, work
from tests.newer import HEAL, INSERT_POISON
from tests.provisioned import register


def clinics(count: int) -> None:
    """That many Ready hospitals, `clinic-000` and so on; needs an application context."""
    for number in range(count):
        _tenant_id, operation_id = register(f"clinic-{number:03}", f"Clinic {number:03}")
        assert operations.perform(operation_id)


def poison(*numbers: int) -> None:
    """Let the migration of these clinics fail, whatever server they are on."""
    for number in numbers:
        _execute(number, INSERT_POISON)


def heal(*numbers: int) -> None:
    """Let it work from now on."""
    for number in numbers:
        _execute(number, HEAL)


def _execute(number: int, statement: str) -> None:
    engines = current_app.extensions["engines"]
    engine = engines.databases().changing_engine(engines.names(f"clinic-{number:03}"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def begun(*selectors: str, **options) -> int:
    """A run over the hospitals behind that are meant: its id."""
    run = runs.begin([row[0] for row in standing.select(selectors)], **options)
    db.session.commit()
    run_id = run.id
    db.session.rollback()
    return run_id


def run_of(run_id: int) -> Rollout:
    """The run as it is now."""
    db.session.rollback()
    run = db.session.get(Rollout, run_id, populate_existing=True)
    db.session.expunge_all()
    db.session.rollback()
    return run


def seen() -> standing.Standing:
    """How it stands, with nothing kept open."""
    found = standing.look()
    db.session.rollback()
    return found


def done(run_id: int) -> Rollout:
    """Carry a run out here, in this process alone."""
    work.until_nothing_is_left(run_id)
    return run_of(run_id)


def revisions() -> dict[str, str]:
    """The revision of each hospital, as the registry knows it."""
    with db.engine.connect().execution_options(writing=False) as connection:  # others write meanwhile
        query = sa.select(Tenant.subdomain, Tenant.revision).order_by(Tenant.subdomain)
        return dict(connection.execute(query).all())


def migrations_of(subdomain: str) -> list[str]:
    """The states of a hospital's migrations, the oldest first."""
    query = sa.select(Operation.state).join(Tenant).where(Tenant.subdomain == subdomain, Operation.kind == "migrate")
    with db.engine.connect().execution_options(writing=False) as connection:
        return list(connection.scalars(query.order_by(Operation.id)))
