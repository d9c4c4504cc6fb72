"""What happened, told to modules the teller does not know: now in the same transaction, or later, once (D14)."""

from collections import defaultdict
from collections.abc import Callable

import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.orm import SessionTransaction

from portal import queue
from portal.clock import now
from portal.extensions import db
from portal.kit.models import Event
from portal.record import Record
from portal.tenancy.current import current_hospital
from portal.tenancy.registry import remember_outbox
from portal.tenancy.session import TenantSession

log = structlog.get_logger(__name__)
Handler = Callable[..., None]
WAKES = "outbox_wakes"  # in the session, from an event until its commit: the hospital
_now: dict[str, list[Handler]] = defaultdict(list)
_later: dict[str, list[Handler]] = defaultdict(list)
_outward: set[str] = set()


def on(name: str, *, later: bool = False, outward: bool = False) -> Callable[[Handler], Handler]:
    """Handle an event: `now` handlers get the record, in the emitter's transaction; `later` ones its id, after it.

    `outward` is declared of a `later` handler that sends something out of the house, such as a message: in a
    hospital that is a copy for trying things out it is not run (`Hospital.is_neutralised`).

    Raises ValueError for a second `later` handler of one name: what was done is remembered by the name (CORE-3).
    """

    if outward and not later:
        raise ValueError(f"“{name}”: what reaches out of the house is done later, once the change is really there")

    def register(handler: Handler) -> Handler:
        known = (_later if later else _now)[name]
        if handler in known:
            return handler
        if later and handler_name(handler) in map(handler_name, known):
            raise ValueError(f"{handler_name(handler)}: “{name}” has a handler of this name already; give it another")
        known.append(handler)
        if outward:
            _outward.add(handler_name(handler))
        return handler

    return register


def later_handlers(name: str) -> list[Handler]:
    """The handlers that the outbox runs for an event."""
    return list(_later[name])


def is_outward(handler: Handler) -> bool:
    """The handler sends something out of the house."""
    return handler_name(handler) in _outward


def handler_name(handler: Handler) -> str:
    """The name under which a handler's delivery is kept."""
    return f"{handler.__module__}.{handler.__qualname__}"


def emit(name: str, record: Record) -> None:
    """Tell that something happened to a record; what handlers refuse undoes it all."""
    db.session.flush()  # so that a new record has its id
    for handler in _now[name]:
        handler(record)
    if _later[name]:
        payload = {"table": record.__tablename__, "id": record.id}
        when = {"occurred_at": now(), "next_try_at": now()}
        db.session.execute(sa.insert(Event).values(name=name, payload=payload, attempts=0, **when))
        wake_after_commit()


def wake_after_commit() -> None:
    """Ask a worker to empty this hospital's outbox once what it has to do is really there."""
    db.session.info[WAKES] = current_hospital()


@event.listens_for(TenantSession, "after_commit")
def _wake(session: TenantSession) -> None:
    """Wake the worker; a savepoint that ends tells of a commit too, and is none."""
    hospital = None if session.in_nested_transaction() else session.info.pop(WAKES, None)
    try:
        if hospital and not queue.enqueue("portal.kit.outbox.deliver", hospital.subdomain):
            remember_outbox(hospital.id)
    except Exception:  # what is kept is kept, so nobody may hear that it is not; the hourly sweep finds the event
        log.exception("wake_failed", hospital=hospital.uuid)


@event.listens_for(TenantSession, "after_soft_rollback")
def _let_sleep(session: TenantSession, ended: SessionTransaction) -> None:
    """Wake nobody for what was taken back."""
    if ended.parent is None:
        session.info.pop(WAKES, None)
