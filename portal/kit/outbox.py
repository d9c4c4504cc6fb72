"""The outbox: runs the later handlers of a hospital's events, each effect once even when it is tried again (CORE-3)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from portal import queue
from portal.clock import now
from portal.extensions import db
from portal.i18n import _
from portal.kit.audit import audit_hospital
from portal.kit.claims import clash_of
from portal.kit.events import Handler, handler_name, is_outward, later_handlers, wake_after_commit
from portal.kit.models import Event, EventDelivery
from portal.record import Refused, WrongState
from portal.tenancy.current import Hospital, OtherRelease, in_hospital
from portal.tenancy.registry import due_outboxes, forget_outbox, get_hospital, get_worked_on, remember_outbox

log = structlog.get_logger(__name__)
AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
MOST_ATTEMPTS = len(AGAIN_AFTER) + 1
ELSEWHERE_AFTER = timedelta(minutes=1)
AT_ONCE = 200
LONGEST_ERROR = 500
NOT_SENT = _("Not sent: this hospital is a copy for trying things out.")


def deliver(subdomain: str) -> int:
    """Do what is due in a hospital's outbox; answers with how many effects were done. A worker's job (tenancy.md T26).

    What fails is tried again by itself, after a minute, then ever later. Raises `TenantGone` where the hospital is no
    more, or may not be worked in.
    """
    try:
        return _deliver_due(subdomain)
    except OtherRelease:  # a worker of another release does it, or this one once the database is migrated
        remember_outbox(get_hospital(subdomain).id, now() + ELSEWHERE_AFTER)
        raise


def _deliver_due(subdomain: str) -> int:
    hospital = get_worked_on(subdomain)
    with in_hospital(hospital, writing=False):
        due = sa.select(Event.id, Event.name).where(Event.next_try_at <= now()).order_by(Event.id).limit(AT_ONCE)
        waiting = db.session.execute(due).all()
    done = sum(_deliver_event(get_worked_on(subdomain), event_id, name) for event_id, name in waiting)
    _plan_next(hospital)
    return done


def _deliver_event(hospital: Hospital, event_id: int, name: str) -> int:
    """Run what is left of an event's handlers; one that fails is tried again later, the others go on."""
    done, failed, is_held = 0, "", False
    for handler in later_handlers(name):
        if hospital.is_neutralised and is_outward(handler):
            is_held = True
            continue
        try:
            done += _once(hospital, event_id, handler)
        except Exception as error:
            log.exception("event_failed", event_id=event_id, handler=handler_name(handler))
            failed = error.sentence if isinstance(error, Refused) else type(error).__name__
    if is_held and not failed:
        _hold(hospital, event_id)
    else:
        _note(hospital, event_id, failed[:LONGEST_ERROR])
    return done


def _once(hospital: Hospital, event_id: int, handler: Handler) -> bool:
    """Run a handler and keep that it ran, in one transaction; False where it ran already."""
    with in_hospital(hospital):
        if not _is_first(event_id, handler_name(handler)):
            return False
        handler(**db.session.scalar(sa.select(Event.payload).where(Event.id == event_id)))
        db.session.commit()
        return True


def _is_first(event_id: int, handler: str) -> bool:
    """Keep that this handler runs; False where it did, also when two workers are at it at once."""
    given = {"event_id": event_id, "handler": handler}
    if db.session.scalar(sa.select(EventDelivery.id).filter_by(**given)):
        return False
    try:
        db.session.execute(sa.insert(EventDelivery).values(given | {"done_at": now()}))
    except sa.exc.IntegrityError as error:
        if clash_of(error) is None:
            raise
        return False
    return True


def _note(hospital: Hospital, event_id: int, error: str) -> None:
    """Keep how the last try ended, an empty error when everything is done, and when the next one is."""
    with in_hospital(hospital):
        event = db.session.get_one(Event, event_id)
        event.attempts += bool(error)
        event.last_error = error
        event.next_try_at = _next_try(event.attempts) if error else None
        db.session.commit()


def _hold(hospital: Hospital, event_id: int) -> None:
    """Keep that something was not sent; it may be tried again once the hospital sends messages."""
    with in_hospital(hospital):
        event = db.session.get_one(Event, event_id)
        event.last_error, event.next_try_at = NOT_SENT, None
        db.session.commit()


def _next_try(attempts: int) -> datetime | None:
    """When an event that failed this often is tried again; never, once it failed too often."""
    return now() + AGAIN_AFTER[attempts - 1] if attempts < MOST_ATTEMPTS else None


def _plan_next(hospital: Hospital) -> None:
    """Let the reaper wake a worker when the next try is due."""
    with in_hospital(hospital, writing=False):
        soonest = db.session.scalar(sa.select(sa.func.min(Event.next_try_at)))
    if soonest:
        remember_outbox(hospital.id, soonest)


def try_again(event: Event) -> None:
    """Try an event that failed again at once, also one that was given up; raises `WrongState` for one that is done."""
    failing = sa.and_(Event.id == event.id, Event.last_error != "")
    changed = sa.update(Event).where(failing).values(next_try_at=now())
    if not db.session.execute(changed.execution_options(synchronize_session=False)).rowcount:
        raise WrongState(_("Everything that belongs to this event is done."))
    audit_hospital("update", event, {"tried_again": [None, event.name]})
    wake_after_commit()


def wake_due() -> None:
    """Wake a worker for every hospital whose events are due, or happened while the queue was away."""
    for tenant_id, subdomain in due_outboxes():
        forget_outbox(tenant_id)
        if not queue.enqueue("portal.kit.outbox.deliver", subdomain):
            remember_outbox(tenant_id)
            return
