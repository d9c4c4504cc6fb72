"""Connections to Redis that answer within a moment as a whole, or not at all.

A socket's time-out is for one piece of an answer: a server whose bytes trickle in would hold a request for minutes.
"""

import time

from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection

ANSWERS_WITHIN = 0.5


class Hurried:
    """A socket on which the whole answer to what was sent last has to be there in time."""

    def __init__(self, sock, seconds: float):
        self._sock, self._seconds = sock, seconds
        self._until = time.monotonic() + seconds

    def __getattr__(self, name: str):
        return getattr(self._sock, name)

    def sendall(self, data) -> None:
        """Send a question; from now on its answer is waited for."""
        self._until = time.monotonic() + self._seconds
        self._sock.sendall(data)

    def recv(self, size: int) -> bytes:
        """The next piece of the answer; raises TimeoutError once the time for all of it is over."""
        usual, left = self._sock.gettimeout(), self._until - time.monotonic()
        if usual == 0:
            return self._sock.recv(size)
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left if usual is None else min(usual, left))
        try:
            return self._sock.recv(size)
        finally:
            self._sock.settimeout(usual)


class _Impatient:
    def _connect(self) -> Hurried:
        return Hurried(super()._connect(), ANSWERS_WITHIN)


class OverNetwork(_Impatient, Connection):
    """An impatient connection to a port."""


class OverTLS(_Impatient, SSLConnection):
    """An impatient connection to a port, encrypted."""


class OverSocket(_Impatient, UnixDomainSocketConnection):
    """An impatient connection to a socket on this machine."""


KINDS = {"redis": OverNetwork, "rediss": OverTLS, "unix": OverSocket}


def kind_of(url: str) -> type:
    """The impatient kind of connection for this address."""
    return KINDS[url.partition("://")[0]]
