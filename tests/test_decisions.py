"""The control plane decides one thing at a time, on every engine and however many machines decide (decision 0016)."""

import contextvars
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from portal import clock, create_app, first_start
from portal.control.models import AuditEntry, Operation, Plan, Tenant, User
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, asking, operations, template
from portal.provisioning.cancelling import cancel
from portal.provisioning.ledger import ATTEMPTS, Ledger
from portal.provisioning.modes import CHANGES, change_mode
from portal.tenancy import control_engine
from portal.tenancy.control_engine import decision
from portal.tenancy.registry import adopt, find_hospital
from tests import on_postgres
from tests.conftest import shut
from tests.provisioned import answer_of, files, register, seen_operation, seen_tenant
from tests.test_operations import LONGER_THAN_A_LEASE, NEW, answers, at_once, browsers

on_a_server = pytest.mark.skipif(not on_postgres.WANTED, reason="a file has one writer at a time anyway")


@pytest.fixture
def machines(settings, tmp_path):
    """Applications as on so many machines: nothing in common but the servers and the key."""
    made = []

    def start(count: int) -> list:
        for number in range(count):
            own = tmp_path / f"machine-{number}"
            folders = {"instance_dir": own / "instance", "hospitals_dir": own / "hospitals"}
            made.append(create_app(replace(settings, **folders)))
        return made

    yield start
    for app in made:
        shut(app)


def alone(app, work):
    """What `work()` answers in an application context of its own, as in a process of its own."""

    def inside():
        with app.app_context():
            return work()

    return contextvars.Context().run(inside)


def test_of_ten_who_press_create_and_two_commands_the_first_makes_the_database(app):
    with app.app_context():
        tenant_id, _none = register(with_database=False)
    people = browsers(app, 10)

    def create(number: int) -> str:
        if number < 10:
            return str(people[number].post("/admin/hospitals/city-general/create-database").status_code)
        return alone(app, lambda: TenantDatabaseManager.create_hospital_database("city-general").state)

    assert set(at_once(12, create)) <= {"303", "succeeded"}
    with app.app_context():
        first, *later = db.session.scalars(sa.select(Operation.id).order_by(Operation.id)).all()
        for operation_id in (first, *later):
            operations.finish(operation_id)
            assert seen_operation(operation_id).state == "succeeded"
        made = UUID(seen_operation(first).reference).hex  # who came when it was there already changed nothing
        assert (seen_tenant(tenant_id).generation, seen_tenant(tenant_id).status) == (made, "ready")
        assert files() == {"hospital_city-general.db"}


def test_twenty_at_once_never_put_more_on_a_server_than_it_may_hold(app):
    settings = app.extensions["settings"]
    only = {"default": replace(settings.servers["default"], most=7)}
    app.extensions["settings"] = replace(settings, servers=only)
    people = browsers(app, 20)
    got = at_once(20, lambda number: people[number].post(NEW, data=answers(number, subdomain=f"clinic-{number}")))

    assert sorted(answer.status_code for answer in got) == [303] * 7 + [422] * 13
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Tenant.id))) == 7
        assert db.session.scalar(sa.select(sa.func.count(User.id)).where(User.role == "hospital_admin")) == 7


def test_one_administrator_is_made_for_hospitals_of_different_names_at_once(app):
    people = browsers(app, 10)
    same = {"admin_username": "grace", "admin_email": "grace@lakeside.test"}
    got = at_once(10, lambda number: people[number].post(NEW, data=answers(number, subdomain=f"c-{number}x") | same))
    assert sorted(answer.status_code for answer in got) == [303] + [422] * 9
    assert all("exists already" in answer.text for answer in got if answer.status_code == 422)


def test_reapers_on_several_machines_take_each_dead_workers_work_once(app):
    with app.app_context():
        ids = [register(f"clinic-{number}")[1] for number in range(5)]
        for operation_id in ids:
            Ledger.claim(operation_id, "a worker that dies", f"build_{operation_id}")
    clock.move(LONGER_THAN_A_LEASE)
    reaped = at_once(4, lambda _number: alone(app, operations.reap))
    assert sorted(operation_id for found in reaped for operation_id in found) == ids
    with app.app_context():
        assert {seen_operation(one).state for one in ids} == {"queued"}
        assert {seen_operation(one).log.count("worker_lost") for one in ids} == {1}


def test_what_is_cancelled_is_not_claimed_and_what_is_claimed_is_not_cancelled(app):
    with app.app_context():
        ids = [register(f"clinic-{number}")[1] for number in range(8)]

    def act(number: int) -> bool:
        operation_id = ids[number // 2]
        if number % 2:
            return alone(app, lambda: Ledger.claim(operation_id, "a worker", "build_1") is not None)
        return alone(app, lambda: (cancel(Operation.id == operation_id), db.session.commit())[0] == 1)

    done = at_once(16, act)
    assert [done[place] + done[place + 1] for place in range(0, 16, 2)] == [1] * 8


def test_a_claim_leaves_the_attempts_of_a_given_up_operation_alone(app):
    with app.app_context():
        _tenant_id, operation_id = register()
        for _attempt in range(ATTEMPTS):
            assert Ledger.claim(operation_id, "a worker that dies", "build_1")
            clock.move(LONGER_THAN_A_LEASE)
            operations.reap()
        assert Ledger.claim(operation_id, "too late", "build_2") is None
        assert (seen_operation(operation_id).state, seen_operation(operation_id).attempt) == ("interrupted", ATTEMPTS)


@on_a_server
def test_while_somebody_decides_others_read_and_work_goes_on(app):
    with app.app_context():
        _tenant_id, operation_id = register()
        ledger, _left = Ledger.claim(operation_id, "a worker", "build_1")
        with decision():
            assert alone(app, lambda: find_hospital("city-general")).name == "City General Hospital"
            alone(app, lambda: ledger.begin("reserve"))
        assert {row.state for row in seen_operation(operation_id).steps if row.step == "reserve"} == {"running"}


@on_a_server
def test_who_waits_too_long_for_a_decision_is_told_so_in_a_sentence(app, monkeypatch):
    monkeypatch.setattr(control_engine, "DECIDE", "SET LOCAL lock_timeout = '100ms';" + control_engine.DECIDE)
    (browser,) = browsers(app, 1)
    with app.app_context(), decision():
        answer = browser.post(NEW, data=answers(1))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "nothing was saved" in answer.text
    assert browser.post(NEW, data=answers(1)).status_code == 303


@on_a_server
def test_the_database_refuses_a_change_from_who_only_reads(in_app):
    with db.engine.connect().execution_options(writing=False) as connection:
        with pytest.raises(sa.exc.InternalError, match="read-only transaction"):
            connection.execute(sa.insert(AuditEntry).values(action="nothing"))
    with db.engine.begin() as connection:  # the same connection of the pool, which may write again
        connection.execute(sa.insert(AuditEntry).values(action="something"))
    assert list(db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.actor_id.is_(None)))) == ["something"]


@on_a_server
def test_who_only_reads_sees_one_moment(in_app):
    count = sa.select(sa.func.count(AuditEntry.id))
    with db.engine.connect().execution_options(writing=False) as connection:
        before = connection.scalar(count)
        with db.engine.begin() as other:
            other.execute(sa.insert(AuditEntry).values(action="something"))
        assert connection.scalar(count) == before


@on_a_server
def test_two_changes_of_a_hospital_at_once_are_both_noticed_by_every_process(app):
    with app.app_context():
        tenant_id, _none = register(with_database=False)
        tenant = db.session.get_one(Tenant, tenant_id)
        before = tenant.epoch
        alone(app, lambda: adopt(tenant_id, currency="EUR"))  # its own settings, which wait for no decision
        change_mode(tenant, CHANGES["suspend"])
        db.session.commit()
        assert (tenant.epoch, tenant.currency, tenant.mode) == (before + 2, "EUR", "suspended")


@on_a_server
def test_a_server_that_ended_its_connections_is_asked_again(app):
    (browser,) = browsers(app, 1)
    assert browser.get("/admin/hospitals/").status_code == 200
    on_postgres.cluster().execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", on_postgres.CONTROL
    )
    assert browser.get("/admin/hospitals/").status_code == 200


@on_a_server
def test_an_empty_control_database_is_prepared_once_by_machines_that_start_together(machines):
    on_postgres.make_control()
    apps = machines(4)
    passwords = at_once(4, lambda number: contextvars.Context().run(first_start.prepare, apps[number]))
    assert sum(password is not None for password in passwords) == 1
    with apps[0].app_context():
        assert list(db.session.scalars(sa.select(Plan.name).order_by(Plan.position))) == [
            "Basic", "Standard", "Enterprise",
        ]  # fmt: skip
        assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1


@on_a_server
def test_the_template_of_a_server_is_made_once_by_machines_that_need_it_together(machines, monkeypatch):
    apps, made = machines(3), []
    name = alone(apps[0], template.template_name)
    on_postgres.forget_templates()
    real = template.migrate
    monkeypatch.setattr(template, "migrate", lambda *args, **more: (made.append(1), real(*args, **more)))
    assert at_once(3, lambda number: alone(apps[number], template.ensure_template)) == [name] * 3
    assert made == [1]


@on_a_server
def test_one_machine_carries_out_what_another_one_asked_for(machines):
    one, other = machines(2)
    with one.app_context():
        tenant_id, operation_id = register()
    assert alone(other, lambda: operations.perform(operation_id))
    with one.app_context():
        assert seen_tenant(tenant_id).status == "ready"
        assert asking.find_active(tenant_id) is None
    assert [answer_of(app).status_code for app in (one, other)] == [302, 302]
