"""Every hospital that has changed is backed up by itself, behind all other work, and only then (BACKUP_EVERY)."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import queue
from portal.clock import now
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, operations, retention, scheduled
from tests.backed_up import backed_up, listed
from tests.provisioned import change, database, register, remove, request_again, seen_operation
from tests.test_restore import set_mark


@pytest.fixture
def city(app, hospital, monkeypatch):
    """City General inside an application context, with a queue that remembers what it was given."""
    monkeypatch.setattr(queue, "is_empty", lambda name=queue.QUEUE: True)
    monkeypatch.setattr(queue, "has_waiting", lambda: False)
    monkeypatch.setattr(queue, "enqueue_idle", lambda job, *ids: True)
    with app.app_context():
        yield hospital


def let_pass(hours: float) -> None:
    """Let all that was done be so much older, but not the hospitals' files."""
    past = timedelta(hours=hours)
    for row in db.session.scalars(sa.select(Backup)):
        row.made_at -= past
    for row in db.session.scalars(sa.select(Operation)):
        row.queued_at -= past
    db.session.commit()


def written(hours_ago: float) -> None:
    """Let the hospital's file have been written to then for the last time."""
    moment = now().timestamp() - hours_ago * 3600
    for part in (database(), database().with_name(database().name + "-wal")):
        if part.exists():
            os.utime(part, (moment, moment))


def test_a_hospital_without_a_backup_gets_one_that_says_why_it_was_made(city):
    assert scheduled.sweep() == [city.id]
    scheduled.back_up(city.id)
    [row] = listed()
    assert (row.reason, row.made_by, row.state) == ("daily", None, "verified")
    assert scheduled.sweep() == []


def test_the_next_one_is_made_after_a_day_in_which_something_was_written(city):
    backed_up()
    let_pass(23)
    assert scheduled.sweep() == []
    let_pass(2)
    set_mark(8)
    assert scheduled.sweep() == [city.id]
    scheduled.back_up(city.id)
    assert [row.reason for row in listed()] == ["by hand", "daily"]


@pytest.mark.sqlite
def test_a_hospital_that_nobody_wrote_to_since_is_left_out(city):
    backed_up()
    let_pass(48)
    written(hours_ago=49)
    assert scheduled.sweep() == []
    written(hours_ago=47)
    assert scheduled.sweep() == [city.id]


@pytest.mark.sqlite
def test_looking_at_a_hospital_is_no_change_of_it(app, city):
    backed_up()
    let_pass(48)
    app.extensions["engines"].close()
    written(hours_ago=49)
    assert TenantDatabaseManager.verify_hospital_database("city-general").status == "ready"
    assert scheduled.due() == []


def test_what_was_written_while_the_copy_was_made_is_in_the_next_one(city, monkeypatch):
    real = operations.backups.keep

    def keep(*args, **kwargs):
        set_mark(9)
        return real(*args, **kwargs)

    monkeypatch.setattr(operations.backups, "keep", keep)
    backed_up()
    monkeypatch.undo()
    [row] = listed()
    assert scheduled._has_changed("city-general", "default", row.made_at)


@pytest.mark.parametrize("mode", ["suspended", "maintenance", "read_only"])
def test_a_hospital_nobody_writes_to_now_is_backed_up_too(city, mode):
    db.session.execute(sa.update(Tenant).values(mode=mode))
    db.session.commit()
    scheduled.back_up(city.id)
    assert len(listed()) == 1


def test_left_out_are_those_without_a_database_deleted_gone_or_at_work(city):
    register("clinic", "Clinic", with_database=False)
    assert scheduled.due() == [city.id]
    operation_id = request_again(city.id, "verify")
    assert scheduled.due() == []
    assert operations.perform(operation_id)
    db.session.execute(sa.update(Tenant).values(mode="deleted"))
    db.session.commit()
    assert scheduled.due() == []
    db.session.execute(sa.update(Tenant).values(mode="active"))
    db.session.commit()
    remove(database())
    assert scheduled.due() == []


def test_one_that_cannot_be_backed_up_is_tried_again_after_hours_not_at_once(city):
    change(database(), "UPDATE core_identity SET tenant_uuid = 'x'")
    scheduled.back_up(city.id)
    [operation] = db.session.scalars(sa.select(Operation).where(Operation.kind == "backup")).all()
    assert seen_operation(operation.id).state == "failed"
    assert scheduled.due() == []
    let_pass(7)
    assert scheduled.due() == [city.id]


def test_nothing_is_made_while_it_is_switched_off_or_other_idle_work_waits(app, city, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "settings", replace(app.extensions["settings"], backup_every=0))
        assert scheduled.sweep() == []
    monkeypatch.setattr(queue, "is_empty", lambda name=queue.QUEUE: False)
    assert scheduled.sweep() == []


def test_real_work_that_waits_ends_the_round(app, two_hospitals, monkeypatch):
    monkeypatch.setattr(queue, "has_waiting", lambda: True)
    with app.app_context():
        scheduled.back_up(*(one.id for one in two_hospitals))
        assert len(listed()) == 1


def test_retention_removes_them_when_their_time_is_over_but_the_newest_verified(city):
    scheduled.back_up(city.id)
    let_pass(25)
    set_mark(8)
    scheduled.back_up(city.id)
    first, second = listed()
    db.session.execute(sa.update(Backup).values(kept_until=now() - timedelta(days=1)))
    db.session.commit()
    assert retention.expire() == [first.reference]
    assert [row.reference for row in listed()] == [second.reference]
