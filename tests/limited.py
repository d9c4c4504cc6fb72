"""Carries operations out as somebody who may do little; `python -m tests.limited`.

Each line of its input is `FOLDER OPERATION` or `FOLDER OPERATION LIMIT NUMBER`. The limit is `files`, that many more
than are open; or `size`, the largest file in bytes. It answers `performed`, or the name of what was raised. One process
makes the application of each folder, and forks for each line; root becomes nobody there.
"""

import os
import resource
import sys
from functools import cache
from pathlib import Path

from flask import Flask

from portal import create_app
from portal.provisioning import operations
from tests.conftest import make_settings

NOBODY = 65534


def become_nobody() -> None:
    """Root may write everywhere, so root must not do the work."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def limit(kind: str, number: int) -> None:
    """From now on this process may open or write so much."""
    if kind == "files":
        highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + number, highest + number))
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))


@cache
def app_of(folder: str) -> Flask:
    """The application of a folder's portal."""
    return create_app(make_settings(Path(folder)))


def perform(folder: str, operation_id: str, *limits: str) -> str:
    """Carry an operation out in a fork that has the limits."""
    app = app_of(folder)
    opened, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(opened)
        os.write(said, _performed(app, int(operation_id), limits).encode())
        os._exit(0)
    os.close(said)
    with os.fdopen(opened) as answer:
        outcome = answer.read()
    os.waitpid(child, 0)
    return outcome


def _performed(app: Flask, operation_id: int, limits: tuple[str, ...]) -> str:
    try:
        with app.app_context():
            become_nobody()
            if limits:
                limit(limits[0], int(limits[1]))
            return "performed" if operations.perform(operation_id) else "not performed"
    except Exception as error:
        return type(error).__name__


def main() -> None:
    """Do what the lines of the input say."""
    print("ready", flush=True)
    for line in sys.stdin:
        print(perform(*line.split()), flush=True)


if __name__ == "__main__":
    main()
