"""What fails is in the log, and what people typed is not (security.md 26)."""

import importlib
import io

import pytest
import sqlalchemy as sa
import structlog

from portal.extensions import db
from portal.tenancy.current import in_hospital


@pytest.fixture
def log(app) -> io.StringIO:
    """What the portal writes to its log from now on."""
    written = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    return written


def refuse_rows_of(engine: sa.Engine, table: str) -> None:
    """Let the database refuse every new row of a table."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER refused BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no more rows'); END"
        )


def test_a_statement_that_fails_does_not_log_the_patient_it_was_about(app, hospital, client_with, log):
    browser = client_with("patients.view", "patients.add")
    with app.app_context(), in_hospital(hospital):
        refuse_rows_of(app.extensions["engines"].get(hospital, writing=True), "patients_patient")
    answer = browser.post("/patients/new", data={"first_name": "Canary", "last_name": "Canary", "sex": "female"})
    assert answer.status_code == 500
    assert "no more rows" in log.getvalue()
    assert "Canary" not in log.getvalue()


def test_a_statement_that_fails_does_not_log_a_password_hash(app, signed_in, log):
    with app.app_context():
        refuse_rows_of(db.engine, "control_user")
    facts = {"username": "canary", "name": "Canary", "email": "canary@portal.test", "role": "hospital_admin"}
    answer = signed_in.post("/admin/users/new", data={**facts, "password": "a password to keep"})
    assert answer.status_code == 500
    assert "no more rows" in log.getvalue()
    assert "canary" not in log.getvalue().lower()
    assert "argon2" not in log.getvalue()


def test_a_failure_on_an_invitations_page_does_not_log_the_secret_of_its_address(app, client, log, monkeypatch):
    monkeypatch.setattr(importlib.import_module("portal.auth.views"), "find_invited", lambda token: 1 / 0)
    assert client.get("/invitation/the-secret-of-the-link").status_code == 500
    assert "ZeroDivisionError" in log.getvalue()
    assert "the-secret-of-the-link" not in log.getvalue()
