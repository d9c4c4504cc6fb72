"""The command line does what the page does, in the same words, with exit codes scripts can rely on (tenancy.md T28)."""

import contextvars
import io
import json
import os
import subprocess
import sys

import psycopg
import pytest
import sqlalchemy as sa
import structlog

from portal import logs
from portal.auth.passwords import matches
from portal.control.models import Operation, Tenant, User
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager
from portal.provisioning.progress import Progress
from portal.provisioning.steps import STEPS, ProvisioningProblem
from portal.tenancy.databases import sqlite
from portal.tenancy.databases.postgres import PostgresDatabases
from tests import on_postgres
from tests.conftest import make_hospital
from tests.consoles import ANSWERS
from tests.processes import ROOT
from tests.provisioned import (
    answer_of,
    change,
    database,
    files,
    put_in_the_way,
    query,
    remove,
    seen_tenant,
    spoil,
    which,
)

USAGE, EXISTS, FAILED = 2, 3, 4
PASSWORD = "correct horse battery"
SHOWN = set(
    "name subdomain url database status reason tables expected_tables modules revision server operation".split()
)


@pytest.fixture
def flask(app):
    """Runs a flask command in this process: `flask("tenant", "list")`."""
    return lambda *arguments: app.test_cli_runner().invoke(args=list(arguments))


def options(**changes) -> list[str]:
    """The options of `flask tenant create` for Lakeside Clinic; None leaves one out."""
    given = {
        "name": "Lakeside Clinic",
        "subdomain": "lakeside",
        "admin-username": "grace",
        "admin-email": "grace@lakeside.test",
        "admin-password": PASSWORD,
    }
    given |= {name.replace("_", "-"): value for name, value in changes.items()}
    return [word for name, value in given.items() if value is not None for word in (f"--{name}", value)]


def created(flask, *more: str, **changes):
    """What `flask tenant create` answers."""
    return flask("tenant", "create", *options(**changes), *more)


def tenant_named(app, subdomain: str) -> Tenant | None:
    """The hospital's row as it is now."""
    with app.app_context():
        tenant_id = db.session.scalar(sa.select(Tenant.id).where(Tenant.subdomain == subdomain))
        return tenant_id and seen_tenant(tenant_id)


def test_create_does_the_whole_job_and_prints_the_steps_in_the_pages_words(flask, app):
    result = created(flask)
    assert result.exit_code == 0
    assert tenant_named(app, "lakeside").status == "ready"
    assert answer_of(app, "lakeside").status_code == 302
    with app.app_context():
        progress = Progress.of(db.session.scalars(sa.select(Operation)).one())
        printed = [line.split(" (")[0] for line in result.stdout.splitlines() if line.startswith("✓")]
        assert printed == [f"✓ {label}" for label, *_rest in progress.steps]
        assert printed == [f"✓ {step.label}" for step in STEPS["create"]]
        assert progress.heading == "Lakeside Clinic is ready"
        assert progress.heading in result.stdout.splitlines()
    assert "http://lakeside.localhost:8000/" in result.stdout
    assert "Database hospital_lakeside" in result.stdout
    assert "Invitation" not in result.stdout
    assert PASSWORD not in result.output


def test_the_administrator_gets_the_password(flask, app):
    created(flask)
    with app.app_context():
        user = db.session.scalar(sa.select(User).where(User.username == "grace"))
        assert (user.role, user.email, matches(PASSWORD, user.password_hash)) == (
            *("hospital_admin", "grace@lakeside.test"),
            True,
        )


def test_without_a_password_an_invitation_link_is_printed_that_opens(flask, app):
    result = created(flask, admin_password=None)
    line = next(line for line in result.stdout.splitlines() if line.startswith("Invitation for the administrator"))
    path = line.partition("http://localhost:8000")[2]
    assert app.test_client().get(path, base_url="http://localhost:8000").status_code == 200


def test_a_subdomain_in_use_ends_with_3_and_offers_free_ones(flask, app):
    created(flask)
    result = created(flask, admin_username="other", admin_email="other@lakeside.test")
    assert result.exit_code == EXISTS
    assert result.stderr.splitlines() == [
        "“lakeside” is already used by another hospital. Choose a different subdomain",
        "Available: lakeside-hospital lakeside-2 lakeside-3",
    ]
    with app.app_context():
        assert db.session.scalar(sa.select(User.id).where(User.username == "other")) is None


REFUSED = {
    "a reserved subdomain": {"subdomain": "admin"},
    "a subdomain with a space": {"subdomain": "lake side"},
    "a subdomain with letters that only look right": {"subdomain": "lаkeside"},
    "a subdomain that is too short": {"subdomain": "ab"},
    "a name that is too long": {"name": "x" * 121},
    "a name with a line break": {"name": "Lakeside\nClinic"},
    "an email without a domain": {"admin_email": "grace"},
    "a short password": {"admin_password": "short"},
    "a username with spaces": {"admin_username": "grace the great"},
    "an unknown plan": {"plan": "Golden"},
    "an unknown administrator": {"admin": "nobody"},
    "the superuser as administrator": {"admin": "root"},
    "a username that exists": {"admin_username": "root"},
    "an email that exists": {"admin_email": "root@portal.test"},
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_an_answer_that_cannot_be_used_ends_with_2_and_makes_nothing(flask, app, wrong):
    result = created(flask, **wrong)
    assert result.exit_code == USAGE
    assert result.stdout == ""
    assert result.stderr.strip()
    assert tenant_named(app, "lakeside") is None
    with app.app_context():
        assert files() == set()


@pytest.mark.parametrize("field", ["subdomain", "name", "admin_email", "admin_password", "admin_username"])
def test_refusals_are_the_pages_sentences(flask, signed_in, field):
    wrong = {
        "subdomain": "admin",
        "name": "x" * 121,
        "admin_email": "grace",
        "admin_password": "short",
        "admin_username": "grace the great",
    }
    page = signed_in.post("/admin/hospitals/new", data={**ANSWERS, field: wrong[field]})
    assert page.status_code == 422
    [sentence] = created(flask, **{field: wrong[field]}).stderr.strip().splitlines()
    assert sentence in page.text


def test_a_failed_step_ends_with_4_and_create_database_finishes_it(flask, app, monkeypatch):
    where, error = (sqlite, "link_file"), OSError(28, "No space left on device")
    if on_postgres.WANTED:
        where, error = (PostgresDatabases, "publish"), psycopg.errors.DiskFull("could not extend file: No space left")

    def full(*_what):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(*where, full)
        result = created(flask)
    assert result.exit_code == FAILED
    sentence = (
        "The disk is full. Checking the site did not work, so the unfinished database was removed."
        " Nothing else was changed."
    )
    assert any(line.startswith("✗ Check the site") and line.endswith(sentence) for line in result.stdout.splitlines())
    assert "Lakeside Clinic is not ready" in result.stderr
    assert "Details are in the job log." in result.stderr
    with app.app_context():
        assert files() == set()

    result = flask("tenant", "create-database", "lakeside")
    assert result.exit_code == 0
    assert "Lakeside Clinic is ready" in result.stdout
    assert tenant_named(app, "lakeside").status == "ready"


def test_skip_database_registers_the_hospital_only(flask, app):
    result = created(flask, "--skip-database")
    assert result.exit_code == 0
    assert tenant_named(app, "lakeside").generation is None
    with app.app_context():
        assert files() == set()
    assert flask("tenant", "create-database", "lakeside").exit_code == 0
    assert tenant_named(app, "lakeside").status == "ready"


def test_create_database_on_a_ready_hospital_changes_nothing(flask, app, hospital):
    before = tenant_named(app, "city-general").generation
    assert flask("tenant", "create-database", "city-general").exit_code == 0
    assert tenant_named(app, "city-general").generation == before


def test_an_existing_administrator_can_be_chosen(flask, app, hospital):
    result = created(flask, admin="city-general-admin", admin_username=None, admin_email=None, admin_password=None)
    assert result.exit_code == 0
    assert "Invitation" not in result.stdout
    with app.app_context():
        assert query(database("lakeside"), "SELECT username FROM auth_user") == [("city-general-admin",)]


def test_the_plan_can_be_chosen(flask, app):
    assert created(flask, plan="Standard").exit_code == 0
    assert tenant_named(app, "lakeside").plan.name == "Standard"


def test_json_holds_everything_scripts_ask_for(flask):
    result = created(flask, "--json", admin_password=None)
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts.keys() >= SHOWN
    assert (facts["subdomain"], facts["status"], facts["url"], facts["database"]) == (
        *("lakeside", "ready", "http://lakeside.localhost:8000/"),
        "hospital_lakeside",
    )
    assert facts["tables"] == facts["expected_tables"] > 0
    assert facts["operation"]["state"] == "succeeded"
    assert "/invitation/" in facts["invitation"]


def test_show_gives_the_status_and_why(flask, app, hospital):
    with app.app_context():
        app.extensions["engines"].close()
        change(database(), "DROP TABLE core_auditlog")
    assert flask("tenant", "verify", "city-general").exit_code == FAILED
    facts = json.loads(flask("tenant", "show", "city-general", "--json").stdout)
    assert facts.keys() >= SHOWN
    assert (facts["status"], facts["tables"]) == ("incomplete", facts["expected_tables"] - 1)
    assert facts["reason"].endswith("modules are set up. Select Create to finish.")
    assert "core" not in facts["modules"]
    assert "patients" in facts["modules"]
    assert facts["reason"] in flask("tenant", "show", "city-general").stdout


def test_show_of_a_lost_database_says_missing(flask, app, hospital):
    with app.app_context():
        app.extensions["engines"].close()
        remove(database())
    result = flask("tenant", "verify", "city-general")
    assert result.stdout.splitlines()[0] == "city-general: Missing/Error. The database cannot be found."
    assert "Connection: There is no database of this name" in " ".join(result.stdout.split())
    facts = json.loads(flask("tenant", "show", "city-general", "--json").stdout)
    assert (facts["status"], facts["modules"], facts["tables"]) == ("missing", [], 0)


def test_list_names_every_hospital(flask, app, two_hospitals):
    lines = flask("tenant", "list").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["city-general", "Ready", "City", "General", "Hospital"],
        ["lakeside", "Ready", "Lakeside", "Clinic"],
    ]
    facts = json.loads(flask("tenant", "list", "--json").stdout)
    assert [row["subdomain"] for row in facts] == ["city-general", "lakeside"]


def test_an_empty_list_says_how_to_begin(flask):
    result = flask("tenant", "list")
    assert result.exit_code == 0
    assert "There are no hospitals yet." in result.stdout
    assert json.loads(flask("tenant", "list", "--json").stdout) == []


def test_verify_looks_at_several_and_ends_with_0_when_all_are_ready(flask, two_hospitals):
    result = flask("tenant", "verify", "city-general", "lakeside")
    assert result.exit_code == 0
    assert [line.partition(" modules")[0] for line in result.stdout.splitlines() if line[0] != " "] == [
        f"{subdomain}: Ready. All {count}"
        for subdomain, count in zip(("city-general", "lakeside"), [result.stdout.split()[3]] * 2, strict=True)
    ]
    rows = json.loads(flask("tenant", "verify", "city-general", "lakeside", "--json").stdout)
    assert [row["status"] for row in rows] == ["ready", "ready"]


@pytest.mark.parametrize("command", ["show", "verify", "create-database"])
def test_an_unknown_hospital_ends_with_2(flask, command):
    result = flask("tenant", command, "nowhere")
    assert result.exit_code == USAGE
    assert result.stderr == "There is no hospital with the subdomain “nowhere”.\n"


def test_run_runs_a_command_inside_a_hospital(app, flask, two_hospitals):
    import click
    from flask.cli import with_appcontext

    from portal.kit.models import HospitalProfile

    @app.cli.command("profile")
    @with_appcontext
    def profile():
        click.echo(db.session.scalar(sa.select(HospitalProfile.name)))

    assert flask("tenant", "run", "lakeside", "--", "profile").stdout == "Lakeside Clinic\n"
    assert flask("tenant", "run", "city-general", "profile").stdout == "City General Hospital\n"
    assert flask("tenant", "run", "nowhere", "--", "profile").exit_code == USAGE


def test_create_superuser_makes_somebody_who_may_sign_in(flask, app):
    arguments = ["--username", "Ada", "--email", "ada@portal.test", "--password", PASSWORD]
    result = flask("user", "create-superuser", *arguments)
    assert (result.exit_code, result.stdout) == (0, "ada may sign in now.\n")
    with app.app_context():
        user = db.session.scalar(sa.select(User).where(User.username == "ada"))
        assert (user.role, matches(PASSWORD, user.password_hash)) == ("superuser", True)
    again = flask("user", "create-superuser", *arguments)
    assert again.exit_code == USAGE
    assert "exists already" in again.stderr
    weak = flask("user", "create-superuser", "--username", "bob", "--email", "b@b.test", "--password", "short")
    assert (weak.exit_code, weak.stderr) == (USAGE, "Password must be 12 characters or more\n")


def test_the_python_api_creates_and_verifies(flask, app):
    created(flask, "--skip-database")
    with app.app_context():
        operation = TenantDatabaseManager.create_hospital_database("lakeside")
        assert operation.state == "succeeded"
        db.session.rollback()
        assert TenantDatabaseManager.verify_hospital_database("lakeside").status == "ready"
        before = which(database("lakeside"))
        assert TenantDatabaseManager.create_hospital_database("lakeside").state == "succeeded"
        assert which(database("lakeside")) == before


def test_the_python_api_says_what_did_not_work(flask, app, monkeypatch):
    created(flask, "--skip-database")
    with app.app_context():
        put_in_the_way(database("lakeside"))
        with pytest.raises(ProvisioningProblem) as problem:
            TenantDatabaseManager.create_hospital_database("lakeside")
        assert problem.value.sentence.endswith("Reserving the subdomain did not work. Nothing was changed.")


def test_the_python_api_knows_no_other_hospital(in_app):
    for method in (TenantDatabaseManager.create_hospital_database, TenantDatabaseManager.verify_hospital_database):
        with pytest.raises(LookupError, match="nowhere"):
            method("nowhere")


@pytest.mark.sqlite
def test_without_a_terminal_and_an_environment_a_test_hospital_is_made_and_a_link_printed(tmp_path):
    """In processes of their own, on empty folders: control database, secret key and template are made on the way."""
    environ = {
        **{
            name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")
        },
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "HOSPITALS_DIR": str(tmp_path / "hospitals"),
    }

    def flask(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )

    result = flask("tenant", "create")
    assert result.returncode == 0, result.stderr
    assert "Test Hospital is ready" in result.stdout
    assert "/invitation/" in result.stdout
    assert (tmp_path / "hospitals" / "hospital_test-hospital.db").exists()
    again = flask("tenant", "create", "--json")
    assert (again.returncode, again.stdout) == (EXISTS, "")


def test_show_of_one_hospital_never_opens_another(flask, app):
    make_hospital(app)
    make_hospital(app, "lakeside", "Lakeside Clinic")
    app.extensions["engines"].close()
    with app.app_context():
        spoil(database("lakeside"))
    assert flask("tenant", "verify", "city-general").exit_code == 0
    assert flask("tenant", "verify", "lakeside").exit_code == FAILED


def test_a_terminal_shows_what_went_wrong_and_not_the_log_of_what_went_well(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def speak():
        logs.for_people()
        structlog.get_logger().info("went_well")
        structlog.get_logger().warning("went_wrong")
        return sys.stderr.getvalue()

    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", Terminal())
        logs.install()
        shown = contextvars.copy_context().run(speak)
    logs.install()
    assert "went_wrong" in shown
    assert "went_well" not in shown
