"""Timing by turns, and a portal to time."""

import contextvars
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def by_turns(turns: int, *works: Callable[[int], object]) -> list[float]:
    """The median milliseconds of each work."""
    return [median(spent) for spent in spent_by_turns(turns, *works)]


def p95(spent: list[float]) -> float:
    """What 95 of 100 of these did not exceed."""
    return quantiles(spent, n=20, method="inclusive")[-1]


def spent_by_turns(turns: int, *works: Callable[[int], object]) -> list[list[float]]:
    """The milliseconds of each work, done one after the other in every turn; the first turn warms up."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(turns + 1):
        for work, spent in zip(works, times, strict=True):
            started = time.perf_counter()
            work(turn)
            spent.append((time.perf_counter() - started) * 1000)
    return [spent[1:] for spent in times]


def table(results: list[Result]) -> Iterator[str]:
    """The results as aligned lines."""
    for result in results:
        yield (
            f"  {result.name:<46} {result.milliseconds:9.2f} ms {result.of_100}  {result.ratio:7.2f} ×  "
            f"{result.baseline} ({result.baseline_milliseconds:.2f} ms)"
        )


@contextmanager
def portal(folder: Path) -> Iterator[Flask]:
    """An application with a migrated control database on folders of its own, with its context."""
    settings = {"INSTANCE_DIR": str(folder / "instance"), "HOSPITALS_DIR": str(folder / "hospitals")}
    app = create_app(Settings.from_environ(settings))
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
