"""The process that does the hospitals' background work, one job at a time, each in a fork of its own."""

import gc
import logging.config
import sys
import time
from contextlib import suppress

import redis
import sqlalchemy as sa
import structlog
from flask import Flask
from rq import Worker, worker_registration

from portal.extensions import db
from portal.lifeline import die_with_parent
from portal.queue import is_of_another_release, put_back

SECONDS_TO_WAIT_FOR_REDIS = 30
SECONDS_FOR_OTHERS = 1.0  # to take what this worker cannot do


class PortalWorker(Worker):
    """An RQ worker whose jobs find the application loaded, and end with it."""

    max_connection_wait_time = 2.0  # Redis is back within a second of a restart: do not sleep for a minute
    app: Flask

    def execute_job(self, job, queue):
        """Do the job in a process of its own; one that only another release knows is left to a worker of that."""
        if is_of_another_release(job):
            put_back(job, queue)
            time.sleep(SECONDS_FOR_OTHERS)
        else:
            super().execute_job(job, queue)

    def main_work_horse(self, job, queue):
        """Tie the forked process to this worker, so that two never do the same job."""
        die_with_parent(self.pid)
        with self.app.app_context():
            db.engine.dispose(close=False)  # a connection of the parent is not ours to talk on
        super().main_work_horse(job, queue)

    def heartbeat(self, timeout=None, pipeline=None):
        """Say that this worker is there, also to a Redis that has forgotten all workers."""
        super().heartbeat(timeout, pipeline)
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.connection.hset(self.key, mapping=self.serialize())
        worker_registration.register(self, pipeline)

    def maintain_heartbeats(self, job, execution):
        """Tell Redis that the job goes on; one that is away is no reason to end the job, whose truth is elsewhere."""
        with suppress(redis.ConnectionError, redis.TimeoutError):
            super().maintain_heartbeats(job, execution)

    def perform_job(self, job, queue, execution):
        """Do the job in an application context of its own, which closes what the job opened."""
        asked = {"request_id": job.meta["request_id"]} if job.meta.get("request_id") else {}
        with structlog.contextvars.bound_contextvars(job=job.id, **asked), self.app.app_context():
            return super().perform_job(job, queue, execution)


def make_worker(app: Flask, connection: redis.Redis, *queues: str) -> PortalWorker:
    """A worker that empties these queues, the first one first, and that a lost Redis, or a killed predecessor, holds up
    for seconds and not for minutes.
    """
    worker = PortalWorker(
        list(queues), connection=connection, worker_ttl=20, maintenance_interval=5, job_monitoring_interval=5
    )
    worker.app = app
    return worker


def wait_for(connection: redis.Redis) -> None:
    """Give a Redis that starts at the same time a moment; raises its error when it never answers."""
    deadline = time.monotonic() + SECONDS_TO_WAIT_FOR_REDIS
    while True:
        try:
            connection.ping()
            return
        except redis.RedisError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def main() -> None:
    """Work until told to stop."""
    from portal.logs import LIBRARIES
    from portal.queue import BATCH, IDLE, QUEUE, connection
    from wsgi import app  # the whole application, loaded once and before any job

    logging.config.dictConfig(LIBRARIES)
    client = connection(app, patient=True)
    try:
        wait_for(client)
    except redis.RedisError as error:
        sys.exit(f"The worker cannot reach Redis: {error}")
    sa.orm.configure_mappers()  # here once, and not in every fork: it takes longer than most jobs
    gc.collect()
    gc.freeze()  # a fork that collects garbage would copy all that it shares with this process
    make_worker(app, client, QUEUE, BATCH, IDLE).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
