"""No process outlives the one that started it, not even after a kill -9 (Linux)."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, last_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel to send `last_signal` to this process when process `parent` ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(last_signal))
    if os.getppid() != parent:  # the parent ended before the kernel was asked
        os.kill(os.getpid(), last_signal)


def tied_to_us(command: list[str], last_signal: int = signal.SIGKILL) -> list[str]:
    """The same command, run as a child that ends when this process does.

    It goes through this file and not through `preexec_fn`, which is unsafe in a process with threads.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(last_signal)), *command]


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - the command comes from tied_to_us()
