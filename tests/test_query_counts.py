"""Every list, board and form reads with a fixed number of queries, however much the hospital holds (modules.md 0.7).

The pages find themselves: whatever a module opens without a number in its address, and each part of the dashboard.
"""

from collections.abc import Callable, Iterable

import pytest
import sqlalchemy as sa

from modules.dashboard.arranging import PLACES
from portal.auth.models import User
from portal.extensions import db
from portal.tenancy import registry
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital
from tests import ready
from tests.conftest import make_settings
from tests.lived_in import MORNING, SIZES, WORKING, filled_at, move_to
from tests.test_every_module import EACH_WITH_PAGES, MODULES, routes_of

PARTS = [part.key for module in MODULES.values() for part in module.parts if part.place in PLACES]


@pytest.fixture
def settings(tmp_path, tmp_path_factory, portal_with, monkeypatch):
    """The settings of a portal with both hospitals, of which the control plane is asked once."""
    ready.copy(filled_at(tmp_path_factory, portal_with(2), MORNING, SIZES), tmp_path)
    move_to(MORNING)
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
def growing(browsers, count_queries) -> Callable[[Iterable[str]], dict]:
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
