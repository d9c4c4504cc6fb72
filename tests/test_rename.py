"""Renaming: the hospital is at its old address or at its new one, with every row, never at both and never at none."""

import sqlite3
import threading
from contextlib import ExitStack

import psycopg
import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry, Tenant, TenantAccess
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, backups, careful, leaving, operations
from portal.provisioning.registration import NameInUse, Refused, is_free
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases import sqlite
from portal.tenancy.registry import find_hospital, get_hospital, served_between
from tests.backed_up import backed_up
from tests.faults import FULL, KIND, REFUSED, failing, full_when_published, full_while_copied, nothing_removed
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    change,
    checksums,
    database,
    files,
    is_sound,
    is_there,
    put_in_the_way,
    query,
    register,
    request_again,
    seen_operation,
    seen_tenant,
    somebody,
    step_states,
    tear,
    which,
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody waits for other processes that are not there."""
    monkeypatch.setattr(leaving, "DRAIN_SECONDS", 0)


@pytest.fixture
def city(hospital, app):
    """City General inside an application context."""
    with app.app_context():
        yield hospital


def ask(tenant_id: int, wanted: str = "city-central") -> int:
    """Ask for a new address: the operation's id."""
    operation = careful.request_rename(db.session.get(Tenant, tenant_id), wanted)
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def renamed(tenant_id: int, wanted: str = "city-central"):
    """Rename and look at how that ended."""
    operation_id = ask(tenant_id, wanted)
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def test_a_renamed_hospital_is_at_its_new_address_with_every_row(app, city):
    before = checksums(database())
    backup = backed_up()
    operation = renamed(city.id)
    assert (operation.state, set(step_states(operation).values())) == ("succeeded", {"done"})
    assert_consistent(operation)
    tenant = seen_tenant(city.id)
    assert (tenant.subdomain, tenant.generation, tenant.status) == ("city-central", city.generation, "ready")
    assert (tenant.closed_by, tenant.mode) == (None, "active")
    assert tenant.epoch > city.epoch
    assert files() - {"files"} == {"hospital_city-central.db"}
    assert checksums(database("city-central")) == before
    assert answer_of(app, "city-central").status_code == 302
    assert len(seen_tenant_access(city.id)) == 1
    assert [row.reference for row in backups.backups_of(db.session.get(Tenant, city.id))] == [backup.reference]


def seen_tenant_access(tenant_id: int) -> list[int]:
    """Who administers the hospital."""
    return list(db.session.scalars(sa.select(TenantAccess.user_id).where(TenantAccess.tenant_id == tenant_id)))


def test_the_old_address_knows_no_hospital_and_is_free_again(app, city):
    renamed(city.id)
    answer = answer_of(app)
    assert (answer.status_code, "Hospital not found" in answer.text) == (404, True)
    assert is_free("city-general")
    assert not is_free("city-central")
    db.session.rollback()
    tenant_id, operation_id = register("city-general", "Another Hospital", admin="another")
    assert operations.perform(operation_id)
    assert seen_tenant(tenant_id).status == "ready"
    assert answer_of(app).status_code == answer_of(app, "city-central").status_code == 302


def test_it_is_renamed_back(app, city):
    before = checksums(database())
    renamed(city.id)
    renamed(city.id, "city-general")
    assert answer_of(app).status_code == 302
    assert checksums(database()) == before


def test_whoever_was_signed_in_signs_in_anew(app, hospital, client_with):
    browser = client_with("patients.view")
    assert browser.get("/patients/").status_code == 200
    with browser.session_transaction(base_url=browser.base_url) as session:
        kept = dict(session)
    with app.app_context():
        renamed(hospital.id)
        there = app.test_client(hospital=get_hospital("city-central"))
    with there.session_transaction(base_url=there.base_url) as session:
        session.update(kept)
    assert there.get("/patients/").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("", "Enter a subdomain"),
        ("ab", "Subdomain must be 3 characters or more"),
        ("admin", "“admin” is reserved for the platform. Choose a different subdomain"),
        ("City", "Subdomain must use only letters a to z, numbers and hyphens, and must start and end with a letter"
                 " or number"),
        ("lakeside", "“lakeside” is already used by another hospital. Choose a different subdomain"),
        ("city-general", "This is its present subdomain. Choose a different one"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_had_is_refused_in_the_words_of_creating(city, two_hospitals, wanted, sentence):
    with pytest.raises(Refused) as refusal:
        ask(city.id, wanted)
    assert refusal.value.sentence == sentence


def test_two_clicks_are_one_rename_and_another_name_waits(city):
    first = ask(city.id)
    assert ask(city.id) == first
    with pytest.raises(ProvisioningProblem, match="under way"):
        ask(city.id, "city-other")
    rows = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "rename_hospital")).all()
    assert [row.details["to"] for row in rows] == ["city-central"]
    db.session.rollback()


def test_both_names_are_taken_while_a_rename_waits(city, two_hospitals):
    ask(city.id)
    assert not is_free("city-central")
    with pytest.raises(NameInUse):
        ask(two_hospitals[1].id, "city-central")
    db.session.rollback()
    with pytest.raises(NameInUse):
        register("city-central")


def test_a_name_that_somebody_took_after_all_leaves_the_hospital_where_it_was(app, city, two_hospitals):
    operation_id = ask(city.id, "lakeview")
    db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "lakeside").values(subdomain="lakeview"))
    db.session.commit()
    before = checksums(database())
    assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert (operation.state, "already used by another hospital" in operation.error) == ("failed", True)
    assert "Nothing was changed." in operation.error
    assert answer_of(app).status_code == 302
    assert checksums(database()) == before
    assert "hospital_lakeview.db" not in files()


def test_while_it_is_moved_nobody_gets_in_and_jobs_wait(app, city, monkeypatch):
    seen = []

    def look(*args, real=KIND.copy):
        answer = answer_of(app)
        seen.append((answer.status_code, "is being worked on" in answer.text, served_between(0, 3599, 3600)))
        return real(*args)

    monkeypatch.setattr(KIND, "copy", look)
    renamed(city.id)
    assert seen == [(503, True, [])]
    assert served_between(0, 3599, 3600) == ["city-central"]


@pytest.mark.parametrize("mode", ["suspended", "maintenance", "read_only"])
def test_the_mode_stays(city, mode):
    db.session.execute(sa.update(Tenant).values(mode=mode))
    db.session.commit()
    renamed(city.id)
    tenant = seen_tenant(city.id)
    assert (tenant.mode, tenant.subdomain, tenant.status) == (mode, "city-central", "ready")


def test_what_is_saved_until_the_lock_is_taken_moves_and_what_comes_later_is_told_it_is_not_saved(city, monkeypatch):
    """Whoever was there before, or comes while the hospital is renamed, must not write into files that go."""
    begun, outcome = threading.Event(), []

    def write(raw) -> None:
        begun.set()
        try:
            raw.execute("UPDATE core_sequence SET value = 99 WHERE name = 'mrn'")
            outcome.append("saved")
        except (sqlite3.Error, psycopg.Error):
            outcome.append("refused")

    change(database(), "UPDATE core_sequence SET value = 7 WHERE name = 'mrn'")
    with ExitStack() as people:
        before = people.enter_context(somebody(database()))

        def begin(*args, real=KIND.copy):
            writer = threading.Thread(target=write, args=[people.enter_context(somebody(database()))])
            writer.start()
            people.callback(writer.join, 10)
            assert begun.wait(5)
            return real(*args)

        monkeypatch.setattr(KIND, "copy", begin)
        renamed(city.id)
        write(before)
    assert outcome == ["refused", "refused"]
    assert query(database("city-central"), "SELECT value FROM core_sequence WHERE name = 'mrn'") == [(7,)]
    assert not {name for name in files() if name.startswith("hospital_city-general")}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (full_while_copied, "The disk is full."),
        pytest.param(failing(sqlite, "sync_file", FULL), "The disk is full.", marks=pytest.mark.sqlite, id="sync"),
        (full_when_published, "The disk is full"),
        pytest.param(
            failing(sqlite, "link_file", REFUSED),
            "The hospitals folder cannot be written to.",
            marks=pytest.mark.sqlite,
            id="link",
        ),
    ],
)
def test_what_fails_before_the_move_leaves_the_hospital_where_it_was(app, city, monkeypatch, tmp_path, fault, sentence):
    before = checksums(database())
    operation_id = ask(city.id)
    with monkeypatch.context() as patched:
        fault(patched, tmp_path)
        assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert_consistent(operation)
    assert operation.error.startswith(sentence)
    assert operation.error.endswith(". Moving the database did not work. Nothing was changed.")
    assert (seen_tenant(city.id).subdomain, seen_tenant(city.id).closed_by) == ("city-general", None)
    assert answer_of(app).status_code == 302
    assert checksums(database()) == before
    assert "hospital_city-central.db" not in files()
    assert builds() == set()
    assert renamed(city.id).state == "succeeded"


def test_old_files_that_cannot_be_removed_are_removed_within_the_hour(app, city, monkeypatch):
    with monkeypatch.context() as patched:
        nothing_removed(patched)
        operation = renamed(city.id)
    assert operation.state == "succeeded"
    assert {row.output for row in operation.steps} >= {leaving.REMOVED_LATER}
    assert answer_of(app, "city-central").status_code == 302
    assert answer_of(app).status_code == 404
    assert query(database(), "SELECT * FROM core_identity") == [(city.uuid, "left")]
    leaving.forget_left()
    assert not is_there(database())
    assert answer_of(app, "city-central").status_code == 302


def test_the_hourly_look_leaves_a_database_that_took_the_old_name(city):
    renamed(city.id)
    _tenant_id, operation_id = register("city-general", "Another Hospital", admin="another")
    assert operations.perform(operation_id)
    leaving.forget_left()
    assert is_there(database())


def test_a_foreign_database_at_the_new_name_is_left_alone(app, city):
    put_in_the_way(database("city-central"))
    before = which(database("city-central"))
    operation = renamed(city.id)
    assert operation.state == "failed"
    assert "A database called hospital_city-central is there already and belongs to nobody." in operation.error
    assert which(database("city-central")) == before
    assert answer_of(app).status_code == 302


def test_a_damaged_database_is_not_moved(app, city):
    app.extensions["engines"].close()
    tear(database())
    operation = renamed(city.id)
    assert (operation.state, "The database file is damaged." in operation.error) == ("failed", True)
    assert seen_tenant(city.id).subdomain == "city-general"


def test_a_hospital_without_a_database_gets_its_address_and_then_its_database(app, in_app):
    tenant_id, _none = register(with_database=False)
    assert renamed(tenant_id).state == "succeeded"
    assert seen_tenant(tenant_id).subdomain == "city-central"
    assert operations.perform(request_again(tenant_id))
    assert answer_of(app, "city-central").status_code == 302


def test_the_python_api_renames_and_says_why_not(city):
    TenantDatabaseManager.rename_hospital("city-general", "city-central")
    db.session.rollback()
    assert find_hospital("city-general") is None
    assert find_hospital("city-central").uuid == city.uuid
    with pytest.raises(Refused, match="reserved"):
        TenantDatabaseManager.rename_hospital("city-central", "admin")
    db.session.rollback()
    with pytest.raises(LookupError):
        TenantDatabaseManager.rename_hospital("city-general", "city-other")
    db.session.rollback()


@pytest.fixture
def dead(app, hospital, later):
    """City General inside an application context, whose leases have run out by this clock."""
    return hospital


def assert_one_database(app, uuid: str, tenant_id: int) -> None:
    """Whatever the registry says now, there is a whole database of this hospital under that name."""
    subdomain = seen_tenant(tenant_id).subdomain
    assert query(database(subdomain), "SELECT tenant_uuid, generation FROM core_identity") == [
        (uuid, seen_tenant(tenant_id).generation)
    ]
    assert is_sound(database(subdomain))
    assert checksums(database(subdomain)).keys() > {"auth_user"}


@pytest.mark.sqlite
@pytest.mark.parametrize(("seams", "first"), [("moves", 1), ("moves", 2), ("moves", 3), ("pages", 1)])
def test_a_worker_killed_at_any_boundary_leaves_one_database_and_the_next_one_finishes(app, dead, kill, seams, first):
    """Every third point from the first one on: together all of them."""
    content, names = checksums(database()), ["city-general", "city-central"]
    for point in range(first, 150, 3 if seams == "moves" else 7):
        operation_id = ask(dead.id, names[1])
        outcome = kill(operation_id, point, seams)
        assert_one_database(app, dead.uuid, dead.id)
        if outcome == "survived":
            break
        assert outcome == "killed"
        if seen_operation(operation_id).state != "succeeded":
            assert answer_of(app, names[0]).status_code in (302, 404, 503)
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert_consistent(seen_operation(operation_id))
        assert seen_operation(operation_id).state == "succeeded"
        assert (seen_tenant(dead.id).subdomain, seen_tenant(dead.id).closed_by) == (names[1], None)
        assert answer_of(app, names[0]).status_code == 404
        assert answer_of(app, names[1]).status_code == 302
        app.extensions["engines"].close()
        assert checksums(database(names[1])) == content
        assert files() - {"files"} == {f"hospital_{names[1]}.db"}
        names.reverse()
    assert (20 if seams == "moves" else 2) < point < 149


@pytest.mark.sqlite
def test_a_rename_given_up_after_three_kills_leaves_a_hospital_that_is_open(app, dead, kill):
    for point in (8, 16, 24, 32, 40):
        app.extensions["engines"].close()
        here = seen_tenant(dead.id).subdomain
        operation_id = ask(dead.id, f"city-{point}")
        while kill(operation_id, point, "moves") == "killed":
            operations.reap()
            if not seen_operation(operation_id).is_active:
                break
        assert seen_operation(operation_id).state in ("interrupted", "succeeded")
        assert seen_tenant(dead.id).closed_by is None
        there = seen_tenant(dead.id).subdomain
        assert there in (here, f"city-{point}")
        assert answer_of(app, there).status_code == 302
        leaving.forget_left()
        assert {name for name in files() if name.startswith("hospital_") and name.endswith(".db")} == {
            f"hospital_{there}.db"
        }
