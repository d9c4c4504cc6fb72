"""Connections: 200 hospitals on one PostgreSQL server, in two processes of eight threads, against one hospital

A page is asked for inside the process, so what stands between browser and process is left out. “Even” asks all
hospitals alike; “skewed” asks the n-th an n-th as often as the first. For each way of connecting are printed: what a
request costs in processor time of everything that takes part, which holds on a busy machine too, and how many times
that of one hospital it is; requests a second; backends at their peak, and the memory that is theirs alone, which only
root sees. HOSPITALS in the environment measures fewer.
"""

import contextvars
import multiprocessing
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from benchmarks.dashboard import add_administrator
from benchmarks.measure import assert_ready, registered
from portal import create_app, first_start, logs
from portal.auth.identity import HospitalIdentity
from portal.auth.models import Group
from portal.extensions import db
from portal.provisioning import operations
from portal.settings import Settings
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests import bouncer, on_postgres

HOSPITALS = int(os.environ.get("HOSPITALS", "200"))
PROCESSES, THREADS = 2, 8
WARM_SECONDS, SECONDS = 3.0, 5.0
TICKS = os.sysconf("SC_CLK_TCK")
SERVER = "-c fsync=off -c shared_buffers=128MB -c max_connections=900 -c max_wal_size=2GB"
PRIVATE = re.compile(r"^Private_\w+:\s+(\d+) kB", re.MULTILINE)
LIST = sa.select(Group.label).order_by(Group.label)


@dataclass(frozen=True)
class Way:
    """Connections of each process to the server, through PgBouncer or not; `apart`: each hospital in one process."""

    name: str
    connections: int
    pooled: bool = False
    apart: bool = False


WAYS = (
    Way("direct, 400 a process", 400),
    Way("direct, 64 a process", 64),
    Way("direct, 32 a process", 32),
    Way("direct, 400, each hospital in one process", 400, apart=True),
    Way("direct, 64, each hospital in one process", 64, apart=True),
    Way("PgBouncer, 400 a process to it", 400, pooled=True),
    Way("PgBouncer, 32 a process to it", 32, pooled=True),
)


@dataclass(frozen=True)
class Row:
    """What was measured of one way: milliseconds of processor time a request, and how many times one hospital's."""

    page: str
    name: str
    asked: str
    spent: float
    a_second: float
    backends: int
    megabytes: float
    errors: int
    times: float = 1.0


def measure(folder: Path) -> list[Row]:
    """Every way with either page; nothing where the programs are not installed."""
    if bouncer.PROGRAM is None or on_postgres.binaries() is None:
        return []
    cluster = on_postgres.Cluster(SERVER)
    pooler = bouncer.Bouncer(cluster, idle=30)
    names = [f"clinic-{number}" for number in range(HOSPITALS)]
    with application(folder, f"{cluster.url}?{pooler.options}") as app, app.app_context():
        first_start.ensure_control()
        for name in names:
            assert operations.perform(registered(name))
        assert_ready(HOSPITALS)
        people = {name: person_of(name) for name in names}
    rows = []
    for page in ("a bare read", "the list of patients"):
        alone = run(folder, cluster, pooler, WAYS[0], page, {names[0]: people[names[0]]}, [1])
        rows.append(replace(alone, name="one hospital"))
        print(*table(rows[-1:]), sep="\n", flush=True)
        for way in WAYS:
            for asked, weights in {"even": [1] * HOSPITALS, "skewed": [1 / (n + 1) for n in range(HOSPITALS)]}.items():
                row = run(folder, cluster, pooler, way, page, people, weights)
                rows.append(replace(row, asked=asked, times=row.spent / alone.spent))
                print(*table(rows[-1:]), sep="\n", flush=True)
    return rows


def table(rows: list[Row]) -> Iterator[str]:
    """The rows as aligned lines."""
    if not rows:
        yield "  Not measured: PostgreSQL and PgBouncer are not installed here (Debian: postgresql, pgbouncer)."
    for row in rows:
        failed = f"  {row.errors} errors" if row.errors else ""
        yield (
            f"  {row.page:<20} {row.name:<43} {row.asked:<6} {row.spent:6.2f} ms {row.times:5.2f} ×  "
            f"{row.a_second:5.0f}/s {row.backends:4} backends {row.megabytes:5.0f} MB{failed}"
        )


@contextmanager
def application(folder: Path, server: str) -> Iterator[Flask]:
    """The portal on this server."""
    settings = {
        "INSTANCE_DIR": str(folder / "instance"),
        "HOSPITALS_DIR": str(folder / "hospitals"),
        "TENANT_SERVERS": f"default={server}",
    }
    app = create_app(Settings.from_environ(settings))
    logs.structlog.configure(wrapper_class=logs.structlog.make_filtering_bound_logger(50))
    yield app
    app.extensions["engines"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def person_of(name: str) -> str:
    """An administrator of a hospital, as a session knows them."""
    hospital = get_hospital(name)
    with in_hospital(hospital):
        user = add_administrator()
    return HospitalIdentity(hospital, user, user.session_epoch).get_id()


def run(folder, cluster, pooler, way: Way, page: str, people: dict, weights: list) -> Row:
    """Let all processes ask at the same time."""
    server = f"{cluster.url}?connections={way.connections}" + (f"&{pooler.options}" if way.pooled else "")
    cluster.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE 'hospital%'")
    forks = multiprocessing.get_context("fork")
    answers, start, processes = forks.Queue(), forks.Barrier(PROCESSES + 1), []
    for number in range(PROCESSES):
        mine = slice(number, None, PROCESSES) if way.apart else slice(None)
        work = (folder, server, page, dict(list(people.items())[mine]), weights[mine], answers, start)
        processes.append(forks.Process(target=serve, args=work))
        processes[-1].start()
    start.wait(timeout=300)  # every process has visited its hospitals
    time.sleep(WARM_SECONDS)
    begun = spent_by([cluster.number, pooler.number])
    peak, kept = 0, 0.0
    for _moment in range(4):
        time.sleep(SECONDS / 4)
        found = cluster.execute("SELECT pid FROM pg_stat_activity WHERE datname LIKE 'hospital%'")
        if len(found) >= peak:
            peak, kept = len(found), sum(private_of(pid) for (pid,) in found) / 1024
    behind = spent_by([cluster.number, pooler.number]) - begun
    spoken = [answers.get(timeout=120) for _process in processes]
    for process in processes:
        process.join()
    count, errors, own = map(sum, zip(*spoken, strict=True))
    return Row(page, way.name, "", (behind + own) / count * 1000, count / SECONDS, peak, kept, errors)


def spent_by(parents: list[int]) -> float:
    """Processor seconds of these processes and all their children, those that have ended too."""
    spent = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(path.parent.name) in parents:
                spent += sum(map(int, fields[11:15]))
            elif int(fields[1]) in parents:
                spent += sum(map(int, fields[11:13]))
    return spent / TICKS


def private_of(pid: int) -> int:
    """Kilobytes that no other process shares."""
    try:
        return sum(map(int, PRIVATE.findall(Path(f"/proc/{pid}/smaps_rollup").read_text())))
    except OSError:
        return 0


def serve(folder: Path, server: str, page: str, people: dict[str, str], weights: list[float], answers, start) -> None:
    """One process of the portal, whose threads ask for pages, one after the other."""
    with application(folder, server) as app:
        asker = reader(app, people) if page == "a bare read" else visitor(app, people)
        names, counts, errors = list(people), [0] * THREADS, [0] * THREADS
        with ThreadPoolExecutor(THREADS) as visitors:
            list(visitors.map(asker, people))
        start.wait()
        begins = time.monotonic() + WARM_SECONDS
        ends = begins + SECONDS

        def work(number: int) -> None:
            chance = random.Random(f"{number} {os.getpid()}")
            while (now := time.monotonic()) < ends:
                try:
                    asker(chance.choices(names, weights)[0])
                except Exception as error:  # counted and shown: a way that fails is no way
                    errors[number] += 1
                    errors[number] == 1 and print(f"  {type(error).__name__}: {error}"[:200])
                counts[number] += now >= begins

        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        time.sleep(WARM_SECONDS)
        begun = time.process_time()
        time.sleep(SECONDS)
        own = time.process_time() - begun
        for thread in threads:
            thread.join()
        answers.put((sum(counts), sum(errors), own))


def reader(app: Flask, people: dict[str, str]):
    """Reads one list, without a page around it, nor a look into the registry."""
    engines = app.extensions["engines"]
    with app.app_context():
        hospitals = {name: get_hospital(name) for name in people}

    def ask(name: str) -> None:
        held = engines.lease(hospitals[name])
        with held.reading.connect() as connection:
            assert connection.scalars(LIST).all()
        engines.end(held)

    return ask


def visitor(app: Flask, people: dict[str, str]):
    """Opens the list of patients, signed in."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    cookies = {name: f"session={signer.dumps({'_user_id': person, '_fresh': True})}" for name, person in people.items()}

    def ask(name: str) -> None:
        client = app.test_client(use_cookies=False)
        asked = {"base_url": f"http://{name}.localhost:8000", "headers": {"Cookie": cookies[name]}}
        answer = contextvars.Context().run(lambda: client.get("/patients/", **asked))
        assert answer.status_code == 200, answer.status

    return ask
