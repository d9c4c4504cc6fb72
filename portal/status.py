"""Is everything the platform needs at work? `/readyz` says, part by part."""

import sqlalchemy as sa
from flask import Blueprint

from portal import queue
from portal.extensions import db
from portal.migrations import current_standing, head
from portal.tenancy import releases

status = Blueprint("status", __name__)
status.scope = "platform"


@status.get("/readyz")
def readyz():
    """Control database, Redis and worker, each ok or why not; 503 when one is not."""
    parts = {"control_database": _control(), "redis": queue.problem() or "ok", "worker": _worker()}
    ready = all(state == "ok" for state in parts.values())
    return {"status": "ok" if ready else "not ready", **parts}, 200 if ready else 503


def _control() -> str:
    try:
        with db.engine.connect().execution_options(writing=False) as connection:
            revision, oldest = current_standing("control", connection)
    except sa.exc.SQLAlchemyError:
        return "the control database does not answer"
    return "ok" if releases.fits("control", revision, oldest) else f"at revision {revision}, expected {head('control')}"


def _worker() -> str:
    return "ok" if queue.has_worker() else "no background worker is running"
