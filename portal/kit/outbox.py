"""The outbox: runs the later handlers of a hospital's events, each effect once even when it is tried again (CORE-3)."""

from datetime import timedelta

import sqlalchemy as sa
import structlog

from portal import queue
from portal.clock import now
from portal.extensions import db
from portal.kit.events import handler_name, later_handlers
from portal.kit.models import Event, EventDelivery
from portal.tenancy.current import Hospital, TenantGone, in_hospital
from portal.tenancy.registry import find_hospital, forget_outbox, remembered_outboxes

log = structlog.get_logger(__name__)
KEPT_FOR = timedelta(days=90)
MOST_ATTEMPTS = 8
AT_ONCE = 200


def deliver(subdomain: str) -> int:
    """Empty a hospital's outbox; answers with how many effects were done. A worker's job (tenancy.md T26).

    Raises `TenantGone` where the hospital is no more or cannot be served.
    """
    hospital = find_hospital(subdomain)
    if hospital is None or hospital.generation is None or hospital.mode == "suspended":
        raise TenantGone(subdomain)
    with in_hospital(hospital):
        waiting = db.session.execute(_waiting()).all()
        db.session.rollback()
    return sum(_deliver_event(hospital, event_id, name) for event_id, name in waiting)


def _waiting() -> sa.Select:
    """Events that are not done (an empty error says so), young enough, and were not tried too often."""
    not_done = Event.last_error.is_distinct_from("")
    young = Event.occurred_at > now() - KEPT_FOR
    query = sa.select(Event.id, Event.name).where(not_done, young, Event.attempts < MOST_ATTEMPTS)
    return query.order_by(Event.id).limit(AT_ONCE)


def _deliver_event(hospital: Hospital, event_id: int, name: str) -> int:
    """Run what is left of an event's handlers; one that fails is tried again later, the others go on."""
    done, failed = 0, ""
    for handler in later_handlers(name):
        try:
            done += _once(hospital, event_id, handler)
        except Exception as error:
            log.exception("event_failed", event_id=event_id, handler=handler_name(handler))
            failed = type(error).__name__
    _note(hospital, event_id, failed)
    return done


def _once(hospital: Hospital, event_id: int, handler) -> bool:
    """Run a handler and keep that it ran, in one transaction; False where it ran already."""
    with in_hospital(hospital):
        given = {"event_id": event_id, "handler": handler_name(handler)}
        known = db.session.scalar(sa.select(EventDelivery.id).filter_by(**given))
        if known is None:
            db.session.execute(sa.insert(EventDelivery).values(given | {"done_at": now()}))
            handler(**db.session.scalar(sa.select(Event.payload).where(Event.id == event_id)))
        db.session.commit()
        return known is None


def _note(hospital: Hospital, event_id: int, error: str) -> None:
    """Keep how the last try ended: an empty error means that everything is done."""
    with in_hospital(hospital):
        values = {"attempts": Event.attempts + (1 if error else 0), "last_error": error}
        db.session.execute(sa.update(Event).where(Event.id == event_id).values(values))
        db.session.commit()


def wake_remembered() -> None:
    """Wake a worker for every hospital whose events found the queue away."""
    for tenant_id, subdomain in remembered_outboxes():
        if queue.enqueue("portal.kit.outbox.deliver", subdomain):
            forget_outbox(tenant_id)
