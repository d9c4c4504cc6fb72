"""Plans: what they hold, what is refused, and what a change means for the hospitals that have one."""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from portal.control.models import Plan
from portal.extensions import db
from tests.consoles import keep_only, tenant_of

ANSWERS = {"name": "Village", "staff_limit": "10", "grace_days": "30"}


def plan_named(name: str) -> Plan | None:
    db.session.rollback()
    return db.session.scalar(sa.select(Plan).where(Plan.name == name))


def labels(app, plan: str) -> str:
    """A plan's modules as people read them."""
    with app.app_context():
        found = [app.extensions["modules"][name].menu_label for name in plan_named(plan).modules]
    return ", ".join(sorted(found, key=str.lower))


def test_plans_are_listed_with_their_modules_limits_and_hospitals(signed_in, app, hospital):
    text = signed_in.page("/admin/plans/").text

    assert f"Basic {labels(app, 'Basic')} 50 14 0" in text
    assert f"Enterprise {labels(app, 'Enterprise')} None 14 1" in text
    assert "Patients" in labels(app, "Basic")
    assert "Surgery" not in labels(app, "Basic")


def test_a_plan_is_added_after_the_others(signed_in, app):
    assert signed_in.post("/admin/plans/new", data=ANSWERS).status_code == 303

    with app.app_context():
        plan = plan_named("Village")
        assert (plan.staff_limit, plan.grace_days, plan.position) == (10, 30, 3)
        assert plan.modules == sorted(app.extensions["modules"])
    assert "The plan Village is saved." in signed_in.page("/admin/plans/").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "basic"}, "A plan with this name exists already"),
        ({"staff_limit": "many"}, "Staff limit must be a whole number"),
        ({"staff_limit": "0"}, "Staff limit must be from 1 to 1,000,000"),
        ({"staff_limit": "-1"}, "Staff limit must be a whole number"),
        ({"grace_days": ""}, "Enter the days of grace"),
        ({"grace_days": "366"}, "Days of grace must be 365 or fewer"),
    ],
)
def test_each_wrong_answer_gets_its_sentence(signed_in, app, changes, sentence):
    answer = signed_in.post("/admin/plans/new", data={**ANSWERS, **changes})

    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert plan_named("Village") is None


@pytest.fixture
def rooms(app, monkeypatch):
    """A module that may be left out."""
    made = SimpleNamespace(name="rooms", label="Room Management", menu_label="Rooms", uses=(), tables=frozenset())
    keep_only(app, monkeypatch, rooms=made)


def test_hospitals_lose_a_module_that_their_plan_loses(signed_in, app, hospital, rooms):
    with app.app_context():
        tenant_of("city-general").modules = ["core", "dashboard", "patients", "rooms", "staff"]
        plan = plan_named("Enterprise")
        plan.modules = [*plan.modules, "rooms"]
        tenant_of("city-general").modules = ["core", "dashboard", "patients", "rooms", "staff"]
        db.session.commit()

    signed_in.post("/admin/plans/3/edit", data={"name": "Enterprise", "grace_days": "14", "modules": [""]})

    with app.app_context():
        assert "rooms" not in tenant_of("city-general").modules
        assert tenant_of("city-general").epoch > hospital.epoch


def test_a_plan_keeps_modules_that_are_not_installed_here(signed_in, app, rooms):
    signed_in.post("/admin/plans/1/edit", data={"name": "Small", "grace_days": "7", "modules": ["", "rooms"]})

    with app.app_context():
        assert {"appointments", "rooms", "core"} <= set(plan_named("Small").modules)
