"""Deleting: backed up first with all that was saved, then gone; brought back while it is kept, then forgotten."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import AuditEntry, Backup, Operation, Tenant, TenantAccess
from portal.extensions import db
from portal.kit import files as documents
from portal.provisioning import (
    TenantDatabaseManager,
    asking,
    backups,
    bulk,
    careful,
    delete,
    leaving,
    operations,
    retention,
    watch,
)
from portal.provisioning.registration import NameInUse, is_free
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases.base import ServerAway
from portal.tenancy.registry import due_outboxes, remember_outbox, served_between
from tests.backed_up import assert_nothing_half_made, backed_up, kept, listed, rewrite, within
from tests.faults import FULL, KIND, REFUSED, failing, full_while_backed_up, nothing_removed
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    change,
    checksums,
    database,
    files,
    query,
    register,
    remove,
    seen_operation,
    seen_tenant,
    spoil,
    step_states,
    tear,
)

KEPT = timedelta(days=30)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody waits for other processes that are not there."""
    monkeypatch.setattr(leaving, "DRAIN_SECONDS", 0)


@pytest.fixture
def city(hospital, app):
    """City General inside an application context."""
    with app.app_context():
        yield hospital


def ask(tenant_id: int) -> int:
    """Ask for the hospital to be deleted: the operation's id."""
    operation = careful.request_delete(db.session.get(Tenant, tenant_id))
    db.session.commit()
    operation_id = operation.id
    db.session.rollback()
    return operation_id


def deleted(tenant_id: int) -> Operation:
    """Delete and look at how that ended."""
    operation_id = ask(tenant_id)
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def bring_back(tenant_id: int) -> Operation:
    """Restore a deleted hospital from the backup that is kept of it."""
    tenant = db.session.get(Tenant, tenant_id, populate_existing=True)
    operation = asking.request_restore(tenant, delete.kept_backup(tenant))
    db.session.commit()
    operation_id = operation.id
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def databases_there() -> set[str]:
    """The hospitals' files, whatever is beside them."""
    return {name for name in files() if name.startswith(("hospital_", "build_"))}


def test_a_deleted_hospital_is_backed_up_and_gone(app, city):
    change(database(), "UPDATE core_sequence SET value = 7 WHERE name = 'mrn'")
    operation = deleted(city.id)
    assert (operation.state, set(step_states(operation).values())) == ("succeeded", {"done"})
    assert_consistent(operation)
    assert databases_there() == set()
    [backup] = listed()
    assert backup.reason == "before deleting"
    path = backups.folder_of(city.uuid) / backup.filename
    assert within(path, "SELECT value FROM core_sequence WHERE name = 'mrn'") == [(7,)]
    assert_nothing_half_made()
    tenant = seen_tenant(city.id)
    assert (tenant.mode, tenant.generation, tenant.closed_by) == ("deleted", None, None)
    assert tenant.kept_until >= clock.now() + KEPT - timedelta(minutes=1)
    answer = answer_of(app)
    assert (answer.status_code, "Hospital not found" in answer.text) == (404, True)
    assert answer.text == answer_of(app, "nobody-here").text.replace("nobody-here", "city-general")


def test_its_name_stays_taken_in_the_same_words(city):
    deleted(city.id)
    assert not is_free("city-general")
    db.session.rollback()
    with pytest.raises(NameInUse, match="“city-general” is already used by another hospital"):
        register("city-general", admin="another")
    db.session.rollback()


def test_it_is_brought_back_as_it_was(app, city):
    before = checksums(database())
    deleted(city.id)
    operation = bring_back(city.id)
    assert (operation.kind, operation.state) == ("restore", "succeeded")
    tenant = seen_tenant(city.id)
    assert (tenant.mode, tenant.status, tenant.kept_until) == ("active", "ready", None)
    assert answer_of(app).status_code == 302
    after = checksums(database())
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"core_identity", "core_hospitalprofile"}
    assert database_profile() == "City General Hospital"
    actions = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.tenant_id == city.id)).all()
    assert {"delete_hospital", "bring_back_hospital"} <= set(actions)
    db.session.rollback()


def database_profile() -> str:
    """What the hospital calls itself."""
    return query(database(), "SELECT name FROM core_hospitalprofile")[0][0]


@pytest.mark.parametrize(
    ("mode", "before", "after"),
    [
        ("read_only", "active", "read_only"),
        ("suspended", "active", "active"),
        ("maintenance", "read_only", "read_only"),
    ],
)
def test_it_comes_back_in_the_mode_of_before(city, mode, before, after):
    db.session.execute(sa.update(Tenant).values(mode=mode, mode_before=before))
    db.session.commit()
    assert deleted(city.id).state == "succeeded"
    bring_back(city.id)
    assert seen_tenant(city.id).mode == after


@pytest.mark.parametrize("kind", ["create", "verify", "backup", "rename", "delete"])
def test_nothing_else_can_be_asked_of_a_deleted_hospital(city, kind):
    deleted(city.id)
    with pytest.raises(ProvisioningProblem, match="City General Hospital is deleted"):
        asking.request(db.session.get(Tenant, city.id), kind)
    db.session.rollback()


def test_bulk_work_the_hourly_look_and_the_outbox_leave_it_alone(city):
    deleted(city.id)
    remember_outbox(city.id)
    db.session.execute(sa.update(Tenant).values(checked_at=None))
    db.session.commit()
    assert (watch.due(), due_outboxes(), served_between(0, 3599, 3600)) == ([], [], [])
    asked = bulk.request_all([db.session.get(Tenant, city.id)], "verify", "verify_hospital", None)
    assert (asked.operations, asked.ready, asked.busy) == ([], [], [])
    db.session.rollback()


def test_two_clicks_are_one_deletion(city):
    assert ask(city.id) == ask(city.id)


def test_while_it_is_deleted_it_cannot_be_brought_back(city):
    operation_id = ask(city.id)
    db.session.execute(sa.update(Tenant).values(mode="deleted", kept_until=clock.now() + KEPT))
    db.session.commit()
    tenant = db.session.get(Tenant, city.id)
    with pytest.raises(ProvisioningProblem, match="under way"):
        asking.request_restore(tenant, None)
    assert tenant.mode == "deleted"
    db.session.rollback()
    assert seen_operation(operation_id).is_active


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (full_while_backed_up, "The disk is full."),
        (failing(backups, "rename_file", FULL), "The disk is full."),
        (failing(backups, "sync_file", REFUSED), "cannot be written to."),
    ],
)
def test_without_its_backup_nothing_is_deleted(app, city, monkeypatch, tmp_path, fault, sentence):
    before = checksums(database())
    operation_id = ask(city.id)
    with monkeypatch.context() as patched:
        fault(patched, tmp_path)
        assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert_consistent(operation)
    assert sentence in operation.error
    assert operation.error.endswith("Saving the present state did not work. Nothing was changed.")
    assert answer_of(app).status_code == 302
    assert (checksums(database()), kept()) == (before, [])
    assert deleted(city.id).state == "succeeded"


def test_a_copy_that_lost_a_row_is_no_backup_to_delete_for(app, city, monkeypatch):
    def lose(tenant, build, real=backups.copy):
        counts = real(tenant, build)
        rewrite(backups.folder_of(tenant.uuid) / build, "DELETE FROM auth_user_groups")
        return counts

    monkeypatch.setattr(backups, "copy", lose)
    assert deleted(city.id).state == "failed"
    assert answer_of(app).status_code == 302
    assert listed() == []


@pytest.mark.parametrize("harm", [spoil, tear])
def test_a_database_that_cannot_be_read_is_kept_and_deleted(app, city, harm):
    app.extensions["engines"].close()
    harm(database())
    assert deleted(city.id).state == "succeeded"
    assert databases_there() == set()
    assert list(backups.folder_of(city.uuid).glob("*.unreadable"))
    assert answer_of(app).status_code == 404


@pytest.mark.sqlite
@pytest.mark.parametrize("content", [b"", b"x" * 8192])
def test_it_is_kept_byte_for_byte(app, city, content):
    app.extensions["engines"].close()
    database().write_bytes(content)
    assert deleted(city.id).state == "succeeded"
    [salvaged] = backups.folder_of(city.uuid).glob("*.unreadable")
    assert salvaged.read_bytes() == content


def test_a_hospital_whose_database_is_lost_is_deleted(app, city):
    app.extensions["engines"].close()
    remove(database())
    operation = deleted(city.id)
    assert (operation.state, "There was no database to back up." in {row.output for row in operation.steps}) == (
        "succeeded",
        True,
    )
    assert delete.kept_backup(db.session.get(Tenant, city.id)) is None
    db.session.rollback()


def test_files_that_cannot_be_removed_are_removed_within_the_hour(app, city, monkeypatch):
    with monkeypatch.context() as patched:
        nothing_removed(patched)
        operation = deleted(city.id)
    assert operation.state == "succeeded"
    assert leaving.REMOVED_LATER in {row.output for row in operation.steps}
    assert checksums(database()).keys() == {"core_identity"}
    assert delete.remove_left() == ["city-general"]
    assert databases_there() == set()


def test_the_last_backup_stays_as_long_as_the_hospital_is_kept(city):
    deleted(city.id)
    [backup] = listed()
    clock.move(KEPT - timedelta(hours=1))
    retention.hourly()
    assert [row.reference for row in listed()] == [backup.reference]
    assert bring_back(city.id).state == "succeeded"


def test_when_its_time_is_over_it_is_forgotten_and_its_name_is_free(app, city):
    kept_document = documents.folder_of(city.uuid) / "ab" / ("ab" * 16)
    kept_document.parent.mkdir(parents=True)
    kept_document.write_bytes(b"x")
    backed_up()
    deleted(city.id)
    clock.move(KEPT + timedelta(hours=1))
    retention.hourly()
    tenant = seen_tenant(city.id)
    assert (tenant.name, tenant.email, tenant.kept_until, tenant.mode) == ("Deleted hospital", "", None, "deleted")
    assert not backups.folder_of(city.uuid).exists()
    assert not documents.folder_of(city.uuid).exists()
    assert listed() == []
    assert db.session.scalars(sa.select(TenantAccess)).all() == []
    assert db.session.scalars(sa.select(AuditEntry).where(AuditEntry.tenant_id == city.id)).all()
    assert is_free("city-general")
    db.session.rollback()
    retention.hourly()
    _tenant_id, operation_id = register("city-general", admin="another")
    assert operations.perform(operation_id)
    assert answer_of(app).status_code == 302


def test_after_that_it_cannot_be_brought_back(city):
    deleted(city.id)
    [backup] = listed()
    clock.move(KEPT + timedelta(hours=1))
    tenant = db.session.get(Tenant, city.id)
    with pytest.raises(ProvisioningProblem, match="The time is over"):
        asking.request_restore(tenant, db.session.get(Backup, backup.id))
    assert delete.kept_backup(tenant) is None
    db.session.rollback()


def test_a_server_that_is_away_keeps_no_other_hospital_waiting(app, city, monkeypatch):
    """What was deleted stays so; what is left of it goes when the server answers, and other hourly work is done."""

    def away(_databases, _names):
        raise ServerAway("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(KIND, "remove", away)
        operation = deleted(city.id)
        done = []
        patched.setattr(retention, "test_next", lambda: done.append("tested"))
        retention.hourly()
    assert (operation.state, done) == ("succeeded", ["tested"])
    assert leaving.REMOVED_LATER in {row.output for row in operation.steps}
    assert delete.remove_left() == ["city-general"]
    assert databases_there() == set()


def test_work_that_does_not_do_keeps_none_of_the_others_waiting(in_app, monkeypatch):
    done = []

    def broken():
        raise RuntimeError("no")

    monkeypatch.setattr(retention, "expire", broken)
    monkeypatch.setattr(retention, "test_next", lambda: done.append("tested"))
    retention.hourly()
    assert done == ["tested"]


def test_one_hospital_that_cannot_be_forgotten_keeps_no_other_waiting(two_hospitals, app, monkeypatch):
    first, second = two_hospitals
    with app.app_context():
        deleted(first.id)
        deleted(second.id)
        clock.move(KEPT + timedelta(hours=1))

        def fail(path, real=delete.shutil.rmtree):
            if first.uuid in str(path):
                raise REFUSED
            real(path)

        monkeypatch.setattr(delete.shutil, "rmtree", fail)
        assert delete.purge() == [second.id]
        assert seen_tenant(first.id).kept_until
        monkeypatch.undo()
        assert delete.purge() == [first.id]


def test_the_python_api_deletes_and_brings_back(app, city):
    TenantDatabaseManager.delete_hospital("city-general")
    db.session.rollback()
    assert answer_of(app).status_code == 404
    [backup] = listed()
    TenantDatabaseManager.restore_hospital_database("city-general", backup.reference)
    db.session.rollback()
    assert answer_of(app).status_code == 302


@pytest.fixture
def dead(app, hospital, later):
    """City General inside an application context, whose leases have run out by this clock."""
    return hospital


@pytest.mark.sqlite
@pytest.mark.parametrize("first", [1, 2, 3])
def test_a_worker_killed_at_any_boundary_leaves_the_hospital_or_its_backup(app, dead, kill, first):
    """Every third point from the first one on: together all of them."""
    content = checksums(database()) | {"core_identity": "", "core_hospitalprofile": ""}
    for point in range(first, 150, 3):
        operation_id = ask(dead.id)
        outcome = kill(operation_id, point, "moves")
        app.extensions["engines"].close()
        if seen_tenant(dead.id).mode == "deleted":
            assert any(row.reason == "before deleting" for row in listed())
        else:
            now = checksums(database()) | {"core_identity": "", "core_hospitalprofile": ""}
            assert now == content, "nothing is gone before its backup is listed"
        if outcome == "survived":
            break
        assert outcome == "killed"
        if seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert_consistent(seen_operation(operation_id))
        assert seen_operation(operation_id).state == "succeeded"
        assert answer_of(app).status_code == 404
        assert databases_there() == set()
        assert_nothing_half_made()
        assert bring_back(dead.id).state == "succeeded"
        assert checksums(database()) | {"core_identity": "", "core_hospitalprofile": ""} == content
    assert 20 < point < 149


@pytest.mark.sqlite
def test_a_deletion_given_up_after_three_kills_leaves_a_hospital_that_is_open_or_deleted(app, dead, kill):
    for point in (6, 18, 30, 42):
        operation_id = ask(dead.id)
        while kill(operation_id, point, "moves") == "killed":
            operations.reap()
            if not seen_operation(operation_id).is_active:
                break
        tenant = seen_tenant(dead.id)
        assert tenant.closed_by is None
        app.extensions["engines"].close()
        assert answer_of(app).status_code == (404 if tenant.mode == "deleted" else 302)
        if tenant.mode == "deleted":
            delete.remove_left()
            assert databases_there() == set()
            assert bring_back(dead.id).state == "succeeded"
    assert builds() == set()
