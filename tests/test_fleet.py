"""Many hospitals brought to the newest revision: who is behind, in which order, and when it stops (T12–T14)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import Operation, Rollout, Tenant
from portal.extensions import db
from portal.migrations import head
from portal.provisioning import asking, operations
from portal.provisioning.fleet import runs, standing, taking, work
from portal.provisioning.fleet.standing import UnknownSelector
from portal.provisioning.steps import ProvisioningProblem
from tests.fleets import begun, clinics, done, heal, migrations_of, poison, revisions, run_of
from tests.fleets import seen as look
from tests.newer import ADD_COLUMN, FAILS_WHERE_POISONED

BOTH = (ADD_COLUMN, FAILS_WHERE_POISONED)


@pytest.fixture
def five(in_app):
    """Five clinics, inside an application context."""
    clinics(5)


def names(*selectors: str) -> list[str]:
    found = [subdomain for _id, subdomain, _revision in standing.select(selectors)]
    db.session.rollback()
    return found


def change_all(**values) -> None:
    db.session.execute(sa.update(Tenant).values(values).execution_options(synchronize_session=False))
    db.session.commit()


def change(subdomain: str, **values) -> None:
    changed = sa.update(Tenant).where(Tenant.subdomain == subdomain).values(values)
    db.session.execute(changed.execution_options(synchronize_session=False))
    db.session.commit()


def test_of_thirty_hospitals_three_fail_with_their_own_error_and_alone_are_tried_again(in_app, newer_release):
    """T12; T15: a failure is its own hospital's."""
    clinics(30)
    poison(4, 17, 29)
    behind, newest = head("tenant"), newer_release(*BOTH)
    run = done(begun())
    counts = runs.counts_of(run)
    assert (run.state, counts.migrated, counts.failed, counts.left) == ("finished", 27, 3, 0)
    assert [name for name, revision in revisions().items() if revision == behind] == [
        "clinic-004", "clinic-017", "clinic-029"
    ]  # fmt: skip
    for _subdomain, error in runs.failures_of(run):
        assert error.startswith(f"Revision {newest} did not work: ")
        assert "core_sequence" in error or "name" in error
    seen = look()
    assert (seen.at_head, seen.behind, seen.failed, seen.is_whole) == (27, 3, 3, False)
    heal(4, 17)
    again = done(begun())
    assert (again.total, runs.counts_of(again).migrated) == (3, 2)
    assert migrations_of("clinic-004") == ["failed", "succeeded"]
    assert migrations_of("clinic-005") == ["succeeded"]
    assert names() == ["clinic-029"]


def test_a_run_without_anything_to_do_opens_no_database(five, monkeypatch):
    """T13: from the registry, not by opening each."""
    monkeypatch.setattr(operations, "perform", lambda operation_id: pytest.fail("opened"))
    assert names() == []
    run = done(begun())
    assert (run.state, run.total) == ("finished", 0)
    assert look().is_whole


def test_hospitals_are_selected_by_name_pattern_plan_server_and_status(five, newer_release):
    newer_release(ADD_COLUMN)
    change("clinic-003", status="incomplete")
    change("clinic-004", server="north")
    assert names("clinic-001") == ["clinic-001"]
    assert names("*-00[12]", "clinic-004") == ["clinic-001", "clinic-002", "clinic-004"]
    assert names("plan:Enterprise") == names() == [f"clinic-{number:03}" for number in range(5)]
    assert names("plan:Basic") == []
    assert names("clinic-*", "status:incomplete", "status:missing") == ["clinic-003"]
    assert names("server:north") == ["clinic-004"]
    for selector, sentence in (
        ("nobody", "There is no hospital with the subdomain “nobody”."),
        ("mode:active", "“mode:active” selects nothing: use a subdomain, a pattern, plan:…, server:… or status:…."),
        ("status:odd", "“status:odd” selects nothing: use a subdomain, a pattern, plan:…, server:… or status:…."),
    ):
        with pytest.raises(UnknownSelector) as refused:
            names(selector)
        assert str(refused.value) == sentence


def test_only_hospitals_behind_are_meant_and_each_place_is_counted(five, newer_release):
    newest = newer_release(ADD_COLUMN)
    change("clinic-000", revision=newest)
    change("clinic-001", revision="9999")
    change("clinic-002", revision=None)
    change("clinic-003", generation=None)
    seen = look()
    assert (seen.at_head, seen.newer, seen.unknown, seen.without_database, seen.behind) == (1, 1, 1, 1, 1)
    assert names() == ["clinic-004"]
    assert [(row[0], row[3]) for row in standing.not_at_head()] == [
        ("clinic-001", "newer"), ("clinic-002", "none"), ("clinic-004", "behind")
    ]  # fmt: skip
    change("clinic-004", mode="deleted")
    assert (names(), look().total) == ([], 3)


def test_a_failure_among_those_that_go_ahead_stops_the_run_before_the_others(five, newer_release):
    poison(1)
    newer_release(*BOTH)
    run = done(begun(canary=2))
    assert (run.state, run.why) == ("paused", "One of the first 2 hospitals did not work.")
    assert runs.counts_of(run).left == 3
    assert migrations_of("clinic-000") == ["succeeded"]
    assert migrations_of("clinic-002") == []
    runs.go_on(run, by_workers=False)
    db.session.commit()
    run = done(run.id)
    assert (run.state, runs.counts_of(run).migrated, runs.counts_of(run).failed) == ("finished", 4, 1)
    assert migrations_of("clinic-001") == ["failed"]


def test_the_others_wait_until_those_that_go_ahead_are_through(five, newer_release):
    newer_release(ADD_COLUMN)
    run_id = begun(canary=2)
    first = taking.take(run_id)
    assert len(first.operations) == 2
    assert taking.take(run_id) == taking.Taken([], True)
    work.carry_out(run_id, first.operations)
    assert len(taking.take(run_id).operations) == 3


def test_a_run_to_a_revision_of_a_newer_release_is_left_to_its_workers(five, newer_release):
    newer_release(ADD_COLUMN)
    run_id = begun()
    db.session.execute(sa.update(Rollout).where(Rollout.id == run_id).values(revision="9999"))
    db.session.commit()
    assert taking.take(run_id) == taking.NOTHING
    assert (run_of(run_id).state, run_of(run_id).position) == ("running", 0)


def test_every_migration_of_a_run_is_left_to_workers_of_its_release(five, newer_release):
    newest = newer_release(ADD_COLUMN)
    done(begun())
    assert set(db.session.scalars(sa.select(Operation.needs).where(Operation.kind == "migrate"))) == {newest}


def test_too_many_failures_stop_the_run_and_what_was_asked_for_is_taken_back(five, newer_release):
    poison(0, 1, 2)
    newer_release(*BOTH)
    run = done(begun(stop_after=2))
    assert (run.state, run.why) == ("paused", "2 hospitals did not work.")
    assert [migrations_of(f"clinic-{number:03}") for number in range(5)] == [
        ["failed"], ["failed"], ["cancelled"], ["cancelled"], ["cancelled"]
    ]  # fmt: skip
    assert asking.find_active(db.session.scalar(sa.select(Tenant.id).where(Tenant.subdomain == "clinic-003"))) is None
    runs.go_on(run, by_workers=False)
    db.session.commit()
    run = done(run.id)
    assert (run.state, runs.counts_of(run).migrated, runs.counts_of(run).failed) == ("finished", 2, 3)


def test_a_paused_run_begins_no_hospital_more_and_goes_on_where_it_was(five, newer_release, monkeypatch):
    newer_release(ADD_COLUMN)
    run_id = begun()

    def perform(operation_id, real=operations.perform):
        worked = real(operation_id)
        if len([1 for revision in revisions().values() if revision == head("tenant")]) == 2:
            assert runs.pause(run_id)
            db.session.commit()
        return worked

    with monkeypatch.context() as patched:
        patched.setattr(operations, "perform", perform)
        run = done(run_id)
    assert (run.state, run.why, runs.counts_of(run).migrated) == ("paused", "It was paused.", 2)
    assert not db.session.scalar(sa.select(sa.exists().where(Operation.active_key.is_not(None))))
    assert done(run_id).state == "paused"
    runs.go_on(run_of(run_id), by_workers=False)
    db.session.commit()
    assert done(run_id).state == "finished"
    assert {name: migrations_of(name).count("succeeded") for name in revisions()} == dict.fromkeys(revisions(), 1)


def test_a_cancelled_run_is_over_and_what_was_migrated_stays(five, newer_release):
    newer_release(ADD_COLUMN)
    run_id = begun()
    first = taking.take(run_id, 2)
    operations.perform(first.operations[0])
    assert runs.cancel_run(run_id)
    db.session.commit()
    run = done(run_id)
    assert (run.state, runs.counts_of(run).migrated, run.finished_at is None) == ("cancelled", 1, False)
    assert operations.perform(first.operations[1]) is False
    with pytest.raises(ProvisioningProblem, match="This run has ended"):
        runs.go_on(run, by_workers=False)
    assert not runs.pause(run_id)
    assert not runs.cancel_run(run_id)


def test_only_one_run_is_under_way_at_a_time(five, newer_release):
    newer_release(ADD_COLUMN)
    first = begun("clinic-000")
    with pytest.raises(ProvisioningProblem, match="Hospitals are being migrated already"):
        begun()
    db.session.rollback()
    runs.pause(first)
    db.session.commit()
    second = begun()
    with pytest.raises(ProvisioningProblem, match="Hospitals are being migrated already"):
        runs.go_on(run_of(first), by_workers=False)
    db.session.rollback()
    assert done(second).state == "finished"
    runs.go_on(run_of(first), by_workers=False)
    db.session.commit()
    assert done(first).state == "finished"
    assert migrations_of("clinic-000") == ["succeeded"], "somebody else had migrated it"


def test_whom_other_work_keeps_busy_comes_last(five, newer_release):
    newer_release(ADD_COLUMN)
    tenant = db.session.scalar(sa.select(Tenant).where(Tenant.subdomain == "clinic-000"))
    other = asking.request(tenant, "verify")
    db.session.commit()
    other_id = other.id
    run_id = begun()
    taken = taking.take(run_id)
    assert len(taken.operations) == 4
    work.carry_out(run_id, taken.operations)
    assert taking.take(run_id) == taking.Taken([], True)
    assert operations.perform(other_id)
    assert done(run_id).state == "finished"
    assert migrations_of("clinic-000") == ["succeeded"]


def test_the_run_of_a_command_that_ended_without_a_word_is_paused(five, newer_release):
    newer_release(ADD_COLUMN)
    run_id = begun()
    taking.take(run_id, 2)
    work.sweep()
    assert run_of(run_id).state == "running", "whoever carries it out said a moment ago that it is there"
    clock.move(timedelta(seconds=60))
    work.sweep()
    run = run_of(run_id)
    assert (run.state, run.why) == ("paused", "The command that carried it out ended.")
    assert migrations_of("clinic-001") == ["cancelled"]


def test_workers_carry_a_run_out_by_turns_behind_what_people_ask_for(five, newer_release, monkeypatch):
    newer_release(ADD_COLUMN)
    woken, put_back, waiting = [], [], []
    monkeypatch.setattr(work.queue, "enqueue_batch", lambda job, run_id: woken.append((job, run_id)))
    monkeypatch.setattr(work.queue, "is_empty", lambda name: True)
    monkeypatch.setattr(work.queue, "has_waiting", lambda *names: bool(waiting))
    monkeypatch.setattr(work.queue, "wake_for_batch", put_back.extend)
    run_id = begun(by_workers=True)
    clock.move(timedelta(seconds=60))
    work.sweep()
    assert woken == [(work.JOB, run_id)] * work.TURNS_AT_ONCE, "a run of the workers needs nobody who stays"
    waiting.append("what somebody asked for")
    work.turn(run_id)
    assert len(put_back) == 1
    assert len(put_back[0]) == 4
    assert woken[work.TURNS_AT_ONCE :] == [(work.JOB, run_id)]
    waiting.clear()
    operations.perform_each(*put_back[0])
    work.turn(run_id)
    assert run_of(run_id).state == "finished"
    assert len(woken) == work.TURNS_AT_ONCE + 1, "nothing is left of it"
    work.sweep()
    assert len(woken) == work.TURNS_AT_ONCE + 1
