"""Routing: a page of a hospital, found by its host among 1, 200 and 1,000, and read from its own database

The same application answers both: in the fixed case the look-up of the hospital and of its engine are constants, so
that the session always has the one database at hand. Of many hospitals as many are asked in turn as a process keeps
open; what opening one anew costs is measured with the connections.
"""

import time
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, render_template_string

from benchmarks.measure import Result, assert_ready, by_turns, copied, listed, opened, portal, registered
from portal.auth.models import Group
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import operations
from portal.tenancy import routing
from portal.tenancy.current import bind
from portal.tenancy.registry import get_hospital

TURNS = 300
AMONG = (1, 200, 1000)
OPEN = 100
PAGE = "<ul>{% for role in roles %}<li>{{ role.label }}{% endfor %}</ul>"


def measure(folder: Path) -> list[Result]:
    """The same list by host, and with everything fixed, while there are ever more hospitals."""
    results = []
    with portal(folder) as app:
        operations.perform(registered("many-first"))
        assert_ready(1)
        app.add_url_rule("/roles", "roles", roles)
        source = app.extensions["engines"].databases().path("hospital_many-first.db")
        for count in AMONG:
            names = ["many-first"]
            if count > 1:
                known = db.session.scalar(sa.select(sa.func.count()).select_from(Tenant))
                if known == 1:
                    copied(source, OPEN)
                    known += OPEN
                listed(count - known, f"among-{count}")
                names = [f"many-{number:04}" for number in range(OPEN)]
            ask = asker(app, names)
            for turn in range(len(names)):
                ask(turn)
            routed, fixed = by_turns(TURNS, ask, fixed_asker(app), clock=time.thread_time)
            name = f"a page found by its host among {count:,}"
            results.append(Result(name, "the same page on one fixed database", routed, fixed))
    return results


def roles() -> str:
    """A list page: one query, some rows, a template."""
    return render_template_string(PAGE, roles=db.session.scalars(sa.select(Group).order_by(Group.label)).all())


def asker(app: Flask, names: list[str]):
    """Asks hospitals in turn, as browsers do."""
    client = app.test_client()

    def ask(turn: int) -> None:
        assert b"Doctor" in opened(client, "/roles", f"{names[turn % len(names)]}.localhost")

    return ask


def fixed_asker(app: Flask):
    """Asks one application whose hospital and engine never change."""
    hospital = get_hospital("many-first")
    engine = app.extensions["engines"].get(hospital, writing=False)
    by_host, real_get = app.before_request_funcs[None], app.extensions["engines"].get
    fixed = [(lambda: bind(hospital, writing=False)) if step is routing.enter else step for step in by_host]
    ask_host = asker(app, ["many-first"])

    def ask(turn: int) -> None:
        app.before_request_funcs[None] = fixed
        app.extensions["engines"].get = lambda *_args, **_kwargs: engine
        try:
            ask_host(0)
        finally:
            app.before_request_funcs[None] = by_host
            app.extensions["engines"].get = real_get

    return ask
