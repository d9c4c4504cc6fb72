"""Every list, board and form reads with a fixed number of queries, however much the hospital holds (modules.md 0.7).

The pages find themselves: whatever a module opens without a number in its address, and each part of the dashboard.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from modules.dashboard.arranging import PLACES
from portal import clock, create_app
from portal.auth.models import ADMIN_ROLE, Group, User, UserGroup
from portal.extensions import db
from portal.kit import demo
from portal.kit.demo import HospitalSize
from portal.kit.seed import ROLES
from portal.tenancy import registry
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests import ready
from tests.conftest import make_settings, shut
from tests.test_every_module import EACH_WITH_PAGES, MODULES, routes_of

MORNING = datetime(2027, 1, 13, 10, 30, tzinfo=UTC)
SIZES = {"lakeside": HospitalSize(patients=60, staff=40), "city-general": HospitalSize(patients=800, staff=120)}
WORKING = ("doctor", "nurse")
PARTS = [part.key for module in MODULES.values() for part in module.parts if part.place in PLACES]


def make_it_morning() -> None:
    """It is the middle of a working day in both hospitals, whenever the tests run."""
    clock.reset()
    clock.move(MORNING - datetime.now(UTC))


def fill(subdomain: str) -> None:
    """Fill a hospital; the doctor and the nurse of its demonstration also hold every permission there is."""
    with in_hospital(get_hospital(subdomain)):
        demo.fill(SIZES[subdomain], dict.fromkeys(set(ROLES) - {ADMIN_ROLE}, "a hash that fits no password"))
        role = db.session.scalar(sa.select(Group.id).where(Group.name == ADMIN_ROLE))
        for user in db.session.scalars(sa.select(User).where(User.username.in_(WORKING))):
            db.session.add(UserGroup(user_id=user.id, group_id=role))
        db.session.commit()


@pytest.fixture(scope="session")
def filled(tmp_path_factory, portal_with):
    """A folder with two hospitals, one with little in it and one with much."""

    def make(folder) -> None:
        ready.copy(portal_with(2), folder)
        make_it_morning()
        app = create_app(make_settings(folder))
        with app.app_context():
            for subdomain in SIZES:
                fill(subdomain)
        shut(app)
        clock.reset()

    return ready.made_once(tmp_path_factory, "filled", make)


@pytest.fixture
def settings(tmp_path, filled, monkeypatch):
    """The settings of a portal with both hospitals, of which the control plane is asked once."""
    ready.copy(filled, tmp_path)
    make_it_morning()
    monkeypatch.setattr(registry, "BELIEVED_SECONDS", float("inf"))
    return make_settings(tmp_path)


@pytest.fixture
def browsers(app) -> dict[str, list]:
    """Of each who works there, the browsers in the small hospital and in the large one."""
    found = {name: [] for name in WORKING}
    for subdomain in SIZES:
        with app.app_context(), in_hospital(get_hospital(subdomain), writing=False):
            users = db.session.scalars(sa.select(User).where(User.username.in_(WORKING))).all()
            for user in users:
                found[user.username].append(app.test_client(hospital=get_hospital(subdomain)))
                found[user.username][-1].sign_in_as(user)
    return found


@pytest.fixture
def growing(browsers, count_queries) -> Callable[[Iterator[str]], dict]:
    """Of these pages, those that take more or fewer queries where there is more to read, with the numbers."""

    def asked(browser, path: str) -> int:
        browser.get(path)
        with count_queries() as statements:
            answer = browser.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        return len(statements)

    def compared(paths) -> dict:
        counts = {
            (path, name): [asked(browser, path) for browser in both]
            for path in paths
            for name, both in browsers.items()
        }
        assert counts
        return {page: numbers for page, numbers in counts.items() if len(set(numbers)) > 1}

    return compared


@EACH_WITH_PAGES
def test_every_page_of_a_module_takes_as_many_queries_in_a_large_hospital_as_in_a_small_one(module, app, growing):
    routes = [route for route in routes_of(app, module) if route.method == "GET" and not route.has_id]
    assert not growing(route.path for route in routes if not route.path.endswith("/export"))


def test_every_part_of_the_dashboard_takes_as_many_queries_in_a_large_hospital_as_in_a_small_one(growing):
    assert not growing(f"/dashboard/widgets/{key}" for key in PARTS)
