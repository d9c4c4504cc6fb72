"""Renaming, cloning and deleting on the command line: the page's words, asked first, exit codes for scripts (T28)."""

import json

import pytest
import sqlalchemy as sa

from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import leaving
from portal.provisioning.steps import STEPS
from portal.tenancy.registry import get_hospital
from tests.backed_up import listed
from tests.provisioned import answer_of, database, is_there, put_in_the_way, remove

USAGE, EXISTS, FAILED = 2, 3, 4


@pytest.fixture
def flask(app, hospital, monkeypatch):
    """Runs a flask command in this process, beside City General: `flask("tenant", "rename", …)`."""
    monkeypatch.setattr(leaving, "DRAIN_SECONDS", 0)
    return lambda *arguments, **more: app.test_cli_runner().invoke(args=["tenant", *arguments], **more)


def set_mode(app, mode: str) -> None:
    """Put City General into a mode."""
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(mode=mode))
        db.session.commit()


def printed(result) -> list[str]:
    """The steps that were done, in their order."""
    return [line.split(" (")[0] for line in result.stdout.splitlines() if line.startswith("✓")]


def test_a_rename_prints_the_steps_and_the_hospital_is_at_its_new_address(flask, app):
    result = flask("rename", "city-general", "City-Central", "--yes")
    assert result.exit_code == 0
    assert printed(result) == [f"✓ {step.label}" for step in STEPS["rename"]]
    assert "City General Hospital has its new address" in result.stdout
    assert (answer_of(app).status_code, answer_of(app, "city-central").status_code) == (404, 302)


@pytest.mark.parametrize(
    ("new", "code", "sentence"),
    [
        (
            "lakeside",
            EXISTS,
            "“lakeside” is already used by another hospital. Choose a different subdomain\nAvail",
        ),
        ("admin", USAGE, "“admin” is reserved for the platform. Choose a different subdomain"),
        ("-x", USAGE, "Subdomain must use only letters a to z"),
        ("city-general", USAGE, "This is its present subdomain."),
    ],
)
def test_a_name_that_cannot_be_had_ends_the_command(flask, app, two_hospitals, new, code, sentence):
    result = flask("rename", "--yes", "--", "city-general", new)
    assert (result.exit_code, sentence in result.stderr) == (code, True)
    assert answer_of(app).status_code == 302


@pytest.mark.parametrize("command", [("rename", "city-general", "city-central"), ("delete", "city-general")])
def test_a_hospital_in_use_needs_yes_and_so_does_a_script(flask, app, command):
    result = flask(*command)
    assert (result.exit_code, "is in use. Put it into maintenance first" in result.stderr) == (USAGE, True)
    set_mode(app, "maintenance")
    result = flask(*command)
    assert (result.exit_code, "Run it again with --yes." in result.stderr) == (USAGE, True)
    with app.app_context():
        assert is_there(database())


@pytest.mark.parametrize(("typed", "code"), [("city-general", 0), ("lakeside", USAGE)])
@pytest.mark.parametrize("command", [("rename", "city-general", "city-central"), ("drop", "city-general")])
def test_on_a_terminal_the_subdomain_is_typed(flask, app, monkeypatch, command, typed, code):
    set_mode(app, "maintenance")
    monkeypatch.setattr("portal.cli.tenant_backups.is_terminal", lambda: True)
    assert flask(*command, input=f"{typed}\n").exit_code == code
    with app.app_context():
        assert is_there(database()) == bool(code)


def test_a_deletion_says_how_to_bring_the_hospital_back_and_that_works(flask, app):
    result = flask("delete", "city-general", "--yes")
    assert result.exit_code == 0
    assert printed(result) == [f"✓ {step.label}" for step in STEPS["delete"]]
    with app.app_context():
        [backup] = listed()
    command = f"tenant restore city-general {backup.reference} --yes"
    assert f"with “flask {command}”" in result.stdout
    assert "City General Hospital (deleted)" in flask("list").stdout
    assert json.loads(flask("show", "city-general", "--json").stdout)["mode"] == "deleted"
    assert backup.reference in flask("backups", "city-general").stdout
    assert flask(*command.split()[1:]).exit_code == 0
    assert answer_of(app).status_code == 302


@pytest.mark.parametrize(
    "command",
    [
        ("verify", "city-general"), ("create-database", "city-general"), ("backup", "city-general"),
        ("suspend", "city-general"), ("delete", "city-general", "--yes"),
        ("rename", "city-general", "city-central", "--yes"), ("clone", "city-general", "city-trial", "--name", "X"),
        ("run", "city-general", "routes"),
    ],
)  # fmt: skip
def test_nothing_else_is_done_to_a_deleted_hospital(flask, command):
    assert flask("delete", "city-general", "--yes").exit_code == 0
    result = flask(*command)
    assert (result.exit_code, result.stderr) == (USAGE, "City General Hospital is deleted. Bring it back first.\n")


def test_a_copy_is_made_with_and_without_messages(flask, app):
    result = flask("clone", "city-general", "city-trial", "--name", "City Trial")
    assert result.exit_code == 0
    assert printed(result) == [f"✓ {step.label}" for step in STEPS["clone"]]
    assert flask("clone", "city-general", "city-two", "--name", "Two", "--sends-messages").exit_code == 0
    with app.app_context():
        assert get_hospital("city-trial").is_neutralised
        assert not get_hospital("city-two").is_neutralised


@pytest.mark.parametrize(
    ("asked", "code", "sentence"),
    [
        (("city-general", "--name", "X"), EXISTS, "is already used by another hospital"),
        (("city-trial",), USAGE, "Enter the hospital name"),
        (("a", "--name", "X"), USAGE, "Subdomain must be 3 characters or more"),
    ],
)
def test_a_copy_with_a_wrong_answer_is_not_made(flask, app, asked, code, sentence):
    result = flask("clone", "city-general", *asked)
    assert (result.exit_code, sentence in result.stderr) == (code, True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Tenant.id))) == 1


def test_a_copy_that_failed_goes_on_with_the_same_command(flask, app):
    with app.app_context():
        put_in_the_way(database("city-trial"))
    command = ("clone", "city-general", "city-trial", "--name", "City Trial")
    assert flask(*command).exit_code == FAILED
    with app.app_context():
        remove(database("city-trial"))
    assert flask(*command).exit_code == 0
    assert answer_of(app, "city-trial").status_code == 302
    assert flask(*command).exit_code == EXISTS
