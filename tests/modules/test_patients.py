"""Patients: registered once, found by anything that is known of them, corrected without losing who did what."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from modules.patients.ages import age_in_words
from modules.patients.look_alikes import is_similar
from modules.patients.models import Patient
from modules.patients.mrn import is_mistyped_mrn, mrn_of
from portal import clock
from portal.extensions import db
from portal.tenancy.current import in_hospital
from tests.page import Page

CLERK = ("patients.view", "patients.add", "patients.change", "patients.audit_view")
ZOE = {
    "first_name": "Zoë",
    "last_name": "O’Brien",
    "sex": "female",
    "birth_date": "1955-03-02",
    "phone": "07700 900412",
}


@pytest.fixture
def desk(client_with):
    """Somebody at the front desk."""
    return client_with(*CLERK)


def register(browser, **changes) -> str:
    """Register a patient through the form; the address of the record, which has been opened."""
    answer = browser.post("/patients/new", data={**ZOE, **changes})
    assert answer.status_code == 303, Page(answer.get_data(as_text=True)).text
    browser.page(answer.location)
    return answer.location


def refused(browser, path="/patients/new", status=422, **changes) -> Page:
    """The page that answers a form with something wrong in it."""
    answer = browser.post(path, data={**ZOE, **changes})
    assert answer.status_code == status
    return Page(answer.get_data(as_text=True))


def search(browser, q: str, query: str = "") -> Page:
    """What the list shows for the words."""
    answer = browser.post(f"/patients/{query}", data={"q": q}, follow_redirects=True)
    assert answer.status_code == 200
    return Page(answer.get_data(as_text=True))


def test_a_registered_patient_has_a_record_and_stands_in_the_list(desk):
    record = desk.page(register(desk))
    assert record.headings == ["Zoë O’Brien"]
    assert "CG-000001-8" in record.text
    assert "female" in record.text
    assert "Created by Leila" in desk.page("/patients/1/audit").text
    assert "CG-000001-8" in desk.page("/patients/").text


@pytest.mark.parametrize(
    "q",
    [
        "CG-000001-8",
        "cg0000018",
        "000001-8",
        "900412",
        "412",
        "07700 900412",
        "zoe",
        "OBRIEN zo",
        "o’brien zoë",
        "AB 12",
    ],
)
def test_a_patient_is_found_by_number_phone_ending_national_id_or_words_of_the_name(desk, q):
    """PAT-7, by what a patient is found."""
    register(desk, national_id="ab12")
    register(desk, first_name="Łukasz", last_name="Wójcik", phone="07700 900500", birth_date="1963-01-01")
    found = search(desk, q)
    assert "CG-000001-8" in found.text
    assert "Wójcik" not in found.text


@pytest.mark.parametrize("q", ["lukasz", "wojcik łu"])
def test_letters_with_strokes_are_found_without_them(desk, q):
    register(desk, first_name="Łukasz", last_name="Wójcik")
    assert "Łukasz Wójcik" in search(desk, q).text


def test_a_search_that_matches_nobody_says_so(desk):
    register(desk)
    assert "No patients match" in search(desk, "!!!").text
    assert "No patients match" in search(desk, "zoe smith").text


def test_a_mistyped_number_is_said_to_be_mistyped_without_a_search(desk, count_queries):
    """PAT-1, the check digit."""
    register(desk)
    with count_queries() as statements:
        page = search(desk, "CG-000001-7")
    assert "CG-000001-7 is mistyped" in page.text
    assert not [one for one in statements if "mrn =" in one]


def test_what_is_searched_for_stays_out_of_the_address_and_filters_are_in_it(desk):
    register(desk)
    answer = desk.post("/patients/", data={"q": "zoe", "sex": "female"})
    assert (answer.status_code, answer.location) == (307, "/patients/?sex=female")
    answer = desk.post("/patients/", data={"q": "", "sex": "male", "age": ""})
    assert (answer.status_code, answer.location) == (303, "/patients/?sex=male")
    assert "zoe" not in "".join(url for url, _words in search(desk, "zoe").links).lower()


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("?sex=female", True), ("?sex=male", False), ("?age=65-over", True), ("?age=16-64", False),
        ("?age=under-2", False), ("?status=inactive", False), ("?registered=today", True),
        ("?sex=nonsense&page=99&sort=nothing&per_page=7", True),
    ],
)  # fmt: skip
def test_filters_narrow_the_list_and_unknown_ones_are_ignored(desk, query, is_there):
    register(desk)
    assert ("Zoë" in desk.page(f"/patients/{query}").text) == is_there


def test_a_long_search_is_paged_by_posting_it_again(desk, app, hospital):
    add_many(app, hospital, 30)
    first = search(desk, "same")
    assert "Showing 1 to 25 of 30 patients" in first.text
    assert "Showing 26 to 30 of 30 patients" in search(desk, "same", "?page=2").text
    assert any('formaction="/patients/?page=2"' in line for line in first.html.splitlines())


def test_the_list_makes_as_many_queries_for_thirty_patients_as_for_one(desk, app, hospital, count_queries):
    add_many(app, hospital, 1)
    with count_queries() as few:
        desk.page("/patients/")
    add_many(app, hospital, 30)
    with count_queries() as many:
        desk.page("/patients/?per_page=50")
    assert len(of_patients(many)) == len(of_patients(few)) > 0


def of_patients(statements: list[str]) -> list[str]:
    return [one for one in statements if "patients_patient" in one]


def add_many(app, hospital, count: int) -> None:
    with app.app_context(), in_hospital(hospital):
        for number in range(count):
            Patient(first_name=f"Same{number}", last_name="Family", sex="unknown").register()
        db.session.commit()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("first_name", " ", "Enter the first name"),
        ("last_name", "x" * 81, "Last name must be 80 characters or fewer"),
        ("first_name", "a\u202eb", "First name must not contain line breaks or control characters"),
        ("sex", "", "Select the sex"),
        ("sex", "both", "Select the sex"),
        ("birth_date", "2999-01-01", "Date of birth must be today or in the past"),
        ("birth_date", "1899-12-31", "Date of birth must be 1 January 1900 or later"),
        ("birth_date", "31 February", "Date of birth must be a real date, like 1980-03-31"),
        ("phone", "call me", "Phone number must have 5 to 15 digits, like 07700 900412"),
        ("email", "zoe", "Email address must include an @ and a domain, like name@hospital.example"),
        ("age_years", "131", "Age in years, if the date of birth is not known must be a whole number from 0 to 130"),
        ("age_years", "40", "Enter the date of birth or the age, not both"),
    ],
)
def test_each_wrong_answer_gets_its_sentence_and_all_answers_are_kept(desk, field, value, sentence):
    page = refused(desk, **{field: value})
    assert sentence in page.text
    assert page.title.startswith("Error: ")
    kept = {one["name"]: one.get("value") for one in page.fields if "name" in one}
    assert {"phone": "07700 900412", "birth_date": "1955-03-02"}.items() - {(field, ZOE.get(field))} <= kept.items()
    assert "No patients yet" in desk.page("/patients/").text


def test_an_age_stands_for_a_birth_date_nobody_knows(desk):
    record = desk.page(register(desk, birth_date="", age_years="40"))
    assert "about 40 years, female" in record.text
    assert "(estimated)" in record.text


def test_the_same_form_sent_twice_makes_one_patient(desk):
    form = next(one for one in desk.page("/patients/new").fields if one.get("name") == "token")
    assert register(desk, token=form["value"]) == register(desk, token=form["value"])
    assert "Showing 1 to 1 of 1 patient" in desk.page("/patients/").text


def test_a_known_national_id_blocks_even_with_a_reason(desk):
    """PAT-2, what blocks."""
    register(desk, national_id="QQ 123 456 C")
    page = refused(desk, first_name="Ann", phone="", birth_date="", national_id="qq123456c", duplicate_reason="twin")
    assert "This national id belongs to Zoë O’Brien, CG-000001-8. Open that record instead" in page.text


@pytest.mark.parametrize(
    ("facts", "same"),
    [
        ({"first_name": "Niamh", "birth_date": "", "phone": "+44 7700 900412"}, "Same phone"),
        ({"first_name": "Zoe", "last_name": "OBrian", "phone": ""}, "Same birth date"),
    ],
)
def test_somebody_who_looks_the_same_needs_a_reason_which_is_kept(desk, facts, same):
    """PAT-2, what needs a reason."""
    register(desk)
    page = refused(desk, **facts)
    assert "1 patient looks the same" in page.text
    assert same in page.text
    assert ("/patients/1", "Use this patient CG-000001-8") in page.links
    record = register(desk, **facts, duplicate_reason="Twin sister")
    assert "Reason: Twin sister" in desk.page(f"{record}/audit").text


def test_the_same_birth_date_with_another_name_is_nobody_alike(desk):
    register(desk)
    register(desk, first_name="Samuel", last_name="Adeyemi", phone="")


def test_who_looks_the_same_is_shown_while_typing(desk):
    """PAT-2, while typing."""
    register(desk)
    answer = desk.post("/patients/look-alikes", data={"phone": "07700900412"})
    assert "1 patient looks the same" in answer.get_data(as_text=True)
    assert "same" not in desk.post("/patients/look-alikes", data={"phone": "07700900999"}).get_data(as_text=True)


def test_similar_names_are_those_that_share_a_word_or_are_nearly_alike():
    assert is_similar("obrien zoe", "obrian zoe")
    assert is_similar("wojcik lukasz", "wojcick lukas")
    assert not is_similar("obrien zoe", "adeyemi samuel")
    assert not is_similar("", "")


def test_a_change_is_kept_with_what_it_was_before(desk):
    place = register(desk)
    page = desk.page(f"{place}/edit")
    version = next(one["value"] for one in page.fields if one.get("name") == "version")
    answer = desk.post(f"{place}/edit", data={**ZOE, "version": version, "city": "Leeds", "phone": ""})
    assert answer.status_code == 303
    history = desk.page(f"{place}/audit").text
    assert "Town or city: Leeds" in history
    assert "Phone number: 07700 900412 → removed" in history
    assert "Changed by Leila" in history


def test_a_stale_form_is_409_and_keeps_nothing(desk):
    place = register(desk)
    assert desk.post(f"{place}/edit", data={**ZOE, "version": "1", "city": "Leeds"}).status_code == 303
    page = refused(desk, f"{place}/edit", 409, version="1", city="York")
    assert "Somebody else changed this record while you worked on it" in page.text
    assert any(one.get("name") == "city" and one["value"] == "Leeds" for one in page.fields)
    assert "York" not in desk.page(place).text


def test_a_patient_of_another_hospital_is_not_there(two_hospitals, client_with):
    city, lakeside = (client_with(*CLERK, hospital=one) for one in two_hospitals)
    place = register(city)
    assert "No patients yet" in lakeside.page("/patients/").text
    assert lakeside.get(place).status_code == 404
    assert lakeside.post(f"{place}/edit", data=ZOE).status_code == 404
    other = register(lakeside, first_name="Chloé", last_name="Martin")
    assert other == place
    assert "Zoë" not in lakeside.page(other).text


def test_an_id_too_large_for_the_database_is_not_there(desk):
    assert desk.get(f"/patients/{10**30}").status_code == 404


def test_who_may_only_look_is_offered_no_change(client_with):
    viewer = client_with("patients.view")
    page = viewer.page("/patients/")
    assert "Register" not in {words.strip() for _url, words in page.links}
    assert viewer.get("/patients/new").status_code == 403
    assert viewer.post("/patients/new", data=ZOE).status_code == 403


def test_the_check_digit_is_luhns_and_catches_every_single_slip():
    assert mrn_of("DH", 123) == "DH-000123-0"
    right = mrn_of("DH", 4217)
    for place in (3, 4, 5, 6, 7, 8, 10):
        for digit in "0123456789":
            typed = right[:place] + digit + right[place + 1 :]
            assert is_mistyped_mrn(typed) == (typed != right)


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(2026, 11, 24), "0 days"), (date(2026, 11, 23), "1 day"), (date(2026, 10, 28), "27 days"),
        (date(2026, 10, 27), "0 months"), (date(2026, 10, 24), "1 month"), (date(2024, 11, 25), "23 months"),
        (date(2024, 11, 24), "2 years"), (date(1955, 11, 25), "70 years"), (date(1955, 11, 24), "71 years"),
        (None, ""), (date(2026, 11, 25), ""),
    ],
)  # fmt: skip
def test_an_age_is_told_in_days_then_months_then_years(born, words):
    """PAT-6."""
    assert age_in_words(born, date(2026, 11, 24)) == words


def test_registered_today_means_the_day_of_the_hospital(desk, app, hospital):
    register(desk)
    clock.move(timedelta(days=1))
    assert "No patients match" in desk.page("/patients/?registered=today").text


def test_the_database_keeps_what_searches_look_at(app, hospital):
    with app.app_context(), in_hospital(hospital):
        Patient(
            first_name="Zoë", middle_name="Ann", last_name="O’Brien", sex="female", phone="+44 7700 900412"
        ).register()
        db.session.commit()
        kept = db.session.scalar(sa.select(Patient))
        assert (kept.name_search, kept.phone_search) == ("obrien zoe ann", "214009007744")


def test_a_move_that_needs_nothing_is_made_at_once_and_said(desk):
    record = register(desk)
    answer = desk.post(f"{record}/deactivate")
    assert (answer.status_code, answer.location) == (303, record)
    page = desk.page(record)
    assert "Inactive" in page.text
    assert "The patient is not seen here any more" in page.text
    assert {form["action"] for form in page.forms} >= {f"{record}/reactivate"}


def test_a_death_is_asked_on_a_page_and_recorded_in_the_hospitals_time(desk, app, hospital):
    record = register(desk)
    page = desk.page(f"{record}/record-death")
    assert "A death cannot be taken back" in page.text
    assert "Enter the day and time of death" in Page(desk.post(f"{record}/record-death").text).text
    late = desk.post(f"{record}/record-death", data={"deceased_at": "2999-01-01T10:00"})
    assert (late.status_code, "must be in the past" in late.text) == (422, True)
    assert desk.post(f"{record}/record-death", data={"deceased_at": "2026-07-01T10:00"}).status_code == 303
    with app.app_context(), in_hospital(hospital):
        patient = db.session.get(Patient, 1)
        assert (patient.status, patient.deceased_at) == ("deceased", datetime(2026, 7, 1, 9, 0, tzinfo=UTC))


def test_a_move_from_another_state_is_a_page_that_says_so(desk):
    record = register(desk)
    desk.post(f"{record}/deactivate")
    answer = desk.post(f"{record}/deactivate")
    assert (answer.status_code, "is “inactive” now" in answer.text) == (409, True)


def test_a_tab_that_nobody_declares_is_not_found_and_one_not_permitted_is_refused(desk, client_with):
    record = register(desk)
    assert desk.get(f"{record}/nothing").status_code == 404
    assert client_with("patients.view", username="other").get(f"{record}/audit").status_code == 403
