"""On PostgreSQL: from a queued operation to a published database, and looks at many, on a server of the benchmark's

The floor is what no creation can do without, on a connection that is open already: `CREATE DATABASE … TEMPLATE`. The
server keeps what it says on its disk, as one in use does; only its memory is small.
"""

import shutil
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks.measure import NotHere, Result, assert_ready, by_turns, portal, registered
from benchmarks.verifying import HOSPITALS, check, worker
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import operations, template, verify
from portal.provisioning.places import names_of
from tests.on_postgres import Cluster

TURNS = 12
MIGRATED = 2
DURABLE = "-c shared_buffers=128MB -c max_connections=100"


def server() -> Cluster:
    """A server that ends with this process; raises `NotHere` where its programs are not installed."""
    if not (shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        raise NotHere("PostgreSQL is not installed here. On Debian and Ubuntu: apt-get install postgresql")
    return Cluster(DURABLE)


def measure(folder: Path) -> list[Result]:
    """A whole creation against the floor, and against one that migrates; a look against a connection."""
    cluster = server()
    on_it = {"TENANT_SERVERS": f"default={cluster.url}"}
    with portal(folder, **on_it) as app, worker(app, folder, **on_it):
        databases = app.extensions["engines"].databases()
        source = template.ensure_template()
        with psycopg.connect(cluster.url, autocommit=True) as open_already:

            def raw(turn: int) -> None:
                make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG")
                open_already.execute(make.format(sql.Identifier(f"raw_{turn}"), sql.Identifier(source)))

            def connect(_turn: int) -> None:
                psycopg.connect(cluster.url).close()

            wanted = [registered(f"cloned-{turn}") for turn in range(TURNS + 1)]
            creation, floor = by_turns(TURNS, lambda turn: operations.perform(wanted[turn]), raw)

            def migrate(turn: int) -> None:
                databases.start(f"build_bench{turn}")
                template.migrate(f"build_bench{turn}")

            more = [registered(f"again-{turn}") for turn in range(MIGRATED + 1)]
            cloned, migrated = by_turns(MIGRATED, lambda turn: operations.perform(more[turn]), migrate)
            ready = len(wanted) + len(more)
            assert_ready(ready)
            one = look_at(db.session.scalar(sa.select(Tenant)))
            db.session.rollback()
            look, thorough, bare = by_turns(TURNS, lambda turn: one(), lambda turn: one(thorough=True), connect)
            for number in range(ready, HOSPITALS):
                operations.perform(registered(f"many-{number}"))
            assert_ready(HOSPITALS)
            ids = db.session.scalars(sa.select(Tenant.id)).all()
            every, each = by_turns(2, lambda _turn: check(ids), lambda turn: [connect(turn) for _ in ids])
            assert_ready(HOSPITALS)
    return [
        Result("a creation by clone, on PostgreSQL", "CREATE DATABASE … TEMPLATE", creation, floor),
        Result("a creation by clone, on PostgreSQL", "the migrations alone, from zero", cloned, migrated),
        Result("a look as of every hour, on PostgreSQL", "a connection", look, bare),
        Result("a thorough look, on PostgreSQL", "a connection", thorough, bare),
        Result(f"{HOSPITALS} hospitals verified by a worker, on PostgreSQL", "as many connections", every, each),
    ]


def look_at(tenant: Tenant):
    """A look at this hospital's database."""
    names, uuid, generation, server = names_of(tenant), tenant.uuid, tenant.generation, tenant.server

    def look(thorough: bool = False) -> None:
        assert verify.examine(names, uuid, generation, server, thorough=thorough).status == "ready"

    return look
