"""Carrying a run out: by processes of a command, or by the background workers, in turns that nobody else waits for.

Alembic may run once in a process at a time (tenancy.md fact 2), so hospitals are shared out among processes.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import sqlalchemy as sa
import structlog
from flask import current_app

from portal import queue
from portal.control.models import Rollout, Tenant
from portal.extensions import db
from portal.lifeline import die_with_parent
from portal.provisioning import operations, schema, template
from portal.provisioning.fleet import runs
from portal.provisioning.fleet.taking import left_waiting, must_stop, take

log = structlog.get_logger(__name__)
JOB = "portal.provisioning.fleet.work.turn"
TURNS_AT_ONCE = 4  # asked for when no job of a batch waits: some always wait while workers are at it
LOOKS_EVERY, BEATS_EVERY = 0.2, 3.0
MOST_RESTARTS = 5  # of processes that ended before their work did


class Processes:
    """The processes of this machine that carry a run out; the application is loaded once, before they are forked."""

    def __init__(self, run_id: int, jobs: int):
        self.run_id, self.jobs = run_id, jobs
        self.children: set[int] = set()
        self.restarts = 0

    def run(self, watch: Callable[[], None]) -> None:
        """Carry the run out until nothing of it is left or it is stopped; `watch()` is called again and again."""
        make_ready()
        for _child in range(self.jobs):
            self._fork()
        self.wait(watch)

    def wait(self, watch: Callable[[], None] = lambda: None) -> None:
        """Wait until all of them have ended, and say meanwhile that somebody is there."""
        beaten = 0.0
        while self.children:
            if time.monotonic() - beaten > BEATS_EVERY:
                runs.keep_alive(self.run_id)
                operations.reap()
                db.session.rollback()
                beaten = time.monotonic()
            watch()
            time.sleep(LOOKS_EVERY)
            self._collect()

    def kill(self) -> None:
        """End all of them at once; what they were at goes on with the run."""
        for child in self.children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def _fork(self) -> None:
        db.session.remove()
        db.engine.dispose()  # an open SQLite file must not come along: whoever closes it takes the other's locks
        current_app.extensions["engines"].close()
        parent = os.getpid()
        child = os.fork()
        if child:
            self.children.add(child)
            return
        code = 1
        try:
            die_with_parent(parent)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the parent decides
            until_nothing_is_left(self.run_id)
            code = 0
        except Exception:
            log.exception("broke_off")
        finally:
            os._exit(code)

    def _collect(self) -> None:
        for child in list(self.children):
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended:
                continue
            self.children.discard(child)
            if status and self.restarts < MOST_RESTARTS:
                self.restarts += 1
                self._fork()


def make_ready() -> None:
    """Make the template of this release, and read it, once for all processes and on each kind of server."""
    engines = current_app.extensions["engines"]
    used = db.session.scalars(sa.select(Tenant.server).where(Tenant.mode != "deleted").distinct()).all()
    db.session.rollback()
    template.ensure_template()
    for dialect in {engines.databases(server).dialect.name for server in used if server in engines.servers}:
        schema.expected_entries(dialect)


def until_nothing_is_left(run_id: int) -> None:
    """Take hospital after hospital; what others left is taken too."""
    while True:
        taken = take(run_id)
        carry_out(run_id, taken.operations)
        if not taken.more:
            return
        if not taken.operations:
            carry_out(run_id, left_waiting(run_id))
            time.sleep(LOOKS_EVERY)


def carry_out(run_id: int, operation_ids: list[int], is_wanted: Callable[[], bool] = lambda: False) -> list[int]:
    """Do these one after the other until the run is stopped, or this process `is_wanted`; answers with the rest."""
    for done, operation_id in enumerate(operation_ids, start=1):
        operations.perform_one_of_many(operation_id)
        if must_stop(run_id):
            return []
        if is_wanted():
            return operation_ids[done:]
    return []


def turn(run_id: int) -> None:
    """A group of a run's hospitals, and then another turn, behind everything that people asked for. A worker's job."""
    taken = take(run_id)
    rest = carry_out(run_id, taken.operations, lambda: queue.has_waiting(queue.QUEUE))
    if rest:
        queue.wake_for_batch([rest])
    if taken.operations and taken.more:
        wake(run_id)


def wake(run_id: int, turns: int = 1) -> None:
    """Ask the workers for turns; when Redis is away, the reaper asks again."""
    for _turn in range(turns):
        queue.enqueue_batch(JOB, run_id)


def sweep() -> None:
    """Pause what a dead command left, and wake workers for the run they carry out. The reaper's part."""
    query = sa.select(Rollout.id, Rollout.by_workers).where(Rollout.state == "running")
    with db.engine.connect().execution_options(writing=False) as connection:  # most rounds find nothing to write
        found = connection.execute(query).all()
    for run in found:
        if not run.by_workers:
            runs.pause_orphans()
        elif queue.is_empty(queue.BATCH):
            wake(run.id, TURNS_AT_ONCE)
