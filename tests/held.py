"""The portal's own processes, which stop at a chosen moment so that a test can kill them there; `python -m tests.held`.

Each line of its input is `worker`, `reap`, or `web SOCKET`; it answers with the number of the process. One process
loads the application, and forks for each line. The file `hold` of the instance folder names the moment; whoever comes
to it first takes the file away, writes its number into `held`, and stays there until there is a file `go`.
"""

import os
import signal
import sys
import time
from pathlib import Path

import flask
import flask.cli
from gunicorn.app import wsgiapp

import worker
from portal import edge, queue
from portal.lifeline import die_with_parent
from portal.provisioning import backups, leaving, recreate, restore, verify
from portal.provisioning.fresh import FreshDatabase
from portal.provisioning.ledger import Ledger
from portal.tenancy.databases import catalog, copies, sqlite
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.databases.postgres_server import PostgresServer
from tests import on_postgres

FOLDER = Path(os.environ["INSTANCE_DIR"])
ON_SERVER = {
    "reserve": [(PostgresDatabases, "exists")],
    "build": [(PostgresServer, "create")],
    "check": [(PostgresDatabases, "publish"), (verify, "examine")],
    "replace": [(PostgresServer, "refuse_people")],
}
DURING = {  # what is in the middle of a step: something is done of it, and not all
    "reserve": [(sqlite.SqliteDatabases, "exists")],
    "build": [(sqlite, "copy_file")],
    "modules": [(catalog, "table_names")],
    "grant": [(FreshDatabase, "seed")],
    "check": [(sqlite, "link_file"), (verify, "examine")],
    "read": [(backups, "hash_of")],
    "prepare": [(restore, "prepare_copy")],
    "save": [(backups, "rename_file")],
    "replace": [(copies, "pages_written")],
}


def reach(moment: str) -> None:
    """Stay here if this is the moment."""
    try:
        if (FOLDER / "hold").read_text() != moment:
            return
        (FOLDER / "hold").unlink()
    except FileNotFoundError:  # nobody is waited for, or somebody else was faster
        return
    (FOLDER / "held").write_text(str(os.getpid()))
    while not (FOLDER / "go").exists():
        time.sleep(0.01)


class Watched:
    """The step this process is at, and the moments before, during and after it."""

    step = None

    @classmethod
    def watch(cls) -> None:
        """Follow the ledger, and what is in the middle of each step."""
        begin, succeed = Ledger.begin, Ledger.succeed

        def began(ledger, step):
            reach(f"{cls.step} after")
            begin(ledger, step)
            cls.step = step
            reach(f"{step} before")

        def succeeded(ledger, *values):
            reach(f"{cls.step} after")
            succeed(ledger, *values)
            reach("the end")

        Ledger.begin, Ledger.succeed = began, succeeded
        during = DURING | ON_SERVER if on_postgres.WANTED else DURING
        for step, seams in during.items():
            for owner, name in seams:
                setattr(owner, name, cls.followed(step, getattr(owner, name)))

    @classmethod
    def followed(cls, step: str, real):
        """The same, and then the moment."""

        def done(*args, **kwargs):
            answer = real(*args, **kwargs)
            if cls.step == step:
                reach(f"{step} during")
            return answer

        return done


def watch_requests() -> None:
    """Follow a POST: before it is kept, when it is kept and nobody was woken, and before it is answered."""
    kept, wake = edge._kept, queue.wake

    def keep(answer):
        if flask.request.method == "POST":
            reach("before it is kept")
        return kept(answer)

    def woken(*args, **kwargs):
        reach("before anybody is woken")
        is_awake = wake(*args, **kwargs)
        if flask.has_request_context():
            reach("before it is answered")
        return is_awake

    edge._kept, queue.wake = keep, woken


def become(kind: str, *arguments: str) -> None:
    """Be one of the portal's processes."""
    if kind == "worker":
        worker.main()
    elif kind == "reap":
        sys.modules["portal.cli.reap"].EVERY_SECONDS = 0.5
        sys.argv = ["flask", "--app", "wsgi", "reap"]
        flask.cli.main()
    else:
        sys.argv = ["gunicorn", "--config", "gunicorn.conf.py", "--bind", f"unix:{arguments[0]}", "wsgi:app"]
        wsgiapp.run()


def main() -> None:
    """Start what the lines of the input name; all of it ends with this process."""
    import wsgi  # noqa: F401 - the whole application, loaded once

    Watched.watch()
    watch_requests()
    for work in (leaving, recreate):
        work.DRAIN_SECONDS = 0  # nobody else has the hospital open
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    us = os.getpid()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            die_with_parent(us)
            os.setpgid(0, 0)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            become(*line.split())
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
