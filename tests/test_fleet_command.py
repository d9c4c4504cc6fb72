"""`flask tenant migrate` and `status` as processes: exit codes, Ctrl-C, kill -9, two at once (tenancy.md T12, T13)."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal import clock
from portal.cli import tenant_migrate
from portal.control.models import Operation, Rollout
from portal.extensions import db
from portal.migrations import head
from portal.provisioning.fleet import runs
from tests import newer
from tests.fleets import begun, clinics, heal, migrations_of, poison, revisions, run_of
from tests.newer import ADD_COLUMN, FAILS_WHERE_POISONED
from tests.processes import ROOT, is_alive, wait_until
from tests.provisioned import files

COUNT = 6
USAGE, FAILED = 2, 4


class Command:
    """Commands of a newer release on this test's folders."""

    def __init__(self, folder: Path):
        self.head = f"{int(head('tenant')) + 2:04}"
        migrations = newer.write(folder / "newer", ADD_COLUMN, FAILS_WHERE_POISONED)
        self.begun: list[subprocess.Popen] = []
        self.start = [sys.executable, "-m", "tests.migrating", str(folder), str(migrations)]

    def begin(self, *arguments: str, slowly: float = 0) -> subprocess.Popen:
        """Start one, in a group of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [*self.start, str(slowly), *arguments]
        self.begun.append(subprocess.Popen(command, cwd=ROOT, process_group=0, **pipes))
        return self.begun[-1]

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of one."""
        process = self.begin(*arguments)
        said, complained = process.communicate(timeout=120)
        return process.returncode, said + "\n".join(line for line in complained.splitlines() if line[:1] != "{")

    def newest(self) -> int:
        """How many hospitals are at its newest revision, as the registry knows."""
        return list(revisions().values()).count(self.head)


@pytest.fixture
def command(in_app, tmp_path) -> Iterator[Command]:
    """Six clinics that are behind, inside an application context of the older release."""
    clinics(COUNT)
    in_app.extensions["engines"].close()
    made = Command(tmp_path)
    yield made
    for process in made.begun:
        process.kill()
        process.communicate()


def last_run() -> Rollout:
    db.session.rollback()
    return run_of(db.session.scalar(sa.select(sa.func.max(Rollout.id))))


def children_of(pid: int) -> list[int]:
    """The processes that a process began."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def assert_all_migrated_once(command: Command) -> None:
    """Every hospital is at the newest revision, by one migration that worked, and nothing is left lying about."""
    assert command.newest() == COUNT
    assert {name: migrations_of(name).count("succeeded") for name in revisions()} == dict.fromkeys(revisions(), 1)
    assert files() == {f"hospital_{name}.db" for name in revisions()}
    assert not db.session.scalar(sa.select(sa.exists().where(Operation.active_key.is_not(None))))
    db.session.rollback()


def test_it_migrates_whoever_is_behind_says_who_failed_and_touches_only_those_again(command):
    poison(2)
    code, said = command.run("migrate", "--all", "--jobs", "2", "--json")
    told = json.loads(said)
    assert (code, told["state"], told["migrated"], told["left"]) == (FAILED, "finished", COUNT - 1, 0)
    [failed] = told["failed"]
    assert failed["subdomain"] == "clinic-002"
    assert failed["error"].startswith(f"Revision {command.head} did not work: ")
    heal(2)
    assert command.run("migrate", "--all") == (
        0, f"1 migrated to revision {command.head}, 0 failed, 0 not begun.\n"
    )  # fmt: skip
    assert_all_migrated_once(command)
    assert command.run("migrate", "--all") == (0, f"No hospital is behind revision {command.head}.\n")


def test_killed_in_the_midst_it_leaves_every_hospital_whole_and_goes_on_where_it_was(command):
    process = command.begin("migrate", "--all", "--jobs", "2", slowly=0.5)
    wait_until(lambda: 0 < command.newest() < COUNT, 60)
    children = children_of(process.pid)
    process.kill()
    process.communicate()
    wait_until(lambda: not any(map(is_alive, children)))
    assert len(children) == 2
    assert 0 < command.newest() < COUNT
    assert last_run().state == "running"
    code, said = command.run("migrate", "--resume", "--jobs", "2")
    assert code == 0, said
    assert last_run().state == "finished"
    assert_all_migrated_once(command)


def test_a_killed_process_of_it_is_replaced_and_its_hospital_is_not_left_out(command):
    process = command.begin("migrate", "--all", "--jobs", "1", slowly=0.5)
    wait_until(lambda: 0 < command.newest() < COUNT, 60)
    [child] = children_of(process.pid)
    os.kill(child, signal.SIGKILL)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert_all_migrated_once(command)


def test_ctrl_c_ends_after_the_hospitals_at_hand_and_it_goes_on_where_it_was(command):
    process = command.begin("migrate", "--all", "--jobs", "2", slowly=0.5)
    wait_until(lambda: 0 < command.newest() < COUNT, 60)
    os.killpg(process.pid, signal.SIGINT)
    _said, complained = process.communicate(timeout=60)
    assert process.returncode == FAILED
    assert "It was stopped with Ctrl-C. Go on with “flask tenant migrate --resume”." in complained
    assert last_run().state == "paused"
    assert "running" not in [state for name in revisions() for state in migrations_of(name)]
    assert command.run("migrate", "--resume")[0] == 0
    assert_all_migrated_once(command)


# What needs no process: who is meant, and how it stands.


@pytest.fixture
def flask(app):
    """Runs a command in this process."""
    return lambda *arguments: app.test_cli_runner().invoke(args=["tenant", *arguments])


def test_the_status_says_at_once_whether_every_hospital_is_migrated(flask, app, newer_release):
    with app.app_context():
        clinics(2)
    old = head("tenant")
    answer = flask("status")
    assert (answer.exit_code, answer.output) == (0, f"2 of 2 hospitals are at revision {old}.\n")
    newest = newer_release(ADD_COLUMN)
    answer = flask("status")
    assert answer.exit_code == FAILED
    assert f"0 of 2 hospitals are at revision {newest}." in answer.output
    assert f"clinic-001{' ' * 45}{old}       behind" in answer.output
    told = json.loads(flask("status", "--json").output)
    assert (told["behind"], told["at_head"], told["is_whole"], told["run"]) == (2, 0, False, None)
    assert told["hospitals"][0] == {"subdomain": "clinic-000", "revision": old, "is": "behind"}


def test_a_dry_run_names_who_would_be_migrated_and_migrates_nobody(flask, app, newer_release):
    with app.app_context():
        clinics(2)
    old, newest = head("tenant"), newer_release(ADD_COLUMN)
    answer = flask("migrate", "*-001", "--dry-run")
    assert answer.output.split() == [
        "clinic-001", old, "→", newest, *f"1 hospitals are behind revision {newest}.".split()
    ]  # fmt: skip
    told = json.loads(flask("migrate", "--all", "--dry-run", "--json").output)
    assert [row["subdomain"] for row in told["behind"]] == ["clinic-000", "clinic-001"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Rollout)) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name hospitals, or write --all or --resume."),
        (("--all", "clinic-000"), "Name hospitals, or write --all or --resume."),
        (("nobody",), "There is no hospital with the subdomain “nobody”."),
        (("--resume",), "No run was stopped or killed. Begin one with --all."),
    ],
)
def test_what_means_nothing_is_refused_with_a_sentence(flask, arguments, sentence):
    answer = flask("migrate", *arguments)
    assert (answer.exit_code, answer.output.strip()) == (USAGE, sentence)


@pytest.mark.parametrize("again", ["--all", "--resume"])
def test_a_second_one_is_refused_while_somebody_is_at_the_first(flask, app, newer_release, monkeypatch, again):
    with app.app_context():
        clinics(1)
        newer_release(ADD_COLUMN)
        run_id = begun()

    def sleep(seconds: float) -> None:
        clock.move(timedelta(seconds=60))
        runs.keep_alive(run_id)

    monkeypatch.setattr(tenant_migrate.time, "sleep", sleep)
    answer = flask("migrate", again)
    assert answer.exit_code == FAILED
    assert "Hospitals are being migrated already." in answer.output
    with app.app_context():
        assert run_of(run_id).state == "running"
