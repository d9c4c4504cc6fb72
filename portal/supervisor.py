"""Keeps the portal's processes running together: starts them, restarts what ends, leaves nothing behind."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from portal.lifeline import tied_to_us

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_STOP = 10
SECONDS_TO_BE_WELL = 10  # who lived this long is restarted at once, and not after a growing pause
LONGEST_PAUSE = 5.0
TICK = 0.1


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this installation; the message is one sentence for people."""


@contextlib.contextmanager
def only_one(lock_file: Path) -> Iterator[None]:
    """Hold the installation while it runs. Raises `AlreadyRunning`."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with open(lock_file, "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(
                f"The portal already runs on {lock_file.parent} (process {lock.read().strip()}): "
                "stop it first, or give this one its own INSTANCE_DIR and HOSPITALS_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def start_tied(command: list[str], *, env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.Popen:
    """Start a process that ends with this one, in a group of its own: Ctrl-C reaches only us."""
    return subprocess.Popen(tied_to_us(command), env=env, cwd=cwd, stdin=subprocess.DEVNULL, process_group=0)


@dataclass
class Child:
    """One process to keep running: its name, how to start it, and what became of it."""

    name: str
    start: Callable[[], subprocess.Popen]
    stops_last: bool = False
    process: subprocess.Popen | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    failures: int = field(default=0, init=False)
    start_again_at: float = field(default=0.0, init=False)

    @property
    def is_running(self) -> bool:
        """It was started and has not been seen to end."""
        return self.process is not None

    def run(self) -> None:
        """Start it and note when."""
        self.process, self.started_at = self.start(), time.monotonic()

    def has_ended(self) -> bool:
        """Notice an end, and clear what the process left in its group: the next one needs its port."""
        if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        self.signal(signal.SIGKILL)  # before reaping, while the number can belong to nobody else
        self.process.wait()
        return True

    def signal(self, number: int) -> None:
        """Send a signal to the process and all of its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says so of an ended group
            os.killpg(self.process.pid, number)


class Supervisor:
    """Runs children until it is told to stop."""

    def __init__(self, children: list[Child], say: Callable[[str], None] = print):
        self.children = children
        self.say = say
        self.stop_signals = 0

    def __enter__(self) -> "Supervisor":
        """Start every child, in order; leaving the block stops them all."""
        self._handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        for number, handler in self._handlers.items():
            if number != signal.SIGHUP or handler != signal.SIG_IGN:  # under nohup a closed terminal is no reason
                signal.signal(number, self._ask_to_stop)
        try:
            for child in self.children:
                child.run()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def is_stopping(self) -> bool:
        """Somebody pressed Ctrl-C, closed the terminal or sent TERM."""
        return self.stop_signals > 0

    def run(self, until: Callable[[], bool] = lambda: False, seconds: float = float("inf")) -> bool:
        """Restart what ends until told to stop, until `until()` holds (then True), or for `seconds`."""
        deadline = time.monotonic() + seconds
        while not self.is_stopping and time.monotonic() < deadline:
            self._restart_what_ended()
            if until():
                return True
            time.sleep(TICK)
        return False

    def stop(self) -> None:
        """Ask every child to end, then make it; a second Ctrl-C makes it at once."""
        self._stop([child for child in self.children if not child.stops_last])
        self._stop([child for child in self.children if child.stops_last])

    def _stop(self, children: list[Child]) -> None:
        running = [child for child in children if child.is_running]
        for child in running:
            child.process.terminate()  # not the group: gunicorn and RQ end their own children in good order
        deadline, signals = time.monotonic() + SECONDS_TO_STOP, self.stop_signals
        while running:
            if time.monotonic() > deadline or self.stop_signals > max(signals, 1):
                for child in running:
                    child.signal(signal.SIGKILL)
            for child in [child for child in running if child.has_ended()]:
                running.remove(child)
                child.process = None
            time.sleep(TICK / 5)

    def _restart_what_ended(self) -> None:
        for child in self.children:
            if child.is_running and child.has_ended():
                self._plan_restart(child, f"{child.name} ended ({_how(child.process.returncode)})")
            elif not child.is_running and time.monotonic() >= child.start_again_at:
                self._start_again(child)

    def _start_again(self, child: Child) -> None:
        try:
            child.run()
        except (RuntimeError, OSError) as error:
            self._plan_restart(child, str(error))

    def _plan_restart(self, child: Child, why: str) -> None:
        """A child that was well starts again at once; one that keeps ending, ever more slowly."""
        was_well = child.process is not None and time.monotonic() - child.started_at > SECONDS_TO_BE_WELL
        child.failures = 0 if was_well else child.failures + 1
        pause = min(0.1 * 2**child.failures, LONGEST_PAUSE) if child.failures else 0.0
        child.process, child.start_again_at = None, time.monotonic() + pause
        self.say(f"{why}; starting it again" + (f" in {pause:.1f} s" if pause else ""))

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_signals += 1


def _how(returncode: int) -> str:
    return f"signal {signal.Signals(-returncode).name}" if returncode < 0 else f"exit code {returncode}"
