"""The queue wakes workers; it holds no truth, so nothing is lost when it is away (stack.md, RQ)."""

from contextlib import suppress
from datetime import UTC, timedelta

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker

from portal.clock import now

log = structlog.get_logger(__name__)
QUEUE = "portal"  # what one person asked for, and waits for
BATCH = "portal-batch"  # one of many: after everything that was asked for by itself
IDLE = "portal-idle"  # what workers do while nothing else waits
ANSWERS_WITHIN = 0.5
ALIVE_WITHIN = timedelta(seconds=30)


def connection(app: Flask | None = None, *, patient: bool = False) -> Redis:
    """A connection to Redis; a `patient` one waits, as a worker must, the others give up within half a second."""
    settings = (app or current_app).extensions["settings"]
    options = {"retry": Retry(NoBackoff(), 0)} if patient else impatience()
    return Redis.from_url(settings.redis_url or settings.socket_url, **options)


def impatience() -> dict:
    """How a request asks Redis: once, and never waiting longer than a person would notice."""
    return {
        "socket_timeout": ANSWERS_WITHIN,
        "socket_connect_timeout": ANSWERS_WITHIN,
        "retry": Retry(NoBackoff(), 0),
    }


def wake(operation_id: int, queue: str = QUEUE) -> bool:
    """Ask a worker to look at this operation; False when Redis is away, then the reaper asks again."""
    return _put(queue, "portal.provisioning.operations.perform", (operation_id,))


def enqueue(job: str, *arguments: int | str) -> bool:
    """Put a job into the queue, with ids as its arguments; False when Redis is away."""
    return _put(QUEUE, job, arguments)


def enqueue_idle(job: str, *arguments: int | str) -> bool:
    """As `enqueue`, for a job that comes after all others."""
    return _put(IDLE, job, arguments)


def _put(queue: str, job: str, arguments: tuple[int | str, ...]) -> bool:
    try:
        Queue(queue, connection=_shared()).enqueue(job, *arguments, job_timeout=600, result_ttl=60, failure_ttl=3600)
    except RedisError as error:
        log.warning("queue_away", job=job, arguments=arguments, error=type(error).__name__)
        return False
    return True


def is_empty(queue: str = QUEUE) -> bool:
    """Redis answers and holds no job that waits."""
    return _count(queue) == 0


def has_waiting() -> bool:
    """Redis answers, and real work waits for a worker."""
    return any(_count(one) for one in (QUEUE, BATCH))


def _count(queue: str) -> int | None:
    with suppress(RedisError):
        return Queue(queue, connection=_shared()).count
    return None


def problem() -> str | None:
    """Why Redis cannot be used now, or None."""
    try:
        _shared().ping()
    except RedisError:
        return "Redis does not answer"
    return None


def has_worker() -> bool:
    """A worker said within half a minute that it is there."""
    with suppress(RedisError):
        return any(_is_alive(worker) for worker in Worker.all(connection=_shared()))
    return False


def _is_alive(worker: Worker) -> bool:
    seen = worker.last_heartbeat
    if seen is None:
        return False
    seen = seen if seen.tzinfo else seen.replace(tzinfo=UTC)
    return now() - seen < ALIVE_WITHIN


def _shared() -> Redis:
    extensions = current_app.extensions
    if "redis" not in extensions:
        extensions["redis"] = connection()
    return extensions["redis"]
