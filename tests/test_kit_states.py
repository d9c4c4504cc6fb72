"""Moves of a record: guarded by the database, logged, audited and announced in one transaction (modules.md §0.5)."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from portal.extensions import db
from portal.kit import Refused, WrongState, guarded_update, moves_from, on
from portal.kit.events import _now
from portal.kit.life import life_of
from portal.kit.models import AuditLog, StatusLog
from portal.kit.states import transitions_of
from portal.tenancy.current import in_hospital


@pytest.fixture
def patient(in_app, hospital):
    """A patient, inside the hospital."""
    with in_hospital(hospital):
        row = Patient(mrn="CG-000001-8", first_name="Zoë", last_name="O’Brien", name_search="obrien zoe", sex="female")
        db.session.add(row)
        db.session.commit()
        yield row


def test_a_move_changes_the_state_and_leaves_a_log_and_an_audit_entry(patient):
    version = patient.version
    patient.deactivate(note="moved away")
    db.session.commit()
    assert (patient.status, patient.version) == ("inactive", version + 1)
    row = db.session.scalars(sa.select(StatusLog)).one()
    assert (row.from_status, row.to_status, row.note, row.object_id) == ("active", "inactive", "moved away", patient.id)
    entry = db.session.scalars(sa.select(AuditLog).where(AuditLog.action == "transition")).one()
    assert entry.changes["status"] == ["active", "inactive"]


def test_the_life_of_a_record_tells_every_state_with_who_brought_it_there(patient):
    patient.deactivate(note="moved away")
    patient.reactivate()
    db.session.commit()
    assert [(step.status, step.by, step.note) for step in life_of(patient)] == [
        ("inactive", "", "moved away"),
        ("active", "", ""),
    ]


def test_a_move_from_another_state_is_refused_and_changes_nothing(patient):
    patient.deactivate()
    db.session.commit()
    with pytest.raises(WrongState, match="the record is “inactive” now"):
        patient.record_death(datetime(2026, 1, 1, tzinfo=UTC))
    assert patient.deceased_at is None
    assert db.session.scalar(sa.select(sa.func.count(StatusLog.id))) == 1


def test_what_the_body_refuses_is_undone_with_the_transaction(patient):
    with pytest.raises(Refused, match="must be in the past"):
        patient.record_death(datetime(2226, 1, 1, tzinfo=UTC))
    db.session.rollback()
    assert patient.status == "active"
    assert db.session.scalar(sa.select(sa.func.count(StatusLog.id))) == 0


def test_only_the_moves_from_the_present_state_are_offered(patient):
    offered = {move.name for move in moves_from(patient)}
    assert {"deactivate", "record_death"} <= offered
    assert "reactivate" not in offered
    patient.deactivate()
    assert [move.name for move in moves_from(patient)] == ["reactivate"]


def test_every_declared_state_is_a_state_of_the_table(app):
    words = set(Patient.__table__.c.status.type.enums)
    for move in transitions_of(Patient):
        assert {*move.sources, move.target} <= words
        assert move.says.endswith(".")


def test_a_handler_that_refuses_undoes_the_move(patient):
    @on("patient.inactive")
    def refuse(record):
        raise Refused("Not today.")

    try:
        with pytest.raises(Refused, match="Not today"):
            patient.deactivate()
    finally:
        _now["patient.inactive"].remove(refuse)
    db.session.rollback()
    assert patient.status == "active"


def test_a_guarded_update_of_a_row_that_changed_meanwhile_says_so(patient):
    assert not guarded_update(patient, Patient.status == "inactive", status="active")
    assert patient.status == "active"


def test_a_move_that_is_not_possible_any_more_is_a_409_page_with_its_sentence(app, hospital):
    def move():
        raise WrongState("This is not possible any more: the record is “left” now.")

    app.add_url_rule("/moved", view_func=move)
    page = app.test_client(hospital=hospital).page("/moved", 409)
    assert "This is not possible any more: the record is “left” now." in page.text


def audited(record) -> list[dict]:
    """What the audit keeps of the changes of a record, the oldest first."""
    rows = sa.select(AuditLog).where(AuditLog.object_id == record.id, AuditLog.action.in_(("update", "transition")))
    return [row.changes for row in db.session.scalars(rows.order_by(AuditLog.id))]


def test_a_guarded_update_leaves_what_was_and_what_is_in_the_audit(patient):
    """CORE-4."""
    assert guarded_update(patient, Patient.status == "active", city="Leeds", phone="07700 900412")
    assert audited(patient) == [{"city": [None, "Leeds"], "phone": [None, "07700 900412"]}]


def test_what_a_move_takes_along_stands_in_its_audit_entry(patient):
    """CORE-4."""
    kept = Patient(mrn="CG-000002-6", first_name="Zoë", last_name="O’Brien", name_search="obrien zoe", sex="female")
    db.session.add(kept)
    db.session.flush()
    patient.give_way(merged_into_id=kept.id)
    assert audited(patient) == [{"status": ["active", "merged"], "merged_into_id": [None, kept.id]}]


def test_a_move_tells_the_state_from_which_it_really_went(patient):
    """Who read the record before somebody else moved it does not move it from a state it left."""
    assert patient.status == "active"
    db.session.execute(sa.update(Patient).values(status="inactive").execution_options(synchronize_session=False))
    with pytest.raises(WrongState, match="the record is “inactive” now"):
        patient.deactivate()


def test_a_refusal_on_a_page_without_a_form_is_its_sentence_and_no_fault(app, hospital):
    def book():
        raise Refused("The doctor is just taken.", "doctor_id")

    app.add_url_rule("/booked", view_func=book)
    page = app.test_client(hospital=hospital).page("/booked", 409)
    assert "The doctor is just taken." in page.text


def test_a_record_that_was_only_just_added_moves_from_its_first_state(patient):
    new = Patient(mrn="CG-000002-6", first_name="Zoë", last_name="O’Brien", name_search="obrien zoe", sex="female")
    db.session.add(new)
    new.deactivate()
    assert db.session.scalars(sa.select(StatusLog.from_status)).one() == "active"
