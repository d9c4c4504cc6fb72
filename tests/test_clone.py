"""Cloning: a hospital of its own with all that another one held at one moment, which sends nothing unless told to."""

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry, Tenant
from portal.extensions import db
from portal.kit import files as live_files
from portal.kit import outbox
from portal.kit.events import on
from portal.kit.models import Event, EventDelivery
from portal.provisioning import TenantDatabaseManager, careful, documents, operations
from portal.provisioning.clone import HELD_BACK
from portal.provisioning.registration import Refused
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import in_hospital
from portal.tenancy.databases import sqlite
from portal.tenancy.registry import get_hospital
from tests.faults import FULL, failing, full_when_published, full_while_copied
from tests.provisioned import (
    answer_of,
    assert_consistent,
    builds,
    change,
    checksums,
    database,
    files,
    query,
    seen_operation,
    seen_tenant,
    step_states,
    tear,
)

OWN = {"core_identity", "core_hospitalprofile"}


@pytest.fixture
def city(hospital, app):
    """City General inside an application context."""
    with app.app_context():
        yield hospital


def ask(tenant_id: int, subdomain: str = "city-trial", **more) -> tuple[int, int]:
    """Ask for a copy: the new hospital's id and the operation's."""
    operation = careful.request_clone(db.session.get(Tenant, tenant_id), "City Trial", subdomain, **more)
    db.session.commit()
    ids = operation.tenant_id, operation.id
    db.session.rollback()
    return ids


def cloned(tenant_id: int, subdomain: str = "city-trial", **more):
    """Copy a hospital and look at how that ended."""
    _tenant_id, operation_id = ask(tenant_id, subdomain, **more)
    assert operations.perform(operation_id)
    return seen_operation(operation_id)


def test_a_copy_holds_everything_under_a_name_and_identity_of_its_own(app, city):
    before = checksums(database())
    operation = cloned(city.id)
    assert (operation.state, set(step_states(operation).values())) == ("succeeded", {"done"})
    assert_consistent(operation)
    copy = seen_tenant(operation.tenant_id)
    assert (copy.status, copy.is_neutralised, copy.copy_of) == ("ready", True, "City General Hospital")
    assert copy.uuid != city.uuid
    assert query(database("city-trial"), "SELECT tenant_uuid, generation FROM core_identity") == [
        (copy.uuid, copy.generation)
    ]
    assert query(database("city-trial"), "SELECT name FROM core_hospitalprofile") == [("City Trial",)]
    after = checksums(database("city-trial"))
    assert {table for table in before if before[table] != after[table]} == OWN
    assert checksums(database()) == before
    assert answer_of(app).status_code == answer_of(app, "city-trial").status_code == 302
    assert builds() == set()


def test_neither_sees_what_is_done_in_the_other(city):
    cloned(city.id)
    change(database("city-trial"), "UPDATE core_sequence SET value = 99 WHERE name = 'mrn'")
    assert query(database(), "SELECT value FROM core_sequence WHERE name = 'mrn'") == [(0,)]


def test_documents_are_there_in_both(city):
    with in_hospital(get_hospital("city-general")):
        kept = live_files.keep(b"a letter")
    columns = "content_type, object_id, file_key, filename, mime, size, sha256, kind, created_at, updated_at, version"
    values = f"'x', 1, '{kept.file_key}', 'a', 'text/plain', 8, '{kept.sha256}', 'k', '2026-01-01', '2026-01-01', 1"
    change(database(), f"INSERT INTO core_attachment ({columns}) VALUES ({values})")
    operation = cloned(city.id)
    uuid = seen_tenant(operation.tenant_id).uuid
    for owner in (city.uuid, uuid):
        assert (live_files.folder_of(owner) / kept.file_key[:2] / kept.file_key).read_bytes() == b"a letter"


def test_what_waited_in_the_source_is_held_back_in_the_copy(city):
    with in_hospital(city):
        db.session.add(Event(name="x", payload={}, attempts=0))
        db.session.commit()
    cloned(city.id, neutralise=False)
    waiting = "SELECT next_try_at, last_error FROM core_event WHERE name = 'x'"
    assert query(database("city-trial"), waiting) == [(None, HELD_BACK)]
    assert query(database(), waiting)[0][0] is not None


@pytest.fixture
def handlers(monkeypatch):
    """Two later handlers of an event: one sends something out, the other does not; what ran."""
    from portal.kit import events

    monkeypatch.setattr(events, "_later", events.defaultdict(list))
    monkeypatch.setattr(events, "_outward", set())
    ran = []

    @on("trial.happened", later=True, outward=True)
    def send(**payload):
        ran.append("sent")

    @on("trial.happened", later=True)
    def count(**payload):
        ran.append("counted")

    return ran


def happened(subdomain: str) -> None:
    """The event, in this hospital's outbox."""
    with in_hospital(get_hospital(subdomain)):
        db.session.add(Event(name="trial.happened", payload={}, attempts=0))
        db.session.commit()
    db.session.rollback()


def left(subdomain: str) -> list[tuple]:
    """What the outbox says of each event."""
    return query(database(subdomain), "SELECT last_error, next_try_at FROM core_event ORDER BY id")


def test_a_copy_sends_nothing_and_says_so_while_all_else_is_done(city, handlers):
    cloned(city.id)
    happened("city-trial")
    assert outbox.deliver("city-trial") == 1
    assert handlers == ["counted"]
    assert left("city-trial") == [(outbox.NOT_SENT, None)]
    happened("city-general")
    assert outbox.deliver("city-general") == 2
    assert left("city-general") == [("", None)]


def test_once_it_may_send_what_was_not_sent_can_be_tried_again(city, handlers):
    operation = cloned(city.id)
    happened("city-trial")
    outbox.deliver("city-trial")
    assert careful.end_neutralised(db.session.get(Tenant, operation.tenant_id))
    assert not careful.end_neutralised(db.session.get(Tenant, operation.tenant_id))
    db.session.commit()
    with in_hospital(get_hospital("city-trial")):
        outbox.try_again(db.session.scalars(sa.select(Event)).one())
        db.session.commit()
    assert outbox.deliver("city-trial") == 1
    assert handlers == ["counted", "sent"]
    with in_hospital(get_hospital("city-trial"), writing=False):
        assert db.session.scalar(sa.select(sa.func.count(EventDelivery.id))) == 2
    actions = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.tenant_id == operation.tenant_id)).all()
    assert actions.count("end_neutralised") == 1
    db.session.rollback()


def test_what_reaches_out_at_once_cannot_be_declared():
    with pytest.raises(ValueError, match="is done later"):
        on("trial.happened", outward=True)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("admin", "is reserved for the platform"),
        ("city-general", "is already used by another hospital"),
        ("a", "Subdomain must be 3 characters or more"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused(city, wanted, sentence):
    with pytest.raises(Refused, match=sentence):
        ask(city.id, wanted)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Tenant.id))) == 1
    db.session.rollback()


@pytest.mark.parametrize(
    "fault",
    [
        full_while_copied,
        pytest.param(failing(sqlite, "sync_file", FULL), marks=pytest.mark.sqlite, id="sync"),
        full_when_published,
        pytest.param(failing(documents, "share", FULL), id="documents"),
    ],
)
def test_a_copy_that_fails_leaves_nothing_and_is_tried_again(app, city, monkeypatch, tmp_path, fault):
    tenant_id, operation_id = ask(city.id)
    with monkeypatch.context() as patched:
        fault(patched, tmp_path)
        assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert_consistent(operation)
    assert (operation.state, operation.error.startswith("The disk is full")) == ("failed", True)
    assert {file for file in files() if "trial" in file or file.startswith("build_")} == set()
    assert answer_of(app, "city-trial").status_code == 503
    tenant = db.session.get(Tenant, tenant_id)
    again = careful.request_clone_again(tenant, careful.begun_clone(tenant))
    db.session.commit()
    assert operations.perform(again.id)
    assert seen_tenant(tenant_id).status == "ready"
    assert careful.begun_clone(db.session.get(Tenant, tenant_id, populate_existing=True)) is None
    db.session.rollback()


def test_a_damaged_hospital_is_not_copied(app, city):
    app.extensions["engines"].close()
    tear(database())
    operation = cloned(city.id)
    assert operation.state == "failed"
    assert "City General Hospital cannot be copied: The database file is damaged." in operation.error


def test_a_deleted_hospital_is_not_copied(city):
    db.session.execute(sa.update(Tenant).values(mode="deleted", generation=None))
    db.session.commit()
    with pytest.raises(ProvisioningProblem, match="has no database to copy"):
        ask(city.id)
    db.session.rollback()


def test_the_python_api_copies(app, city):
    TenantDatabaseManager.clone_hospital("city-general", "city-trial", "City Trial", neutralise=False)
    db.session.rollback()
    assert not get_hospital("city-trial").is_neutralised
    assert answer_of(app, "city-trial").status_code == 302


@pytest.mark.sqlite
def test_a_copy_is_made_once_however_often_its_worker_is_killed(app, hospital, later, kill):
    for point in range(1, 100, 4):
        tenant_id, operation_id = ask(hospital.id, f"copy-{point}")
        outcome = kill(operation_id, point, "moves")
        if outcome == "killed" and seen_operation(operation_id).state != "succeeded":
            assert operations.reap() == [operation_id]
            assert operations.perform(operation_id)
        assert seen_tenant(tenant_id).status == "ready"
        assert answer_of(app, f"copy-{point}").status_code == 302
        assert builds() == set()
        if outcome == "survived":
            break
    assert 12 < point < 99
    assert answer_of(app).status_code == 302
