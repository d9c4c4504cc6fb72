"""What a PostgreSQL server lets happen to a hospital and a file does not: Verify sees it, Create mends it (T7, T17)."""

import psycopg
import pytest

from portal.provisioning import TenantDatabaseManager, looks, operations, verify
from tests.provisioned import (
    answer_of,
    change,
    checksums,
    database,
    definitions,
    expected,
    query,
    request_again,
    seen_operation,
    seen_tenant,
    without_tables,
    writer,
)

pytestmark = pytest.mark.postgres
KEY = "auth_user_groups: foreign key (group_id) to auth_group"
ADD_MEMBER = "INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 4711)"


@pytest.fixture
def city(hospital, app):
    """City General, with nothing of it open, inside an application context."""
    app.extensions["engines"].close()
    with app.app_context():
        yield hospital


def look():
    return TenantDatabaseManager.verify_hospital_database("city-general")


def created_again(tenant_id: int) -> str:
    """Press Create and do the work; answers with what was said."""
    operation_id = request_again(tenant_id)
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert operation.state == "succeeded", operation.error
    assert seen_tenant(tenant_id).status == "ready"
    return " ".join(row.output for row in operation.steps if row.output)


def in_the_way(kind: str) -> tuple[str, str, str]:
    """A statement that leaves a definition its name and takes away what it does; what is found; what is said."""
    if kind == "index":
        [one, *_others] = expected("index", "patients_patient")
        statement = f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{one.name}'::regclass"
        return statement, "different_indexes", f"Missing indexes were added: {one.name}."
    [one] = expected("trigger", "core_auditlog")
    function = query(database(), "SELECT tgfoid::regproc FROM pg_trigger WHERE tgname = ?", one.name)[0][0]
    statements = {
        "trigger": f"ALTER TABLE core_auditlog DISABLE TRIGGER {one.name}",
        "function": f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
    }
    return statements[kind], "different_triggers", f"Missing triggers were added: {one.name}."


@pytest.mark.parametrize("kind", ["index", "trigger", "function"])
def test_what_is_there_and_does_nothing_counts_as_missing_and_is_made_anew(city, kind):
    statement, key, sentence = in_the_way(kind)
    made = definitions(database())
    change(database(), statement)
    verdict = look()
    assert verdict.status == "incomplete"
    assert verdict.reason.endswith("is missing. Select Create to finish.")
    assert verdict.findings[key]["count"] >= 1
    assert sentence.rstrip(".") in created_again(city.id)
    assert definitions(database()) == made


@pytest.mark.parametrize("statement", [
    "ALTER TABLE auth_user_groups DROP CONSTRAINT fk_auth_user_groups_group_id",
    "ALTER TABLE auth_user_groups DISABLE TRIGGER ALL",
])  # fmt: skip
def test_a_key_that_nobody_keeps_to_is_missing_and_added(city, statement):
    change(database(), statement)
    verdict = look()
    assert (verdict.status, "foreign key" in verdict.reason) == ("incomplete", True)
    assert KEY in verdict.findings["missing_rules"]["names"]
    assert verdict.reason.endswith("Select Create to finish.")
    assert KEY in created_again(city.id)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        change(database(), ADD_MEMBER)


def test_rows_whose_parents_went_with_their_table_stay_and_are_counted(city):
    """A server drops the keys that refer to a table with it; those are back, and keep what comes."""
    group = "SELECT 4711, 'night', label, created_at, updated_at, version FROM auth_group LIMIT 1"
    columns = "id, name, label, created_at, updated_at, version"
    change(database(), f"INSERT INTO auth_group ({columns}) {group}", ADD_MEMBER)
    before = checksums(database())["auth_user_groups"]
    change(database(), *without_tables("auth_group"))
    assert KEY in created_again(city.id)
    assert checksums(database())["auth_user_groups"] == before
    assert look().findings["whole"]["orphans"] == {"auth_user_groups": 1}
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        change(database(), ADD_MEMBER.replace("4711", "4712"))


@pytest.mark.parametrize("statement", [
    'REVOKE ALL ON DATABASE "{0}" FROM PUBLIC, "{0}"',
    'DROP OWNED BY "{0}"; DROP ROLE "{0}"',
    'ALTER ROLE "{0}" NOLOGIN',
    """ALTER ROLE "{0}" PASSWORD 'of another key'""",
    "REVOKE USAGE ON SCHEMA public FROM portal_hospital",
    "REVOKE INSERT ON patients_patient FROM portal_hospital",
    "REVOKE ALL ON SEQUENCE patients_patient_id_seq FROM portal_hospital",
], ids=["database", "role", "login", "password", "schema", "table", "sequence"])  # fmt: skip
def test_a_hospital_that_the_server_keeps_out_is_not_ready_and_create_lets_it_in(city, app, statement):
    change(database(), statement.format(database().stem))
    verdict = look()
    assert (verdict.status, verdict.reason) == (
        "incomplete", "The server does not let the hospital use its database. Select Create to finish."
    )  # fmt: skip
    assert created_again(city.id) == "The server lets the hospital use its database again."
    assert look().status == "ready"
    assert answer_of(app).status_code < 500


def test_a_number_nobody_gives_any_more_is_named_and_create_says_that_it_cannot_mend_it(city):
    change(database(), "ALTER TABLE patients_patient ALTER COLUMN id DROP DEFAULT")
    sentence = "The column patients_patient.id is not as expected, and Create cannot change it."
    assert (look().status, look().reason) == ("incomplete", sentence)


def test_a_look_that_waits_for_somebody_ends(city, monkeypatch):
    monkeypatch.setattr(verify, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(looks, "WHOLE_SECONDS", 0.2)
    with writer(database()) as execute:
        execute("BEGIN")
        execute("LOCK TABLE patients_patient")
        verdict = look()
    assert (verdict.status, verdict.reason) == ("unknown", "The last check did not finish.")


def test_a_look_at_a_database_with_too_many_rows_ends_and_says_so(city, monkeypatch):
    monkeypatch.setattr(looks, "WHOLE_SECONDS", 0.005)
    change(database(), "CREATE TABLE theirs AS SELECT x, repeat('y', 100) AS y FROM generate_series(1, 100000) AS x")
    verdict = look()
    assert verdict.status == "ready"
    assert (verdict.findings["file"], verdict.findings["whole"]["file"]) == ("sound", "unfinished")
