"""The token of a form belongs to whoever sent it, and is used up only by what was saved."""

TOKEN = "6a0f6c1e-0000-4000-8000-000000000001"
ANN = {"first_name": "Ann", "last_name": "Lee", "sex": "female", "token": TOKEN}


def test_a_token_that_another_person_used_leads_nobody_to_their_record(app, hospital, client_with):
    first, second = (client_with("patients.view", "patients.add", username=name) for name in ("ann", "ben"))
    assert first.post("/patients/new", data=ANN).location == "/patients/1"
    answer = second.post("/patients/new", data={**ANN, "first_name": "Ben", "last_name": "Moe"})
    assert answer.location == "/patients/2"


def test_a_form_that_was_refused_may_be_sent_again_with_its_token(client_with):
    browser = client_with("patients.view", "patients.add")
    assert browser.post("/patients/new", data={**ANN, "sex": ""}).status_code == 422
    assert browser.post("/patients/new", data=ANN).status_code == 303
