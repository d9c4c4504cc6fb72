"""Connections to Redis that answer within a moment as a whole, or not at all.

A socket's time-out is for one piece of an answer: a server whose bytes trickle in would hold a request for minutes. And
a server that was silent is not asked again for a moment: a page that has five questions waits once.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection

ANSWERS_WITHIN = 0.5
LEFT_ALONE = 3.0  # seconds: longer than a page takes, and less than a round of the reaper
silent_until: dict[str, float] = {}  # by the server's address, in this process


@contextmanager
def noticing_silence(place: str) -> Iterator[None]:
    """Ask a server something; raises TimeoutError at once where it was silent a moment ago."""
    if time.monotonic() < silent_until.get(place, 0.0):
        raise TimeoutError("was silent a moment ago")
    try:
        yield
    except TimeoutError:
        silent_until[place] = time.monotonic() + LEFT_ALONE
        raise


class Hurried:
    """A socket on which the whole answer to what was sent last has to be there in time."""

    def __init__(self, sock, place: str, seconds: float):
        self._sock, self._place, self._seconds = sock, place, seconds
        self._until = time.monotonic() + seconds

    def __getattr__(self, name: str):
        return getattr(self._sock, name)

    def sendall(self, data) -> None:
        """Send a question; from now on its answer is waited for."""
        with noticing_silence(self._place):
            self._until = time.monotonic() + self._seconds
            self._sock.sendall(data)

    def recv(self, size: int) -> bytes:
        """The next piece of the answer; raises TimeoutError once the time for all of it is over."""
        if self._sock.gettimeout() == 0:
            return self._sock.recv(size)
        with noticing_silence(self._place):
            return self._received(size)

    def _received(self, size: int) -> bytes:
        usual, left = self._sock.gettimeout(), self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left if usual is None else min(usual, left))
        try:
            return self._sock.recv(size)
        finally:
            self._sock.settimeout(usual)


class _Impatient:
    @property
    def place(self) -> str:
        """The server's address."""
        return f"{self.host}:{self.port}"

    def _connect(self) -> Hurried:
        try:
            with noticing_silence(self.place):
                return Hurried(super()._connect(), self.place, ANSWERS_WITHIN)
        except TimeoutError as error:  # which redis-py looks for the port of, also where the server is a socket's path
            raise ConnectionError(str(error)) from error


class OverNetwork(_Impatient, Connection):
    """An impatient connection to a port."""


class OverTLS(_Impatient, SSLConnection):
    """An impatient connection to a port, encrypted."""


class OverSocket(_Impatient, UnixDomainSocketConnection):
    """An impatient connection to a socket on this machine."""

    @property
    def place(self) -> str:
        """The socket's path."""
        return self.path


KINDS = {"redis": OverNetwork, "rediss": OverTLS, "unix": OverSocket}


def kind_of(url: str) -> type:
    """The impatient kind of connection for this address."""
    return KINDS[url.partition("://")[0]]
