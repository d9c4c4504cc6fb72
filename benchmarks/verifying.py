"""Verifying: a look at a hospital's database, and a batch of them by a worker, against the raw file

The floor is what no look can do without: open the file, let SQLite read its structure (`PRAGMA quick_check`). The
batch is asked for as on the page and done by one real worker behind a real Redis, each look thorough; the promise is
30 seconds for 500 of them on a quiet machine (tenancy.md T17).
"""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from benchmarks.measure import Result, assert_ready, by_turns, copied, portal, registered
from portal import queue, redis_server
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.lifeline import tied_to_us
from portal.provisioning import bulk, operations, template, verify
from portal.settings import ROOT
from portal.tenancy.names import names_of

HOSPITALS = 100
TURNS = 2
LONGEST = 120  # seconds


def measure(folder: Path) -> list[Result]:
    """A look at one database and at many, against the floor; a thorough one against that of every hour."""
    with portal(folder) as app, worker(app, folder):
        operations.perform(registered("first"))
        names = names_of("first", app.extensions["settings"].base_domain)
        first = db.session.scalar(sa.select(Tenant))
        uuid, generation = first.uuid, first.generation
        db.session.rollback()
        path = template.databases().path(names.filename)

        def floor(_turn: int, file: Path = path) -> None:
            with closing(sqlite3.connect(f"file:{file}?mode=rw", uri=True)) as raw:
                assert raw.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]

        def look(_turn: int) -> None:
            assert verify.examine(names, uuid, generation).status == "ready"

        def thorough(_turn: int) -> None:
            assert verify.examine(names, uuid, generation, thorough=True).status == "ready"

        one, every, bare = by_turns(20, look, thorough, floor)
        ids = copied(path, HOSPITALS)
        files = [template.databases().path(f"hospital_many-{number:04}.db") for number in range(HOSPITALS)]
        batch, opened = by_turns(TURNS, lambda turn: check(ids), lambda turn: [floor(turn, file) for file in files])
        assert_ready(HOSPITALS + 1)
    return [
        Result("a look as of every hour", "open the file, quick_check", one, bare),
        Result("a thorough look", "a look as of every hour", every, one),
        Result(f"{HOSPITALS} hospitals verified by a worker", "open each, quick_check", batch, opened),
    ]


@contextmanager
def worker(app: Flask, folder: Path, **others: str) -> Iterator[None]:
    """A Redis and one worker, as `flask up` starts them, that are there."""
    folders = {"INSTANCE_DIR": str(folder / "instance"), "HOSPITALS_DIR": str(folder / "hospitals")}
    environ = os.environ | folders | others
    server = redis_server.start(app.extensions["settings"].instance_dir / "redis")
    command = tied_to_us([sys.executable, "worker.py"])
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        wait_until(queue.has_worker)
        yield
    finally:
        process.terminate()
        process.wait()
        server.stop()


def check(ids: list[int]) -> None:
    """Ask for a look at all of these hospitals, and wait until the worker has ended it."""
    tenants = list(db.session.scalars(sa.select(Tenant).where(Tenant.id.in_(ids))))
    bulk.request_all(tenants, "verify", "verify_hospital", None)
    db.session.commit()
    wait_until(lambda: not is_any("queued", "running"))
    assert not is_any("failed", "interrupted")


def is_any(*states: str) -> bool:
    """An operation is in one of these states."""
    found = db.session.scalar(sa.select(sa.exists().where(Operation.state.in_(states))))
    db.session.rollback()
    return found


def wait_until(holds) -> None:
    """Look a hundred times a second, and not for ever."""
    until = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < until, f"it took longer than {LONGEST} seconds"
        time.sleep(0.01)
