"""Carries out operations in processes that kill themselves at a chosen moment; `python -m tests.killed FOLDER`.

On a server a point is also each statement that changes it for good: sent, and never heard of again.

Each line of its input is `OPERATION POINT SEAMS`; it answers `killed`, or `survived` when there is no such point.
One process loads the application, and forks for each line.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from portal import create_app
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import (
    backups,
    documents,
    leaving,
    move,
    operations,
    recreate,
    schema,
    template,
    transfer,
    verify,
)
from portal.provisioning.create import Create
from portal.provisioning.fresh import FreshDatabase
from portal.provisioning.ledger import Ledger
from portal.provisioning.migrate import Migrate
from portal.provisioning.recreate import Recreate
from portal.provisioning.restore import Restore
from portal.tenancy.databases import copies, sqlite
from tests import on_postgres
from tests.conftest import make_settings
from tests.killed_on_server import Commits, Programs, Within, backends
from tests.processes import wait_until

SEAMS = {
    "all": [
        *((Ledger, name) for name in ("begin", "module_states", "succeed", "beat")),
        *((FreshDatabase, name) for name in ("copy", "stamp_and_grant")),
        (Create, "undo"),
        *((sqlite.SqliteDatabases, name) for name in ("clone", "settle", "publish", "discard")),
        *((sqlite, name) for name in ("link_file", "sync_file", "sync_folder")),
    ],
    "template": [(template, name) for name in ("migrate", "keep", "_put_in_place")],
    "modules": [(Ledger, "module_states")],
    "copies": [
        *((Ledger, name) for name in ("begin", "record", "succeed")),
        *((Restore, name) for name in ("read_backup", "prepare", "finish")),
        *((backups, name) for name in ("hash_of", "sync_file", "sync_folder", "rename_file", "salvage")),
        *((sqlite.SqliteDatabases, name) for name in ("backup", "fetch", "overwrite", "set_aside", "publish")),
        *((sqlite, name) for name in ("link_file", "sync_file", "sync_folder")),
    ],
    "recreate": [
        *((Ledger, name) for name in ("close", "begin", "module_states", "record", "say", "succeed")),
        *((FreshDatabase, name) for name in ("copy", "stamp_and_grant", "check")),
        *((Recreate, name) for name in ("finish", "undo")),
        *((backups, name) for name in ("hash_of", "sync_file", "sync_folder", "rename_file", "salvage")),
        *((sqlite.SqliteDatabases, name) for name in ("clone", "backup", "overwrite", "set_aside", "publish")),
        *((sqlite, name) for name in ("link_file", "sync_file", "sync_folder")),
    ],
    "documents": [(documents, "bring"), (documents, "sync_folder"), (documents.files, "make_folder")],
    "moves": [
        *((Ledger, name) for name in ("begin", "close", "record", "succeed", "beat")),
        *((leaving, name) for name in ("empty", "remove")),
        *((backups, name) for name in ("hash_of", "rename_file", "salvage")),
        *((sqlite.SqliteDatabases, name) for name in ("copy", "backup", "empty", "publish", "remove")),
        *((sqlite, name) for name in ("link_file", "remove_file", "sync_file", "sync_folder")),
    ],
    "move": [
        *((Ledger, name) for name in ("begin", "record", "succeed")),
        *((transfer, name) for name in ("begin", "fill", "read_again")),
        *((backups, name) for name in ("copy", "rename_file")),
        *((sqlite.SqliteDatabases, name) for name in ("close_to_writers", "open_to_writers", "publish", "remove")),
        *((sqlite, name) for name in ("link_file", "remove_file", "sync_folder")),
    ],
    "migrate": [
        *((Ledger, name) for name in ("begin", "succeed", "beat")),
        *((Migrate, name) for name in ("save", "seed", "undo")),
        *((sqlite.SqliteDatabases, name) for name in ("copy", "discard")),
    ],
    "pages": [(copies, "pause"), (copies, "pages_written")],
}
ON_SERVER = {  # what differs there: what is built aside is so for everybody, and is looked at once
    "all": [(Ledger, "succeed"), (Create, "undo"), Within("clone", "start", "publish")],
    "copies": [Within("overwrite", "publish", "set_aside")],
    "recreate": [(Recreate, "finish"), Within("overwrite", "publish", "set_aside")],
    "moves": [Within("overwrite", "publish", "remove")],
    "move": [Within("close_to_writers", "open_to_writers", "publish", "remove")],
    "migrate": [(Migrate, "seed"), Commits()],
    "programs": [Programs()],
}
FOLLOWED = ("begin", "beat", "copy", "discard", "settle", "undo", "pause", "pages_written", "hash_of", "read_backup")


def kill_at(point: int, seams: list) -> None:
    """End this process at the point: each seam has one before it, and one after it unless the next follows at once."""
    passed = 0

    def reach(ask: Callable[[], object] = lambda: None) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            ask()
            os.kill(os.getpid(), signal.SIGKILL)

    for seam in seams:
        if not isinstance(seam, tuple):
            seam.follow(reach)
            continue
        owner, name = seam
        real = getattr(owner, name)

        def between(*args, _real=real, _name=name, **kwargs):
            reach()
            answer = _real(*args, **kwargs)
            if _name not in FOLLOWED:
                reach()
            return answer

        setattr(owner, name, between)


def perform(app, operation_id: int, point: int, seams: str) -> str:
    """Carry an operation out in a fork that ends at the point; answers when the server has done what it asked for."""
    there = backends()
    child = os.fork()
    if child == 0:
        kill_at(point, SEAMS[seams])
        with app.app_context():
            worked = operations.perform(operation_id)
        os._exit(0 if worked else 1)
    _pid, status = os.waitpid(child, 0)
    wait_until(lambda: backends() <= there)
    if os.WIFSIGNALED(status):
        return "killed"
    return "survived" if os.waitstatus_to_exitcode(status) == 0 else "not performed"


def main(folder: Path) -> None:
    """Do what the lines of the input say."""
    app = create_app(make_settings(folder))
    with app.app_context():
        schema.expected_entries(template.databases().dialect.name)
        for tenant in db.session.scalars(sa.select(Tenant)).all():
            verify.verified_values(tenant)  # what is read once is known to every fork
        db.session.remove()
        app.extensions["engines"].close()
        db.engine.dispose()  # no fork shares a connection with another
    if on_postgres.WANTED:
        SEAMS.update(ON_SERVER)
    recreate.DRAIN_SECONDS = 0  # nobody else has the hospital open
    leaving.DRAIN_SECONDS = 0
    move.DRAIN_SECONDS = 0
    print("ready", flush=True)
    for line in sys.stdin:
        operation_id, point, seams = line.split()
        print(perform(app, int(operation_id), int(point), seams), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
