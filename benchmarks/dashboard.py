"""Dashboard: an administrator’s first page (DSH-3: under 1 s), with the demonstration’s rows and without any"""

import re
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.measure import Result, assert_ready, by_turns, opened, portal, registered
from portal.auth.identity import HospitalIdentity
from portal.auth.models import ADMIN_ROLE, Group, User, UserGroup
from portal.extensions import db
from portal.kit import demo
from portal.kit.demo import HospitalSize
from portal.provisioning import operations
from portal.provisioning.demo import HOSPITALS
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital

TURNS = 15
NUMBER = re.compile(rb'<span class="v">([\d,]+)</span>')
PAGES = {"the page, panels to follow": "/dashboard/", "the page with every panel": "/dashboard/?all=1"}


def measure(folder: Path) -> list[Result]:
    """The page with and without its panels, each in a portal of its own."""
    with portal(folder / "empty") as empty:
        client_of_empty = signed_in(empty, None)
    with portal(folder / "filled") as filled:
        client_of_filled = signed_in(filled, HOSPITALS[0].size)
    results = []
    for name, path in PAGES.items():
        asking = [asker(client_of_filled, path, is_filled=True), asker(client_of_empty, path, is_filled=False)]
        slow, quick = by_turns(TURNS, *asking)
        results.append(Result(f"{name}, 1,200 patients", "an empty hospital", slow, quick))
    return results


def signed_in(app: Flask, size: HospitalSize | None) -> FlaskClient:
    """The browser of an administrator of a hospital, with the demonstration's rows or without any."""
    operations.perform(registered("clinic"))
    assert_ready(1)
    hospital = get_hospital("clinic")
    with in_hospital(hospital):
        if size:
            demo.fill(size, {})
        user = add_administrator()
    client = app.test_client()
    with client.session_transaction(base_url="http://clinic.localhost:8000") as session:
        session["_user_id"], session["_fresh"] = HospitalIdentity(hospital, user, user.session_epoch).get_id(), True
    return client


def add_administrator() -> User:
    """A user with the role that sees every part."""
    user = User(username="ines", first_name="Ines")
    db.session.add(user)
    db.session.flush()
    role = db.session.scalar(sa.select(Group.id).where(Group.name == ADMIN_ROLE))
    db.session.add(UserGroup(user_id=user.id, group_id=role))
    db.session.commit()
    db.session.refresh(user)
    db.session.expunge(user)
    return user


def asker(client: FlaskClient, path: str, *, is_filled: bool):
    """Opens the page, which must have read every number, of its own hospital."""

    def ask(turn: int) -> None:
        page = opened(client, path, "clinic.localhost")
        numbers = NUMBER.findall(page)
        assert numbers
        assert any(number != b"0" for number in numbers) is is_filled
        assert b"could not be" not in page

    return ask
