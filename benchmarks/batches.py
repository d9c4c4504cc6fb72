"""Batches: the page of work on 200 hospitals, as it asks for itself every second, against work on 10"""

from pathlib import Path

import sqlalchemy as sa

from benchmarks.listing import asker, fill, superuser
from benchmarks.measure import Result, by_turns, opened, portal
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import bulk

TURNS = 15
FEW, MANY = 10, 200


def measure(folder: Path) -> list[Result]:
    """The page of a batch of 200 against that of a batch of 10, and against the list of hospitals."""
    with portal(folder / "portal") as app:
        fill(FEW + MANY)
        ask_list = asker(app)
        client = superuser(app)
        few, many = batch(0, FEW), batch(FEW, MANY)
    slow, quick, listed = by_turns(TURNS, lambda turn: ask(client, many), lambda turn: ask(client, few), ask_list)
    name = f"the page of work on {MANY} hospitals"
    return [Result(name, f"on {FEW}", slow, quick), Result(name, "the list of hospitals", slow, listed)]


def batch(first: int, count: int) -> str:
    """Ask for a look at so many hospitals; the batch."""
    tenants = db.session.scalars(sa.select(Tenant).order_by(Tenant.id).offset(first).limit(count)).all()
    asked = bulk.request_all(tenants, "verify", "verify_hospital", None)
    db.session.commit()
    return asked.batch


def ask(client, which: str) -> None:
    """Open the page of a batch."""
    assert b"have ended" in opened(client, f"/admin/hospitals/bulk/{which}", "127.0.0.1")
