"""Carries an operation out as somebody who may do little; `python -m tests.limited FOLDER OPERATION [LIMIT NUMBER]`.

The limit is `files`, that many more than are open; or `size`, the largest file in bytes. Root becomes nobody first.
"""

import os
import resource
import sys
from pathlib import Path

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


def main(folder: str, operation: str, *limits: str) -> None:
    """Print `performed`, or the name of what was raised."""
    app = create_app(make_settings(Path(folder)))
    with app.app_context():
        become_nobody()
        if limits:
            limit(limits[0], int(limits[1]))
        try:
            print("performed" if operations.perform(int(operation)) else "not performed", flush=True)
        except Exception as error:
            print(type(error).__name__, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
