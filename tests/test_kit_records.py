"""A form sent twice at the same moment makes one record, and only for whoever sent it."""

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from modules.patients.models import Patient
from portal.extensions import db
from portal.kit.models import IdempotencyKey
from portal.tenancy.current import in_hospital

TOKEN = "6a0f6c1e-0000-4000-8000-000000000001"
ANN = {"first_name": "Ann", "last_name": "Lee", "sex": "female", "token": TOKEN}


def count(app, hospital, model) -> int:
    with app.app_context(), in_hospital(hospital, writing=False):
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_ten_at_once_with_one_token_make_one_record_and_all_lead_to_it(app, hospital, client_with):
    """CORE-7."""
    browser = client_with("patients.view", "patients.add")

    def send(_number: int):
        copy = app.test_client(hospital=hospital)
        copy._cookies = browser._cookies
        answer = copy.post("/patients/new", data=ANN)
        return answer.status_code, answer.location

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(send, range(10))) == {(303, "/patients/1")}
    assert count(app, hospital, Patient) == count(app, hospital, IdempotencyKey) == 1


def test_a_token_that_another_person_used_leads_nobody_to_their_record(app, hospital, client_with):
    first, second = (client_with("patients.view", "patients.add", username=name) for name in ("ann", "ben"))
    assert first.post("/patients/new", data=ANN).location == "/patients/1"
    answer = second.post("/patients/new", data={**ANN, "first_name": "Ben", "last_name": "Moe"})
    assert answer.location == "/patients/2"


def test_a_form_that_was_refused_may_be_sent_again_with_its_token(client_with):
    browser = client_with("patients.view", "patients.add")
    assert browser.post("/patients/new", data={**ANN, "sex": ""}).status_code == 422
    assert browser.post("/patients/new", data=ANN).status_code == 303
