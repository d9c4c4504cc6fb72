"""Create on a database that is there adds what is missing, names it, and never touches a row (tenancy.md T7)."""

import contextvars
import threading

import pytest

from portal import migrations
from portal.migrations import head, revisions
from portal.provisioning import TenantDatabaseManager, operations, repair, verify
from portal.provisioning.steps import ProvisioningProblem
from tests.filled_tables import fill_hospital, remove_orphans
from tests.provisioned import (
    DRIVERS_ERRORS,
    change,
    checksums,
    content_of,
    database,
    definitions,
    expected,
    query,
    request_again,
    seen_operation,
    seen_tenant,
    without_tables,
    without_trigger,
    writer,
)

KEPT = " Setting up modules did not work. The database was kept as it was."
PATIENTS = "Patient Management"


@pytest.fixture
def city(hospital, app):
    """City General with rows in every table, with nothing of it open, inside an application context."""
    app.extensions["engines"].close()
    with app.app_context():
        fill_hospital(app, hospital, "Spatz")
        change(database(), "DELETE FROM auth_user_groups WHERE user_id > 1")
        remove_orphans(database())
        yield hospital


def created_again(tenant_id: int):
    """Press Create and do the work; answers with the operation."""
    operation_id = request_again(tenant_id)
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def said(operation) -> list[str]:
    """What the steps put out."""
    return [row.output for row in operation.steps if row.output]


def an_index() -> str:
    """The name of an index."""
    return expected("index", "patients_patient")[0].name


def older_by_one() -> list[str]:
    """Statements that take the last migration back: its tables and its revision."""
    _last, module = revisions("tenant")[-1]
    tables = verify.expected_tables()[module]
    before = revisions("tenant")[-2][0]
    return [*without_tables(*tables), f"UPDATE alembic_version_tenant SET version_num = '{before}'"]


DAMAGES = {
    "a dropped table": lambda: (
        without_tables("patients_allergy"), f"Missing tables were added: {PATIENTS}."
    ),
    "a missing module": lambda: (
        without_tables(*verify.expected_tables()["feedback"]), "Missing tables were added: Feedback System."
    ),
    "a missing index": lambda: (
        [f"DROP INDEX {an_index()}"],
        f"Missing indexes were added: {an_index()}.",
    ),
    "missing triggers": lambda: (
        [without_trigger(trigger) for trigger in expected("trigger", "core_auditlog")],
        f"Missing triggers were added: {', '.join(one.name for one in expected('trigger', 'core_auditlog'))}.",
    ),
    "an index of that name on something else": lambda: (
        [
            f"DROP INDEX {an_index()}",
            f"CREATE INDEX {an_index()} ON patients_patient (id)",
        ],
        f"Missing indexes were added: {an_index()}.",
    ),
    "a pending migration": lambda: (older_by_one(), f"The database was brought to revision {head('tenant')}."),
    "everything at once": lambda: (
        [*older_by_one(), *without_tables("patients_allergy"), f"DROP INDEX {an_index()}"],
        f"The database was brought to revision {head('tenant')}. Missing tables were added: {PATIENTS}."
        f" Missing indexes were added: {an_index()}.",
    ),
}  # fmt: skip
EACH_DAMAGE = pytest.mark.parametrize("damage", DAMAGES)


def without_seeds(found: dict[str, str]) -> dict[str, str]:
    """The checksums of the tables that hold people's rows; the version table says the revision."""
    return {table: digest for table, digest in found.items() if table != migrations.tree_version_table("tenant")}


@EACH_DAMAGE
def test_what_is_missing_is_added_and_named_and_every_row_stays(city, damage):
    statements, sentence = DAMAGES[damage]()
    change(database(), *statements)
    before = without_seeds(checksums(database()))
    operation = created_again(city.id)
    assert (operation.state, said(operation)) == ("succeeded", [sentence])
    after = checksums(database())
    assert {table: after[table] for table in before} == before
    assert seen_tenant(city.id).status == "ready"
    assert not [key for key in seen_tenant(city.id).findings if key.startswith(("missing", "different"))]


@EACH_DAMAGE
def test_create_mends_while_somebody_writes_and_loses_no_row(city, app, damage):
    statements, _sentence = DAMAGES[damage]()
    change(database(), *statements)
    before = {table: digest for table, digest in checksums(database()).items() if table != "core_sequence"}
    before = without_seeds(before)
    stop, written, problems = threading.Event(), [], []

    def write():
        with writer(database_path) as write_one:
            while not stop.wait(0.01) or not written:
                name = f"written-{len(written)}"
                try:
                    write_one(
                        "INSERT INTO core_sequence (name, width, value, period, period_key, prefix)"
                        f" VALUES ('{name}', 1, 0, 'none', '', '')"
                    )
                    written.append(name)
                except DRIVERS_ERRORS as error:
                    problems.append(error)
                    return

    database_path = database()
    thread = threading.Thread(target=write)
    thread.start()
    try:
        operation = created_again(city.id)
    finally:
        stop.set()
        thread.join()
    assert (operation.state, problems) == ("succeeded", [])
    after = checksums(database())
    assert {table: after[table] for table in before} == before
    assert {name for (name,) in query(database(), "SELECT name FROM core_sequence")} >= set(written)


def test_create_on_a_ready_database_writes_nothing(city):
    before = content_of(database())
    operation = created_again(city.id)
    assert (operation.state, said(operation)) == ("succeeded", [])
    assert content_of(database()) == before


def test_a_missing_column_that_may_be_empty_is_added(city):
    change(database(), "ALTER TABLE patients_patient DROP COLUMN middle_name")
    rows = query(database(), "SELECT id, last_name, first_name FROM patients_patient ORDER BY id")
    operation = created_again(city.id)
    assert said(operation) == ["Missing columns were added: patients_patient.middle_name."]
    assert query(database(), "SELECT id, last_name, first_name FROM patients_patient ORDER BY id") == rows
    assert seen_tenant(city.id).status == "ready"


def test_a_missing_column_that_may_not_be_empty_is_named_and_nothing_is_changed(city):
    """Nobody can make up what was in it."""
    change(database(), "ALTER TABLE core_hospitalprofile DROP COLUMN legal_name", *without_tables("patients_allergy"))
    before = content_of(database())
    operation = created_again(city.id)
    assert operation.error == "The column core_hospitalprofile.legal_name is missing and cannot be added." + KEPT
    assert content_of(database()) == before


def test_what_a_repair_did_before_it_failed_is_taken_back(city, monkeypatch):
    change(database(), *DAMAGES["everything at once"]()[0])
    before, made = checksums(database()), definitions(database())

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(repair.seed, "seed_reference", full)
    assert created_again(city.id).error == "The disk is full." + KEPT
    assert checksums(database()) == before
    assert definitions(database()) == made


def test_an_older_revision_that_does_not_fit_what_is_there_is_refused_in_words(city):
    change(database(), "UPDATE alembic_version_tenant SET version_num = '0001'")
    before = checksums(database())
    operation = created_again(city.id)
    assert operation.error == "The migrations from revision 0001 on do not fit the database." + KEPT
    assert checksums(database()) == before


def test_a_hospital_without_its_stamp_is_not_taken_over(city):
    change(database(), *without_tables("core_identity"))
    before = content_of(database())
    with pytest.raises(ProvisioningProblem, match="is there already and belongs to nobody"):
        TenantDatabaseManager.create_hospital_database("city-general")
    assert content_of(database()) == before
    assert seen_tenant(city.id).reason == "The database does not say which hospital it belongs to."


def test_people_who_have_the_hospital_open_meet_what_was_added(city, app, client_with):
    browser = client_with("patients.view", hospital=city)
    path = database()

    def opened() -> int:
        return contextvars.Context().run(lambda: browser.get("/patients/").status_code)

    assert opened() == 200
    change(path, *without_tables("patients_allergy", "patients_patient"))
    created_again(city.id)
    assert opened() == 200
