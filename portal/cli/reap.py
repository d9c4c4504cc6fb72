"""`flask reap`: notices dead workers and forgotten work, every five seconds."""

import time
from datetime import timedelta

import click
import sqlalchemy as sa
import structlog
from flask.cli import with_appcontext

from portal import queue
from portal.clock import now
from portal.extensions import db
from portal.kit import housekeeping, outbox
from portal.provisioning import operations, reaping, scheduled, shared_folders, watch
from portal.provisioning.fleet import work

log = structlog.get_logger(__name__)
EVERY_SECONDS = 5
SWEEP_EVERY = 60
BACKUPS_EVERY = 720
SCHEDULED_EVERY = 12


@click.command("reap")
@click.option("--once", is_flag=True, help="Look once and stop.")
@with_appcontext
def reap(once: bool) -> None:
    """Watch over operations: put back what a dead worker left, wake a worker for what waits and what is due."""
    swept_until = now() - timedelta(seconds=EVERY_SECONDS)
    for round_number in range(1 if once else 2**62):
        if round_number:
            time.sleep(EVERY_SECONDS)
        reaping.note_round()
        try:
            operations.reap()
            shared_folders.leave_marks()
            outbox.wake_due()
            work.sweep()
            watch.sweep()
            swept_until = housekeeping.sweep(swept_until)
            if round_number % SWEEP_EVERY == 0:
                operations.sweep()
            if round_number % SCHEDULED_EVERY == SCHEDULED_EVERY // 2:
                scheduled.sweep()
            if round_number % BACKUPS_EVERY == SWEEP_EVERY:  # not at once: a reaper that restarts has no hour behind it
                queue.enqueue("portal.provisioning.retention.hourly", limit=queue.LONG_LIMIT)
        except sa.exc.OperationalError as error:
            log.warning("reaper_waits", error=str(error.orig))
        finally:
            db.session.remove()
