"""A hospital that somebody knocks at and whose database is behind this release: one migration is asked for, once."""

import threading
import time
from datetime import timedelta

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import Hospital

log = structlog.get_logger(__name__)
ASKED_EVERY = 30.0  # seconds: by one process, however many knock
NOT_AGAIN_WITHIN = timedelta(minutes=15)  # of one that did not work: somebody has to look at why
ENDED_BADLY = ("failed", "interrupted", "cancelled")


class Behind:
    """Who asks for the migrations of the hospitals that requests find behind; one for each process."""

    def __init__(self):
        self._asked: dict[str, float] = {}
        self._lock = threading.Lock()

    def ask(self, hospital: Hospital) -> None:
        """Ask for one migration, unless this process just did, work is under way, or the last one did not work.

        In a transaction of its own: the request it is for only reads. Where the control database is busy the next
        request asks again.
        """
        if not self._is_due(hospital.uuid):
            return
        with current_app.app_context():
            try:
                _ask(hospital.id)
            except ProvisioningProblem:
                log.info("migration_not_asked", hospital=hospital.uuid)
            except sa.exc.DBAPIError as error:
                self._asked.pop(hospital.uuid, None)
                log.warning("migration_not_asked", hospital=hospital.uuid, error=str(error.orig))

    def _is_due(self, uuid: str) -> bool:
        at = time.monotonic()
        with self._lock:
            if at - self._asked.get(uuid, -ASKED_EVERY) < ASKED_EVERY:
                return False
            self._asked[uuid] = at
        return True


def _ask(tenant_id: int) -> None:
    """Ask for the migration where nothing says that it need not be; wakes a worker once it is there."""
    latest = sa.and_(Operation.kind == "migrate", Operation.finished_at > now() - NOT_AGAIN_WITHIN)
    is_useless = sa.and_(latest, Operation.state.in_(ENDED_BADLY))
    found = sa.select(Operation.id).where(
        Operation.tenant_id == tenant_id, sa.or_(Operation.active_key.is_not(None), is_useless)
    )
    with db.engine.connect().execution_options(writing=False) as connection:
        if connection.scalar(found.limit(1)) is not None:
            return
    operation = asking.request(db.session.get(Tenant, tenant_id), "migrate")
    asking.wake_after_commit(operation)
    db.session.commit()
