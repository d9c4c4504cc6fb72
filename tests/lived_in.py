"""Hospitals in the middle of a day, filled by the demonstration: one with little in it, one with much."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from portal import clock, create_app
from portal.auth.models import ADMIN_ROLE, Group, User, UserGroup
from portal.extensions import db
from portal.kit import demo
from portal.kit.demo import HospitalSize
from portal.kit.seed import ROLES
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests import ready
from tests.conftest import make_settings, shut

MORNING = datetime(2027, 1, 13, 10, 30, tzinfo=UTC)
SMALL, LARGE = HospitalSize(patients=60, staff=40), HospitalSize(patients=800, staff=120)
SIZES = {"lakeside": SMALL, "city-general": LARGE}
WORKING = ("doctor", "nurse")


def move_to(moment: datetime) -> None:
    """Let it be this moment, whenever the tests run."""
    clock.reset()
    clock.move(moment - datetime.now(UTC))


def filled_at(factory, blank: Path, moment: datetime, sizes: dict[str, HospitalSize]) -> Path:
    """A folder with the hospitals of `blank` filled at a moment; made once for all tests."""
    name = f"lived-in-{moment:%H%M}-{'-'.join(f'{size.patients}' for size in sizes.values())}"
    return ready.made_once(factory, name, partial(make_at, blank=blank, moment=moment, sizes=sizes))


def make_at(folder: Path, blank: Path, moment: datetime, sizes: dict[str, HospitalSize]) -> None:
    """Copy the hospitals of `blank` to a folder and fill them at a moment."""
    ready.copy(blank, folder)
    move_to(moment)
    app = create_app(make_settings(folder))
    with app.app_context():
        for subdomain, size in sizes.items():
            with in_hospital(get_hospital(subdomain)):
                fill(size)
                db.session.commit()
    shut(app)
    clock.reset()


def fill(size: HospitalSize) -> None:
    """Fill the hospital; the doctor and the nurse of its demonstration also hold every permission there is."""
    demo.fill(size, dict.fromkeys(set(ROLES) - {ADMIN_ROLE}, "a hash that fits no password"))
    role = db.session.scalar(sa.select(Group.id).where(Group.name == ADMIN_ROLE))
    for user in db.session.scalars(sa.select(User).where(User.username.in_(WORKING))):
        db.session.add(UserGroup(user_id=user.id, group_id=role))
