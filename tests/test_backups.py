"""Backups: of one moment while people work, listed only when they were read again, kept and tested (tenancy.md T23)."""

import errno
import hashlib
import json
import os
import sqlite3
import stat
import threading
import time
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import AuditEntry, Backup, Operation, Tenant
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, asking, backups, operations, retention
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases import dumps
from portal.tenancy.databases.base import DiskFailed, ServerAway
from portal.tenancy.engines import read_stamp
from tests.backed_up import (
    COPY_SYNCED,
    WHILE_COPIED,
    assert_nothing_half_made,
    backed_up,
    interfere,
    kept,
    listed,
    rewrite,
    unpacked,
    within,
)
from tests.provisioned import (
    assert_consistent,
    builds,
    change,
    checksums,
    database,
    is_there,
    query,
    remove,
    request_again,
    seen_operation,
    seen_tenant,
    somebody,
    step_states,
)

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def city(hospital, app):
    """City General inside an application context."""
    with app.app_context():
        yield hospital


def test_a_backup_holds_every_row_and_says_so_in_its_manifest(city):
    made = backed_up()
    path = backups.place_of(made)
    with unpacked(path) as content:
        assert checksums(content) == checksums(database())
    manifest = json.loads(path.with_suffix(".json").read_text())
    assert (manifest["sha256"], manifest["size"]) == (
        hashlib.sha256(path.read_bytes()).hexdigest(),
        path.stat().st_size,
    )
    assert (made.sha256, made.size, made.counts) == (manifest["sha256"], manifest["size"], manifest["counts"])
    assert manifest["counts"]["auth_user"] == query(database(), "SELECT count(*) FROM auth_user")[0][0]
    assert (manifest["generation"], manifest["revision"]) == (city.generation, seen_tenant(city.id).revision)
    assert (manifest["hospital"], manifest["portal"]) == (city.uuid, "0.1.0")
    assert (made.state, made.reason) == ("verified", "by hand")
    assert made.kept_until == made.made_at + timedelta(days=30)
    assert_nothing_half_made()


def test_a_backup_is_one_private_file_in_the_hospitals_own_folder(city):
    path = backups.place_of(backed_up())
    assert kept() == sorted([path.name, f"{path.stem}.json"])
    assert path.parent.name == city.uuid
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_suffix(".json").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.sqlite
def test_a_backup_can_be_opened_without_another_file_beside_it(city):
    assert query(backups.place_of(backed_up()), "PRAGMA journal_mode") == [("delete",)]


def test_the_steps_of_a_backup_are_seen_and_the_hospital_stays_as_it_is(city):
    before = seen_tenant(city.id)
    operation_id = request_again(city.id, "backup")
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.state, step_states(operation)) == ("succeeded", {"copy": "done", "read": "done"})
    assert_consistent(operation)
    after = seen_tenant(city.id)
    assert (after.generation, after.epoch, after.status) == (before.generation, before.epoch, "ready")


class Writer(threading.Thread):
    """Moves one from account to account of a table, so that the sum stays, and notes what went wrong."""

    def __init__(self, raw):
        super().__init__()
        self.raw, self.done, self.errors = raw, 0, []
        self.stopped = threading.Event()

    def run(self) -> None:
        """Write until told to stop."""
        while not self.stopped.is_set():
            try:
                self.raw.execute("BEGIN")
                self.raw.execute(f"UPDATE account SET amount = amount - 1 WHERE id = {self.done % 500}")
                self.raw.execute(f"INSERT INTO account VALUES ({5000 + self.done}, 1, 'moved')")
                self.raw.execute("COMMIT")
                self.done += 1
            except (sqlite3.Error, psycopg.Error) as error:
                self.errors.append(error)
                return

    def wait(self, count: int) -> None:
        """Until as many more transactions were done."""
        until = self.done + count
        while self.done < until and not self.errors:
            time.sleep(0.001)


def test_a_writer_goes_on_during_a_backup_and_the_copy_is_of_one_moment(city, monkeypatch):
    change(database(), "CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER, words TEXT)")
    numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)"
    words = f"'{'words ' * 90}'"
    change(database(), f"INSERT INTO account {numbers} SELECT i, 10, {words} FROM n")
    seen = []
    with somebody(database(), patience=0) as raw:
        writer = Writer(raw)

        def wait() -> None:
            writer.wait(6)
            seen.append(writer.done)

        interfere(monkeypatch, wait)
        writer.start()
        try:
            writer.wait(6)
            made = backed_up()
        finally:
            writer.stopped.set()
            writer.join()
    assert writer.errors == []
    assert seen, "the writer went on while the copy was made"
    [(count, total)] = within(backups.place_of(made), "SELECT count(*), sum(amount) FROM account")
    assert (total, made.counts["account"]) == (50_000, count)
    assert query(database(), "SELECT count(*), sum(amount) FROM account") == [(5000 + writer.done, 50_000)]
    assert 5000 < count < 5000 + seen[0]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        WHILE_COPIED,
        COPY_SYNCED,
        (backups, "sync_file"),
        (backups, "sync_folder"),
        (backups, "rename_file"),
        (backups, "hash_of"),
        (backups, "make_folder"),
    ],
)
def test_a_full_disk_at_any_moment_leaves_no_backup_and_says_so(city, monkeypatch, owner, name):
    real, calls = getattr(owner, name), []
    for point in range(1, 20):

        def fails(*args, point=point, **kwargs):
            calls.append(1)
            if len(calls) == point:
                raise FULL
            return real(*args, **kwargs)

        calls.clear()
        monkeypatch.setattr(owner, name, fails)
        operation_id = request_again(city.id, "backup")
        assert operations.perform(operation_id)
        operation = seen_operation(operation_id)
        assert_consistent(operation)
        assert_nothing_half_made()
        assert seen_tenant(city.id).status == "ready"
        if operation.state == "succeeded":
            break
        assert operation.error.startswith("The disk is full. ")
        assert operation.error.endswith("did not work. Nothing was changed.")
        assert listed() == []
    assert point > 1
    assert len(listed()) == 1


def test_a_folder_that_cannot_be_written_to_is_named(city, monkeypatch):
    def refuses(wanted):
        raise PermissionError(errno.EACCES, "Permission denied", str(wanted))

    monkeypatch.setattr(backups, "make_folder", refuses)
    with pytest.raises(ProvisioningProblem, match=r"^The backups folder cannot be written to\. Copying the database"):
        TenantDatabaseManager.backup_hospital_database("city-general")


def test_a_lost_database_is_not_backed_up(city, app):
    app.extensions["engines"].close()
    remove(database())
    with pytest.raises(ProvisioningProblem, match=r"The database cannot be found\."):
        TenantDatabaseManager.backup_hospital_database("city-general")
    assert kept() == []


def test_create_makes_no_empty_database_where_one_was_lost_that_a_backup_brings_back(city, app):
    made = backed_up()
    app.extensions["engines"].close()
    remove(database())
    with pytest.raises(ProvisioningProblem, match="there are backups of it"):
        TenantDatabaseManager.create_hospital_database("city-general")
    assert not is_there(database())
    TenantDatabaseManager.restore_hospital_database("city-general", made.reference)
    assert seen_tenant(city.id).status == "ready"


def test_a_copy_that_lacks_a_row_is_no_backup(city, monkeypatch):
    real = backups.copy

    def robbed(tenant, build):
        counts = real(tenant, build)
        rewrite(backups.folder_of(tenant.uuid) / build, "DELETE FROM core_sequence")
        return counts

    monkeypatch.setattr(backups, "copy", robbed)
    with pytest.raises(ProvisioningProblem, match="does not hold every table and row"):
        TenantDatabaseManager.backup_hospital_database("city-general")
    assert (kept(), listed()) == ([], [])


def test_a_second_request_while_one_is_under_way_leads_to_the_same_backup(city):
    tenant = db.session.get(Tenant, city.id)
    first = asking.request_backup(tenant).id
    assert asking.request_backup(tenant).id == first
    assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.action == "backup_database")) == 1
    with pytest.raises(ProvisioningProblem, match="Other work on this hospital is under way"):
        asking.request_restore(tenant, Backup())
    db.session.rollback()


def later(days: float) -> None:
    """Let this many days pass."""
    clock.move(timedelta(days=days))


def test_backups_go_when_their_time_is_over_but_never_the_newest(city):
    old, newer = backed_up(), backed_up()
    later(29)
    assert retention.expire() == []
    later(2)
    assert retention.expire() == [old.reference]
    assert kept() == sorted([newer.filename, newer.filename[:-3] + ".json"])
    assert [row.reference for row in listed()] == [newer.reference]
    assert retention.expire() == []
    removed = sa.select(AuditEntry.details).where(AuditEntry.action == "remove_backup")
    assert db.session.scalars(removed).all() == [{"backup": old.reference}]
    third = backed_up()
    assert retention.expire() == [newer.reference]
    assert [row.reference for row in listed()] == [third.reference]


def test_each_hospital_keeps_its_own_newest(two_hospitals, in_app):
    mine, other = backed_up(), backed_up("lakeside")
    later(400)
    assert retention.expire() == []
    assert {row.reference for row in listed()} == {mine.reference, other.reference}


def test_a_damaged_backup_is_not_the_newest_one_that_stays(city):
    good, bad = backed_up(), backed_up()
    db.session.execute(sa.update(Backup).where(Backup.id == bad.id).values(state="damaged"))
    db.session.commit()
    later(31)
    assert retention.expire() == [bad.reference]
    assert [row.reference for row in listed()] == [good.reference]


def test_a_backup_that_is_being_restored_stays(city):
    old, _newer = backed_up(), backed_up()
    asking.request_restore(db.session.get(Tenant, city.id), db.session.get(Backup, old.id))
    db.session.commit()
    later(31)
    assert retention.expire() == []


def test_files_of_a_removed_backup_that_a_killed_worker_left_go_the_next_time(city, monkeypatch):
    old, newer = backed_up(), backed_up()
    later(31)
    monkeypatch.setattr(retention, "_unlink_removed", lambda: None)
    retention.expire()
    assert old.filename in kept()
    monkeypatch.undo()
    retention.expire()
    assert kept() == sorted([newer.filename, newer.filename[:-3] + ".json"])


def test_unfinished_copies_go_once_they_are_old_and_nobody_works_on_them(city):
    backed_up()
    place = backups.folder_of(city.uuid)
    before = kept()
    for name in ("build_" + "a" * 32, "build_" + "b" * 32 + "-journal", "build_" + "c" * 32):
        (place / name).touch()
    os.utime(place / ("build_" + "a" * 32), (0, 0))
    os.utime(place / ("build_" + "b" * 32 + "-journal"), (0, 0))
    assert len(retention.forget_strays()) == 2
    assert kept() == sorted([*before, "build_" + "c" * 32])


def test_each_hour_the_backup_that_was_not_tested_for_longest_is_restored_aside_and_checked(city):
    first, second = backed_up(), backed_up()
    before = checksums(database())
    assert [retention.test_next().reference for _ in range(3)] == [first.reference, second.reference, first.reference]
    db.session.rollback()
    for row in listed():
        assert (row.state, row.finding) == ("verified", "Restored and checked.")
        assert row.tested_at is not None
    assert builds() == set()
    assert checksums(database()) == before


@pytest.mark.parametrize("harm", ["flipped", "gone", "cut"])
def test_the_test_finds_a_backup_that_is_not_what_it_was(city, harm):
    made = backed_up()
    path = backups.place_of(made)
    if harm == "gone":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[5000] ^= 0xFF
        path.write_bytes(content if harm == "flipped" else content[:8192])
    row = retention.test_next()
    sentence = "cannot be found" if harm == "gone" else "has changed since it was made"
    assert (row.state, sentence in row.finding) == ("damaged", True)
    db.session.rollback()


@pytest.mark.parametrize("error", [FULL, DiskFailed("cannot read"), ServerAway("nobody answers")])
def test_a_test_that_cannot_be_finished_does_not_call_the_backup_damaged(city, app, monkeypatch, error):
    backed_up()

    def fails(*args):
        raise error

    monkeypatch.setattr(type(app.extensions["engines"].databases()), "fetch", fails)
    row = retention.test_next()
    assert (row.state, row.finding) == ("verified", "The last test did not finish.")
    assert row.tested_at is not None
    db.session.rollback()


def test_what_is_read_or_filled_for_hours_is_not_swept_away_meanwhile(city, app, monkeypatch):
    databases, path, restore = app.extensions["engines"].databases(), backups.place_of(backed_up()), dumps.restore
    with databases.opened_backup(path) as engine:
        later(1)
        assert operations.sweep() == []
        assert read_stamp(engine) == (city.uuid, city.generation)
    assert builds() == set()
    monkeypatch.setattr(dumps, "restore", lambda *args: (restore(*args), later(1)))
    databases.fetch(path, "build_" + "a" * 32)
    assert operations.sweep() == []


def test_the_hours_work_does_all_of_it(city):
    backed_up()
    retention.hourly()
    assert listed()[0].tested_at is not None


def test_the_reaper_asks_for_it_once_an_hour():
    from portal.cli.reap import BACKUPS_EVERY, EVERY_SECONDS

    assert BACKUPS_EVERY * EVERY_SECONDS == 3600


def test_the_operation_of_a_backup_holds_no_lease_afterwards(city):
    backed_up()
    assert list(db.session.scalars(sa.select(Operation.state).where(Operation.kind == "backup"))) == ["succeeded"]
    db.session.rollback()
