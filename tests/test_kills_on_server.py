"""kill -9 in the moments that only a server has, of work whose other moments are killed on files (security.md 30, 31).

A statement is sent, or a program begun, and nobody hears how it ended: it is done all the same.
"""

import pytest

from portal.control.models import Tenant
from portal.extensions import db
from portal.migrations import head, revisions
from portal.provisioning import asking, careful, delete, operations, verify
from tests.backed_up import assert_nothing_half_made, listed
from tests.provisioned import (
    answer_of,
    assert_consistent,
    change,
    checksums,
    database,
    files,
    is_there,
    lets_in,
    query,
    request_again,
    seen_operation,
    seen_tenant,
    strays,
    sweep,
)

pytestmark = pytest.mark.postgres
OWN = {"core_identity": "", "core_hospitalprofile": ""}  # what each database has of its own


@pytest.fixture
def city(app, hospital, later):
    """City General inside an application context, whose leases have run out by this clock."""
    return hospital


def asked_by(ask, *about) -> tuple[int, int]:
    """Ask for careful work: the hospital's id and the operation's."""
    operation = ask(*about)
    db.session.commit()
    ids = operation.tenant_id, operation.id
    db.session.rollback()
    return ids


def tenant_of(tenant_id: int) -> Tenant:
    """The registry's row as it is now."""
    return db.session.get(Tenant, tenant_id, populate_existing=True)


def finish(app, operation_id: int) -> None:
    """The reaper comes by, the next worker ends what was begun, and nothing is left."""
    app.extensions["engines"].close()
    if seen_operation(operation_id).state != "succeeded":
        assert operations.reap() == [operation_id]
        assert operations.perform(operation_id)
    operation = seen_operation(operation_id)
    assert_consistent(operation)
    assert (operation.state, operation.error) == ("succeeded", None)
    app.extensions["engines"].close()
    sweep()
    assert strays() == set()


def test_a_hospital_whose_new_address_is_given_to_a_dead_worker_has_one_whole_database(app, city, kill):
    content, names = checksums(database()), ["city-general", "city-central"]
    for point in range(1, 30, 2):
        _tenant, operation_id = asked_by(careful.request_rename, tenant_of(city.id), names[1])
        outcome = kill(operation_id, point, "moves")
        here = seen_tenant(city.id).subdomain
        assert checksums(database(here)) == content
        finish(app, operation_id)
        assert (seen_tenant(city.id).subdomain, seen_tenant(city.id).closed_by) == (names[1], None)
        assert [answer_of(app, name).status_code for name in names] == [404, 302]
        assert checksums(database(names[1])) == content
        assert files() == {database(names[1]).name}
        names.reverse()
        if outcome == "survived":
            break
    assert 6 < point < 30


def test_a_hospital_that_is_given_up_while_its_old_database_is_emptied_is_open(app, city, kill):
    """The reaper lets people in again, also where nobody goes on."""
    _tenant, operation_id = asked_by(careful.request_rename, tenant_of(city.id), "city-central")
    while kill(operation_id, 1, "moves") == "killed":
        operations.reap()
        if not seen_operation(operation_id).is_active:
            break
    assert seen_operation(operation_id).state == "interrupted"
    assert seen_tenant(city.id).closed_by is None
    assert lets_in(database())
    sweep()
    assert strays() == set()
    assert answer_of(app).status_code == 302


def test_a_deleted_hospital_whose_worker_is_killed_is_in_its_backup_or_in_its_place(app, city, kill):
    content = checksums(database()) | OWN
    for point in range(1, 30, 2):
        _tenant, operation_id = asked_by(careful.request_delete, tenant_of(city.id))
        outcome = kill(operation_id, point, "moves")
        if seen_tenant(city.id).mode == "deleted":
            assert any(row.reason == "before deleting" for row in listed())
        else:
            assert checksums(database()) | OWN == content, "nothing is gone before its backup is listed"
        finish(app, operation_id)
        assert answer_of(app).status_code == 404
        assert files() == set()
        if outcome == "survived":
            break
        _tenant, back = asked_by(asking.request_restore, tenant_of(city.id), delete.kept_backup(tenant_of(city.id)))
        assert operations.perform(back)
        assert checksums(database()) | OWN == content
        app.extensions["engines"].close()
    assert_nothing_half_made()
    assert 5 < point < 30


@pytest.mark.parametrize("seams", ["moves", "programs"])
def test_a_copy_is_made_once_however_its_worker_is_killed(app, city, kill, seams):
    content = checksums(database()).keys()
    for point in range(1, 30):
        asked = careful.request_clone, tenant_of(city.id), "City Trial", f"copy-{point}"
        tenant_id, operation_id = asked_by(*asked)
        outcome = kill(operation_id, point, seams)
        finish(app, operation_id)
        assert seen_tenant(tenant_id).status == "ready"
        assert answer_of(app, f"copy-{point}").status_code == 302
        assert checksums(database(f"copy-{point}")).keys() == content
        if outcome == "survived":
            break
    assert 1 < point < 30
    assert answer_of(app).status_code == 302


def test_a_migration_whose_worker_is_killed_is_done_or_not_begun(app, city, kill):
    before, (_last, module) = revisions("tenant")[-2][0], revisions("tenant")[-1]
    tables = verify.expected_tables()[module]
    for point in range(1, 30):
        dropped = [f"DROP TABLE {table} CASCADE" for table in sorted(tables)]
        change(database(), *dropped, f"UPDATE alembic_version_tenant SET version_num = '{before}'")
        operation_id = request_again(city.id, "migrate")
        outcome = kill(operation_id, point, "migrate")
        [(revision,)] = query(database(), "SELECT version_num FROM alembic_version_tenant")
        assert revision in (before, head("tenant"))
        assert (tables <= checksums(database()).keys()) == (revision == head("tenant"))
        finish(app, operation_id)
        assert (seen_tenant(city.id).revision, seen_tenant(city.id).status) == (head("tenant"), "ready")
        assert is_there(database())
        if outcome == "survived":
            break
    assert 2 < point < 30
