"""Verifying: a look at every hospital's database, against opening each and reading what it declares

The floor is what no look can do without: open the file, read the names and definitions of its tables. 100 hospitals
are looked at as the hourly job does; the promise is 30 seconds for 500 of them (tenancy.md T17).
"""

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from benchmarks.measure import Result, assert_ready, by_turns, portal, registered
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import operations, template, verify, watch
from portal.tenancy.names import names_of

HOSPITALS = 100
TURNS = 2


def measure(folder: Path) -> list[Result]:
    """A look at one database and at many, against the floor; a thorough one against that of every hour."""
    with portal(folder) as app:
        operations.perform(registered("first"))
        names = names_of("first", app.extensions["settings"].base_domain)
        first = db.session.scalar(sa.select(Tenant))
        uuid, generation = first.uuid, first.generation
        db.session.rollback()
        path = template.databases().path(names.filename)

        def floor(_turn: int, file: Path = path) -> None:
            with closing(sqlite3.connect(f"file:{file}?mode=rw", uri=True)) as raw:
                assert raw.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()

        def look(_turn: int) -> None:
            assert verify.examine(names, uuid, generation).status == "ready"

        def thorough(_turn: int) -> None:
            assert verify.examine(names, uuid, generation, thorough=True).status == "ready"

        one, every, bare = by_turns(20, look, thorough, floor)
        ids = _many(path)
        files = [template.databases().path(f"hospital_many-{number}.db") for number in range(HOSPITALS)]
        all_of_them, opened = by_turns(
            TURNS, lambda turn: [watch.look_at(tenant) for tenant in ids], lambda turn: [floor(turn, f) for f in files]
        )
        assert_ready(HOSPITALS + 1)
    return [
        Result("a look as of every hour", "open the file, read sqlite_master", one, bare),
        Result("a thorough look", "a look as of every hour", every, one),
        Result(f"{HOSPITALS} hospitals looked at, and kept", "open each, read sqlite_master", all_of_them, opened),
    ]


def _many(source: Path) -> list[int]:
    """Hospitals, each with a copy of a Ready one's file that is stamped for it; their ids."""
    ids = []
    plan = db.session.scalar(sa.select(Tenant)).plan_id
    for number in range(HOSPITALS):
        values = {"timezone": "UTC", "currency": "USD", "locale": "en-GB", "generation": f"{number:032x}"}
        tenant = Tenant(
            subdomain=f"many-{number}", name=f"Hospital {number}", plan_id=plan, starts_on=date(2026, 1, 1), **values
        )
        db.session.add(tenant)
        db.session.flush()
        file = source.with_name(f"hospital_many-{number}.db")
        shutil.copyfile(source, file)
        with closing(sqlite3.connect(file, isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous=OFF")
            raw.execute("UPDATE core_identity SET tenant_uuid = ?, generation = ?", [tenant.uuid, tenant.generation])
        ids.append(tenant.id)
    db.session.commit()
    return ids
