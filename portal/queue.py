"""The queue wakes workers; it holds no truth, so nothing is lost when it is away (stack.md, RQ)."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import DeserializationError, InvalidJobOperation, NoSuchJobError
from rq.job import Job

from portal import request_ids
from portal.clock import now
from portal.impatient import ANSWERS_WITHIN, kind_of

log = structlog.get_logger(__name__)
QUEUE = "portal"  # what one person asked for, and waits for
BATCH = "portal-batch"  # one of many: after everything that was asked for by itself
IDLE = "portal-idle"  # what workers do while nothing else waits
PERFORM = "portal.provisioning.operations.perform"
PERFORM_EACH = "portal.provisioning.operations.perform_each"
NO_LIMIT = -1
USUAL_LIMIT = 600  # seconds: whatever hangs in a job without a lease must not keep its worker for ever
LONG_LIMIT = 6 * 3600  # for jobs that read whole databases
FAILURES_KEPT = 3600
ALIVE_WITHIN = timedelta(seconds=30)
WAITS_FOR_ITS_RELEASE = timedelta(minutes=10)  # workers of a new release start before anything asks for its jobs


def connection(app: Flask | None = None, *, patient: bool = False) -> Redis:
    """A connection to Redis; a `patient` one waits, as a worker must, the others give up within half a second."""
    settings = (app or current_app).extensions["settings"]
    url = settings.redis_url or settings.socket_url
    options = {"retry": Retry(NoBackoff(), 0)} if patient else impatience(url)
    return Redis.from_url(url, **options)


def impatience(url: str) -> dict:
    """How a request asks Redis: once, and never waiting longer than a person would notice."""
    return {
        "connection_class": kind_of(url),
        "socket_timeout": ANSWERS_WITHIN,
        "socket_connect_timeout": ANSWERS_WITHIN,
        "retry": Retry(NoBackoff(), 0),
    }


def wake(operation_id: int) -> bool:
    """Ask a worker to look at this operation; False when Redis is away, then the reaper asks again.

    It may take as long as it takes: a worker that dies is noticed by the operation's lease, never by a limit.
    """
    return _put(QUEUE, PERFORM, (operation_id,), NO_LIMIT)


def wake_for_batch(groups: Iterable[Sequence[int]]) -> bool:
    """Ask workers for the operations of a batch, those of one group by one job; Redis is asked once for all of them.

    False when it is away, then the reaper asks again.
    """
    limits = {"timeout": NO_LIMIT, "result_ttl": 60, "failure_ttl": FAILURES_KEPT, "meta": _asked()}
    jobs = [Queue.prepare_data(PERFORM_EACH, tuple(group), **limits) for group in groups]
    try:
        Queue(BATCH, connection=_shared()).enqueue_many(jobs)
    except RedisError as error:
        log.warning("queue_away", job=PERFORM_EACH, count=len(jobs), error=type(error).__name__)
        return False
    return True


def enqueue(job: str, *arguments: int | str, limit: int = USUAL_LIMIT) -> bool:
    """Put a job into the queue, with ids as its arguments; False when Redis is away.

    The worker ends a job after `limit` seconds.
    """
    return _put(QUEUE, job, arguments, limit)


def enqueue_batch(job: str, *arguments: int | str) -> bool:
    """As `enqueue`, for a turn of many hospitals' work: after all that people asked for, and without a limit."""
    return _put(BATCH, job, arguments, NO_LIMIT)


def enqueue_idle(job: str, *arguments: int | str) -> bool:
    """As `enqueue`, for a long job that comes after all others."""
    return _put(IDLE, job, arguments, LONG_LIMIT)


def _put(queue: str, job: str, arguments: tuple[int | str, ...], limit: int) -> bool:
    try:
        waiting = Queue(queue, connection=_shared())
        kept = {"result_ttl": 60, "failure_ttl": FAILURES_KEPT, "meta": _asked()}
        waiting.enqueue(job, *arguments, job_timeout=limit, **kept)
    except RedisError as error:
        log.warning("queue_away", job=job, arguments=arguments, error=type(error).__name__)
        return False
    return True


def _asked() -> dict[str, str]:
    """What a job is told of the request that asked for it, so that its lines carry the same reference."""
    return {"request_id": request_ids.current()}


def is_of_another_release(job: Job) -> bool:
    """This release lacks the job's function, and a worker of the release that asked for it may still come."""
    asked = _in_utc(job.enqueued_at)
    if asked is None or now() - asked > WAITS_FOR_ITS_RELEASE:
        return False
    try:
        return not job.func
    except (ValueError, AttributeError):  # as RQ says that there is no such module, or nothing of the name in it
        return True


def put_back(job: Job, queue: Queue) -> None:
    """Leave a job that was just taken to another worker, after all that waits in its queue."""
    with queue.connection.pipeline() as pipeline:
        pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
        queue.push_job_id(job.id, pipeline=pipeline)
        pipeline.execute()


def is_empty(queue: str = QUEUE) -> bool:
    """Redis answers and holds no job that waits."""
    return _count(queue) == 0


def has_waiting(*queues: str) -> bool:
    """Redis answers, and work waits in one of these queues; real work, when none is named."""
    return any(_count(one) for one in queues or (QUEUE, BATCH))


def _count(queue: str) -> int | None:
    with suppress(RedisError):
        return Queue(queue, connection=_shared()).count
    return None


def note_time(name: str, moment: datetime) -> None:
    """Tell every machine when this happened; best effort."""
    with suppress(RedisError):
        _shared().set(f"portal:{name}", moment.timestamp())


def noted_time(name: str) -> datetime | None:
    """When this happened last, on whichever machine; None where Redis knows nothing of it or does not answer."""
    with suppress(RedisError):
        kept = _shared().get(f"portal:{name}")
        return datetime.fromtimestamp(float(kept), UTC) if kept else None
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


@dataclass(frozen=True)
class SeenWorker:
    """A worker that is alive: where, since when, and the job it is at with that job's arguments."""

    host: str
    pid: int | None
    since: datetime | None
    job: str | None
    arguments: tuple


@dataclass(frozen=True)
class State:
    """The queue as Redis tells it now; `waiting` and `workers` are empty where it does not answer."""

    answers: bool
    waiting: dict[str, int]
    failed: int
    workers: list[SeenWorker]


def look() -> State:
    """How many jobs wait, how many failed within the hour, and which workers are alive at what."""
    try:
        queues = {name: Queue(name, connection=_shared()) for name in (QUEUE, BATCH, IDLE)}
        waiting = {name: queue.count for name, queue in queues.items()}
        failed = sum(queue.failed_job_registry.count for queue in queues.values())
        workers = [_seen(worker) for worker in Worker.all(connection=_shared()) if _is_alive(worker)]
    except RedisError:
        return State(False, {}, 0, [])
    return State(True, waiting, failed, sorted(workers, key=lambda one: (one.host, one.pid or 0)))


def _seen(worker: Worker) -> SeenWorker:
    job, arguments = None, ()
    with suppress(NoSuchJobError, InvalidJobOperation, DeserializationError):  # it has just ended
        current = worker.get_current_job()
        if current is not None:
            job, arguments = current.func_name, tuple(current.args)
    return SeenWorker(worker.hostname or "", worker.pid, _in_utc(worker.birth_date), job, arguments)


def _is_alive(worker: Worker) -> bool:
    seen = _in_utc(worker.last_heartbeat)
    return seen is not None and now() - seen < ALIVE_WITHIN


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _shared() -> Redis:
    extensions = current_app.extensions
    if "redis" not in extensions:
        extensions["redis"] = connection()
    return extensions["redis"]
