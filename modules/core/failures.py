"""What could not be done after something happened, as people read it: what it was, what is left, and why."""

from dataclasses import dataclass

import sqlalchemy as sa

from modules.core.words import ERROR_WORDS
from portal.kit import _, db
from portal.kit.events import handler_name, later_handlers
from portal.kit.models import Event, EventDelivery


@dataclass(frozen=True)
class Failure:
    """One event with something left undone."""

    row: Event
    left: list[str]

    @property
    def what(self) -> str:
        """What happened, such as “Settings changed”."""
        return self.row.name.replace(".", " ").replace("_", " ").capitalize()

    @property
    def record(self) -> str:
        """The record it happened to, such as “appointment 12”."""
        table = self.row.payload.get("table", "")
        return f"{table.partition('_')[2].replace('_', ' ')} {self.row.payload.get('id', '')}".strip()

    @property
    def why(self) -> str:
        """Why the last try failed: a sentence of the hospital's rules, or what kind of fault it was."""
        error = self.row.last_error or ""
        unknown = _("A fault in the portal, which its log describes ({name}).", name=error)
        return ERROR_WORDS.get(error, error if " " in error else unknown)


def failed() -> sa.Select:
    """Every event whose last try left something undone."""
    return sa.select(Event).where(Event.last_error != "")


def read(query: sa.Select) -> list[Failure]:
    """The failures of a query in words."""
    events = db.session.scalars(query).all()
    deliveries = sa.select(EventDelivery).where(EventDelivery.event_id.in_([event.id for event in events]))
    done = {(delivery.event_id, delivery.handler) for delivery in db.session.scalars(deliveries)}
    return [Failure(event, _left(event, done)) for event in events]


def _left(event: Event, done: set[tuple[int, str]]) -> list[str]:
    """What is still to be done, in the words of the functions that do it."""
    handlers = [one for one in later_handlers(event.name) if (event.id, handler_name(one)) not in done]
    return [handler.__name__.replace("_", " ").capitalize() for handler in handlers]
