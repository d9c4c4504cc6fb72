"""Routing: a page of a hospital, found by its host and read from its own database

The same application answers both: in the fixed case the look-up of the hospital and of its engine are constants, so
that the session always has the one database at hand.
"""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask, render_template_string

from benchmarks.measure import Result, assert_ready, by_turns, opened, portal, registered
from portal.auth.models import Group
from portal.extensions import db
from portal.provisioning import operations
from portal.tenancy import routing
from portal.tenancy.current import bind
from portal.tenancy.registry import get_hospital

TURNS = 200
PAGE = "<ul>{% for role in roles %}<li>{{ role.label }}{% endfor %}</ul>"


def measure(folder: Path) -> list[Result]:
    """The same list by host, and with everything fixed."""
    with portal(folder) as app:
        for name in ("clinic-a", "clinic-b"):
            operations.perform(registered(name))
        assert_ready(2)
        app.add_url_rule("/roles", "roles", roles)
        routed, fixed = by_turns(TURNS, asker(app), fixed_asker(app))
    return [Result("a page found by its host", "the same page on one fixed database", routed, fixed)]


def roles() -> str:
    """A list page: one query, some rows, a template."""
    return render_template_string(PAGE, roles=db.session.scalars(sa.select(Group).order_by(Group.label)).all())


def asker(app: Flask):
    """Asks two hospitals in turn, as browsers do."""
    client = app.test_client()

    def ask(turn: int) -> None:
        assert b"Doctor" in opened(client, "/roles", f"clinic-{'ab'[turn % 2]}.localhost")

    return ask


def fixed_asker(app: Flask):
    """Asks one application whose hospital and engine never change."""
    hospital = get_hospital("clinic-a")
    engine = app.extensions["engines"].get(hospital, writing=False)
    by_host, real_get = app.before_request_funcs[None], app.extensions["engines"].get
    fixed = [(lambda: bind(hospital, writing=False)) if step is routing.enter else step for step in by_host]
    ask_host = asker(app)

    def ask(turn: int) -> None:
        app.before_request_funcs[None] = fixed
        app.extensions["engines"].get = lambda *_args, **_kwargs: engine
        try:
            ask_host(0)
        finally:
            app.before_request_funcs[None] = by_host
            app.extensions["engines"].get = real_get

    return ask
