"""Whatever is created or changed leaves a row that says by whom, what it was and what it is."""

import pytest
import sqlalchemy as sa

from modules.patients.forms.patient import EditForm
from modules.patients.models import Patient
from portal.auth.models import User
from portal.extensions import db
from portal.kit import WrongState, give_reason, history_of
from portal.kit.models import AuditLog
from portal.tenancy.current import in_hospital


@pytest.fixture
def inside(app, hospital):
    """Work inside a hospital whose audit is empty."""
    with app.test_request_context(), in_hospital(hospital):
        yield


def zoe() -> Patient:
    patient = Patient(first_name="Zoë", last_name="O’Brien", sex="female").register()
    db.session.commit()
    return patient


def rows() -> list[AuditLog]:
    return list(db.session.scalars(sa.select(AuditLog).order_by(AuditLog.id)))


def test_creating_a_record_is_written_with_its_values(inside):
    zoe()
    (row,) = rows()
    assert (row.action, row.content_type, row.object_id) == ("create", "patients_patient", 1)
    assert row.changes["first_name"] == [None, "Zoë"]
    assert "name_search" not in row.changes


def test_changing_a_record_is_written_with_what_was_and_what_is(inside):
    patient = zoe()
    assert patient.city is None
    patient.city = "Leeds"
    give_reason(patient, "Moved house")
    db.session.commit()
    assert rows()[-1].action == "update"
    assert rows()[-1].changes == {"city": [None, "Leeds"], "reason": [None, "Moved house"]}


def test_what_is_taken_back_leaves_no_row(inside):
    patient = zoe()
    patient.city = "Leeds"
    db.session.flush()
    assert len(rows()) == 2
    db.session.rollback()
    assert len(rows()) == 1


def test_voiding_is_written_as_voiding_with_its_reason_and_happens_once(inside):
    """CORE-4."""
    patient = zoe()
    patient.void("Registered in the wrong hospital")
    db.session.commit()
    assert rows()[-1].action == "void"
    assert rows()[-1].changes["void_reason"] == [None, "Registered in the wrong hospital"]
    with pytest.raises(WrongState, match="was voided"):
        patient.void("Again")


def test_setting_the_same_value_is_no_change(inside):
    patient = zoe()
    patient.first_name = str(patient.first_name)
    db.session.commit()
    assert len(rows()) == 1


def test_passwords_are_never_written(inside):
    user = User(username="nina", password_hash="argon2-of-a-secret", totp_secret="a-seed")
    db.session.add(user)
    db.session.commit()
    user.password_hash = "argon2-of-another"
    db.session.commit()
    assert [row.action for row in rows()] == ["create"]
    assert "argon2" not in str([row.changes for row in rows()])
    assert "a-seed" not in str([row.changes for row in rows()])


def test_a_history_reads_in_the_words_of_the_form(inside):
    patient = zoe()
    assert patient.sex == "female"
    patient.sex, patient.phone = "other", "07700 900412"
    db.session.commit()
    newest = history_of(patient, EditForm(formdata=None, obj=patient))[0]
    assert {(one.label, one.before, one.after) for one in newest.changes} == {
        ("Sex", "Female", "Other"),
        ("Phone number", "", "07700 900412"),
    }


def test_a_move_stands_in_the_history_with_its_states_in_words(inside):
    patient = zoe()
    patient.deactivate(note="Moved house")
    (entry, _created) = history_of(patient, EditForm(formdata=None))
    assert entry.word == "Moved on"
    assert [(change.label, change.before, change.after) for change in entry.changes] == [
        ("Status", "active", "inactive"),
        ("Reason", "", "Moved house"),
    ]
