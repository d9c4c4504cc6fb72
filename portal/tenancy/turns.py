"""Turns at writing: a hospital whose database is stuck keeps some of a process's threads waiting, never all of them."""

import threading
from collections import defaultdict

AT_ONCE = 4
WAIT_SECONDS = 1.0


class Turns:
    """How many requests of one hospital may write at a time in this process; SQLite lets only one of them through."""

    def __init__(self, at_once: int = AT_ONCE, wait_seconds: float = WAIT_SECONDS):
        self.wait_seconds = wait_seconds
        self._turns: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.BoundedSemaphore(at_once))

    def take(self, uuid: str) -> threading.Semaphore | None:
        """A turn for this hospital, to be released; None when none was free within the wait."""
        turn = self._turns[uuid]
        return turn if turn.acquire(timeout=self.wait_seconds) else None
