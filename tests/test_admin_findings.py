"""The record shows what the last look at the database saw, in the words of the command line."""

import pytest
import sqlalchemy as sa

from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager, operations, seen
from tests.consoles import tenant_of
from tests.provisioned import change, database, request_again

RECORD = "/admin/hospitals/city-general"


@pytest.fixture
def lacking(app, hospital):
    """City General without one table, with one of somebody else, looked at by somebody who asked."""
    app.extensions["engines"].close()
    with app.app_context():
        change(database(), "DROP TABLE patients_allergy", 'CREATE TABLE "<b>theirs" (x)')
        TenantDatabaseManager.verify_hospital_database("city-general")
    return hospital


def test_the_card_says_what_was_seen_by_module(signed_in, lacking, app):
    page = signed_in.page(RECORD)
    for words in (
        "Connection Answered in",
        "Belongs to This hospital, as the registry says",
        "1 missing, 1 more",
        "Every page and reference Sound",
        "Patient Management Missing: 1 table patients_allergy",
        "No module More than expected: 1 table <b>theirs",
    ):
        assert words in page.text
    assert "&lt;b&gt;theirs" in page.html


def test_a_hospital_nobody_looked_at_says_so(signed_in, app, hospital):
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(findings={}, checked_at=None, reason="Not checked yet."))
        db.session.commit()
    assert "Database Not checked yet." in signed_in.page(RECORD).text


def test_the_card_comes_anew_when_a_check_has_ended(signed_in, app, hospital):
    with app.app_context():
        operation_id = request_again(hospital.id, "verify")
    assert 'id="hospital-findings"' not in signed_in.get(f"{RECORD}/progress").text
    with app.app_context():
        assert operations.perform(operation_id)
    answer = signed_in.get(f"{RECORD}/progress").text
    assert 'id="hospital-findings"' in answer
    assert answer.count("data-hx-swap-oob") > 2


def test_a_damaged_file_is_told_with_its_size_left_out(app, hospital):
    app.extensions["engines"].close()
    with app.app_context():
        database().write_bytes(b"no database")
        TenantDatabaseManager.verify_hospital_database("city-general")
        facts = dict(seen.facts_of(tenant_of("city-general")))
    assert facts == {"Connection": "What is there cannot be read as a database"}


def test_names_beyond_the_first_fifty_are_counted(app, hospital):
    app.extensions["engines"].close()
    with app.app_context():
        change(database(), *(f"CREATE TABLE theirs_{number:02} (x)" for number in range(60)))
        TenantDatabaseManager.verify_hospital_database("city-general")
        lines = [line.words for line in seen.lines_of(tenant_of("city-general"))]
    assert lines == ["50 tables", "10 tables"]
