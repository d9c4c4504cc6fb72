"""The queues of today: who is called, who waits and since when, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from modules.doctors.api import Doctor
from modules.opd.models import Queue, Token, Visit
from modules.opd.queueing import IN_ORDER, SESSION_ORDER
from portal.kit import db, now, today

GONE = ("done", "cancelled")


@dataclass(frozen=True)
class Spot:
    """A number of a queue with the visit it was given for."""

    token: Token
    visit: Visit | None


@dataclass
class Line:
    """A queue with the numbers that are still in it."""

    queue: Queue
    spots: list[Spot] = field(default_factory=list)
    seen: int = 0

    @property
    def here(self) -> list[Spot]:
        """Who is called or with the doctor now."""
        here = [one for one in self.spots if one.token.status in ("called", "serving")]
        return [one for one in here if not one.token.waits_for_results]

    @property
    def waiting(self) -> list[Spot]:
        """Who waits, in the order in which they are called; who did not answer last."""
        later = [one for one in self.spots if one.token.status == "skipped"]
        return [one for one in self.spots if one.token.status == "issued"] + later

    @property
    def with_results(self) -> list[Spot]:
        """Who was seen and waits for results."""
        return [one for one in self.spots if one.token.waits_for_results]


@dataclass
class Board:
    """The queues that are shown, and when they were read."""

    lines: list[Line]
    at: datetime

    @property
    def waiting(self) -> int:
        """How many patients wait to be called."""
        return sum(len(line.waiting) for line in self.lines)

    @property
    def with_doctors(self) -> int:
        """How many patients are called or with a doctor."""
        return sum(len(line.here) for line in self.lines)


def queues_of_today(*conditions: sa.ColumnElement[bool]) -> list[Queue]:
    """The queues of today, by session and doctor."""
    query = sa.select(Queue).where(Queue.queue_date == today(), *conditions)
    query = query.options(joinedload(Queue.doctor), joinedload(Queue.department), joinedload(Queue.room))
    return list(db.session.scalars(query.order_by(SESSION_ORDER, Queue.id)).unique())


def read_board(queues: Iterable[Queue]) -> Board:
    """These queues with everybody in them: three queries, however many there are."""
    lines = {queue.id: Line(queue) for queue in queues}
    query = sa.select(Token, Visit).outerjoin(Visit, Visit.id == Token.visit_id).options(joinedload(Token.patient))
    mine = Token.queue_id.in_(list(lines))
    for token, visit in db.session.execute(query.where(mine, Token.status.not_in(GONE)).order_by(*IN_ORDER)):
        lines[token.queue_id].spots.append(Spot(token, visit))
    done = sa.select(Token.queue_id, sa.func.count(Token.id)).where(mine, Token.status == "done")
    for queue_id, count in db.session.execute(done.group_by(Token.queue_id)):
        lines[queue_id].seen = count
    return Board(list(lines.values()), now())


def read_desk() -> Board:
    """Every queue of today that is not closed, or in which somebody still is."""
    board = read_board(queues_of_today())
    board.lines = [line for line in board.lines if line.spots or line.queue.status != "closed"]
    return board


def read_numbers() -> list[tuple[Queue, list[Token], list[Token]]]:
    """For the big screen: the numbers called and the next ones; no patient is read, so none can be shown."""
    rows = {queue.id: (queue, [], []) for queue in queues_of_today(Queue.status != "closed")}
    query = sa.select(Token).where(Token.queue_id.in_(list(rows)), Token.status.in_(("issued", "called", "serving")))
    for token in db.session.scalars(query.order_by(*IN_ORDER)):
        _queue, called, coming = rows[token.queue_id]
        if token.status == "issued":
            coming.append(token)
        elif not token.waits_for_results:
            called.append(token)
    return [row for row in rows.values() if row[1] or row[2]]


def queues_for(doctor: Doctor) -> list[Queue]:
    """The queues of today from which a doctor calls: the own ones, and those of the department."""
    shared = sa.and_(Queue.doctor_id.is_(None), Queue.department_id == doctor.department_id)
    return queues_of_today(sa.or_(Queue.doctor_id == doctor.id, shared))
