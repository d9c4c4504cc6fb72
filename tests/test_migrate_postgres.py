"""Migrating a hospital on a PostgreSQL server: in one transaction, and what is new is its role's too (T15, T24)."""

import psycopg
import pytest

from portal.migrations import head
from portal.provisioning import migrate, operations
from portal.tenancy.names import names_of
from tests import on_postgres
from tests.newer import ADD_COLUMN, FAILS_WHERE_POISONED, INSERT_POISON
from tests.provisioned import request_again, seen_operation, seen_tenant

pytestmark = pytest.mark.postgres
CITY = names_of("city-general", "localhost")
COLUMN = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'shoe_size'"


def inside(statement: str) -> list[tuple]:
    """What a statement finds in City General, as the server's owner."""
    with psycopg.connect(on_postgres.cluster().url, dbname=CITY.database, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def migrated(tenant_id: int):
    operation_id = request_again(tenant_id, "migrate")
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def test_a_hospital_is_migrated_and_its_role_reads_and_writes_what_is_new(hospital, in_app, newer_release):
    newest = newer_release(f"{ADD_COLUMN}\nop.create_table('patients_shoe', sa.Column('id', sa.Integer))")
    operation = migrated(hospital.id)
    assert operation.state == "succeeded", operation.error
    assert seen_tenant(hospital.id).revision == newest
    server = in_app.extensions["engines"].databases().server
    with server.connect(CITY.database, CITY.database, server.password(CITY.database)) as own:
        own.execute("INSERT INTO patients_shoe VALUES (1)")
        assert own.execute("SELECT count(*), (SELECT count(shoe_size) FROM patients_patient) FROM patients_shoe"
                           ).fetchone() == (1, 0)  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("DROP TABLE patients_shoe")


def test_what_fails_leaves_nothing_of_it(hospital, in_app, newer_release):
    inside(INSERT_POISON)
    behind = head("tenant")
    newest = newer_release(ADD_COLUMN, FAILS_WHERE_POISONED)
    operation = migrated(hospital.id)
    assert operation.state == "failed"
    assert f"Revision {newest} did not work: null value in column" in operation.error
    assert (inside(COLUMN), seen_tenant(hospital.id).revision) == ([(0,)], behind)
    inside("DELETE FROM core_sequence WHERE name = 'poisoned'")
    assert migrated(hospital.id).state == "succeeded"


def test_who_holds_a_table_is_waited_for_and_keeps_nobody_else_waiting(hospital, in_app, newer_release, monkeypatch):
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 0.2)
    newer_release(ADD_COLUMN)
    with psycopg.connect(on_postgres.cluster().url, dbname=CITY.database) as holder:
        holder.execute("SELECT count(*) FROM patients_patient")
        operation = migrated(hospital.id)
        assert operation.error.startswith("The database is busy. Try again in a moment.")
    assert migrated(hospital.id).state == "succeeded"
