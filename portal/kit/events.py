"""What happened, told to modules the teller does not know: now in the same transaction, or later, once (D14)."""

from collections import defaultdict
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import event

from portal import queue
from portal.clock import now
from portal.extensions import db
from portal.kit.models import Event
from portal.record import Record
from portal.tenancy.current import current_hospital
from portal.tenancy.registry import remember_outbox

Handler = Callable[..., None]
_now: dict[str, list[Handler]] = defaultdict(list)
_later: dict[str, list[Handler]] = defaultdict(list)


def on(name: str, *, later: bool = False) -> Callable[[Handler], Handler]:
    """Handle an event: `now` handlers get the record, in the emitter's transaction; `later` ones its id, after it."""

    def register(handler: Handler) -> Handler:
        known = (_later if later else _now)[name]
        if handler not in known:
            known.append(handler)
        return handler

    return register


def later_handlers(name: str) -> list[Handler]:
    """The handlers that the outbox runs for an event."""
    return list(_later[name])


def handler_name(handler: Handler) -> str:
    """The name under which a handler's delivery is kept."""
    return f"{handler.__module__}.{handler.__qualname__}"


def emit(name: str, record: Record) -> None:
    """Tell that something happened to a record; what handlers refuse undoes it all."""
    for handler in _now[name]:
        handler(record)
    if _later[name]:
        payload = {"table": record.__tablename__, "id": record.id}
        when = {"occurred_at": now(), "next_try_at": now()}
        db.session.execute(sa.insert(Event).values(name=name, payload=payload, attempts=0, **when))
        wake_after_commit()


def wake_after_commit() -> None:
    """Ask a worker to empty this hospital's outbox once what it has to do is really there."""
    hospital, session = current_hospital(), db.session()
    if session.info.get("outbox_wakes"):
        return
    session.info["outbox_wakes"] = True

    def wake(_session) -> None:
        session.info.pop("outbox_wakes", None)
        if not queue.enqueue("portal.kit.outbox.deliver", hospital.subdomain):
            remember_outbox(hospital.id)

    event.listen(session, "after_commit", wake, once=True)
