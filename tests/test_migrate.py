"""One hospital brought to the newest revision: all of it, or nothing (tenancy.md T15)."""

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from portal import clock
from portal.migrations import head, revisions
from portal.provisioning import migrate, operations, verify
from portal.tenancy.databases import opening
from portal.tenancy.databases.base import DiskFailed
from tests.newer import ADD_COLUMN, FAILS_WHERE_POISONED, INSERT_POISON, WHERE_POISONED
from tests.provisioned import (
    assert_consistent,
    change,
    checksums,
    database,
    files,
    query,
    request_again,
    seen_operation,
    seen_tenant,
)

VERSION = "SELECT version_num FROM alembic_version_tenant"
ADD_AND_FILL = f"{ADD_COLUMN}\nop.execute(\"UPDATE patients_patient SET shoe_size = '38'\")"
ROW = "INSERT INTO core_sequence (name, width, value, period, period_key, prefix) VALUES ('{}', 1, 0, 'none', '', '')"


@pytest.fixture
def city(hospital, in_app):
    """City General, with nothing of it open, inside an application context."""
    in_app.extensions["engines"].close()
    return hospital


def migrated(tenant_id: int):
    """Ask for the migration and do the work; answers with the operation."""
    operation_id = request_again(tenant_id, "migrate")
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert_consistent(operation)
    return operation


def columns(table: str = "patients_patient") -> set[str]:
    return {name for _place, name, *_rest in query(database(), f"PRAGMA table_info({table})")}


def test_a_hospital_behind_head_is_migrated_and_the_registry_knows(city, newer_release):
    newest = newer_release(ADD_COLUMN)
    assert verify.verified_values(seen_tenant(city.id))["findings"]["revision"] == "behind"
    operation = migrated(city.id)
    assert operation.state == "succeeded", operation.error
    assert f"The database was brought to revision {newest}." in {row.output for row in operation.steps}
    tenant = seen_tenant(city.id)
    assert (tenant.revision, tenant.status, tenant.findings["revision"]) == (newest, "ready", "head")
    assert "shoe_size" in columns()
    assert files() == {database().name}


def test_a_hospital_at_head_is_looked_at_and_nothing_else(city):
    before = database().read_bytes()
    operation = migrated(city.id)
    assert operation.state == "succeeded", operation.error
    assert database().read_bytes() == before
    assert seen_tenant(city.id).revision == head("tenant")


def test_what_fails_leaves_the_database_as_it_was_and_says_why(app, city, newer_release):
    change(database(), INSERT_POISON)
    before, behind = checksums(database()), head("tenant")
    newest = newer_release(ADD_COLUMN, FAILS_WHERE_POISONED)
    operation = migrated(city.id)
    assert operation.state == "failed"
    assert operation.error == (
        f"Revision {newest} did not work: NOT NULL constraint failed: core_sequence.name."
        " Migrating the database did not work. Nothing was changed."
    )
    assert checksums(database()) == before
    assert "shoe_size" not in columns()
    assert files() == {database().name}
    tenant = seen_tenant(city.id)
    assert (tenant.revision, tenant.findings["revision"]) == (behind, "behind")
    change(database(), "DELETE FROM core_sequence WHERE name = 'poisoned'")
    assert migrated(city.id).state == "succeeded"


ENDS_ITSELF = "op.get_bind().connection.driver_connection.executescript('DELETE FROM auth_user_groups;')"


@pytest.mark.parametrize("then", ["", "; op.execute('SELECT nonsense')"])
def test_a_migration_that_ends_its_transaction_is_found_out_and_taken_back(city, newer_release, then):
    change(database(), INSERT_POISON)
    before = checksums(database())
    newest = newer_release(f"{ADD_AND_FILL}{WHERE_POISONED}{ENDS_ITSELF}{then}")
    operation = migrated(city.id)
    assert operation.state == "failed"
    assert f"Revision {newest} did not work: it ended its own transaction." in operation.error
    assert checksums(database()) == before
    assert files() == {database().name}


def test_what_is_said_quotes_nothing_that_people_typed(city, newer_release):
    change(database(), INSERT_POISON)
    newer_release(f"{ADD_COLUMN}{WHERE_POISONED}int('Spatz, Anna')")
    operation = migrated(city.id)
    assert "ValueError" in operation.error
    assert "Spatz" not in operation.error


def test_who_writes_meanwhile_waits_and_loses_nothing(city, newer_release, monkeypatch):
    newer_release(ADD_AND_FILL)
    done, beginning = [], threading.Event()

    def write(path):
        beginning.wait(10)
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as raw:
            raw.execute(ROW.format("written"))
            done.append(raw.execute(VERSION).fetchone())

    def saved(self, connection, real=migrate.Migrate.save):
        real(self, connection)
        beginning.set()

    monkeypatch.setattr(migrate.Migrate, "save", saved)
    writer = threading.Thread(target=write, args=[database()])
    writer.start()
    operation = migrated(city.id)
    writer.join()
    assert operation.state == "succeeded", operation.error
    assert done == [(head("tenant"),)], "it waited for the new revision"
    assert query(database(), "SELECT count(*) FROM core_sequence WHERE name = 'written'") == [(1,)]


def test_a_busy_database_is_tried_again_and_then_left_for_later(city, newer_release, monkeypatch):
    newer_release(ADD_COLUMN)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 10)
    with closing(sqlite3.connect(database(), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        operation = migrated(city.id)
        assert operation.state == "failed"
        assert operation.error.startswith("The database is busy. Try again in a moment.")
        assert operation.log.count("database_busy") == migrate.TRIES
        monkeypatch.setattr(migrate.time, "sleep", lambda seconds: holder.in_transaction and holder.execute("ROLLBACK"))
        assert migrated(city.id).state == "succeeded"


def test_a_database_of_another_hospital_or_of_a_newer_release_is_left_alone(city, newer_release):
    newer_release(ADD_COLUMN)
    change(database(), "UPDATE core_identity SET tenant_uuid = 'somebody'")
    before = checksums(database())
    assert "The database is not the one the platform created." in migrated(city.id).error
    change(database(), f"UPDATE core_identity SET tenant_uuid = '{city.uuid}'")
    change(database(), "UPDATE alembic_version_tenant SET version_num = '9999'")
    assert "The database is at revision 9999, which is not known here." in migrated(city.id).error
    assert checksums(database()) | {"core_identity": "", "alembic_version_tenant": ""} == before | {
        "core_identity": "", "alembic_version_tenant": ""
    }  # fmt: skip
    database().unlink()
    assert "The database cannot be found." in migrated(city.id).error


def test_permissions_that_came_with_the_release_are_given_to_the_roles(city, newer_release):
    change(
        database(),
        "PRAGMA foreign_keys=OFF",
        "DELETE FROM auth_group_permissions WHERE permission_id ="
        " (SELECT id FROM auth_permission WHERE module = 'patients' AND codename = 'view')",
        "DELETE FROM auth_permission WHERE module = 'patients' AND codename = 'view'",
    )
    newer_release(ADD_COLUMN)
    assert migrated(city.id).state == "succeeded"
    given = query(database(), "SELECT count(*) FROM auth_permission p JOIN auth_group_permissions g"
                              " ON g.permission_id = p.id WHERE module = 'patients' AND codename = 'view'")  # fmt: skip
    assert given[0][0] > 1


def test_what_nobody_can_look_at_afterwards_is_known_to_be_migrated(city, newer_release, monkeypatch):
    newest = newer_release(ADD_COLUMN)
    monkeypatch.setattr(verify, "examine_engine", lambda *_args, **_options: (_ for _ in ()).throw(DiskFailed("no")))
    operation = migrated(city.id)
    assert operation.state == "succeeded", operation.error
    assert (seen_tenant(city.id).revision, seen_tenant(city.id).status) == (newest, "unknown")


def test_what_is_wrong_afterwards_is_said_of_a_database_that_is_migrated(city, newer_release, monkeypatch):
    newest = newer_release(ADD_COLUMN)

    def break_after(self, real=migrate.Migrate.undo):
        change(database(), "DROP TABLE IF EXISTS patients_allergy")
        real(self)

    monkeypatch.setattr(migrate.Migrate, "undo", break_after)
    operation = migrated(city.id)
    assert operation.state == "failed"
    assert operation.error.endswith("Checking the site did not work. The database is at its newest revision.")
    assert (seen_tenant(city.id).revision, seen_tenant(city.id).status) == (newest, "incomplete")


def test_a_hospital_that_lacks_a_table_gets_it_with_the_migration_and_that_is_said(city, newer_release):
    newest = newer_release(ADD_COLUMN)
    change(database(), "DROP TABLE patients_allergy")
    operation = migrated(city.id)
    said = " ".join(row.output for row in operation.steps)
    assert f"revision {newest}. Missing tables were added: Patient Management." in said
    assert seen_tenant(city.id).status == "ready"


def take_the_last_migration_back() -> str:
    """The hospital is as it was before the newest migration of this release; answers with that revision."""
    before, (_last, module) = revisions("tenant")[-2][0], revisions("tenant")[-1]
    dropped = [f"DROP TABLE {table}" for table in verify.expected_tables()[module]]
    back = f"UPDATE alembic_version_tenant SET version_num = '{before}'"
    change(database(), "PRAGMA foreign_keys=OFF", *dropped, back)
    return before


def test_killed_at_any_point_it_leaves_the_old_or_the_new_and_is_finished_by_the_next(city, kill):
    """T15; T9."""
    point, outcome = 0, "killed"
    while outcome == "killed":
        point += 1
        before = take_the_last_migration_back()
        operation_id = request_again(city.id, "migrate")
        outcome = kill(operation_id, point, "migrate")
        [(revision,)] = query(database(), VERSION)
        found = {name for (name,) in query(database(), "SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert revision in (before, head("tenant"))
        assert ("dashboard_layout" in found) == (revision == head("tenant"))
        clock.move(timedelta(seconds=60))
        operations.reap()
        operations.perform(operation_id)
        clock.reset()
        assert seen_operation(operation_id).state == "succeeded"
        assert (seen_tenant(city.id).revision, seen_tenant(city.id).status) == (head("tenant"), "ready")
        assert files() == {database().name}
    assert outcome == "survived"
    assert point > 10
