"""`flask tenant recreate`: asked for twice, in the page's words, with exit codes for scripts (T21, T28)."""

import json

import pytest

from portal.cli import tenant_recreate
from portal.extensions import db
from portal.provisioning import recreate
from portal.provisioning.steps import STEPS
from tests.backed_up import listed
from tests.consoles import operations_of
from tests.provisioned import database, request_again, seen_tenant
from tests.recreated import FULL_OF, fill, mark

USAGE, FAILED = 2, 4


@pytest.fixture
def flask(app, hospital, monkeypatch):
    """Runs a flask command in this process, beside City General with something in it."""
    monkeypatch.setattr(recreate, "DRAIN_SECONDS", 0)
    with app.app_context():
        fill()
    return lambda *arguments, **more: app.test_cli_runner().invoke(args=list(arguments), **more)


def value(app) -> int:
    """What shows which database is there."""
    with app.app_context():
        return mark(database())


def test_with_yes_it_prints_the_steps_and_the_way_back(flask, app):
    result = flask("tenant", "recreate", "city-general", "--yes")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [line.split(" (")[0] for line in lines[:6]] == [f"✓ {step.label}" for step in STEPS["recreate"]]
    with app.app_context():
        [saved] = listed()
    assert lines[6:] == [
        "City General Hospital is recreated",
        f"Backup {saved.reference}",
        f"To undo: flask tenant restore city-general {saved.reference} --yes",
    ]
    assert value(app) == 0
    assert flask(*lines[-1].removeprefix("To undo: flask ").split()).exit_code == 0
    assert value(app) == FULL_OF


def test_for_scripts_it_answers_in_json(flask, app):
    facts = json.loads(flask("tenant", "recreate", "city-general", "--yes", "--json").stdout)
    with app.app_context():
        [saved] = listed()
    assert (facts["subdomain"], facts["status"], facts["backup"]) == ("city-general", "ready", saved.reference)
    assert (facts["operation"]["kind"], facts["operation"]["state"]) == ("recreate", "succeeded")


def test_without_a_terminal_it_says_what_would_go_and_does_nothing(flask, app):
    result = flask("tenant", "recreate", "city-general")
    assert (result.exit_code, result.stdout) == (USAGE, "")
    assert result.stderr.splitlines() == [
        "This deletes everything in the database hospital_city-general: "
        "0 patients, 0 appointments and 1 staff account.",
        "A backup is made first and kept for 30 days. If the backup fails, nothing is deleted.",
        "Run it again with --yes.",
    ]
    assert value(app) == FULL_OF


@pytest.mark.parametrize(("typed", "code", "left"), [("city-general", 0, 0), ("City-General", USAGE, FULL_OF)])
def test_on_a_terminal_the_subdomain_is_typed(flask, app, monkeypatch, typed, code, left):
    monkeypatch.setattr(tenant_recreate, "is_terminal", lambda: True)
    result = flask("tenant", "recreate", "city-general", input=f"{typed}\n")
    assert "Type city-general to confirm" in result.output
    assert (result.exit_code, value(app)) == (code, left)


def test_an_unknown_hospital_is_refused(flask):
    result = flask("tenant", "recreate", "nobody", "--yes")
    assert (result.exit_code, result.stderr) == (USAGE, "There is no hospital with the subdomain “nobody”.\n")


def test_while_other_work_is_under_way_it_is_refused_and_refuses_other_work(flask, app):
    with app.app_context():
        tenant_id = operations_of("city-general")[0].tenant_id
        db.session.rollback()
        request_again(tenant_id, "verify")
    result = flask("tenant", "recreate", "city-general", "--yes")
    sentence = "Other work on this hospital is under way. Try again when it has ended.\n"
    assert (result.exit_code, result.stderr) == (FAILED, sentence)
    result = flask("tenant", "create-database", "city-general")
    assert (result.exit_code, result.stderr) == (FAILED, sentence)
    assert value(app) == FULL_OF


def test_a_failure_names_the_step_and_leaves_everything(flask, app, monkeypatch):
    def fails(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portal.provisioning.backups.copy", fails)
    result = flask("tenant", "recreate", "city-general", "--yes")
    assert result.exit_code == FAILED
    assert "✗ Save the present state" in result.stdout
    assert "City General Hospital is not recreated" in result.stderr
    assert value(app) == FULL_OF
    with app.app_context():
        tenant = seen_tenant(operations_of("city-general")[0].tenant_id)
        assert (tenant.status, tenant.closed_by) == ("ready", None)
