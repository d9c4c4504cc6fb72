"""Connections to hospital databases: each hospital has a pool, and all pools of a server share one budget.

A process has no more connections to a server than the budget says. Where it is used up, whoever needs one more takes
the place of the connection that nobody has used for longest, whichever hospital it belongs to; only where all of them
are in use somebody waits.
"""

import threading
import time
from collections import OrderedDict
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry, Pool

WAIT_SECONDS = 10
ROOM_TRIES = 5
ROOM_SECONDS = 0.05


class Budget:
    """The connections of this process to one server: `most` at a time."""

    def __init__(self, most: int):
        self.most = most
        self.open = 0
        self._idle: OrderedDict[ConnectionPoolEntry, tuple[SharedPool, float]] = OrderedDict()
        self._changed = threading.Condition()

    def take(self, pool: "SharedPool") -> ConnectionPoolEntry | None:
        """An idle connection of this pool, or None: there is room, made or found, for one that the caller opens."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._changed:
            while not pool.idle and self.open >= self.most and not self._idle:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise sa.exc.TimeoutError(f"all {self.most} connections to this server are in use")
            if pool.idle:
                record = pool.idle.pop()
                del self._idle[record]
                return record
            if self.open < self.most:
                self.open += 1
                return None
            replaced = self._oldest()
        _close(replaced)
        return None

    def put(self, pool: "SharedPool", record: ConnectionPoolEntry) -> None:
        """Keep a connection until somebody needs it, or its place."""
        with self._changed:
            is_kept = record.dbapi_connection is not None and not pool.is_drained
            if is_kept:
                pool.idle.append(record)
                self._idle[record] = (pool, time.monotonic())
                self._changed.notify()
        if not is_kept:
            _close(record)
            self.give_back()

    def give_back(self) -> None:
        """A connection was closed, or did not come about."""
        with self._changed:
            self.open -= 1
            self._changed.notify()

    def make_room(self) -> bool:
        """Close the connection that nobody has used for longest; False where all are in use."""
        with self._changed:
            closed = self._oldest() if self._idle else None
        if closed is None:
            return False
        _close(closed)
        self.give_back()
        return True

    def drain(self, pool: "SharedPool") -> None:
        """Close what a pool keeps now, and whatever comes back to it."""
        with self._changed:
            pool.is_drained = True
            closed = [pool.idle.pop() for _ in range(len(pool.idle))]
            for record in closed:
                del self._idle[record]
        for record in closed:
            _close(record)
            self.give_back()

    def close_unused(self, seconds: float) -> int:
        """Close the connections that nobody has used for so long; how many they were."""
        before, closed = time.monotonic() - seconds, 0
        while True:
            with self._changed:
                _pool, since = next(iter(self._idle.values()), (None, before))
                record = self._oldest() if since < before else None
            if record is None:
                return closed
            _close(record)
            self.give_back()
            closed += 1

    def _oldest(self) -> ConnectionPoolEntry:
        record, (pool, _since) = self._idle.popitem(last=False)
        pool.idle.remove(record)
        return record


class SharedPool(Pool):
    """The connections to one hospital's database, within the budget of its server.

    `full` is what `creator` raises when the server has no room for one more. Once disposed of, the pool keeps nothing:
    who still has it goes on, and each connection is closed after its use.
    """

    def __init__(self, creator, budget: Budget, full: type[Exception] | tuple = (), **options):
        super().__init__(creator, **options)
        self.budget, self.full = budget, full
        self.idle: list[ConnectionPoolEntry] = []
        self.used = 0
        self.is_drained = False

    def _do_get(self) -> ConnectionPoolEntry:
        record = self.budget.take(self) or self._created()
        self.used += 1
        return record

    def _created(self) -> ConnectionPoolEntry:
        try:
            for _try in range(ROOM_TRIES):
                with suppress(self.full):
                    return self._create_connection()
                if not self.budget.make_room():
                    break
                time.sleep(ROOM_SECONDS)  # the server needs a moment to see that one is gone
            return self._create_connection()
        except BaseException:
            self.budget.give_back()
            raise

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        self.used -= 1
        self.budget.put(self, record)

    def dispose(self) -> None:
        """Close what nobody uses; what is in use is closed when it comes back."""
        self.budget.drain(self)

    def recreate(self) -> "SharedPool":
        """The engine keeps this pool, drained."""
        return self

    def checkedin(self) -> int:
        """Connections that wait to be used."""
        return len(self.idle)

    def checkedout(self) -> int:
        """Connections in use."""
        return self.used

    def status(self) -> str:
        """For whoever looks into it."""
        return f"{self.used} in use, {len(self.idle)} idle, {self.budget.open} of {self.budget.most} on this server"


def _close(record: ConnectionPoolEntry) -> None:
    """Close a connection that nobody uses; that the other side has ended it already is no matter."""
    with suppress(Exception):
        record.close()
