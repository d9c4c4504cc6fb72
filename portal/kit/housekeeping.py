"""What every hospital needs once an hour: what has passed is forgotten, and no event stays behind unseen (D14)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from portal import queue
from portal.clock import now
from portal.extensions import db
from portal.kit import files, locks, outbox
from portal.kit.events import handler_name
from portal.kit.models import Event, EventDelivery, IdempotencyKey
from portal.tenancy.current import TenantGone, in_hospital
from portal.tenancy.registry import get_worked_on, served_between

log = structlog.get_logger(__name__)
EVERY = timedelta(hours=1)
SECONDS = int(EVERY.total_seconds())
LONGEST_STEP = timedelta(minutes=1)
TOKENS_KEPT = timedelta(hours=24)
EVENTS_KEPT = timedelta(days=90)
AT_ONCE = 1000


Work = Callable[[], object]
_works: list[Work] = []


def hourly(work: Work) -> Work:
    """Have this done in every hospital once an hour; it may come more often, and is committed when it ends."""
    if work not in _works:
        _works.append(work)
    return work


def sweep(since: datetime) -> datetime:
    """Ask for the housekeeping of each hospital whose second of the hour came after `since`; answers how far it came.

    Each hospital has its own second, so that thousands of them never come at once, nor after a long pause.
    """
    begin = max(since, now() - EVERY)
    until = max(begin, min(now(), begin + LONGEST_STEP))
    waiting = _whose_turn(int(begin.timestamp()) + 1, int(until.timestamp()))
    if waiting and not queue.enqueue("portal.kit.housekeeping.keep_house", *waiting):
        return begin
    return until


def _whose_turn(first: int, last: int) -> list[str]:
    """The hospitals whose second of the hour is one of these, over the full hour too."""
    if last < first:
        return []
    begin, end = first % SECONDS, last % SECONDS
    spans = [(begin, end)] if begin <= end else [(begin, SECONDS - 1), (0, end)]
    return [subdomain for span in spans for subdomain in served_between(*span, SECONDS)]


def keep_house(*subdomains: str) -> None:
    """Put these hospitals in order, one after another; what is wrong with one keeps none of the others waiting."""
    for subdomain in subdomains:
        try:
            tidy(subdomain)
        except TenantGone:
            log.info("hospital_gone", subdomain=subdomain)
        except Exception:
            log.exception("housekeeping_failed", subdomain=subdomain)


def tidy(subdomain: str) -> None:
    """Do what is due in a hospital's outbox, then the works of the hour, each by itself. Raises `TenantGone`."""
    hospital = get_worked_on(subdomain)
    try:
        outbox.deliver(subdomain)
    except TenantGone:
        raise
    except Exception:
        log.exception("outbox_failed", subdomain=subdomain)
    for work in list(_works):
        try:
            with in_hospital(hospital):
                work()
                db.session.commit()
        except Exception:
            log.exception("hourly_work_failed", subdomain=subdomain, work=handler_name(work))


@hourly
def forget_what_has_passed() -> None:
    """Remove tokens of forms after a day, events that are done after 90 days, and the time of bookings that is over."""
    db.session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - TOKENS_KEPT))
    locks.purge_past()
    old = sa.and_(Event.occurred_at < now() - EVENTS_KEPT, Event.last_error == "")
    ids = db.session.scalars(sa.select(Event.id).where(old).order_by(Event.id).limit(AT_ONCE)).all()
    db.session.execute(sa.delete(EventDelivery).where(EventDelivery.event_id.in_(ids)))
    db.session.execute(sa.delete(Event).where(Event.id.in_(ids)))


hourly(files.remove_strays)
