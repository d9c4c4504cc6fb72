"""The web worker: gunicorn's threads, which a client that stops sending cannot keep (slow request bodies)."""

import ctypes
import gc
import time

from gunicorn.workers.gthread import ThreadWorker

SILENT_SECONDS = 10
NOTED_EVERY = 1.0
SELDOM = (10_000, 20, 20)
M_ARENA_MAX = -8  # of malloc.h


def settle() -> None:
    """Look seldom for objects that nobody needs, and never at what is loaded by now.

    Python looks at everything every few pages otherwise, and holds up the page it then is at by a third of a second.
    """
    keep_memory_together()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def keep_memory_together() -> None:
    """Let all threads take their memory from one place; before any of them begins.

    What one thread opens another one closes, and glibc gives back little of what it keeps for each thread apart.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none, and no such habit
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


class ImpatientWorker(ThreadWorker):
    """Ends a connection that sends or takes nothing for `SILENT_SECONDS` while a thread waits for it.

    Notes what it has open once a second, also while nobody asks it for anything.
    """

    noted_at = 0.0

    def notify(self):
        """As gunicorn's sign of life, with the figures of the process."""
        super().notify()
        if time.monotonic() - self.noted_at >= NOTED_EVERY:
            self.noted_at = time.monotonic()
            extensions = self.wsgi.extensions
            extensions["tally"].engines(extensions["engines"].figures())

    def handle_request(self, req, conn):
        """As gunicorn's, with a limit to each wait for the client."""
        conn.sock.settimeout(SILENT_SECONDS)
        return super().handle_request(req, conn)
