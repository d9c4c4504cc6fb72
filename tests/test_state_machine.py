"""Any history of works, kills, modes and staff who save leaves hospitals that can be explained (security.md 36).

A kill is an exception nothing catches, raised at a seam of the work: its lease runs out, and the reaper finds it. A new
kind of work is one rule here.
"""

import hashlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal import clock
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.kit.models import Sequence
from portal.provisioning import asking, careful, delete, leaving, operations, recreate, watch
from portal.provisioning.modes import CHANGES, change_mode
from portal.provisioning.registration import Refused
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import HospitalReadOnly, TenantGone, in_hospital
from portal.tenancy.databases.base import DatabaseMissing, WrongDatabase
from portal.tenancy.databases.sqlite import SqliteDatabases
from portal.tenancy.registry import find_hospital
from tests import ready
from tests.killed import SEAMS
from tests.provisioned import answer_of, database, files, folder, query, register, seen_operation, seen_tenant

CITY, NEW, OTHER = "city-general", "riverside", "lakeside"
ADDRESSES = {CITY: (CITY, "city-central"), NEW: (NEW, "riverside-north")}
DANGERS = ("ask_for_an_empty_database", "ask_for_the_other_address", "ask_to_delete_or_bring_back")
HOSPITALS = st.sampled_from([CITY, NEW])
LEASE_OVER = timedelta(seconds=20)
STAFF = "SELECT name FROM core_sequence WHERE name LIKE 'staff-%'"


class Killed(BaseException):
    """The process that did the work is no more."""


class Seams:
    """Lets the work be killed at the nth seam it comes to, and closes then what the system would have closed.

    That is the connection a build keeps while it is made: nothing else of a work outlives the exception.
    """

    def __init__(self):
        self.left, self.patch, self.builds = 0, pytest.MonkeyPatch(), []
        for owner, name in {seam for kind in ("all", "copies", "pages", "recreate", "moves") for seam in SEAMS[kind]}:
            real = getattr(owner, name)
            self.patch.setattr(owner, name, self._followed(real))
        self.patch.setattr(SqliteDatabases, "build_engine", self._remembered(SqliteDatabases.build_engine))

    def _followed(self, real):
        def reached(*args, **kwargs):
            self.reach()
            answer = real(*args, **kwargs)
            self.reach()
            return answer

        return reached

    def _remembered(self, real):
        def made(*args, **kwargs):
            self.builds.append(real(*args, **kwargs))
            return self.builds[-1]

        return made

    def reach(self) -> None:
        """Pass a seam, or be killed there."""
        self.left -= 1
        if self.left == 0:
            raise Killed

    def close(self) -> None:
        """Close what a killed work was building."""
        while self.builds:
            self.builds.pop().dispose()


class Portal(RuleBasedStateMachine):
    """Two hospitals that are worked on, one that is left alone, and what must always be true of them."""

    app, blank = None, None

    def __init__(self):
        super().__init__()
        self.release()
        for path in [*folder().iterdir(), *self.app.extensions["settings"].backups_dir.glob("*/*")]:
            path.unlink()
        for path in self.app.extensions["settings"].instance_dir.glob("control.db*"):
            path.unlink()
        ready.copy(self.blank, folder().parent)
        self.seams = Seams()
        self.ids = {CITY: seen_id(CITY), NEW: register(NEW, "Riverside Hospital")[0]}
        self.written: dict[str, set[str]] = {CITY: set(), NEW: set()}
        self.in_backups: dict[str, set[str]] = {}
        self.looked_at: dict[str, tuple] = {}
        self.other_before = digest(OTHER)

    def release(self) -> None:
        """Let go of every database."""
        db.session.rollback()
        self.app.extensions["engines"].close()
        self.app.extensions["registry"].forget()
        db.engine.dispose()
        clock.reset()

    def teardown(self):
        """Whatever happened, time and Retry make every hospital Ready again, and nothing is left open."""
        self.seams.left = 0
        for where in self.ids:
            self.let_time_pass()
            self.work_on(where)
            self.bring_back(where)
            self.work_on(where)
            self.ask(where, "create")
            self.work_on(where)
            if seen_tenant(self.ids[where]).status != "ready":  # what it lost is in a backup
                self.ask_for_a_restore(where, -1)
                self.work_on(where)
            assert seen_tenant(self.ids[where]).status == "ready", seen_tenant(self.ids[where]).reason
        self.everything_can_be_explained()
        leaving.forget_left()
        delete.remove_left()
        served = {self.at(where) for where in self.ids if seen_tenant(self.ids[where]).generation}
        assert {name for name in files() if name.endswith(".db")} == {f"hospital_{one}.db" for one in (OTHER, *served)}
        self.seams.patch.undo()
        self.release()
        still_open = [name for name in open_files() if name.startswith(str(folder()))]
        assert not still_open

    # What people and the clock do.

    def at(self, where: str) -> str:
        """The subdomain a hospital has now."""
        return seen_tenant(self.ids[where]).subdomain

    def ask(self, where: str, kind: str, backup: Backup | None = None) -> None:
        """Press a button; while there is other work, that is the answer."""
        self.asked(where, lambda tenant: asking.request(tenant, kind, backup=backup))

    def asked(self, where: str, work) -> None:
        """Ask for a work; while there is other work, or the hospital is deleted, a sentence says so."""
        tenant = db.session.get(Tenant, self.ids[where], populate_existing=True)
        may_refuse = tenant.mode == "deleted" or asking.find_active(tenant.id) is not None
        try:
            work(tenant)
            db.session.commit()
        except (ProvisioningProblem, Refused):
            assert may_refuse
        finally:
            db.session.rollback()

    @rule(where=HOSPITALS, kind=st.sampled_from(["create", "verify", "backup"]))
    def ask_for_work(self, where, kind):
        """Create, Check or Back up."""
        self.ask(where, kind)

    @rule(where=HOSPITALS, which=st.integers(0, 5))
    def ask_for_a_restore(self, where, which):
        """Restore one of the hospital's backups."""
        query = sa.select(Backup).where(Backup.tenant_id == self.ids[where], Backup.state == "verified")
        backups = db.session.scalars(query.order_by(Backup.id)).all()
        if backups:
            self.ask(where, "restore", backups[which % len(backups)])
        db.session.rollback()

    @rule(where=HOSPITALS)
    def ask_for_an_empty_database(self, where):
        """Recreate."""
        self.asked(where, asking.request_recreate)

    @rule(where=HOSPITALS)
    def ask_for_the_other_address(self, where):
        """Rename, there or back."""
        [other] = set(ADDRESSES[where]) - {self.at(where)}
        self.asked(where, lambda tenant: careful.request_rename(tenant, other))

    @rule(where=HOSPITALS)
    def ask_to_delete_or_bring_back(self, where):
        """Delete; bring a deleted one back. One that never had a database could not be brought back."""
        if seen_tenant(self.ids[where]).mode == "deleted":
            self.bring_back(where)
        elif seen_tenant(self.ids[where]).generation:
            self.asked(where, careful.request_delete)

    def bring_back(self, where: str) -> None:
        """Restore a deleted hospital from the backup that is kept of it."""
        tenant = db.session.get(Tenant, self.ids[where], populate_existing=True)
        backup = delete.kept_backup(tenant)
        if backup is not None:
            self.asked(where, lambda tenant: asking.request_restore(tenant, backup))
        db.session.rollback()

    @rule(where=HOSPITALS, work=st.sampled_from(sorted(DANGERS)), seam=st.integers(1, 60))
    def begin_what_is_dangerous_and_be_killed(self, where, work, seam):
        """Recreate, rename, or delete and bring back, killed somewhere in between."""
        getattr(self, work)(where)
        self.begin_and_be_killed(where, seam)

    @rule(where=HOSPITALS)
    def work_on(self, where):
        """A worker takes what waits for this hospital, and is done."""
        for operation_id in waiting(self.ids[where]):
            assert operations.perform(operation_id)
            assert not seen_operation(operation_id).is_active

    @rule(where=HOSPITALS, seam=st.integers(1, 60))
    def begin_and_be_killed(self, where, seam):
        """A worker takes what waits, and is killed somewhere in between."""
        for operation_id in waiting(self.ids[where]):
            self.seams.left = seam
            try:
                operations.perform(operation_id)
            except Killed:
                self.seams.close()
                db.session.rollback()
                self.app.extensions["engines"].close()
                self.app.extensions["registry"].forget()
            finally:
                self.seams.left = 0

    @rule()
    def let_time_pass(self):
        """Leases run out, and the reaper looks."""
        clock.move(LEASE_OVER)
        operations.reap()
        operations.sweep()

    @rule(where=HOSPITALS)
    def look(self, where):
        """The scheduled look comes to this hospital."""
        watch.look_at(self.ids[where])

    @rule(where=HOSPITALS, change=st.sampled_from(sorted(CHANGES)))
    def change_the_mode(self, where, change):
        """Suspend, resume, maintenance, read-only, and back."""
        try:
            change_mode(db.session.get(Tenant, self.ids[where], populate_existing=True), CHANGES[change])
            db.session.commit()
        except ProvisioningProblem:
            db.session.rollback()

    @rule(where=HOSPITALS)
    def staff_save(self, where):
        """Somebody in the hospital saves something, and is told whether it is saved."""
        name = f"staff-{len(self.written[where])}"
        if self.save(where, name):
            self.written[where].add(name)

    def save(self, where: str, name: str) -> bool:
        hospital = find_hospital(self.at(where))
        if hospital is None or hospital.generation is None:
            return False
        try:
            with in_hospital(hospital):
                db.session.merge(Sequence(id=1000 + len(self.written[where]), name=name, width=6, value=0))
                db.session.commit()
        except (TenantGone, HospitalReadOnly):
            assert hospital.is_closed or hospital.read_only_since
            return False
        except (WrongDatabase, DatabaseMissing):
            assert active(self.ids[where]) or seen_tenant(self.ids[where]).status != "ready"
            return False
        assert not hospital.is_closed
        return True

    @rule(where=HOSPITALS)
    def visit(self, where):
        """Somebody opens the hospital's site: a page, or a plain sentence of why not."""
        tenant, page = seen_tenant(self.ids[where]), answer_of(self.app, self.at(where))
        if tenant.mode == "deleted":
            assert page.status_code == 404
            return
        if tenant.closed_by or tenant.mode in ("suspended", "maintenance") or tenant.generation is None:
            assert page.status_code == 503
        elif not active(self.ids[where]) and tenant.status == "ready":
            assert page.status_code == 302
        assert page.status_code in (302, 503)

    # What is always true.

    @invariant()
    def everything_can_be_explained(self):
        """The invariants of the whole portal."""
        if not self.ids:
            return
        for where, tenant_id in self.ids.items():
            self.is_worked_on_once(tenant_id)
            self.is_closed_by_nobody_who_is_gone(tenant_id)
            self.has_one_database(where, tenant_id)
            self.has_lost_nothing(where, tenant_id)
        assert digest(OTHER) == self.other_before, "a hospital that nobody touched has changed"
        assert len(self.app.extensions["engines"]) <= len(self.ids) + 1

    def is_worked_on_once(self, tenant_id):
        """At most one operation is active, and only an active one holds the hospital."""
        columns = sa.select(Operation.state, Operation.active_key).where(Operation.tenant_id == tenant_id)
        with db.engine.connect().execution_options(writing=False) as connection:
            rows = connection.execute(columns).all()
        assert sum(state in ("queued", "running") for state, _key in rows) <= 1
        assert all((state in ("queued", "running")) == (key == tenant_id) for state, key in rows)

    def is_closed_by_nobody_who_is_gone(self, tenant_id):
        """Only work that is under way keeps a hospital closed."""
        closed_by = seen_tenant(tenant_id).closed_by
        assert closed_by is None or seen_operation(closed_by).state == "running"

    def has_one_database(self, where, tenant_id):
        """One name, one file, of this hospital; and Ready is true."""
        tenant = seen_tenant(tenant_id)
        if tenant.mode == "deleted":
            assert tenant.generation is None
        elif database(tenant.subdomain).exists():
            [(uuid, _generation)] = query(
                database(tenant.subdomain), "SELECT tenant_uuid, generation FROM core_identity"
            )
            assert uuid == tenant.uuid
        else:
            assert tenant.generation is None, "a database is never missing"
        names = {name.partition(".db")[0] for name in files() if not name.startswith("build_")}
        assert names <= {f"hospital_{one}" for one in (OTHER, *ADDRESSES[CITY], *ADDRESSES[NEW])}
        if tenant.status == "ready" and not active(tenant_id):
            seen = tenant.generation, tenant.checked_at
            if self.looked_at.get(where) != seen:
                assert operations.verified_values(tenant)["status"] == "ready"
            self.looked_at[where] = seen

    def has_lost_nothing(self, where, tenant_id):
        """What staff were told is saved is in the database, or in a verified backup of it."""
        if not self.written[where]:
            return
        tenant = seen_tenant(tenant_id)
        kept = {name for (name,) in query(database(tenant.subdomain), STAFF)} if tenant.generation else set()
        if kept >= self.written[where]:
            return
        with db.engine.connect().execution_options(writing=False) as connection:
            of_hospital = sa.select(Backup.filename).where(Backup.tenant_id == tenant_id, Backup.state == "verified")
            for filename in connection.scalars(of_hospital).all():
                kept |= self.names_in(tenant.uuid, filename)
        assert kept >= self.written[where], "something that was saved is nowhere"

    def names_in(self, uuid: str, filename: str) -> set[str]:
        """What of the staff's rows a backup holds."""
        if filename not in self.in_backups:
            path = self.app.extensions["settings"].backups_dir / uuid / filename
            self.in_backups[filename] = {name for (name,) in query(path, STAFF)}
        return self.in_backups[filename]


def seen_id(subdomain: str) -> int:
    """The id of a hospital."""
    found = db.session.scalar(sa.select(Tenant.id).where(Tenant.subdomain == subdomain))
    db.session.rollback()
    return found


def waiting(tenant_id: int) -> list[int]:
    """The operations of a hospital that wait for a worker."""
    query = sa.select(Operation.id).where(Operation.tenant_id == tenant_id, Operation.state == "queued")
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def active(tenant_id: int) -> bool:
    """Work on this hospital waits or is under way."""
    found = asking.find_active(tenant_id) is not None
    db.session.rollback()
    return found


def digest(subdomain: str) -> str:
    """The bytes of a hospital's file."""
    return hashlib.sha256(database(subdomain).read_bytes()).hexdigest()


def open_files() -> list[str]:
    """The files this process has open."""
    found = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(number.readlink()))
    return found


def test_any_history_of_works_kills_and_modes_can_be_explained(in_app, two_hospitals, portal_with, monkeypatch):
    for work in (recreate, leaving):
        monkeypatch.setattr(work, "DRAIN_SECONDS", 0)  # nobody else has a hospital open
    monkeypatch.setattr(Portal, "app", in_app)
    monkeypatch.setattr(Portal, "blank", portal_with(2))
    bounds = settings(
        max_examples=12,
        stateful_step_count=25,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Portal, settings=bounds)
