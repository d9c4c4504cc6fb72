"""What a process has open: who works with it holds a lease; of the rest the least used makes room (tenancy.md T19)."""

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, current_app, g

from portal.tenancy.current import current_hospital


@dataclass(eq=False)
class Open:
    """An open hospital: its engines, what it was opened for, how many work with it, and since when nobody asked."""

    reading: sa.Engine
    writing: sa.Engine
    state: tuple
    leases: int = 0
    used_at: float = 0.0


class Opened:
    """The open hospitals by uuid, at most `largest`, but those somebody works with; and what was counted of them."""

    def __init__(self, largest: int):
        self.largest = largest
        self.counts = Counter()
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Open] = OrderedDict()
        self._leases = 0

    def find(self, uuid: str, state: tuple, leases: int) -> Open | None:
        """The one that was opened for this state, with as many leases more."""
        with self._lock:
            found = self._current(uuid, state, leases)
            self.counts["hits"] += found is not None
        return found

    def keep(self, uuid: str, fresh: Open, leases: int) -> tuple[Open, list[Open]]:
        """Keep what was opened, and say what is to be closed; of several threads at once the first one's stays."""
        with self._lock:
            first = self._current(uuid, fresh.state, leases)
            if first:
                return first, [fresh]
            replaced = self._open.pop(uuid, None)
            self._open[uuid] = fresh
            self._current(uuid, fresh.state, leases)
            self.counts["opened"] += 1
            return fresh, [replaced, *self._too_many()] if replaced else self._too_many()

    def end(self, opened: Open) -> list[Open]:
        """A lease has ended; what is to be closed now."""
        with self._lock:
            opened.leases -= 1
            self._leases -= 1
            return self._too_many()

    def take_away(self, uuid: str) -> list[Open]:
        """Keep this one no longer; it is to be closed."""
        with self._lock:
            found = self._open.pop(uuid, None)
        return [found] if found else []

    def unused_for(self, seconds: float) -> list[Open]:
        """Those nobody asked for and nobody works with; they are to be closed."""
        before = time.monotonic() - seconds
        with self._lock:
            unused = [uuid for uuid, found in self._open.items() if not found.leases and found.used_at < before]
            return [self._open.pop(uuid) for uuid in unused]

    def count(self, name: str, number: int = 1) -> None:
        """Add to what was counted."""
        with self._lock:
            self.counts[name] += number

    def uuids(self) -> list[str]:
        """Whose databases are open."""
        with self._lock:
            return list(self._open)

    def figures(self) -> dict[str, int]:
        """How many are open, how many work with them, and what was counted."""
        with self._lock:
            counted = {name: self.counts[name] for name in ("opened", "hits", "evicted", "idle_closed", "refused")}
            return {"open_engines": len(self._open), "leases": self._leases} | counted

    def _current(self, uuid: str, state: tuple, leases: int) -> Open | None:
        found = self._open.get(uuid)
        if found is None or found.state != state:
            return None
        self._open.move_to_end(uuid)
        found.used_at = time.monotonic()
        found.leases += leases
        self._leases += leases
        return found

    def _too_many(self) -> list[Open]:
        spare = len(self._open) - self.largest
        if spare <= 0:
            return []
        newest = next(reversed(self._open))
        unused = [uuid for uuid, found in self._open.items() if not found.leases and uuid != newest][:spare]
        self.counts["evicted"] += len(unused)
        return [self._open.pop(uuid) for uuid in unused]


def install(app: Flask) -> None:
    """End each context's lease; before the session is bound to the application, so that it is closed first."""
    app.teardown_appcontext(_end)


def held_engine(*, writing: bool) -> sa.Engine:
    """The engine of the current hospital, held by this context; raises as `Engines.get` does."""
    if "_lease" not in g:
        g._lease = current_app.extensions["engines"].lease(current_hospital())
    return g._lease.writing if writing else g._lease.reading


def _end(error) -> None:
    opened = g.pop("_lease", None)
    if opened is not None:
        current_app.extensions["engines"].end(opened)
