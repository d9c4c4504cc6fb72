"""Badges are never stale: every database is looked at in turn, and an older look never overwrites a newer one (T17)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock, queue
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, operations, verify, watch
from tests.consoles import tenant_of
from tests.provisioned import database, register, remove, request_again, seen_tenant

HOUR = timedelta(hours=1)


@pytest.fixture
def jobs(monkeypatch) -> list[tuple[int, ...]]:
    """The looks that were asked for; the queue works, and what is in it was done at once."""
    jobs = []
    monkeypatch.setattr(queue, "is_empty", lambda name=queue.QUEUE: True)
    monkeypatch.setattr(queue, "has_waiting", lambda: False)
    monkeypatch.setattr(queue, "enqueue_idle", lambda job, *ids: jobs.append(ids) or True)
    return jobs


def go_by(span: timedelta, step: timedelta = timedelta(minutes=1)) -> int:
    """What reaper and worker do for so long; the number of looks."""
    end, looks = clock.now() + span, 0
    while clock.now() < end:
        clock.move(step)
        looks += len(found := watch.sweep())
        watch.look(*found)
    return looks


def test_a_database_that_vanished_is_missing_within_the_hour_by_itself(in_app, two_hospitals, jobs):
    in_app.extensions["engines"].close()
    remove(database())
    go_by(HOUR)
    gone, there = tenant_of("city-general"), tenant_of("lakeside")
    assert (gone.status, gone.reason) == ("missing", "The database cannot be found.")
    assert there.status == "ready"
    assert clock.now() - there.checked_at < HOUR
    assert clock.now() - gone.checked_at < HOUR


def test_every_hospital_is_looked_at_about_once_a_period(in_app, two_hospitals, jobs):
    assert go_by(HOUR) == 2
    assert go_by(HOUR) == 2


def test_nothing_is_looked_at_before_its_time_is_near(in_app, two_hospitals, jobs):
    assert go_by(timedelta(minutes=50)) == 0


def test_a_suspended_hospital_is_looked_at_too(in_app, hospital, jobs):
    TenantDatabaseManager.suspend_hospital("city-general")
    assert go_by(HOUR) == 1
    assert tenant_of("city-general").status == "ready"


def test_only_a_few_are_asked_for_at_once_and_no_more_while_they_wait(in_app, blank, monkeypatch):
    for number in range(watch.AT_ONCE + 3):
        register(f"clinic-{number}", with_database=False)
    asked, waits = [], iter([True, False, True])
    monkeypatch.setattr(queue, "is_empty", lambda name: next(waits))
    monkeypatch.setattr(queue, "enqueue_idle", lambda job, *ids: asked.append(ids) or True)
    for _round in range(3):
        watch.sweep()
    assert [len(ids) for ids in asked] == [watch.AT_ONCE, watch.AT_ONCE]


def test_a_look_stops_as_soon_as_real_work_waits_and_the_rest_keeps_its_turn(in_app, two_hospitals, jobs, monkeypatch):
    clock.move(HOUR)
    monkeypatch.setattr(queue, "has_waiting", lambda: True)
    both = watch.sweep()
    watch.look(*both)
    assert watch.sweep() == both[1:]


def test_without_a_queue_nothing_is_asked_for(in_app, hospital):
    clock.move(HOUR)
    assert watch.sweep() == []  # no Redis in tests


def test_a_hospital_with_work_waiting_or_under_way_is_left_to_that(in_app, hospital, jobs):
    request_again(hospital.id, "create")
    before = seen_tenant(hospital.id).checked_at
    assert go_by(2 * HOUR) == 0
    watch.look(hospital.id)
    assert seen_tenant(hospital.id).checked_at == before


def begin_operation(tenant_id: int) -> None:
    request_again(tenant_id, "create")


def finish_operation(tenant_id: int) -> None:
    assert operations.perform(request_again(tenant_id, "verify"))


def replace_file(tenant_id: int) -> None:
    db.session.execute(sa.update(Tenant).where(Tenant.id == tenant_id).values(generation="another"))
    db.session.commit()


@pytest.mark.parametrize("meanwhile", [begin_operation, finish_operation, replace_file])
def test_an_older_look_overwrites_nothing_newer(in_app, hospital, jobs, monkeypatch, meanwhile):
    """ux.md 4: never a cached value older than the last job."""
    clock.move(HOUR)
    real = verify.examine
    happened = []

    def slow(*given, **asked):
        seen = real(*given, **asked)
        if not happened:
            happened.append(True)
            meanwhile(hospital.id)
            return verify.Verdict("missing", "Something old.")
        return seen

    monkeypatch.setattr(verify, "examine", slow)
    watch.look(hospital.id)
    assert happened
    assert seen_tenant(hospital.id).status == "ready"


def test_a_look_that_fails_says_so_and_is_not_the_first_of_every_round(in_app, two_hospitals, jobs, monkeypatch):
    clock.move(HOUR)
    monkeypatch.setattr(operations, "verified_values", lambda tenant: 1 / 0)
    found = watch.sweep()
    watch.look(*found)
    tenant = tenant_of("city-general")
    assert (tenant.status, tenant.reason) == ("unknown", "The last check did not finish.")
    assert watch.sweep() == []


def test_the_period_is_a_setting(in_app, hospital, jobs, monkeypatch):
    from dataclasses import replace

    changed = replace(in_app.extensions["settings"], verify_every=5)
    monkeypatch.setitem(in_app.extensions, "settings", changed)
    assert 10 <= go_by(HOUR) <= 15
