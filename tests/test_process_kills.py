"""kill -9 of the real worker and its work horse before, during and after steps: the hospital is as it was, or Ready.

Tenancy.md T6, T9, T20; security.md 30, 31, 36. Every boundary is killed in `test_kills`, `test_recreate_kills` and
`test_backup_kills`; here a sample of them is, with the queue, the worker and its work horse around it.
"""

import os
import signal

import pytest

from portal import queue
from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import asking, operations
from portal.provisioning.doctor import examine, scene, server_databases
from portal.provisioning.steps import ProvisioningProblem
from tests import on_postgres
from tests.backed_up import assert_nothing_half_made, backed_up
from tests.processes import is_alive, wait_until
from tests.provisioned import builds, database, lets_in, register, seen_operation, seen_tenant, sweep
from tests.recreated import ask as ask_for_empty
from tests.recreated import fill
from tests.running import kill
from tests.test_backup_kills import OLD, RESTORED, assert_old_or_restored
from tests.test_kills import assert_nothing_half_made as assert_no_half_hospital
from tests.test_kills import assert_whole
from tests.test_recreate_kills import assert_old_or_empty, assert_open, assert_recreated
from tests.test_restore import ask as ask_for_restore
from tests.test_restore import mark, set_mark

pytestmark = pytest.mark.usefixtures("later")


@pytest.fixture(autouse=True)
def old(monkeypatch):
    """Every file is old enough for the doctor to ask whose it is."""
    for where in (scene, server_databases):
        monkeypatch.setattr(where, "YOUNG_SECONDS", 0)


class Victims:
    """The worker that runs, whom a test kills, and the one that goes on."""

    def __init__(self, running):
        self.running, self.worker = running, running.start("worker")

    def kill(self, operation_id: int, moment: str, victim: str) -> None:
        """Kill the worker, or its work horse, when the work comes to the moment; nobody goes on yet."""
        self.running.hold(moment)
        assert queue.wake(operation_id)
        horse = self.running.held()
        assert seen_operation(operation_id).worker.endswith(f":{horse}")
        if victim == "horse":
            os.kill(self.worker, signal.SIGSTOP)
            kill(horse)
        else:
            kill(self.worker, horse)

    def go_on(self) -> None:
        """The worker notices that its horse is gone; or another is started in the place of the killed one."""
        if is_alive(self.worker):
            os.kill(self.worker, signal.SIGCONT)
        else:
            self.worker = self.running.start("worker")


def noticed(operation_id: int, tenant_id: int, moment: str) -> bool:
    """The reaper has put the work back once its lease was over; until then nobody else works on the hospital (T9)."""
    operation = seen_operation(operation_id)
    if moment == "the end":
        assert (operation.state, operations.reap()) == ("succeeded", [])
        return False
    assert operation.state == "running"
    assert not operations.perform(operation_id), "the dead worker holds it until the lease is over"
    with pytest.raises(ProvisioningProblem, match="Other work on this hospital is under way"):
        asking.request_backup(db.session.get(Tenant, tenant_id))
    db.session.rollback()
    assert operations.reap() == [operation_id]
    assert seen_operation(operation_id).state == "queued"
    assert builds() == set()
    return True


def ended(operation_id: int, attempts: int) -> None:
    """The work succeeded, in so many attempts."""
    wait_until(lambda: not seen_operation(operation_id).is_active, 60)
    operation = seen_operation(operation_id)
    assert (operation.state, operation.attempt, operation.error) == ("succeeded", attempts, None)


CREATING = [
    ("reserve during", "horse"),
    ("build during", "worker"),
    ("modules after", "horse"),
    ("grant during", "horse"),
    ("check during", "worker"),
    ("check after", "horse"),
    ("the end", "worker"),
]


RECREATING = [
    ("build after", "horse"),
    ("save during", "worker"),
    ("replace during", "horse"),
    ("check before", "worker"),
]
RESTORING = [
    ("read during", "horse"),
    ("prepare during", "worker"),
    ("save after", "horse"),
    ("replace after", "worker"),
]
if on_postgres.WANTED:  # what a server does on its own goes on without its asker
    CREATING = [("build during", "worker"), ("check during", "horse")]
    RECREATING = [("replace during", "horse")]
    RESTORING = [("replace during", "worker")]


def test_a_hospital_whose_worker_is_killed_while_it_is_created_is_ready_and_nothing_is_left(app, running):
    victims = Victims(running)
    for number, (moment, victim) in enumerate(CREATING):
        subdomain = f"clinic-{number}"
        tenant_id, operation_id = register(subdomain, f"Clinic {number}")
        victims.kill(operation_id, moment, victim)
        assert_no_half_hospital(app, subdomain, tenant_id, operation_id)
        attempts = 1 + noticed(operation_id, tenant_id, moment)
        assert_no_half_hospital(app, subdomain, tenant_id, operation_id)
        victims.go_on()
        ended(operation_id, attempts)
        assert_whole(app, subdomain, tenant_id, operation_id)
        sweep()
        assert examine() == [], moment


def test_a_hospital_whose_worker_is_killed_while_it_is_recreated_is_open_with_the_old_or_the_empty_database(
    app, hospital, running
):
    victims = Victims(running)
    for moment, victim in RECREATING:
        fill()
        operation_id = ask_for_empty(hospital.id)
        victims.kill(operation_id, moment, victim)
        assert_old_or_empty(app, hospital, operation_id)
        noticed(operation_id, hospital.id, moment)
        assert_open(app, hospital)
        victims.go_on()
        ended(operation_id, 2)
        assert_recreated(app, hospital, operation_id)
        app.extensions["engines"].close()
        sweep()
        assert examine() == [], moment


def test_a_hospital_whose_worker_is_killed_while_it_is_restored_has_the_old_or_the_restored_database(
    app, hospital, running
):
    set_mark(RESTORED)
    backup, victims = backed_up(), Victims(running)
    for moment, victim in RESTORING:
        set_mark(OLD)
        operation_id = ask_for_restore(hospital.id, backup)
        victims.kill(operation_id, moment, victim)
        assert_old_or_restored(app, hospital, operation_id)
        noticed(operation_id, hospital.id, moment)
        assert lets_in(database())
        assert_old_or_restored(app, hospital, operation_id)
        victims.go_on()
        ended(operation_id, 2)
        assert (mark(), seen_tenant(hospital.id).status) == (RESTORED, "ready")
        assert_nothing_half_made()
        app.extensions["engines"].close()
        sweep()
        assert examine() == [], moment
