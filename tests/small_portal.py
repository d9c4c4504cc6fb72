"""A portal of real processes that needs no hospital; the supervisor, Redis and the worker are ours.

`python -m tests.small_portal FOLDER SOCKET` supervises; with `worker` at the end it is the worker.
"""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import redis
from flask import Flask

from portal import redis_server
from portal.extensions import db
from portal.supervisor import AlreadyRunning, Child, Supervisor, only_one, start_tied

web = Flask(__name__)
web.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db.init_app(web)
web.extensions["engines"] = SimpleNamespace(figures=dict)  # there is no hospital whose database could be open


@web.get("/healthz")
def healthz():
    """Say which of gunicorn's processes answered."""
    return {"pid": os.getpid()}


def long_job(folder: str) -> None:
    """Note who does the job, and take longer than any test waits."""
    Path(folder, "job").write_text(str(os.getpid()))
    time.sleep(60)


def supervise(folder: Path, socket: Path) -> None:
    """What `flask up` does, less the application."""
    gunicorn = [
        *(sys.executable, "-m", "gunicorn"),
        "--config",
        "gunicorn.conf.py",
        "--bind",
        f"unix:{socket}",
    ]
    worker = [*(sys.executable, "-m", "tests.small_portal"), str(folder), str(socket), "worker"]
    children = [
        Child("Redis", lambda: redis_server.start(folder / "redis").process, stops_last=True),
        Child("web", lambda: start_tied([*gunicorn, "tests.small_portal:web"])),
        Child("worker", lambda: start_tied(worker)),
    ]
    try:
        with (
            only_one(folder / "up.lock"),
            Supervisor(children, lambda text: print(text, flush=True)) as supervisor,
        ):
            print(*(child.process.pid for child in children), flush=True)
            supervisor.run()
            print("stopping", flush=True)
    except AlreadyRunning as error:
        sys.exit(str(error))


def work(folder: Path) -> None:
    """The portal's own worker on the small application."""
    from worker import make_worker

    client = redis.Redis.from_url(redis_server.url_of(folder / "redis"))
    make_worker(web, client, "portal").work(logging_level="ERROR")


if __name__ == "__main__":
    if sys.argv[3:] == ["worker"]:
        work(Path(sys.argv[1]))
    else:
        supervise(Path(sys.argv[1]), Path(sys.argv[2]))
