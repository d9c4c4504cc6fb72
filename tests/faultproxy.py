"""A TCP proxy in front of a server that makes the network misbehave: what is not a fault passes unchanged."""

import socket
import socketserver
import struct
import threading
from contextlib import suppress

PASS, REFUSE, HANG, RESET, SLOW, LATE, SWALLOW = "pass", "refuse", "hang", "reset", "slow", "late", "swallow"
FAULTS = (REFUSE, HANG, RESET, SLOW, LATE, SWALLOW)


class FaultProxy:
    """Listens on a port of its own and passes on to `upstream`, an address or the path of a socket.

    `mode` may be changed at any moment, and holds for the connections that are open as well:

    - refuse: nobody listens, and what is open is ended
    - hang: everything is taken, nothing is passed on or answered
    - reset: every connection ends with a reset as soon as something is said
    - slow: each byte of an answer takes `pause` seconds
    - late: each answer takes `pause` seconds
    - swallow: what is said arrives, and its answer never comes back
    """

    def __init__(self, upstream: str | tuple[str, int], pause: float = 0.3):
        self.upstream, self.pause, self.mode = upstream, pause, PASS
        self.asked = 0  # how often something was said to the server
        self._open: set[socket.socket] = set()
        self._ended = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """What a client of Redis is given."""
        return f"redis://127.0.0.1:{self.port}/0"

    def set(self, mode: str) -> None:
        """From now on misbehave in this way, or no more."""
        self.mode = mode
        if mode == REFUSE:
            self.drop()

    def drop(self) -> None:
        """End every open connection."""
        for one in list(self._open):
            reset(one)

    def close(self) -> None:
        """Stop listening, and end what is open."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self.drop()

    def serve(self, client: socket.socket) -> None:
        """One client's connection, until either side ends it."""
        self._open.add(client)
        try:
            if self.mode == REFUSE:
                return reset(client)
            with connected(self.upstream) as server:
                self._open.add(server)
                answers = threading.Thread(target=self._answer, args=(server, client), daemon=True)
                answers.start()
                self._ask(client, server)
                with suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)
                answers.join()
                self._open.discard(server)
        except OSError:
            reset(client)
        finally:
            self._open.discard(client)

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := client.recv(65536):
                self.asked += 1
                if self.mode in (RESET, REFUSE):
                    reset(client)
                elif self.mode != HANG:
                    server.sendall(said)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                if self.mode in (HANG, SWALLOW):
                    continue
                size = 1 if self.mode == SLOW else len(said)
                for place in range(0, len(said), size):
                    if self.mode in (SLOW, LATE) and self._ended.wait(self.pause):
                        return
                    client.sendall(said[place : place + size])
        reset(client)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    proxy: FaultProxy


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.server.proxy.serve(self.request)


def connected(address: str | tuple[str, int]) -> socket.socket:
    """A connection to a port, or to a socket's path."""
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=5)
    one = socket.socket(socket.AF_UNIX)
    one.connect(address)
    return one


def reset(one: socket.socket) -> None:
    """End a connection so that the other side sees a reset."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
