"""Carries out operations in processes whose system calls strace watches and spoils; `python -m tests.traced FOLDER`.

Each line of its input is `OPERATION` or `OPERATION INJECTION`; it answers with what became of the process and the file
strace wrote. One process loads the application, and forks for each line.
"""

import gc
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from portal import create_app
from portal.provisioning import operations, recreate
from tests.conftest import make_settings

WRITES = ("write", "pwrite64")
SYNCS = ("fsync", "fdatasync")
NAMES = ("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat")
SIZES = ("ftruncate", "fallocate")
OPENS = ("open", "openat")
WATCHED = (*WRITES, *SYNCS, *NAMES, *SIZES, *OPENS)
LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<arguments>.*)")


@dataclass(frozen=True)
class Point:
    """One system call of a work: the `number`th of its name, counted from one."""

    call: str
    number: int
    changes: bool  # something on the disk; the others only open a file
    stretch: int  # the calls of this name on the same file, one after the other, to which it belongs

    def injection(self, what: str, *, for_ever: bool = False) -> str:
        """What strace is told to do here: `signal=KILL`, or `error=ENOSPC` once or from here on."""
        return f"{self.call}:{what}:when={self.number}{'+' if for_ever else ''}"


def perform(app, operation_id: int, log: Path, injection: str | None) -> str:
    """Carry an operation out in a fork under strace: `killed`, `performed`, `refused` or `raised`."""
    gate, opened = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(opened)
        os.read(gate, 1)  # strace is there now
        _perform_and_exit(app, operation_id)
    os.close(gate)
    with subprocess.Popen(_strace(child, log, injection), stderr=subprocess.PIPE, text=True) as strace:
        attached = strace.stderr.readline()
        os.write(opened, b".")
        os.close(opened)
        _pid, status = os.waitpid(child, 0)
        strace.stderr.read()
    if "attached" not in attached:
        return f"untraced: {attached.strip()}"
    if os.WIFSIGNALED(status):
        return "killed" if os.WTERMSIG(status) == signal.SIGKILL else f"signal {os.WTERMSIG(status)}"
    return ("performed", "refused", "raised")[os.waitstatus_to_exitcode(status)]


def _perform_and_exit(app, operation_id: int) -> None:
    code = 2
    try:
        with app.app_context():
            code = 0 if operations.perform(operation_id) else 1
    finally:
        os._exit(code)


def _strace(pid: int, log: Path, injection: str | None) -> list[str]:
    command = ["strace", "-f", "-s", "0", "-o", str(log), "-p", str(pid)]
    if injection:  # only the call that is spoilt: everything else goes on faster
        return [*command, "-e", f"trace={injection.partition(':')[0]}", "-e", f"inject={injection}"]
    return [*command, "-y", "-e", f"trace={','.join('?' + name for name in WATCHED)}"]


def points_of(log: Path, folder: Path) -> list[Point]:
    """The calls of the process's main thread that are about a file below the folder, in their order."""
    counts: dict[str, int] = {}
    found, main, stretch, before = [], None, 0, None
    for line in log.read_text().splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        main = main or match["pid"]
        if match["pid"] != main:
            continue
        counts[match["call"]] = counts.get(match["call"], 0) + 1
        place = re.search(re.escape(str(folder)) + r"[^>\"]*", match["arguments"])
        if place:
            changes = match["call"] not in OPENS or "O_CREAT" in match["arguments"]
            stretch += (match["call"], place[0]) != before
            before = match["call"], place[0]
            found.append(Point(match["call"], counts[match["call"]], changes, stretch))
    return found


def main(folder: Path) -> None:
    """Do what the lines of the input say."""
    app = create_app(make_settings(folder))
    recreate.DRAIN_SECONDS = 0  # nobody else has the hospital open
    sa.orm.configure_mappers()  # as a worker does, before it forks
    gc.freeze()
    log = folder / "strace.log"
    print("ready", flush=True)
    for line in sys.stdin:
        operation_id, *injection = line.split()
        log.unlink(missing_ok=True)
        print(perform(app, int(operation_id), log, *injection or [None]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
