"""A change that lost to another one at the same instant is done again, on what is there now."""

import io

import pytest
import sqlalchemy as sa
from flask import flash
from sqlalchemy.orm.exc import StaleDataError

from modules.patients.models import Patient
from portal.extensions import db
from portal.kit import files
from portal.kit.models import Attachment
from portal.record import Overtaken
from portal.tenancy.current import in_hospital
from tests.page import Page

ANN = {"first_name": "Ann", "last_name": "Lee", "sex": "female", "token": "a"}
LETTER = b"A letter of the family doctor."


class Deadlock(Exception):
    """What the driver raises where the server ended one of two that waited for each other."""

    sqlstate = "40P01"


LOST = {
    "a version": StaleDataError("UPDATE statement on table expected to update 1 row(s); 0 were matched"),
    "a state": Overtaken("This is not possible any more."),
    "a lock": sa.exc.OperationalError("UPDATE", {}, Deadlock("deadlock detected")),
}


@pytest.fixture
def losing(monkeypatch):
    """`losing(error, times)`: registering a patient is told about, and then lost so often; gives what was begun."""

    def lose(error: Exception, times: int) -> list:
        begun, register = [], Patient.register

        def registered(patient: Patient) -> Patient:
            begun.append(patient)
            flash("Somebody is registered.")
            register(patient)
            if len(begun) <= times:
                raise error
            return patient

        monkeypatch.setattr(Patient, "register", registered)
        return begun

    return lose


@pytest.fixture
def clerk(client_with):
    """Somebody who registers patients."""
    return client_with("patients.view", "patients.add", "patients.document_add", "patients.document_view")


def patients(app, hospital) -> int:
    with app.app_context(), in_hospital(hospital):
        return db.session.scalar(sa.select(sa.func.count(Patient.id)))


@pytest.mark.parametrize("error", LOST.values(), ids=LOST)
def test_who_lost_twice_is_served_the_third_time_and_everything_is_there_once(error, app, hospital, clerk, losing):
    begun = losing(error, 2)
    answer = clerk.post("/patients/new", data=ANN)
    assert (answer.status_code, len(begun)) == (303, 3)
    assert patients(app, hospital) == 1
    assert Page(clerk.get(answer.location).text).text.count("Somebody is registered.") == 1


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (LOST["a version"], 409, "Somebody else was faster"),
        (LOST["a state"], 409, "Not possible any more"),
        (LOST["a lock"], 503, "nothing was saved"),
    ],
    ids=LOST,
)
def test_who_loses_again_and_again_reads_that_nothing_was_saved(error, status, said, app, hospital, clerk, losing):
    begun = losing(error, 9)
    answer = clerk.post("/patients/new", data=ANN)
    assert (answer.status_code, len(begun)) == (status, 3)
    assert said in Page(answer.text).text
    assert patients(app, hospital) == 0


def test_what_is_refused_or_fails_for_another_reason_is_not_done_again(clerk, losing):
    begun = losing(sa.exc.OperationalError("INSERT", {}, Exception("disk I/O error")), 9)
    assert clerk.post("/patients/new", data=ANN).status_code == 500
    assert len(begun) == 1


def test_a_file_that_was_sent_is_read_from_its_beginning_again(app, hospital, clerk, monkeypatch):
    """CORE-8."""
    clerk.post("/patients/new", data=ANN)
    keep, tried = files.keep, []

    def lose_once(content: bytes):
        tried.append(content)
        if len(tried) == 1:
            raise LOST["a version"]
        return keep(content)

    monkeypatch.setattr(files, "keep", lose_once)
    sent = {"file": (io.BytesIO(LETTER), "letter.txt"), "kind": "other", "token": "b"}
    assert clerk.post("/patients/1/documents/new", data=sent).status_code == 303
    assert tried == [LETTER, LETTER]
    with app.app_context(), in_hospital(hospital):
        assert db.session.scalars(sa.select(Attachment.size)).all() == [len(LETTER)]
