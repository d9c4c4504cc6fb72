"""Events: handlers now share the emitter's fate, later ones run once after the commit (CORE-3)."""

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from portal import queue
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit import emit, on, outbox
from portal.kit.events import _later, _now
from portal.kit.models import Event, EventDelivery
from portal.tenancy.current import TenantGone, in_hospital


@pytest.fixture(autouse=True)
def no_handlers_stay():
    """Handlers of a test end with it."""
    yield
    _now.pop("test.happened", None)
    _later.pop("test.happened", None)


@pytest.fixture
def asked(monkeypatch) -> list:
    """The jobs that were put into the queue, which works."""
    jobs = []
    monkeypatch.setattr(queue, "enqueue", lambda *job: jobs.append(job) or True)
    return jobs


def happen(hospital, *, commit: bool = True) -> int:
    """Register a patient and tell of it."""
    with in_hospital(hospital):
        count = db.session.scalar(sa.select(sa.func.count(Patient.id)))
        patient = Patient(mrn=f"CG-{count}", first_name="A", last_name="B", name_search="b a", sex="other")
        db.session.add(patient)
        db.session.flush()
        emit("test.happened", patient)
        patient_id = patient.id
        db.session.commit() if commit else db.session.rollback()
        return patient_id


def test_a_now_handler_works_in_the_transaction_of_the_emitter(in_app, hospital):
    """CORE-3, first half."""

    @on("test.happened")
    def rename(patient):
        patient.first_name = "Renamed"

    patient_id = happen(hospital)
    with in_hospital(hospital):
        assert db.session.get(Patient, patient_id).first_name == "Renamed"


def test_a_later_handler_runs_once_after_the_commit_however_often_it_is_tried(in_app, hospital, asked):
    """CORE-3, second half."""
    seen = []
    on("test.happened", later=True)(lambda **about: seen.append(about))
    patient_id = happen(hospital)
    assert seen == []
    assert asked == [("portal.kit.outbox.deliver", "city-general")]
    assert outbox.deliver("city-general") == 1
    assert outbox.deliver("city-general") == 0
    assert seen == [{"table": "patients_patient", "id": patient_id}]


def test_an_event_that_was_rolled_back_was_never_told(in_app, hospital, asked):
    on("test.happened", later=True)(lambda **about: None)
    happen(hospital, commit=False)
    assert asked == []
    assert outbox.deliver("city-general") == 0


def test_a_failing_handler_is_tried_again_and_the_done_ones_are_not(in_app, hospital, asked):
    seen, broken = [], [True]

    def works(**about):
        seen.append(about["id"])

    def fails_first(**about):
        if broken.pop() if broken else False:
            raise OSError("the mail server is away")
        seen.append(-about["id"])

    on("test.happened", later=True)(works)
    on("test.happened", later=True)(fails_first)
    patient_id = happen(hospital)
    outbox.deliver("city-general")
    with in_hospital(hospital):
        event = db.session.scalars(sa.select(Event)).one()
        assert (event.attempts, event.last_error) == (1, "OSError")
        db.session.rollback()
    outbox.deliver("city-general")
    assert seen == [patient_id, -patient_id]
    with in_hospital(hospital):
        assert db.session.scalar(sa.select(sa.func.count(EventDelivery.id))) == 2


def test_while_the_queue_is_away_the_reaper_remembers_the_hospital(in_app, hospital, monkeypatch):
    on("test.happened", later=True)(lambda **about: None)
    happen(hospital)  # no Redis in tests
    assert db.session.scalar(sa.select(Tenant.outbox_due_at)) is not None
    db.session.rollback()
    jobs = []
    monkeypatch.setattr(queue, "enqueue", lambda *job: jobs.append(job) or True)
    outbox.wake_remembered()
    outbox.wake_remembered()
    assert jobs == [("portal.kit.outbox.deliver", "city-general")]


def test_a_hospital_that_is_gone_is_never_mistaken_for_another(in_app, hospital):
    with pytest.raises(TenantGone):
        outbox.deliver("nobody")


def test_a_failing_handler_does_not_keep_the_next_one_from_its_work(in_app, hospital, asked):
    seen = []

    def fails(**about):
        raise OSError("the mail server is away")

    on("test.happened", later=True)(fails)
    on("test.happened", later=True)(lambda **about: seen.append(about["id"]))
    patient_id = happen(hospital)
    assert outbox.deliver("city-general") == 1
    assert seen == [patient_id]
    with in_hospital(hospital):
        assert db.session.scalar(sa.select(Event.last_error)) == "OSError"
