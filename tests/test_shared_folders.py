"""Machines that share folders: one leaves a mark, and the doctor of another says where it does not see it (T29)."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import Folder
from portal.extensions import db
from portal.provisioning import shared_folders
from portal.provisioning.doctor import Finding, examine
from portal.provisioning.shared_folders import BACKUPS, HOSPITALS, MARK
from tests.backed_up import backed_up

SETTINGS = {HOSPITALS: "hospitals_dir", BACKUPS: "backups_dir"}


@pytest.fixture
def machine(in_app, monkeypatch):
    """Become another machine: `machine("app2", BACKUPS_DIR=path)`, which has everything else as this one."""

    def become(name: str, **paths: Path) -> None:
        monkeypatch.setattr(shared_folders, "here", lambda: name)
        settings = in_app.extensions["settings"]
        there = replace(settings, **{SETTINGS[key]: path for key, path in paths.items()})
        monkeypatch.setitem(in_app.extensions, "settings", there)

    return become


@pytest.fixture
def marked(machine) -> None:
    """The machine “app1” left its marks, long enough ago that everybody sees them."""
    machine("app1")
    leave_all()
    clock.move(timedelta(minutes=11))


def leave_all() -> None:
    for name, path in shared_folders.places().items():
        shared_folders.leave_mark(name, path)


def marks() -> dict[str, tuple[str, str]]:
    """What the control database knows: the mark of each folder and who left it."""
    rows = db.session.execute(sa.select(Folder.name, Folder.mark, Folder.machine)).all()
    db.session.rollback()
    return {name: (mark, machine) for name, mark, machine in rows}


def told() -> list[Finding]:
    """What the doctor says of the folders and of what is kept in them."""
    return [finding for finding in examine() if finding.kind.startswith(("folder", "backup", "document"))]


def found() -> list[tuple[str, str]]:
    """The same in short."""
    return [(finding.kind, finding.subject) for finding in told()]


def test_who_sees_the_marks_says_nothing(marked, machine):
    assert set(marks()) == {HOSPITALS, BACKUPS}
    machine("app2")
    assert found() == []


@pytest.mark.parametrize("name", [HOSPITALS, BACKUPS])
def test_the_doctor_of_a_machine_with_another_folder_says_so_in_one_sentence(marked, machine, tmp_path, name):
    machine("app2", **{name: tmp_path / "elsewhere"})
    [finding] = told()
    mark, _machine = marks()[name]
    sentence = (
        f"{name} is another folder here than on app1: {tmp_path / 'elsewhere'} does not hold the mark left there."
    )
    assert finding.sentence == sentence
    assert f"write {mark} into {tmp_path / 'elsewhere' / MARK}" in finding.cure
    assert finding.mend is None


def test_backups_of_the_others_are_not_called_lost_by_a_machine_that_does_not_see_them(
    hospital, marked, machine, tmp_path
):
    backed_up()
    machine("app2", BACKUPS_DIR=tmp_path / "elsewhere")
    assert found() == [("folder-not-shared", BACKUPS)]
    machine("app1", BACKUPS_DIR=tmp_path / "backups")
    assert found() == []


def test_a_machine_whose_own_folder_is_gone_is_told_of_it_and_not_of_others(marked, machine, tmp_path):
    shutil.rmtree(tmp_path / "backups")
    [finding] = told()
    assert finding.sentence.startswith("BACKUPS_DIR is another folder than before: ")


def test_the_mark_of_somebody_else_is_no_mark(marked, tmp_path):
    (tmp_path / "backups" / MARK).write_text("of another portal\n")
    assert found() == [("folder-not-shared", BACKUPS)]


def test_a_folder_takes_the_place_of_another_by_its_mark(marked, machine, tmp_path):
    there = tmp_path / "elsewhere"
    there.mkdir()
    (there / MARK).write_text(marks()[BACKUPS][0])
    machine("app2", BACKUPS_DIR=there)
    assert found() == []


def test_a_mark_that_was_just_left_may_not_be_seen_yet(machine, tmp_path):
    machine("app1")
    leave_all()
    machine("app2", BACKUPS_DIR=tmp_path / "elsewhere")
    assert found() == []


def test_a_folder_that_cannot_be_read_is_not_called_another(marked, machine, tmp_path):
    (tmp_path / "a file").touch()
    machine("app2", BACKUPS_DIR=tmp_path / "a file")
    assert ("folder-not-shared", BACKUPS) not in found()


def test_one_machine_leaves_a_mark_and_the_others_keep_to_it(marked, machine, tmp_path):
    before = marks()
    machine("app2", BACKUPS_DIR=tmp_path / "elsewhere")
    leave_all()
    assert marks() == before
    assert not (tmp_path / "elsewhere" / MARK).exists()


def test_a_mark_that_the_control_database_has_forgotten_is_taken_over(marked, tmp_path):
    before = marks()
    db.session.execute(sa.delete(Folder))
    db.session.commit()
    leave_all()
    assert marks() == before


def test_a_folder_that_cannot_be_written_stops_nobody(machine, tmp_path):
    (tmp_path / "a file").touch()
    machine("app1", BACKUPS_DIR=tmp_path / "a file")
    leave_all()
    assert set(marks()) == {HOSPITALS}


def test_the_reaper_leaves_marks_where_machines_can_share_the_control_database(app):
    assert app.test_cli_runner().invoke(args=["reap", "--once"]).exit_code == 0
    with app.app_context():
        wanted = set() if db.engine.dialect.name == "sqlite" else {HOSPITALS, BACKUPS}
        assert set(marks()) == wanted
        for name, path in shared_folders.places().items():
            assert (path / MARK).exists() == (name in wanted)
            assert name not in wanted or (path / MARK).stat().st_mode & 0o777 == 0o600
