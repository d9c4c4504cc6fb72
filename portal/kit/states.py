"""The life of a record, declared once on its model: moves are guarded, logged, audited and announced."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import sqlalchemy as sa

from portal.auth.audit import audit_hospital
from portal.clock import now
from portal.extensions import db
from portal.i18n import _
from portal.kit.events import emit
from portal.kit.models import StatusLog
from portal.record import Actor, Record, WrongState

MARK = "_transition"


@dataclass(frozen=True)
class Transition:
    """One move of a record: from which states, to which, the verb a person needs, and what is asked beforehand.

    `along` names the answers that the row takes in the same statement as the state.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    needs: str
    says: str
    asks: str = ""
    along: tuple[str, ...] = ()


def transition(sources: str, target: str, *, needs: str, asks: str = "", along: tuple[str, ...] = ()) -> Callable:
    """Declare a method as the move from one of `sources` (“a | b”) to `target`; its docstring says what it means.

    `asks` is the sentence a page shows before a move that cannot be taken back. `along` names the arguments that are
    columns of the row and have to change in the same statement, because a CHECK ties them to the state.

    Calling it moves the row where it still is in one of the sources, writes the status log and the audit, runs the
    method's own body, and emits `<entity>.<target>`, all in the caller's transaction. A `note` is kept in the log.
    Raises `WrongState`; the method's body may raise `Refused`, which undoes the move with the transaction.
    """
    known = tuple(word.strip() for word in sources.split("|"))

    def declare(body: Callable) -> Callable:
        says = (body.__doc__ or "").strip().split("\n")[0]
        move = Transition(body.__name__, known, target, needs, says, asks, along)

        @wraps(body)
        def moved(record: Record, *args, note: str = "", **answers):
            before = record.status
            tied = {name: answers[name] for name in along}
            if not guarded_update(record, type(record).status.in_(known), status=target, **tied):
                raise WrongState(_("This is not possible any more: the record is “{state}” now.", state=record.status))
            _log(record, before, target, note)
            result = body(record, *args, **answers)
            db.session.flush()
            emit(f"{record.__tablename__.split('_', 1)[1]}.{target}", record)
            return result

        setattr(moved, MARK, move)
        return moved

    return declare


def transitions_of(model: type[Record]) -> list[Transition]:
    """The moves a model declares, in the order in which it declares them."""
    return [getattr(value, MARK) for value in vars(model).values() if hasattr(value, MARK)]


def moves_from(record: Record) -> list[Transition]:
    """The moves that are possible from the state the record is in now: its buttons."""
    return [move for move in transitions_of(type(record)) if record.status in move.sources]


def guarded_update(record: Record, *conditions: sa.ColumnElement[bool], **values) -> bool:
    """Change the row only where it still meets the conditions (P3); False, and nothing changed, where it does not.

    The version goes up and the object is read anew, so that neither a stale edit nor this session works on a copy (D5).
    """
    model = type(record)
    db.session.flush()
    stamps = {"version": model.version + 1, "updated_at": now(), "updated_by": Actor.find_id()}
    statement = (
        sa.update(model)
        .where(model.id == record.id, *conditions)
        .values(values | stamps)
        .execution_options(synchronize_session=False)
    )
    changed = db.session.execute(statement).rowcount == 1
    db.session.refresh(record)
    return changed


def _log(record: Record, before: str, target: str, note: str) -> None:
    row = {
        "content_type": record.__tablename__,
        "object_id": record.id,
        "from_status": before,
        "to_status": target,
        "at": now(),
        "actor_id": Actor.find_id(),
        "note": note[:500],
    }
    db.session.execute(sa.insert(StatusLog).values(row))
    audit_hospital("transition", record, {"status": [before, target]} | ({"reason": [None, note]} if note else {}))
