"""The life of a record, declared once on its model: moves are guarded, logged, audited and announced."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import NoReturn

import sqlalchemy as sa

from portal.auth.audit import audit_hospital
from portal.clock import now
from portal.extensions import db
from portal.i18n import _
from portal.kit.audit import differences
from portal.kit.events import emit
from portal.kit.models import StatusLog
from portal.record import Actor, Overtaken, Record, Voidable, WrongState

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


def transition(
    sources: str, target: str, *, needs: str, asks: str = "", along: tuple[str, ...] = (), announces: str = ""
) -> Callable:
    """Declare a method as the move from one of `sources` (“a | b”) to `target`; its docstring says what it means.

    `asks` is the sentence a page shows before a move that cannot be taken back. `along` names the arguments that are
    columns of the row and have to change in the same statement, because a CHECK ties them to the state. `announces`
    names the event of a move that goes back to a state, so that nobody takes it for the first time.

    Calling it moves the row where it still is in the source it was read in, writes the status log and the audit, runs
    the method's own body, and emits `<entity>.<target>`, all in the caller's transaction. A `note` is kept in the log.
    Raises `WrongState`, also for a voided row; the method's body may raise `Refused`, which undoes the move with the
    transaction. Raises TypeError where `along` is not what the method asks for.
    """
    known = tuple(word.strip() for word in sources.split("|"))

    def declare(body: Callable) -> Callable:
        asked = signature(body)
        _refuse_misfit(body.__name__, set(asked.parameters), along)
        says = (body.__doc__ or "").strip().split("\n")[0]
        move = Transition(body.__name__, known, target, needs, says, asks, along)

        @wraps(body)
        def moved(record: Record, *args, note: str | None = None, **answers):
            given = asked.bind(record, *args, **answers)
            given.apply_defaults()
            db.session.flush()  # a new record has its state then, and the update finds it
            was_possible = move in moves_from(record)
            changes = _guarded(record, _still(record, known), status=target, **{n: given.arguments[n] for n in along})
            if changes is None:
                refuse_move(record, Overtaken if was_possible else WrongState)
            _log(record, changes, note or "")
            result = body(record, *args, **answers)
            db.session.flush()
            emit(f"{announced_as(type(record))}.{announces or target}", record)
            return result

        setattr(moved, MARK, move)
        return moved

    return declare


def announced_as(model: type[Record]) -> str:
    """What the events of a model's moves begin with: its `announced_as`, else its table's name without the module."""
    return getattr(model, "announced_as", model.__tablename__.split("_", 1)[1])


def refuse_move(record: Record, error: type[WrongState] = WrongState) -> NoReturn:
    """Raise `WrongState`, which says why the record does not move."""
    if isinstance(record, Voidable):
        record.refuse_voided()
    raise error(_("This is not possible any more: the record is “{state}” now.", state=record.status), record)


def _refuse_misfit(name: str, arguments: set[str], along: tuple[str, ...]) -> None:
    """Refuse, when the module is imported, a move that could never be called."""
    if "note" in arguments:
        raise TypeError(f"“{name}”: every move takes a note, which its log keeps; call the argument something else")
    strangers = set(along) - arguments
    if strangers:
        raise TypeError(f"“{name}” takes along “{'”, “'.join(sorted(strangers))}”, which is none of its arguments")


def _still(record: Record, sources: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """The row is where it was read, so that the log tells no other state, and it may move from there."""
    model = type(record)
    voided = model.voided_at.is_(None) if isinstance(record, Voidable) else sa.true()
    return sa.and_(model.status == record.status, model.status.in_(sources), voided)


def transitions_of(model: type[Record]) -> list[Transition]:
    """The moves a model declares, in the order in which it declares them."""
    return [getattr(value, MARK) for value in vars(model).values() if hasattr(value, MARK)]


def moves_from(record: Record) -> list[Transition]:
    """The moves that are possible from the state the record is in now: its buttons; none where it was voided."""
    if isinstance(record, Voidable) and record.voided_at:
        return []
    return [move for move in transitions_of(type(record)) if record.status in move.sources]


def guarded_update(record: Record, *conditions: sa.ColumnElement[bool], **values) -> bool:
    """Change the row only where it still meets the conditions (P3); False, and nothing changed, where it does not.

    The version goes up and the object is read anew, so that neither a stale edit nor this session works on a copy (D5).
    What it was and what it is stands in the audit (CORE-4).
    """
    changes = _guarded(record, *conditions, **values)
    if changes:
        audit_hospital("update", record, changes)
    return changes is not None


def _guarded(record: Record, *conditions: sa.ColumnElement[bool], **values) -> dict[str, list] | None:
    """Change the row and say what changed; None, and nothing changed, where it does not meet the conditions."""
    model = type(record)
    db.session.flush()
    before = {name: getattr(record, name) for name in values}
    stamps = {"version": model.version + 1, "updated_at": now(), "updated_by": Actor.find_id()}
    statement = (
        sa.update(model)
        .where(model.id == record.id, *conditions)
        .values(values | stamps)
        .execution_options(synchronize_session=False)
    )
    changed = db.session.execute(statement).rowcount == 1
    db.session.refresh(record)
    return differences(before, record) if changed else None


def _log(record: Record, changes: dict[str, list], note: str) -> None:
    before, target = changes["status"]
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
    audit_hospital("transition", record, changes | ({"reason": [None, note]} if note else {}))
