"""The moves of a record as pages: what does not fit is refused at import, and what was voided stays as it is."""

import pytest

from modules.patients.models import Patient
from modules.patients.models.clinical import MedicalHistory
from portal.extensions import db
from portal.kit import Module, MoveForm, WrongState, moves_from, moves_of, transition
from portal.kit.forms import Text
from portal.tenancy.current import in_hospital


class Note(MoveForm):
    """Asks for a note, which may stay empty."""

    note = Text("Note", 80)


def trial() -> Module:
    """A module that is nowhere registered."""
    return Module("modules.trial", label="Trial", icon="users", group="", permissions={}, roles={})


def register(**forms) -> None:
    """Register the moves of a patient with these forms."""
    trial().moves(Patient, **forms)(lambda patient: "/")


def test_a_form_for_a_move_that_is_not_there_is_refused():
    with pytest.raises(TypeError, match="Patient has no move “deactivat”"):
        register(deactivat=Note)


def test_a_move_that_needs_answers_is_refused_without_a_form_for_them():
    with pytest.raises(TypeError, match=r"Patient\.record_death needs “deceased_at”"):
        register(give_way=None)


def test_what_a_move_takes_along_is_one_of_its_arguments():
    with pytest.raises(TypeError, match="“begin” takes along “room_id”"):

        @transition("planned", "begun", needs="begin", along=("room_id",))
        def begin(self):
            """It begins."""


def test_a_move_has_no_argument_called_note():
    with pytest.raises(TypeError, match=r"“begin”.*note"):

        @transition("planned", "begun", needs="begin")
        def begin(self, note):
            """It begins."""


@pytest.fixture
def patient(in_app, hospital):
    """A patient, inside the hospital."""
    with in_hospital(hospital):
        yield Patient(first_name="Zoë", last_name="Ng", sex="female").register()


@pytest.mark.parametrize("note", [None, ""])
def test_a_note_that_stayed_empty_is_none(patient, note):
    patient.deactivate(note=note)
    assert patient.status == "inactive"


def test_what_a_move_takes_along_may_be_given_by_its_place(patient):
    kept = Patient(first_name="Zoe", last_name="Ng", sex="female").register()
    patient.give_way(kept.id)
    assert (patient.status, patient.merged_into_id) == ("merged", kept.id)


def test_what_was_voided_does_not_move_any_more_and_offers_nothing(patient):
    patient.void("Registered twice")
    db.session.flush()
    assert moves_from(patient) == []
    with pytest.raises(WrongState, match="the entry was voided"):
        patient.deactivate()
    assert patient.status == "active"


def test_moves_of_a_module_that_the_hospital_does_not_have_are_not_offered(app, hospital, monkeypatch, patient):
    class Anybody:
        """Somebody who may do everything."""

        def may(self, permission: str) -> bool:
            return True

    monkeypatch.setattr("portal.kit.moves.current_user", Anybody())
    with app.test_request_context(base_url="http://city-general.localhost"), in_hospital(hospital):
        assert [offer.label for offer in moves_of(patient)]
        monkeypatch.setitem(vars(hospital), "modules", hospital.modules - {"patients"})
        assert moves_of(patient) == []


def test_the_history_of_a_patient_moves_only_until_it_is_voided(patient):
    entry = MedicalHistory(patient=patient, category="condition", title="Asthma").add()
    db.session.flush()
    assert moves_from(entry)
    entry.void("Wrong patient")
    assert moves_from(entry) == []


def test_a_move_that_is_not_possible_now_is_not_asked_for(client_with):
    browser = client_with("patients.view", "patients.add", "patients.change")
    browser.post("/patients/new", data={"first_name": "Ann", "last_name": "Lee", "sex": "female", "token": "1"})
    browser.page("/patients/1/record-death")
    browser.post("/patients/1/deactivate")
    late = browser.page("/patients/1/record-death", 409)
    assert "the record is “inactive” now" in late.text
    assert ("/patients/1", "See how it is now") in late.links
