"""Listing: the console's list of hospitals, one page of it, among many and among few"""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.measure import Result, by_turns, listed, opened, portal, registered
from portal.auth.identity import PlatformIdentity
from portal.control.models import User
from portal.extensions import db
from portal.provisioning import operations

TURNS = 15
FEW, MANY = 100, 10_000


def measure(folder: Path) -> list[Result]:
    """The first page among 10,000 against the first page among 100, each with its own portal."""
    with portal(folder / "few") as few:
        fill(FEW)
        ask_few = asker(few)
    with portal(folder / "many") as many:
        fill(MANY)
        ask_many = asker(many)
    slow, quick = by_turns(TURNS, ask_many, ask_few)
    return [Result(f"the list of {MANY:,} hospitals", f"the list of {FEW}", slow, quick)]


def fill(count: int) -> None:
    """Register hospitals whose databases nobody needs here, and a superuser."""
    db.session.add(User(username="root", name="Root", email="root@portal.test", role="superuser"))
    db.session.commit()
    operations.perform(registered("first"))
    listed(count - 1)


def asker(app: Flask):
    """Opens the list as the superuser."""
    client = superuser(app)

    def ask(turn: int) -> None:
        assert b"Clinic 1" in opened(client, "/admin/hospitals/", "127.0.0.1")

    return ask


def superuser(app: Flask) -> FlaskClient:
    """A browser in which the superuser is signed in."""
    client = app.test_client()
    user = db.session.scalar(sa.select(User).where(User.username == "root"))
    with client.session_transaction(base_url="http://127.0.0.1:8000") as session:
        session["_user_id"], session["_fresh"] = PlatformIdentity(user).get_id(), True
    return client
