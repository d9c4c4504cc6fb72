"""Whatever is created or changed leaves a row that says by whom, what it was and what it is."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from wtforms import SelectMultipleField

from modules.patients.forms.patient import DeathForm, EditForm
from modules.patients.models import Patient
from portal.auth.audit import audit_hospital
from portal.auth.models import User
from portal.extensions import db
from portal.kit import WrongState, give_reason, history_of
from portal.kit.forms import Form
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


def test_what_was_is_told_also_where_nobody_had_read_it(inside):
    """CORE-4: after a commit nothing of the record is in memory."""
    patient = zoe()
    patient.city = "Leeds"
    db.session.commit()
    patient.city = "York"
    db.session.commit()
    patient.city = "York"
    db.session.commit()
    assert [row.changes for row in rows()[1:]] == [{"city": [None, "Leeds"]}, {"city": ["Leeds", "York"]}]


def test_what_is_deleted_is_kept_in_the_audit(inside):
    patient = zoe()
    db.session.delete(patient)
    db.session.commit()
    assert rows()[-1].action == "delete"
    assert rows()[-1].changes["last_name"] == ["O’Brien", None]
    assert "name_search" not in rows()[-1].changes


class Several(Form):
    """Chooses several."""

    features = SelectMultipleField("Features", choices={"oxygen": "Oxygen", "window": "Window"})


def test_several_choices_read_as_their_words(inside):
    patient = zoe()
    audit_hospital("update", patient, {"features": [["oxygen"], ["oxygen", "window"]]})
    newest = history_of(patient, Several(formdata=None))[0]
    assert [(one.before, one.after) for one in newest.changes] == [("Oxygen", "Oxygen, Window")]


def test_a_moment_is_kept_in_utc_and_read_in_the_words_of_the_hospital(inside):
    patient = zoe()
    patient.record_death(datetime(2026, 7, 1, 10, 30, tzinfo=ZoneInfo("Europe/London")))
    db.session.commit()
    assert "2026-07-01T09:30:00+00:00" in str(rows()[-1].changes)
    newest = history_of(patient, DeathForm(formdata=None, record=patient))[0]
    assert "1 Jul 2026, 10:30" in newest.changes[-1].after
