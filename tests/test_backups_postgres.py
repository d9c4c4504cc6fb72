"""Backups of a PostgreSQL server: what its programs say, and what nobody can read any more (tenancy.md T23, T24)."""

import os
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from portal import clock
from portal.control.models import Backup, Tenant
from portal.extensions import db
from portal.provisioning import backups, leaving, recreate, retention
from portal.provisioning.doctor import examine, repair, scene
from portal.provisioning.manager import TenantDatabaseManager
from portal.provisioning.steps import ProvisioningProblem
from tests import on_postgres
from tests.backed_up import backed_up, kept, listed
from tests.provisioned import database, is_there, query, seen_operation
from tests.test_delete import KEPT, deleted
from tests.test_restore import assert_kept_beside_the_backups, restored

pytestmark = pytest.mark.postgres


@pytest.fixture
def city(hospital, app):
    """City General inside an application context."""
    with app.app_context():
        yield hospital


@pytest.fixture
def damaged(city, app, monkeypatch):
    """City General, of which a page cannot be read any more; nobody waits for other processes."""
    monkeypatch.setattr(leaving, "DRAIN_SECONDS", 0)
    app.extensions["engines"].close()
    on_postgres.spoil_table(database().stem, "auth_permission")
    return city


OF_THE_SERVER = [
    "could not execute query: ERROR:  could not extend file: No space left on device",
    'connection to server at "127.0.0.1", port 1 failed: Connection refused',
    "could not execute query: server closed the connection unexpectedly",
]


@pytest.fixture
def says(tmp_path, monkeypatch):
    """PostgreSQL's programs only say something, and fail: `says(words)`; without words there are none."""

    def say(words: str | None) -> None:
        programs = tmp_path / "programs"
        programs.mkdir()
        monkeypatch.setenv("PATH", str(programs))
        for name in ("pg_dump", "pg_restore") if words else ():
            (programs / name).write_text(f"#!/bin/sh\necho '{name}: error: {words}' >&2\nexit 1\n")
            (programs / name).chmod(0o755)

    return say


@pytest.mark.parametrize("words", [*OF_THE_SERVER, None])
def test_a_server_that_is_away_or_full_or_has_no_programs_says_nothing_of_a_backup(city, says, words):
    backed_up()
    says(words)
    row = retention.test_next()
    assert (row.state, row.finding) == ("verified", "The last test did not finish.")
    db.session.rollback()


def test_a_backup_that_the_server_cannot_make_a_database_of_is_damaged(city, says):
    backed_up()
    says("could not read from input file: end of file")
    row = retention.test_next()
    assert (row.state, row.finding) == ("damaged", "The backup’s file cannot be read as a hospital’s database.")
    db.session.rollback()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (OF_THE_SERVER[0], "The disk is full."),
        (OF_THE_SERVER[1], "The database server does not answer."),
        (None, "PostgreSQL’s client programs are not installed."),
    ],
)
def test_a_backup_that_the_server_does_not_let_us_make_says_why(city, says, words, sentence):
    says(words)
    with pytest.raises(ProvisioningProblem) as refusal:
        backed_up()
    assert refusal.value.sentence == f"{sentence} Copying the database did not work. Nothing was changed."
    assert (kept(), listed()) == ([], [])


def unlisted() -> Backup:
    """A backup that the control plane has forgotten."""
    made = backed_up()
    db.session.execute(sa.delete(Backup))
    db.session.commit()
    return made


def mended() -> dict[str, str]:
    """Repair what is found of the backups; each kind with why it was not, or nothing."""
    found = [finding for finding in examine() if finding.kind == "backup-unlisted"]
    return {finding.kind: problem for finding, problem in repair(found)}


def test_the_doctor_takes_no_backup_away_that_the_server_cannot_read_now(city, monkeypatch, says):
    monkeypatch.setattr(scene, "YOUNG_SECONDS", -1)
    made = unlisted()
    says(OF_THE_SERVER[1])
    assert mended() == {"backup-unlisted": "The database server does not answer."}
    assert made.filename in kept()


def test_the_doctor_lists_a_backup_again_of_a_hospital_that_has_moved_to_another_kind_of_server(
    city, second_server, monkeypatch
):
    monkeypatch.setattr(scene, "YOUNG_SECONDS", -1)
    made = unlisted()
    db.session.execute(sa.update(Tenant).values(server="north"))
    db.session.commit()
    assert mended() == {"backup-unlisted": ""}
    assert [row.reference for row in listed()] == [made.reference]


def salvaged(uuid: str) -> tuple[Path, Path]:
    """What tells of a database that is kept as it was, and the database."""
    [path] = backups.folder_of(uuid).glob("*.unreadable")
    aside = Path(f"unreadable_{path.stem}")
    assert path.read_text() == f"The database is on its server, as {aside}.\n"
    with pytest.raises(psycopg.errors.DataCorrupted):
        query(aside, "SELECT sum(id) FROM auth_permission")
    return path, aside


def test_a_database_with_a_damaged_page_is_kept_on_its_server_and_replaced(city, app):
    backup = backed_up()
    app.extensions["engines"].close()
    on_postgres.spoil_table(database().stem, "auth_permission")
    with pytest.raises(ProvisioningProblem, match=r"^The database file is damaged\. Copying the database did not work"):
        backed_up()
    assert_kept_beside_the_backups(app, restored(backup))
    path, aside = salvaged(city.uuid)
    assert query(aside, "SELECT tenant_uuid, generation FROM core_identity") == [(city.uuid, city.generation)]
    assert retention.forget_strays() == []
    os.utime(path, (0, 0))
    assert retention.forget_strays() == [path.name]
    assert not is_there(aside)


def test_a_database_with_a_damaged_page_is_recreated(damaged, app, monkeypatch):
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 0)
    operation_id = TenantDatabaseManager.recreate_hospital_database("city-general").id
    db.session.rollback()
    assert_kept_beside_the_backups(app, seen_operation(operation_id))
    assert salvaged(damaged.uuid)


def test_a_hospital_with_a_damaged_page_is_deleted_and_nothing_of_it_is_left_in_the_end(damaged):
    assert deleted(damaged.id).state == "succeeded"
    _path, aside = salvaged(damaged.uuid)
    assert not is_there(database())
    clock.move(KEPT * 2)
    retention.hourly()
    assert not is_there(aside)
    assert not backups.folder_of(damaged.uuid).exists()
