"""Everything at once on one hospital: one after the other, and every end can be explained (security.md 35)."""

import contextvars
import subprocess
import sys

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry, Operation, Tenant
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, operations
from portal.provisioning.steps import ProvisioningProblem
from tests.backed_up import assert_nothing_half_made, backed_up
from tests.processes import ROOT, environ_of
from tests.provisioned import answer_of, assert_consistent, checksums, database, files, seen_operation, seen_tenant
from tests.test_operations import NEW, answers, at_once, browsers


@pytest.fixture
def command(settings):
    """`flask tenant create lakeside` in a process of its own."""

    def start(number: int) -> subprocess.Popen:
        own = ["--admin-username", f"cli{number}", "--admin-email", f"cli{number}@lake.test"]
        return subprocess.Popen(
            [sys.executable, *"-m flask --app wsgi tenant create --subdomain lakeside --name Lakeside".split(), *own],
            cwd=ROOT,
            env=environ_of(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def test_of_many_on_the_page_and_the_command_line_one_gets_the_subdomain(app, command):
    people, commands = browsers(app, 20), [command(number) for number in range(2)]
    got = at_once(20, lambda number: people[number].post(NEW, data=answers(number)).status_code)
    ends = [(process.communicate(timeout=120)[0], process.returncode) for process in commands]

    won = got.count(303) + sum(code == 0 for _said, code in ends)
    assert (won, set(got) <= {303, 422}) == (1, True), ends
    assert {code for _said, code in ends} <= {0, 3}, ends
    assert not any("locked" in said for said, _code in ends)
    with app.app_context():
        tenant_id = db.session.scalars(sa.select(Tenant.id)).one()
        created = sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.action == "create_hospital")
        assert db.session.scalar(created) == 1
        operation_id = db.session.scalars(sa.select(Operation.id)).one()
        operations.finish(operation_id)
        assert seen_tenant(tenant_id).status == "ready"
        assert files() == {"hospital_lakeside.db"}


def test_everything_at_once_on_one_hospital_comes_one_after_the_other(app, hospital):
    with app.app_context():
        backup = backed_up()
        before = checksums(database())
    works = [
        lambda: TenantDatabaseManager.create_hospital_database("city-general"),
        lambda: TenantDatabaseManager.verify_hospital_database("city-general"),
        lambda: TenantDatabaseManager.backup_hospital_database("city-general"),
        lambda: TenantDatabaseManager.restore_hospital_database("city-general", backup.reference),
        lambda: TenantDatabaseManager.suspend_hospital("city-general"),
        lambda: TenantDatabaseManager.resume_hospital("city-general"),
    ]

    def run(number: int) -> str:
        def alone() -> str:
            with app.app_context():
                try:
                    works[number % len(works)]()
                except ProvisioningProblem as problem:
                    return problem.sentence
                return "done"

        return contextvars.Context().run(alone)

    said = at_once(12, run)
    allowed = ("done", "Other work on this hospital is under way.", "City General Hospital is")
    assert all(sentence.startswith(allowed) for sentence in said), said
    with app.app_context():
        for operation_id in db.session.scalars(sa.select(Operation.id)).all():
            assert_consistent(seen_operation(operation_id))
            assert (seen_operation(operation_id).state, seen_operation(operation_id).attempt) == ("succeeded", 1)
        TenantDatabaseManager.resume_hospital("city-general")
        assert seen_tenant(hospital.id).status == "ready"
        assert answer_of(app).status_code == 302
        changed = {table for table, rows in checksums(database()).items() if rows != before[table]}
        assert changed <= {"core_identity"}
        assert_nothing_half_made()
