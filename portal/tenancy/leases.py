"""Whoever works with a hospital holds its engine until their context ends (tenancy.md T19)."""

import sqlalchemy as sa
from flask import Flask, current_app, g

from portal.tenancy.current import current_hospital


def install(app: Flask) -> None:
    """End each context's lease; before the session is bound to the application, so that it is closed first."""
    app.teardown_appcontext(_end)


def held_engine(*, writing: bool) -> sa.Engine:
    """The engine of the current hospital, held by this context; raises as `Engines.get` does."""
    if "_lease" not in g:
        g._lease = current_app.extensions["engines"].lease(current_hospital())
    return g._lease.engine(writing=writing)


def _end(error) -> None:
    lease = g.pop("_lease", None)
    if lease is not None:
        lease.end()
