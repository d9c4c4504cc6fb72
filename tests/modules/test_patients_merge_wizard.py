"""The wizard that merges two records: find the other one, compare both, say why, done."""

from pathlib import Path

import pytest

from modules.patients.api import open_encounter
from modules.patients.models import Patient
from portal.extensions import db
from portal.kit.models import Attachment
from portal.tenancy.current import in_hospital
from tests.modules.two_records import WHY, allergic, fill_tables, register_twice
from tests.page import Page

MERGER = ("patients.view", "patients.merge", "patients.change", "patients.allergy_view", "patients.encounter_view")


@pytest.fixture
def path(app, hospital, settings) -> Path:
    """The database of a hospital with rows in every table."""
    return fill_tables(app, hospital, settings)


@pytest.fixture
def ids(app, hospital, path) -> tuple[int, int]:
    """The record that is kept, and the one that is merged."""
    return register_twice(app, hospital)


@pytest.fixture
def records(client_with, ids):
    """Somebody who keeps the records in order."""
    return client_with(*MERGER)


@pytest.fixture
def numbers(app, hospital, ids) -> tuple[str, str]:
    """The numbers of the two records."""
    with app.app_context(), in_hospital(hospital, writing=False):
        return tuple(db.session.get(Patient, one).mrn for one in ids)


def test_the_other_record_is_offered_because_it_looks_the_same_or_is_searched_for(records, ids, numbers):
    page = records.page(f"/patients/{ids[0]}/merge")
    assert "Same birth date" in page.text
    assert (f"/patients/{ids[0]}/merge/{ids[1]}", f"Compare {numbers[1]}") in page.links
    found = Page(records.post(f"/patients/{ids[0]}/merge", data={"q": "Spatz"}).text)
    assert (f"/patients/{ids[0]}/merge/1", "Compare 1 Spatz") in found.links
    assert "No other record matches" in records.post(f"/patients/{ids[0]}/merge", data={"q": "nobody"}).text
    slip = numbers[1][:-1] + str((int(numbers[1][-1]) + 1) % 10)
    assert f"{slip} is mistyped" in Page(records.post(f"/patients/{ids[0]}/merge", data={"q": slip}).text).text


def test_both_records_are_compared_before_they_are_merged(records, app, hospital, ids, numbers):
    with app.app_context(), in_hospital(hospital):
        merged = db.session.get(Patient, ids[1])
        merged.phone, merged.sex = "07700 900412", "male"
        allergic(merged, "Penicillin", "severe")
        file = {"file_key": "k", "filename": "a.pdf", "mime": "application/pdf", "size": 1, "sha256": "0"}
        db.session.add(Attachment(content_type="patients_patient", object_id=ids[0], kind="other", **file))
        db.session.commit()
    page = records.page(f"/patients/{ids[0]}/merge/{ids[1]}")
    for words in (
        "First name Differs Zoë Zoe",
        "Last name O’Brien O’Brien",
        "Phone number In one only Not recorded 07700 900412",
        "Patients: allergy 0 1",
        "Attachment 1 0",
        "The sexes differ: I have checked that it is one person",
        "Penicillin (severe)",
    ):
        assert words in page.text, words


def answers(ids, numbers, **changes) -> dict:
    return {"kept": ids[0], "reason": WHY, "mrn": numbers[1], "token": "5a0f6c1e-0000-4000-8000-000000000001"} | changes


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mrn": ""}, "Enter the number of the record that disappears"),
        ({"mrn": "CG-000001-8"}, "the number of the record that disappears"),
        ({"reason": " "}, "Enter the reason"),
        ({"kept": "3"}, "Select the record to keep"),
        ({"kept": ""}, "Select the record to keep"),
    ],
)
def test_a_merge_needs_a_reason_and_the_number_that_disappears(records, ids, numbers, changes, sentence):
    answer = records.post(f"/patients/{ids[0]}/merge/{ids[1]}", data=answers(ids, ("", "CG-000002-6"), **changes))
    assert (answer.status_code, sentence in Page(answer.text).text) == (422, True)
    assert "Merged" not in records.page(f"/patients/{ids[1]}").text


def test_a_merge_through_the_form_leads_to_the_kept_record_and_the_old_number_leads_on(records, ids, numbers):
    """PAT-4, the page of a merged record."""
    place = f"/patients/{ids[0]}/merge/{ids[1]}"
    typed = numbers[1].lower().replace("-", "")
    for _twice in range(2):
        answer = records.post(place, data=answers(ids, numbers, mrn=typed))
        assert (answer.status_code, answer.location) == (303, f"/patients/{ids[0]}")
    assert f"{numbers[1]} was merged into this record {WHY}" in records.page(f"/patients/{ids[0]}").text
    found = Page(records.post("/patients/", data={"q": numbers[1]}).text)
    assert (f"/patients/{ids[1]}", "Zoe O’Brien") in found.links
    page = records.page(f"/patients/{ids[1]}")
    assert "This record was merged into Zoë O’Brien" in page.text
    assert (f"/patients/{ids[0]}", f"Zoë O’Brien, {numbers[0]}") in page.links
    assert not {"Edit details", "Merge with another record"} & {words.strip() for _url, words in page.links}
    assert [form for form in page.forms if f"/patients/{ids[1]}/" in form["action"]] == []


def test_a_refused_merge_says_why_on_the_form_and_keeps_the_answers(records, app, hospital, ids, numbers):
    with app.app_context(), in_hospital(hospital):
        open_encounter(db.session.get(Patient, ids[0]), "IMP")
        db.session.commit()
    answer = records.post(f"/patients/{ids[0]}/merge/{ids[1]}", data=answers(ids, numbers))
    page = Page(answer.text)
    assert (answer.status_code, "An inpatient stay is open" in page.text) == (422, True)
    assert next(one["value"] for one in page.fields if one.get("name") == "mrn") == numbers[1]


def test_the_older_record_can_be_the_one_that_disappears(records, ids, numbers):
    data = answers(ids, numbers, kept=ids[1], mrn=numbers[0])
    assert records.post(f"/patients/{ids[0]}/merge/{ids[1]}", data=data).location == f"/patients/{ids[1]}"


def test_records_that_cannot_be_merged_are_compared_without_a_form(records, app, hospital, ids):
    with app.app_context(), in_hospital(hospital):
        for one in ids:
            db.session.get(Patient, one).deactivate()
        db.session.commit()
    page = records.page(f"/patients/{ids[0]}/merge/{ids[1]}")
    assert "These two cannot be merged" in page.text
    assert "merge-form" not in page.ids
    answer = records.post(f"/patients/{ids[0]}/merge/{ids[1]}", data=answers(ids, ("", "CG-000001-8")))
    assert answer.status_code == 422


def test_who_may_not_merge_is_offered_no_merge(client_with, ids):
    viewer = client_with("patients.view", "patients.change", username="viewer")
    page = viewer.page(f"/patients/{ids[0]}")
    assert "Merge with another record" not in {words.strip() for _url, words in page.links}
    for path in (f"/patients/{ids[0]}/merge", f"/patients/{ids[0]}/merge/{ids[1]}"):
        assert viewer.get(path).status_code == 403


def test_a_record_compared_with_itself_or_with_nobody_is_not_found(records, ids):
    for other in (ids[0], 4711):
        assert records.get(f"/patients/{ids[0]}/merge/{other}").status_code == 404


def of_patients(statements: list[str]) -> list[str]:
    """Those that read what belongs to patients; who is signed in and which hospital it is may be remembered or not."""
    return [one for one in statements if "patients_" in one]


def test_a_comparison_makes_as_many_queries_for_much_as_for_little(records, app, hospital, ids, count_queries):
    place = f"/patients/{ids[0]}/merge/{ids[1]}"
    records.page(place)
    with count_queries() as few:
        records.page(place)
    with app.app_context(), in_hospital(hospital):
        for number in range(20):
            allergic(db.session.get(Patient, ids[1]), f"Substance {number}", "mild")
        db.session.commit()
    with count_queries() as many:
        records.page(place)
    assert len(of_patients(many)) == len(of_patients(few)) > 0
