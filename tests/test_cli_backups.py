"""Backups on the command line: the steps in the page's words, what there is, and a restore that asks first (T28)."""

import json

import pytest
import sqlalchemy as sa

from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning.steps import STEPS
from tests.backed_up import backed_up, listed
from tests.provisioned import answer_of, change, database, put_in_the_way, query, remove, seen_tenant

USAGE, EXISTS, FAILED = 2, 3, 4


@pytest.fixture
def flask(app, hospital):
    """Runs a flask command in this process, beside City General: `flask("tenant", "backups")`."""
    return lambda *arguments: app.test_cli_runner().invoke(args=list(arguments))


@pytest.fixture
def reference(app, flask) -> str:
    """The reference of a backup of City General, after which its sequence was set to 99."""
    made = flask("tenant", "backup", "city-general")
    with app.app_context():
        change(database(), "UPDATE core_sequence SET value = 99 WHERE name = 'mrn'")
    return made.stdout.splitlines()[-2].removeprefix("Backup ")


def value(app, subdomain: str = "city-general") -> int:
    """What tells the database of before from the one of after the backup."""
    with app.app_context():
        return query(database(subdomain), "SELECT value FROM core_sequence WHERE name = 'mrn'")[0][0]


def set_mode(app, mode: str) -> None:
    """Put City General into a mode."""
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(mode=mode))
        db.session.commit()


def test_a_backup_prints_its_steps_its_reference_and_its_file(flask, app):
    result = flask("tenant", "backup", "city-general")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split(" (")[0] for line in lines[:2]] == [f"✓ {step.label}" for step in STEPS["backup"]]
    assert lines[2] == "City General Hospital is backed up"
    with app.app_context():
        [row] = listed()
    assert lines[3] == "0 documents are kept with it."
    assert lines[4] == f"Backup {row.reference}"
    assert lines[5].endswith(row.filename)


def test_backups_are_listed_for_people_and_for_scripts(flask, reference):
    line = flask("tenant", "backups").stdout
    assert line.startswith("city-general")
    assert all(word in line for word in (reference, "Verified", "By hand", "MB"))
    assert flask("tenant", "backups", "city-general").stdout == line
    [row] = json.loads(flask("tenant", "backups", "--json").stdout)
    assert (row["reference"], row["subdomain"], row["state"], row["tested_at"]) == (
        *(reference, "city-general", "verified"),
        None,
    )
    assert row["rows"] > row["tables"] > 100
    made = json.loads(flask("tenant", "backup", "city-general", "--json").stdout)
    assert made.keys() == row.keys()


def test_without_a_backup_the_list_says_how_to_make_one(flask):
    assert flask("tenant", "backups").stdout.startswith("There are no backups yet.")
    assert json.loads(flask("tenant", "backups", "--json").stdout) == []


def test_a_restore_with_yes_does_it_and_prints_the_steps(flask, app, reference):
    result = flask("tenant", "restore", "city-general", reference, "--yes")
    assert result.exit_code == 0
    printed = [line.split(" (")[0] for line in result.stdout.splitlines() if line.startswith("✓")]
    assert printed == [f"✓ {step.label}" for step in STEPS["restore"]]
    assert "City General Hospital is restored" in result.stdout
    assert value(app) == 0
    assert "Before restoring" in flask("tenant", "backups").stdout


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("active", "is in use. Put it into maintenance first, or run this again with --yes."),
        ("maintenance", "This replaces everything in the database of City General Hospital."),
    ],
)
def test_a_restore_into_place_is_refused_without_yes_and_without_a_terminal(flask, app, reference, mode, sentence):
    set_mode(app, mode)
    result = flask("tenant", "restore", "city-general", reference)
    assert (result.exit_code, result.stdout) == (USAGE, "")
    assert sentence in result.stderr
    assert value(app) == 99


@pytest.mark.parametrize(("typed", "code", "left"), [("city-general", 0, 0), ("lakeside", USAGE, 99)])
def test_on_a_terminal_the_subdomain_is_typed(app, flask, reference, monkeypatch, typed, code, left):
    set_mode(app, "maintenance")
    monkeypatch.setattr("portal.cli.tenant_backups.is_terminal", lambda: True)
    result = app.test_cli_runner().invoke(args=["tenant", "restore", "city-general", reference], input=f"{typed}\n")
    assert result.exit_code == code
    assert value(app) == left


def test_a_restore_as_a_new_hospital_needs_no_yes(flask, app, reference):
    result = flask("tenant", "restore", "city-general", reference, "--as", "lakeside", "--name", "Lakeside Clinic")
    assert result.exit_code == 0
    assert (value(app), value(app, "lakeside")) == (99, 0)
    assert answer_of(app, "lakeside").status_code == 302


@pytest.mark.parametrize(
    ("new", "code", "sentence"),
    [
        (("--as", "city-general", "--name", "X"), EXISTS, "is already used by another hospital"),
        (("--as", "admin", "--name", "X"), USAGE, "is reserved for the platform"),
        (("--as", "lakeside"), USAGE, "Enter the hospital name"),
        (("--as", "lakeside", "--name", "x" * 121), USAGE, "120 characters or fewer"),
    ],
)
def test_an_answer_that_cannot_be_used_makes_no_hospital(flask, app, reference, new, code, sentence):
    result = flask("tenant", "restore", "city-general", reference, *new)
    assert (result.exit_code, sentence in result.stderr) == (code, True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Tenant.id))) == 1


def test_a_restore_as_a_new_hospital_that_failed_goes_on_with_the_same_command(flask, app, reference):
    with app.app_context():
        put_in_the_way(database("lakeside"))
    command = ("tenant", "restore", "city-general", reference, "--as", "lakeside", "--name", "Lakeside Clinic")
    assert flask(*command).exit_code == FAILED
    with app.app_context():
        remove(database("lakeside"))
    assert flask(*command).exit_code == 0
    assert answer_of(app, "lakeside").status_code == 302


def test_what_is_not_known_ends_with_2(flask, reference):
    for command in (("backup", "nowhere"), ("backups", "nowhere"), ("restore", "nowhere", reference)):
        result = flask("tenant", *command)
        assert (result.exit_code, result.stderr) == (
            USAGE,
            "There is no hospital with the subdomain “nowhere”.\n",
        )
    result = flask("tenant", "restore", "city-general", "00000000", "--yes")
    assert (result.exit_code, "has no backup “00000000”" in result.stderr) == (USAGE, True)


def test_a_restore_that_does_not_work_ends_with_4_and_changes_nothing(flask, app, reference):
    with app.app_context():
        [row] = listed()
        path = app.extensions["settings"].backups_dir / seen_tenant(1).uuid / row.filename
        path.write_bytes(b"x")
    result = flask("tenant", "restore", "city-general", reference, "--yes")
    assert result.exit_code == FAILED
    assert "The backup’s file has changed since it was made." in result.stdout + result.stderr
    assert value(app) == 99


def test_a_backup_of_another_hospital_is_not_found(app, two_hospitals, flask):
    with app.app_context():
        other = backed_up("lakeside").reference
    assert flask("tenant", "restore", "city-general", other, "--yes").exit_code == USAGE
