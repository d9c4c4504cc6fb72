"""Hospitals on a PostgreSQL server: the same works, and each hospital's role shut out of every other database."""

import socket
import threading
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from portal.clock import now
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit.limits import at_most
from portal.provisioning import TenantDatabaseManager, leaving, operations, recreate, schema, template, verify
from portal.provisioning.backups import backups_of
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import HospitalReadOnly, in_hospital
from portal.tenancy.databases import catalog, postgres_server
from portal.tenancy.databases.base import DatabaseMissing, DatabaseUnreadable, NameTaken, ServerAway, WrongDatabase
from portal.tenancy.databases.errors import is_busy
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.names import names_of
from portal.tenancy.registry import get_hospital
from tests import on_postgres
from tests.modules import clinic
from tests.provisioned import answer_of, register, request_again, seen_operation, seen_tenant

pytestmark = pytest.mark.postgres
CITY, LAKE = names_of("city-general", "localhost"), names_of("lakeside", "localhost")


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """Nobody else has the hospital open, so nobody is waited for."""
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 0)
    monkeypatch.setattr(leaving, "DRAIN_SECONDS", 0)


@pytest.fixture
def databases(in_app) -> PostgresDatabases:
    """The server."""
    return in_app.extensions["engines"].databases()


@pytest.fixture
def city(hospital, in_app):
    """City General with a patient, inside an application context."""
    enter("Ann")
    return hospital


def enter(name: str, subdomain: str = "city-general") -> None:
    """Register a patient of a hospital."""
    with in_hospital(get_hospital(subdomain), writing=True):
        clinic.patient(name)
        db.session.commit()


def patients(subdomain: str = "city-general") -> list[str]:
    """The first names of a hospital's patients."""
    with in_hospital(get_hospital(subdomain)):
        return sorted(db.session.scalars(sa.select(Patient.first_name)))


def change(database: str, statement: str) -> None:
    """Change a database behind the portal's back, as its owner."""
    with psycopg.connect(on_postgres.cluster().url, dbname=database, autocommit=True) as connection:
        connection.execute(statement)


def as_role(databases: PostgresDatabases, role: str, database: str) -> psycopg.Connection:
    return databases.server.connect(database, role, databases.server.password(role))


# Databases and roles (T24)


def test_a_hospitals_role_enters_its_own_database_alone_and_changes_no_table(databases, two_hospitals):
    with as_role(databases, CITY.database, CITY.database) as own:
        assert own.execute("SELECT count(*) FROM patients_patient").fetchone() == (0,)
        for forbidden in ("CREATE TABLE mine (id int)", "DROP TABLE patients_patient", "TRUNCATE core_auditlog"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                own.execute(forbidden)
            own.rollback()
    with pytest.raises(DatabaseUnreadable, match="permission denied"):
        as_role(databases, CITY.database, LAKE.database)
    with pytest.raises(DatabaseUnreadable, match="authentication failed"):
        databases.server.connect(CITY.database, CITY.database, "a guess")


def test_a_published_name_is_never_given_twice(databases, hospital):
    databases.clone(template.template_name(), "build_second")
    with pytest.raises(NameTaken):
        databases.publish("build_second", CITY)
    assert databases.builds() == ["build_second"]
    assert databases.age("build_second") < 600
    databases.discard("build_second")
    databases.discard("build_second")
    assert databases.builds() == []


def test_nobody_connects_to_the_template_and_a_clone_is_what_the_migrations_make(databases, hospital):
    name = template.ensure_template(databases)
    with pytest.raises(DatabaseUnreadable, match="not currently accepting connections"):
        databases.server.connect(name)
    databases.start("build_migrated")
    template.migrate("build_migrated", on=databases)
    migrated, cloned = databases.build_engine("build_migrated"), databases.looking_engine(CITY)
    with migrated.connect() as one, cloned.connect() as other:
        assert catalog.entries_in(one) == catalog.entries_in(other)
        assert len(catalog.entries_in(one)) > 400
    databases.discard("build_migrated")


def test_a_copy_reads_as_what_it_is_a_copy_of_so_that_a_look_at_it_is_as_quick(databases, hospital):
    databases.copy(CITY, "build_copied")
    first, copied = databases.looking_engine(CITY), databases.build_engine("build_copied")
    with first.connect() as one, copied.connect() as other:
        assert catalog.entries_in(one) == catalog.entries_in(other)
    databases.discard("build_copied")


def test_a_lost_database_is_missing_and_never_made_by_opening_it(databases, app, city):
    databases.discard(CITY.database)
    app.extensions["engines"].close()
    with pytest.raises(DatabaseMissing):
        patients()
    assert not databases.exists(CITY)
    assert TenantDatabaseManager.verify_hospital_database("city-general").status == "missing"
    assert answer_of(app).status_code == 503


def test_a_server_that_does_not_answer_says_nothing_of_its_hospitals(app, city, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    gone = PostgresDatabases(sa.make_url(f"postgresql://owner:x@127.0.0.1:{port}/postgres"), "secret")
    with pytest.raises(ServerAway):
        gone.exists(CITY)
    monkeypatch.setitem(app.extensions["engines"].servers, "default", gone)
    assert TenantDatabaseManager.verify_hospital_database("city-general").status == "unknown"


def test_the_stamp_of_another_database_is_refused(databases, app, two_hospitals):
    databases.set_aside(CITY, "build_aside")
    databases.set_aside(LAKE, "build_other")
    databases.publish("build_other", CITY)
    app.extensions["engines"].close()
    with app.app_context(), pytest.raises(WrongDatabase):
        patients()


def test_a_read_only_hospital_refuses_every_change_of_its_rows(app, city):
    closed = replace(city, mode="read_only", mode_since=now())
    engine = app.extensions["engines"].get(closed, writing=True)
    with engine.connect() as connection, pytest.raises(HospitalReadOnly):
        connection.execute(sa.text("UPDATE patients_patient SET first_name = 'Eve'"))
    assert patients() == ["Ann"]


# Replacing a database that is in use


def test_what_the_server_lets_nobody_into_is_dumped_before_it_goes(databases, city, tmp_path):
    on_postgres.refuse_everybody(CITY.database)
    databases.salvage(CITY, tmp_path / "kept")
    with databases.opened_backup(tmp_path / "kept") as engine, engine.connect() as connection:
        assert connection.scalar(sa.select(Patient.first_name)) == "Ann"


def test_what_cannot_be_dumped_stays_on_the_server_as_it_is(databases, city, tmp_path):
    on_postgres.tear(CITY.database)
    databases.salvage(CITY, tmp_path / "kept")
    databases.remove(CITY)
    [there] = on_postgres.cluster().databases("unreadable\\_%")
    assert there in (tmp_path / "kept").read_text()
    assert on_postgres.inside(there, "SELECT first_name FROM patients_patient") == [("Ann",)]
    databases.forget_salvaged(tmp_path / "kept")
    assert on_postgres.cluster().databases("unreadable\\_%") == []


def test_nobody_waits_for_ever_for_a_row_that_somebody_else_holds(databases, app, in_app, monkeypatch):
    monkeypatch.setattr(postgres_server, "LIMITS", {"lock_timeout": 0.2})
    operations.perform(register("new-clinic")[1])
    enter("Ann", "new-clinic")
    query = "SELECT 1 FROM patients_patient FOR UPDATE"
    with (
        databases.server.connect("hospital_new-clinic") as somebody,
        in_hospital(get_hospital("new-clinic"), writing=True),
    ):
        somebody.execute(query)
        with pytest.raises(sa.exc.OperationalError) as refused:
            db.session.execute(sa.text(query), bind_arguments={"bind_key": "tenant"})
        assert is_busy(refused.value.orig)
        db.session.rollback()


def test_what_reads_too_long_is_stopped_and_the_transaction_goes_on(app, city):
    with in_hospital(get_hospital("city-general"), writing=True):
        clinic.patient("Ben")
        with pytest.raises(sa.exc.OperationalError), at_most(0.05):
            db.session.execute(sa.text("SELECT pg_sleep(30)"), bind_arguments={"bind_key": "tenant"})
        db.session.execute(sa.text("SELECT pg_sleep(0.1)"), bind_arguments={"bind_key": "tenant"})  # no limit any more
        db.session.commit()
    assert patients() == ["Ann", "Ben"]


def test_readers_see_the_old_content_until_the_moment_of_the_new_one_and_writers_are_refused(databases, app, city):
    def locked():
        seen.append(names("SELECT first_name FROM patients_patient"))
        with engine.connect() as connection, pytest.raises(HospitalReadOnly, match="read-only"):
            connection.execute(sa.text("UPDATE patients_patient SET first_name = 'lost'"))

    def names(query: str) -> list[str]:
        with engine.connect() as connection:
            return list(connection.scalars(sa.text(query)))

    seen, engine = [], app.extensions["engines"].get(city, writing=True)
    assert databases.copy(CITY, "build_new")["patients_patient"] == 1
    change("build_new", "UPDATE patients_patient SET first_name = 'New'")
    databases.overwrite("build_new", CITY, locked)
    assert seen == [["Ann"]]
    assert names("SELECT first_name FROM patients_patient") == ["New"]
    assert databases.builds() == []
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE patients_patient SET first_name = 'Newer'"))
    engine.dispose()


def test_what_goes_wrong_while_writers_wait_leaves_the_old_content_and_lets_them_write(databases, city):
    def fail():
        raise OSError("the backup did not work")

    databases.copy(CITY, "build_new")
    with pytest.raises(OSError, match="the backup"):
        databases.overwrite("build_new", CITY, fail)
    enter("Bea")
    assert patients() == ["Ann", "Bea"]
    databases.discard("build_new")


def test_a_backup_is_one_moment_while_others_write(databases, city, tmp_path):
    stop, written = threading.Event(), []

    def write():
        with psycopg.connect(on_postgres.cluster().url, dbname=CITY.database, autocommit=True) as connection:
            while not stop.is_set():
                with connection.transaction():
                    connection.execute("INSERT INTO core_sequence (name, prefix, width, value, period, period_key)"
                                       " VALUES (%s, '', 1, 0, 'none', '')", (f"a{len(written)}",))  # fmt: skip
                written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [databases.backup(CITY, tmp_path / f"{number}.dump") for number in range(2)]
    finally:
        stop.set()
        writer.join()
    assert counts[0]["core_sequence"] < counts[1]["core_sequence"] <= len(written) + 5
    for number, counted in enumerate(counts):
        with databases.opened_backup(tmp_path / f"{number}.dump") as engine, engine.connect() as connection:
            assert catalog.count_rows(connection) == counted
    assert databases.builds() == []


# The works of the portal


def test_a_hospital_is_created_with_every_module_and_answers(app, in_app):
    tenant_id, operation_id = register()
    assert operations.perform(operation_id)
    tenant = seen_tenant(tenant_id)
    assert (tenant.status, tenant.modules_ready, tenant.findings["stamp"]) == ("ready", 22, "same")
    assert answer_of(app).status_code == 302
    enter("Ann")
    assert patients() == ["Ann"]


def test_a_job_that_looks_at_a_hospital_makes_no_database_and_runs_no_migration(in_app, city, monkeypatch):
    def begin_a_job():
        """Each job of a worker is a process of its own."""
        schema._in_template.cache_clear()
        schema._of_modules.cache_clear()

    begin_a_job()
    verify.examine(CITY, city.uuid, city.generation)
    begin_a_job()
    monkeypatch.setattr(template, "opened", None)
    monkeypatch.setattr(schema, "_of_sqlite", None)
    assert verify.examine(CITY, city.uuid, city.generation, thorough=True).status == "ready"


def test_what_is_missing_is_named_and_added_and_every_row_stays(in_app, city):
    for statement in ("DROP TABLE contact_reply", "DROP TRIGGER core_auditlog_no_change ON core_auditlog"):
        change(CITY.database, statement)
    verdict = TenantDatabaseManager.verify_hospital_database("city-general")
    assert verdict.status == "incomplete"
    assert verdict.findings["missing_tables"]["names"] == ["contact_reply"]
    assert verdict.findings["missing_triggers"]["names"] == ["core_auditlog.core_auditlog_no_change"]
    operation = TenantDatabaseManager.create_hospital_database("city-general")
    said = " ".join(step.output for step in operation.steps)
    assert "Missing tables were added: Contact" in said
    assert "core_auditlog_no_change" in said
    db.session.rollback()
    assert TenantDatabaseManager.verify_hospital_database("city-general").status == "ready"
    assert patients() == ["Ann"]


@pytest.mark.parametrize("undo", [False, True])
def test_recreating_empties_it_after_a_backup_that_brings_everything_back(app, city, undo):
    operation = TenantDatabaseManager.recreate_hospital_database("city-general")
    assert operation.state == "succeeded"
    db.session.rollback()
    app.extensions["registry"].forget()
    assert patients() == []
    if undo:
        [backup] = backups_of(db.session.scalar(sa.select(Tenant)))
        reference = backup.reference
        db.session.rollback()
        TenantDatabaseManager.restore_hospital_database("city-general", reference)
        db.session.rollback()
        app.extensions["registry"].forget()
        assert patients() == ["Ann"]


def test_a_hospital_is_renamed_copied_and_deleted(databases, app, city):
    TenantDatabaseManager.rename_hospital("city-general", "city-central")
    db.session.rollback()
    app.extensions["registry"].forget()
    assert patients("city-central") == ["Ann"]
    TenantDatabaseManager.clone_hospital("city-central", "city-trial", "City Trial")
    db.session.rollback()
    app.extensions["registry"].forget()
    enter("Bea", "city-trial")
    assert (patients("city-trial"), patients("city-central")) == (["Ann", "Bea"], ["Ann"])
    TenantDatabaseManager.delete_hospital("city-trial")
    db.session.rollback()
    assert on_postgres.cluster().databases(*on_postgres.OURS) == ["hospital_city-central"]
    roles = on_postgres.cluster().execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'hospital\\_city%'")
    assert roles == [("hospital_city-central",)]


def test_a_failed_creation_leaves_no_database_and_no_role(databases, in_app, monkeypatch):
    def fail(*_args):
        raise OSError("gone")

    tenant_id, operation_id = register("third-house")
    with monkeypatch.context() as patched:
        patched.setattr(PostgresDatabases, "publish", fail)
        assert operations.perform(operation_id)
    assert seen_operation(operation_id).state == "failed"
    assert on_postgres.cluster().databases(*on_postgres.OURS) == []
    assert operations.perform(request_again(tenant_id))
    assert seen_tenant(tenant_id).status == "ready"


def test_a_database_of_nobody_is_not_adopted(databases, in_app):
    _tenant_id, operation_id = register()
    databases.start("build_foreign")
    databases.publish("build_foreign", CITY)
    assert operations.perform(operation_id)
    assert "is there already and belongs to nobody" in seen_operation(operation_id).error
    with pytest.raises(ProvisioningProblem):
        TenantDatabaseManager.create_hospital_database("city-general")
    assert verify.examine(CITY, "x", "y").status == "missing"
