"""Batches: 200 hospitals asked for at once, and the page of that work as it asks for itself every second"""

from pathlib import Path

import sqlalchemy as sa

from benchmarks.listing import asker, fill, superuser
from benchmarks.measure import Result, by_turns, opened, portal
from portal import redis_server
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, bulk

TURNS = 15
ASKED = 5
FEW, MANY = 20, 200


def measure(folder: Path) -> list[Result]:
    """Asking for 200 creations against 20 and one by one; the page of the batch against 20's and the list."""
    with portal(folder / "portal") as app:
        server = redis_server.start(app.extensions["settings"].instance_dir / "redis")
        try:
            fill(FEW + MANY)
            tenants = [range(1, MANY + 1), range(MANY + 1, MANY + FEW + 1)]
            asked = by_turns(ASKED, *(lambda turn, ids=ids: ask_anew(ids) for ids in tenants), lambda turn: singly())
            forget()
            many, few = map(batch, tenants)
            ask_list, client = asker(app), superuser(app)
            pages = by_turns(TURNS, lambda turn: ask(client, many), lambda turn: ask(client, few), ask_list)
        finally:
            server.stop()
    work, page = f"{MANY} creations asked for at once", f"the page of work on {MANY} hospitals"
    return [
        Result(work, f"{FEW} at once", asked[0], asked[1]),
        Result(work, f"{MANY} one by one", asked[0], asked[2]),
        Result(page, f"on {FEW}", pages[0], pages[1]),
        Result(page, "the list of hospitals", pages[0], pages[2]),
    ]


def batch(ids: range) -> str:
    """Ask for databases of these hospitals; the batch."""
    tenants = list(db.session.scalars(sa.select(Tenant).where(Tenant.id.in_(ids))))
    asked = bulk.request_all(tenants, "create", "create_database", None)
    db.session.commit()
    assert len(asked.operations) == len(ids)
    return asked.batch


def ask_anew(ids: range) -> None:
    """As `batch`, where nothing else waits."""
    forget()
    batch(ids)


def singly() -> None:
    """Ask for as many databases, each as its own record does."""
    forget()
    for tenant_id in range(1, MANY + 1):
        asking.wake_after_commit(asking.request_create(db.session.get(Tenant, tenant_id)))
        db.session.commit()


def forget() -> None:
    """Nothing waits for any hospital any more."""
    waiting = sa.update(Operation).where(Operation.active_key.is_not(None))
    db.session.execute(waiting.values(active_key=None, state="cancelled").execution_options(synchronize_session=False))
    db.session.commit()


def ask(client, which: str) -> None:
    """Open the page of a batch."""
    assert b"have ended" in opened(client, f"/admin/hospitals/bulk/{which}", "127.0.0.1")
