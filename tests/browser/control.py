"""The portal under a test's hands: rows of its control database, and its processes paused for a while."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import redis
from rq import Worker
from rq.utils import utcformat

from portal import redis_server
from tests.browser.conftest import Portal
from tests.processes import processes_with

FAR = "2099-01-01 00:00:00.000000"


@contextmanager
def control_database(portal: Portal) -> Iterator[sqlite3.Connection]:
    """The running portal's control database, in one transaction."""
    with closing(sqlite3.connect(portal.instance / "control.db", timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        with connection:
            yield connection


def copy_row(connection: sqlite3.Connection, table: str, row: sqlite3.Row, **changes) -> int:
    """Another row like this one; answers with its id."""
    values = {**row, "id": None, **changes}
    marks = ", ".join("?" * len(values))
    return connection.execute(f"INSERT INTO {table} VALUES ({marks})", list(values.values())).lastrowid


def add_hospital(connection: sqlite3.Connection, like: str, name: str, subdomain: str, **changes) -> int:
    """A hospital of the registry without a database of its own; answers with its id."""
    row = connection.execute("SELECT * FROM control_tenant WHERE subdomain = ?", [like]).fetchone()
    made = {"uuid": str(uuid4()), "name": name, "subdomain": subdomain, "form_token": None, "generation": None}
    return copy_row(connection, "control_tenant", row, **(made | changes))


def start_work(connection: sqlite3.Connection, tenant_id: int, done: int) -> int:
    """Work that some worker seems to be doing, with so many modules done; answers with its id."""
    query = "SELECT * FROM control_operation WHERE kind = 'create' AND state = 'succeeded'"
    like = connection.execute(query).fetchone()
    operation_id = copy_row(
        connection, "control_operation", like,
        tenant_id=tenant_id, active_key=tenant_id, reference=str(uuid4()), state="running", lease_until=FAR,
        finished_at=None,
    )  # fmt: skip
    steps = connection.execute("SELECT * FROM control_operation_step WHERE operation_id = ?", [like["id"]])
    for step in steps.fetchall():
        copy_row(connection, "control_operation_step", step, operation_id=operation_id)
    set_modules_done(connection, operation_id, done)
    return operation_id


def set_modules_done(connection: sqlite3.Connection, operation_id: int, done: int) -> None:
    """Set the steps of work as they are when so many modules are set up."""
    query = "SELECT id, step, module FROM control_operation_step WHERE operation_id = ? ORDER BY position"
    modules = 0
    for step_id, step, module in connection.execute(query, [operation_id]).fetchall():
        modules += bool(module)
        before = step in ("reserve", "build") or (module and modules <= done)
        now = (step == "modules" and not module) or (module and modules == done + 1)
        state = "done" if before else "running" if now else "waiting"
        connection.execute("UPDATE control_operation_step SET state = ? WHERE id = ?", [state, step_id])


def end_work(connection: sqlite3.Connection, operation_id: int) -> None:
    """Let the work seem to have succeeded."""
    connection.execute("UPDATE control_operation_step SET state = 'done' WHERE operation_id = ?", [operation_id])
    values = "state = 'succeeded', active_key = NULL, lease_until = NULL, finished_at = started_at"
    connection.execute(f"UPDATE control_operation SET {values} WHERE id = ?", [operation_id])


@contextmanager
def only_modules(portal: Portal, subdomain: str, *names: str) -> Iterator[None]:
    """The hospital with only these modules in use."""
    change = "UPDATE control_tenant SET modules = ?, epoch = epoch + 1 WHERE subdomain = ?"
    with control_database(portal) as connection:
        query = "SELECT modules FROM control_tenant WHERE subdomain = ?"
        before = connection.execute(query, [subdomain]).fetchone()["modules"]
        connection.execute(change, [json.dumps(names), subdomain])
    try:
        yield
    finally:
        with control_database(portal) as connection:
            connection.execute(change, [before, subdomain])


@contextmanager
def paused(portal: Portal, program: str) -> Iterator[None]:
    """The portal with its processes of this program stopped; they go on where they were."""
    pids = [pid for pid in processes_with(str(portal.instance)) if program in command_of(pid)]
    assert pids, f"{program} does not run"
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def command_of(pid: int) -> str:
    """What a process was started with."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def age_heartbeats(portal: Portal) -> None:
    """Let the workers' last sign of life be a minute old, as if they had been silent since."""
    with closing(redis.Redis.from_url(redis_server.url_of(portal.instance / "redis"))) as connection:
        for worker in Worker.all(connection=connection):
            connection.hset(worker.key, "last_heartbeat", utcformat(datetime.now(UTC) - timedelta(minutes=1)))
