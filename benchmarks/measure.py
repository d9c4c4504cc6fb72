"""Timing by turns, and a portal to time."""

import contextvars
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from flask.testing import FlaskClient

from portal import create_app, first_start
from portal.control.models import Plan, Tenant
from portal.extensions import db
from portal.provisioning.registration import NewAdministrator, Registration, register_hospital
from portal.settings import Settings


@dataclass(frozen=True)
class Result:
    """One comparison: what was done, against what, the medians in milliseconds, and what else to say."""

    name: str
    baseline: str
    milliseconds: float
    baseline_milliseconds: float
    of_100: str = ""

    @property
    def ratio(self) -> float:
        """How many times the baseline it takes."""
        return self.milliseconds / self.baseline_milliseconds


class NotHere(Exception):
    """This machine lacks what the subject needs; the message is one sentence."""


def by_turns(turns: int, *works: Callable[[int], object], clock: Callable[[], float] = time.perf_counter):
    """The median milliseconds of each work, by this clock: that of the thread leaves out what others do meanwhile."""
    return [median(spent) for spent in spent_by_turns(turns, *works, clock=clock)]


def p95(spent: list[float]) -> float:
    """What 95 of 100 of these did not exceed."""
    return quantiles(spent, n=20, method="inclusive")[-1]


def spent_by_turns(
    turns: int, *works: Callable[[int], object], clock: Callable[[], float] = time.perf_counter
) -> list[list[float]]:
    """The milliseconds of each work, done one after the other in every turn; the first turn warms up."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(turns + 1):
        for work, spent in zip(works, times, strict=True):
            started = clock()
            work(turn)
            spent.append((clock() - started) * 1000)
    return [spent[1:] for spent in times]


def table(results: list[Result]) -> Iterator[str]:
    """The results as aligned lines."""
    for result in results:
        yield (
            f"  {result.name:<46} {result.milliseconds:9.2f} ms {result.of_100}  {result.ratio:7.2f} ×  "
            f"{result.baseline} ({result.baseline_milliseconds:.2f} ms)"
        )


@contextmanager
def portal(folder: Path, **others: str) -> Iterator[Flask]:
    """An application with a migrated control database on folders of its own, with its context; `others` are settings.

    It says no line for a request, whoever measures: standard error may be a terminal or a file.
    """
    settings = {"INSTANCE_DIR": str(folder / "instance"), "HOSPITALS_DIR": str(folder / "hospitals")}
    app = create_app(Settings.from_environ({**settings, "REQUEST_LINES": "no", **others}))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    with app.app_context():
        first_start.ensure_control()
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["engines"].close()


def opened(client: FlaskClient, path: str, host: str) -> bytes:
    """The page at this path, asked for from outside every application context, as requests are."""
    answer = contextvars.Context().run(lambda: client.get(path, base_url=f"http://{host}:8000"))
    assert answer.status_code == 200, f"{path}: {answer.status}"
    return answer.data


def opened_by_post(client: FlaskClient, path: str, host: str, answers: dict) -> bytes:
    """As `opened`, for a form that is posted with these answers."""
    answer = contextvars.Context().run(lambda: client.post(path, base_url=f"http://{host}:8000", data=answers))
    assert answer.status_code == 200, answer.status
    return answer.data


def registered(subdomain: str) -> int:
    """Register a hospital; the id of the operation that makes its database."""
    administrator = NewAdministrator(f"{subdomain}-admin", "Omar Haddad", f"{subdomain}@hospital.test", None)
    asked = Registration(
        name=f"Hospital {subdomain}",
        subdomain=subdomain,
        administrator=administrator,
        plan_id=db.session.scalar(sa.select(Plan.id).order_by(Plan.position.desc())),
        starts_on=date(2026, 1, 1),
        modules=frozenset(current_app.extensions["modules"]),
        timezone="UTC",
        currency="USD",
        locale="en-GB",
    )
    _tenant, operation = register_hospital(asked)
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def assert_ready(count: int) -> None:
    """As many hospitals are Ready; a benchmark of failures is worth nothing."""
    found = db.session.scalar(sa.select(sa.func.count()).select_from(Tenant).where(Tenant.status == "ready"))
    db.session.rollback()
    assert found == count, f"{found} of {count} hospitals are ready"


def copied(source: Path, count: int, *same: str) -> list[int]:
    """More hospitals, `many-0000` and so on, each with a copy of a Ready one's file that is stamped for it; their ids.

    Nobody looked at them yet, but for what is `same` as of the first one.
    """
    first, ids = db.session.scalar(sa.select(Tenant)), []
    shared = {name: getattr(first, name) for name in ("plan_id", "timezone", "currency", "locale", *same)}
    for number in range(count):
        subdomain, generation = f"many-{number:04}", f"{number:032x}"
        values = {"generation": generation, "starts_on": date(2026, 1, 1), **shared}
        tenant = Tenant(subdomain=subdomain, name=f"Hospital {number}", **values)
        db.session.add(tenant)
        db.session.flush()
        file = source.with_name(f"hospital_{subdomain}.db")
        shutil.copyfile(source, file)
        with closing(sqlite3.connect(file, isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous=OFF")
            raw.execute("UPDATE core_identity SET tenant_uuid = ?, generation = ?", [tenant.uuid, generation])
        ids.append(tenant.id)
    db.session.commit()
    return ids


def listed(count: int, prefix: str = "clinic") -> None:
    """More rows of the registry like the first one's, for hospitals that nobody opens."""
    tenant = Tenant.__table__
    first = dict(db.session.execute(sa.select(tenant).limit(1)).mappings().one())
    changing = ("id", "uuid", "subdomain", "name", "form_token", "created_at")
    same = {name: value for name, value in first.items() if name not in changing}
    rows = [{**same, "subdomain": f"{prefix}-{n}", "name": f"Clinic {n}"} for n in range(count)]
    if rows:
        db.session.execute(sa.insert(Tenant), rows)
    db.session.commit()
