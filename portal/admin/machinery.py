"""What carries the operations out, in plain sentences: queue, workers, reaper, and what to do when one is not well."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from portal import queue
from portal.admin.badges import KINDS
from portal.clock import now
from portal.control.models import Operation
from portal.extensions import db
from portal.i18n import _, ngettext
from portal.provisioning import reaping
from portal.times import moment, since

REAPER_WITHIN = timedelta(minutes=1)
WAITS_LONG = timedelta(minutes=5)
PERFORMS = (queue.PERFORM, queue.PERFORM_EACH)
JOBS = {
    "portal.provisioning.fleet.work.turn": _("migrates hospitals"),
    "portal.provisioning.watch.look": _("looks at databases in turn"),
    "portal.provisioning.retention.hourly": _("looks after the backups"),
    "portal.kit.outbox.deliver": _("does what follows in a hospital"),
    "portal.kit.housekeeping.keep_house": _("keeps house in hospitals"),
}


@dataclass(frozen=True)
class Part:
    """One part of the machinery: how it is, and what to do where it is not well."""

    name: str
    tone: str
    label: str
    text: str
    cure: str = ""


def parts() -> list[Part]:
    """Queue, workers, reaper and the work that waits, as they are now; two queries."""
    state = queue.look()
    return [_queue(state), _workers(state), _reaper(), _waiting(state)]


def _queue(state: queue.State) -> Part:
    if not state.answers:
        text = _("Redis does not answer. Work that is asked for is kept, and starts by itself when Redis is back.")
        cure = _("“flask up” starts Redis again by itself. Where REDIS_URL names another server, look at that one.")
        return Part("queue", "bad", _("Queue"), text, cure)
    jobs, idle = state.waiting[queue.QUEUE] + state.waiting[queue.BATCH], state.waiting[queue.IDLE]
    text = ngettext("Redis answers. {count} job waits", "Redis answers. {count} jobs wait", jobs)
    text += ngettext(", and {count} for an idle moment.", ", and {count} for an idle moment.", idle)
    if not state.failed:
        return Part("queue", "ok", _("Queue"), text)
    text += " " + ngettext("{count} job broke off within the hour.", "{count} jobs broke off within the hour.",
                           state.failed)  # fmt: skip
    return Part("queue", "warn", _("Queue"), text, _("The worker’s log says why. No operation is lost by it."))


def _workers(state: queue.State) -> Part:
    if not state.answers:
        return Part("workers", "unk", _("Workers"), _("Not known while Redis does not answer."))
    if not state.workers:
        cure = _("Start the portal with “flask up”, or one worker more with “python worker.py”.")
        text = _("No background worker is running. Nothing starts until one does.")
        return Part("workers", "bad", _("Workers"), text, cure)
    text = ngettext("{count} worker is running.", "{count} workers are running.", len(state.workers))
    works = _operations_at([work for one in state.workers if one.job in PERFORMS for work in one.arguments])
    said = [_told(worker, works) for worker in state.workers]
    return Part("workers", "ok", _("Workers"), Markup(" ").join([Markup.escape(text), *said]))


def _told(worker: queue.SeenWorker, works: dict[int, Operation]) -> Markup:
    """“web-1:4711, since 2 h ago, is idle.”"""
    doing = _("is idle") if worker.job is None else _("is at work: {job}", job=_job(worker, works))
    words = _("{name}, started {since}, {doing}.")
    return Markup.escape(words).format(name=f"{worker.host}:{worker.pid}", since=since(worker.since), doing=doing)


def _job(worker: queue.SeenWorker, works: dict[int, Operation]) -> str:
    if worker.job not in PERFORMS:
        return JOBS.get(worker.job, worker.job)
    its = [works[one] for one in worker.arguments if one in works]
    operation = next((one for one in its if one.state == "running"), next(iter(its), None))
    return _words(operation) if operation else _("an operation")


def _words(operation: Operation) -> str:
    return _("{kind}, {hospital}", kind=KINDS[operation.kind], hospital=operation.tenant.name)


def _operations_at(ids: list[int]) -> dict[int, Operation]:
    query = sa.select(Operation).where(Operation.id.in_(ids)).options(joinedload(Operation.tenant))
    return {one.id: one for one in db.session.scalars(query)}


def _reaper() -> Part:
    seen = reaping.last_round()
    if seen is not None and now() - seen < REAPER_WITHIN:
        return Part("reaper", "ok", _("Reaper"), Markup.escape(_("Last looked {since}.")).format(since=since(seen)))
    text = _("It has never run.") if seen is None else Markup.escape(_("Last looked {at}.")).format(at=moment(seen))
    text = Markup(" ").join([Markup.escape(text), _("Dead workers and forgotten work are not noticed meanwhile.")])
    return Part(
        "reaper", "bad", _("Reaper"), text, _("Start the portal with “flask up”, or the reaper with “flask reap”.")
    )


def _waiting(state: queue.State) -> Part:
    query = sa.select(Operation).where(Operation.state == "queued").order_by(Operation.id).limit(1)
    oldest = db.session.scalar(query.options(joinedload(Operation.tenant)))
    if oldest is None:
        return Part("waiting", "ok", _("Oldest work"), _("No operation waits for a worker."))
    words = Markup.escape(_("The oldest waits since {at}: {work}."))
    text = words.format(at=moment(oldest.queued_at), work=_words(oldest))
    if not _is_long(oldest.queued_at):
        return Part("waiting", "info", _("Oldest work"), text)
    cure = _("Each worker does one operation at a time. Start one worker more with “python worker.py”.")
    return Part(
        "waiting", "warn", _("Oldest work"), text, cure if state.workers else _("It starts when a worker is there.")
    )


def _is_long(asked: datetime) -> bool:
    return now() - asked > WAITS_LONG
