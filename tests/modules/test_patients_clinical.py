"""What is known of a patient: allergies, history, consents, insurance, contacts and documents, each kept once."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from modules.patients.find_clinical import active_allergies
from modules.patients.models import Patient
from modules.patients.models.beside import Contact, Identifier, Insurance
from modules.patients.models.clinical import Allergy, Consent, MedicalHistory, rule_out_allergies
from portal.auth.models import Group, UserGroup
from portal.extensions import db
from portal.kit import Refused, WrongState, now, today
from portal.kit.models import AuditLog, StatusLog
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.page import Page

WARD = tuple(
    f"patients.{verb}"
    for verb in (
        "view", "detail_view", "change", "allergy_view", "allergy_add", "allergy_change", "history_view", "history_add",
        "history_change", "history_void", "consent_view", "consent_add", "consent_change", "consent_void",
        "insurance_view", "insurance_add", "insurance_change", "document_view", "document_add",
    )
)  # fmt: skip
PENICILLIN = {"substance": "Penicillin", "category": "medication", "severity": "severe", "criticality": "high"}
ASTHMA = {"category": "condition", "title": "Asthma"}
POLICY = {"policy_no": "A-1", "valid_from": date(2026, 1, 1), "coverage_pct": Decimal(80)}
SENT_POLICY = {"insurer_id": "1", "policy_no": "A-1", "valid_from": "2026-01-01", "coverage_pct": "80", "copay": "5"}
AGREED = {"kind": "surgery", "granted": "True", "signed_by_name": "Zoë O’Brien", "signed_at": "2026-07-01T10:00"}


@pytest.fixture
def patient_id(app, hospital) -> int:
    """A patient of whom nothing is known yet."""
    with app.app_context(), in_hospital(hospital):
        patient = Patient(first_name="Zoë", last_name="O’Brien", sex="female", birth_date=date(1955, 3, 2)).register()
        insurer = Insurance.metadata.tables["billing_insurer"]
        stamps = {"created_at": now(), "updated_at": now(), "version": 1, "terms_days": 30}
        db.session.execute(sa.insert(insurer).values(code="AVI", name="Avicenna Mutual", **stamps))
        db.session.commit()
        return patient.id


@pytest.fixture
def patient(app, hospital, patient_id):
    """The patient, inside the hospital."""
    with app.app_context(), in_hospital(hospital):
        yield db.session.get(Patient, patient_id)
        db.session.rollback()


@pytest.fixture
def ward(client_with, patient_id):
    """Somebody who may do everything with what is known of a patient."""
    return client_with(*WARD)


def allergy(patient: Patient, **changes) -> Allergy:
    """An allergy of the patient that is recorded now."""
    return Allergy(patient=patient, **PENICILLIN | changes).add()


def sent(browser, path: str, **answers) -> Page:
    """The page a form leads to, which must have been right."""
    answer = browser.post(path, data=answers)
    assert answer.status_code == 303, Page(answer.text).text
    return browser.page(answer.location)


def refused(browser, path: str, **answers) -> str:
    """What the page says that answers a form with something wrong in it."""
    answer = browser.post(path, data=answers)
    assert answer.status_code == 422
    return Page(answer.text).text


# --- allergies -----------------------------------------------------------------------------------------------------


def test_none_known_is_refused_while_an_active_allergy_exists(patient):
    """PAT-8."""
    known = allergy(patient)
    with pytest.raises(WrongState, match="An active allergy is recorded"):
        rule_out_allergies(patient)
    assert patient.allergy_status == "recorded"
    known.resolve()
    assert patient.allergy_status == "unknown"
    rule_out_allergies(patient)
    assert patient.allergy_status == "none_known"


def test_the_status_says_recorded_until_the_last_allergy_is_over(patient):
    rule_out_allergies(patient)
    first, second = allergy(patient), allergy(patient, substance="Latex")
    first.resolve()
    assert (patient.allergy_status, [str(one) for one in active_allergies(patient)]) == ("recorded", ["Latex"])
    second.mark_as_error()
    assert patient.allergy_status == "unknown"


def test_an_error_found_later_does_not_take_back_that_there_are_none(patient):
    known = allergy(patient)
    known.resolve()
    rule_out_allergies(patient)
    known.mark_as_error()
    assert patient.allergy_status == "none_known"


def test_a_patient_has_one_active_allergy_for_each_substance(patient):
    first = allergy(patient)
    with pytest.raises(Refused, match="recorded already"):
        allergy(patient, substance=" PENICILLÍN")
    first.resolve()
    second = allergy(patient, substance="penicillin")
    latex = allergy(patient, substance="Latex")
    with pytest.raises(Refused, match="recorded already"):
        latex.change(**PENICILLIN)
    assert second.change(**PENICILLIN | {"severity": "mild"}).active_key == second.active_key
    other = Patient(first_name="Amina", last_name="Yusuf", sex="female").register()
    db.session.flush()
    assert allergy(other).active_key != second.active_key


def test_a_corrected_substance_is_the_one_that_is_taken(patient):
    known = allergy(patient, substance="Penicilin")
    known.change(**PENICILLIN)
    allergy(patient, substance="Penicilin")
    with pytest.raises(Refused, match="recorded already"):
        allergy(patient)


def test_the_worst_allergy_comes_first(patient):
    for substance, severity in (("Egg", "mild"), ("Peanut", "severe"), ("Latex", "moderate")):
        allergy(patient, substance=substance, severity=severity)
    assert [str(one) for one in active_allergies(patient)] == ["Peanut", "Latex", "Egg"]


def test_an_allergy_entered_in_error_is_not_corrected_any_more(patient):
    known = allergy(patient)
    known.mark_as_error()
    with pytest.raises(WrongState, match="entered in error"):
        known.change(**PENICILLIN)


def test_nothing_is_added_to_a_record_that_was_merged(patient):
    other = Patient(first_name="Amina", last_name="Yusuf", sex="female").register()
    db.session.flush()
    other.status, other.merged_into_id = "merged", patient.id
    parts = (
        Allergy(patient=other, **PENICILLIN),
        MedicalHistory(patient=other, **ASTHMA),
        Consent(patient=other, kind="treatment", granted=True, signed_by_name="A", signed_at=now()),
        Contact(patient=other, name="Omar", relation="Son", phone="07700 900500"),
    )
    for part in parts:
        with pytest.raises(Refused, match="was merged into Zoë"):
            part.add()
    with pytest.raises(Refused, match="was merged into Zoë"):
        rule_out_allergies(other)


def test_an_allergy_is_recorded_corrected_and_resolved_on_its_tab(ward):
    assert "Nobody has asked yet" in ward.page("/patients/1/allergies").text
    form = ward.page("/patients/1/allergies/new")
    assert (form.headings, "Zoë O’Brien" in form.text) == (["Record an allergy"], True)
    page = sent(ward, "/patients/1/allergies/new", **PENICILLIN, reaction="Rash")
    assert "Penicillin Medicine Rash Severe High Active" in page.text
    assert "/patients/1/allergies/none-known" not in {one["action"] for one in page.forms}
    page = sent(ward, "/patients/allergies/1/edit", **PENICILLIN | {"severity": "mild"}, reaction="", version="1")
    assert "Penicillin Medicine Not recorded Mild High Active" in page.text
    page = sent(ward, "/patients/allergies/1/resolve")
    assert "Resolved" in page.text
    assert "/patients/1/allergies/none-known" in {one["action"] for one in page.forms}
    assert "No known allergies" in sent(ward, "/patients/1/allergies/none-known").text


def test_an_allergy_recorded_twice_is_refused_at_its_substance(ward):
    sent(ward, "/patients/1/allergies/new", **PENICILLIN)
    said = refused(ward, "/patients/1/allergies/new", **PENICILLIN)
    assert "This allergy is recorded already. Change that one instead" in said


def test_none_known_posted_beside_an_active_allergy_is_a_page_that_says_so(ward):
    """PAT-8, on the page."""
    sent(ward, "/patients/1/allergies/new", **PENICILLIN)
    answer = ward.post("/patients/1/allergies/none-known")
    assert (answer.status_code, "Resolve it before" in answer.text) == (409, True)


def test_an_allergy_is_called_an_error_only_after_a_question(ward, app, hospital):
    sent(ward, "/patients/1/allergies/new", **PENICILLIN)
    assert "The patient never had this allergy" in ward.page("/patients/allergies/1/mark-as-error").text
    page = sent(ward, "/patients/allergies/1/mark-as-error")
    assert "Entered in error" in page.text
    assert not [url for url, _words in page.links if url.startswith("/patients/allergies/1/")]
    with app.app_context(), in_hospital(hospital, writing=False):
        assert db.session.scalars(sa.select(StatusLog.to_status)).all() == ["entered_in_error"]


def test_a_stale_correction_of_an_allergy_keeps_nothing(ward):
    sent(ward, "/patients/1/allergies/new", **PENICILLIN)
    sent(ward, "/patients/allergies/1/edit", **PENICILLIN | {"severity": "mild"}, version="1")
    answer = ward.post("/patients/allergies/1/edit", data={**PENICILLIN, "severity": "moderate", "version": "1"})
    assert (answer.status_code, "Somebody else changed this record" in answer.text) == (409, True)
    assert "Moderate" not in ward.page("/patients/1/allergies").text


def test_the_same_form_sent_twice_records_one_allergy(ward, app, hospital):
    token = next(one["value"] for one in ward.page("/patients/1/allergies/new").fields if one.get("name") == "token")
    for _time in range(2):
        sent(ward, "/patients/1/allergies/new", **PENICILLIN, token=token)
    with app.app_context(), in_hospital(hospital, writing=False):
        assert db.session.scalar(sa.select(sa.func.count(Allergy.id))) == 1


# --- history -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "ASTHMA"}, "code"),
        ({"code": "J4"}, "code"),
        ({"onset_date": date(1955, 3, 1)}, "onset_date"),
        ({"onset_date": date(2999, 1, 1)}, "onset_date"),
    ],
)
def test_a_history_that_cannot_be_is_refused_at_its_field(patient, wrong, field):
    with pytest.raises(Refused) as refusal:
        MedicalHistory(patient=patient, **ASTHMA | wrong).add()
    assert refusal.value.field == field


@pytest.mark.parametrize("code", ["J45", "E11.9", "U07.1", "S72.00XA"])
def test_codes_of_icd_10_are_taken(patient, code):
    assert MedicalHistory(patient=patient, **ASTHMA, code=code).add().code == code


def test_a_condition_is_over_not_before_it_began_and_may_come_back(patient):
    entry = MedicalHistory(patient=patient, **ASTHMA, onset_date=date(2020, 5, 1)).add()
    entry.set_aside()
    with pytest.raises(WrongState):
        entry.resolve(today())
    entry.reopen()
    entry.resolve(date(2021, 1, 1))
    entry.reopen()
    assert (entry.status, entry.resolved_date) == ("active", None)
    with pytest.raises(Refused, match="must not be before the first"):
        entry.resolve(date(2020, 4, 30))


def test_a_voided_entry_leaves_the_list_keeps_its_reason_and_moves_no_more(ward, app, hospital):
    sent(ward, "/patients/1/history/new", **ASTHMA)
    assert "Enter the reason" in refused(ward, "/patients/history/1/void")
    page = sent(ward, "/patients/history/1/void", reason="Wrong record")
    assert "No history yet" in page.text
    assert ward.post("/patients/history/1/void", data={"reason": "Again"}).status_code == 409
    assert ward.post("/patients/history/1/set-aside").status_code == 409
    assert ward.post("/patients/history/1/edit", data={**ASTHMA, "version": "2"}).status_code == 409
    with app.app_context(), in_hospital(hospital, writing=False):
        entry = db.session.get(MedicalHistory, 1)
        assert (entry.void_reason, entry.voided_by, entry.status) == ("Wrong record", entry.created_by, "active")
        assert entry.recorded_by == entry.created_by


def test_the_history_stands_by_category_and_is_resolved_on_a_day(ward):
    sent(ward, "/patients/1/history/new", **ASTHMA, code="j45 .0", onset_date="2020-05-01", notes="Inhaler\nat night")
    page = sent(ward, "/patients/1/history/new", category="surgery", title="Appendix removed")
    assert page.text.index("Conditions") < page.text.index("Asthma") < page.text.index("Operations")
    assert "J45.0 Active Since 1 May 2020" in page.text
    assert "must be a real date" in refused(ward, "/patients/history/1/resolve", resolved_date="soon")
    assert "over since 2 May 2020" in sent(ward, "/patients/history/1/resolve", resolved_date="2020-05-02").text
    assert "ICD-10 code like J45" in refused(ward, "/patients/history/1/edit", **ASTHMA, code="x", version="3")


# --- consents ------------------------------------------------------------------------------------------------------


def test_a_consent_is_withdrawn_once_and_a_refusal_never(patient):
    facts = {"kind": "surgery", "signed_by_name": "Zoë", "signed_at": now() - timedelta(hours=1)}
    agreed = Consent(patient=patient, granted=True, **facts).add()
    db.session.flush()
    assert not agreed.withdraw().stands
    declined = Consent(patient=patient, granted=False, **facts).add()
    db.session.flush()
    for consent in (agreed, declined):
        with pytest.raises(WrongState, match="no consent to withdraw"):
            consent.withdraw()
    with pytest.raises(WrongState, match="was withdrawn"):
        agreed.change(kind="treatment")


def test_a_consent_is_recorded_as_agreed_or_refused_and_withdrawn_after_a_question(ward):
    said = refused(ward, "/patients/1/consents/new", kind="surgery")
    assert "Select the decision" in said
    assert "Enter the day and time of signing" in said
    assert "must be in the past" in refused(
        ward, "/patients/1/consents/new", **AGREED | {"signed_at": "2999-01-01T10:00"}
    )
    assert (
        "Operation Agreed Signed by Zoë O’Brien , 1 Jul 2026" in sent(ward, "/patients/1/consents/new", **AGREED).text
    )
    assert "Refused" in sent(ward, "/patients/consents/1/edit", **AGREED | {"granted": "False"}, version="1").text
    page = sent(ward, "/patients/consents/1/edit", **AGREED, version="2")
    assert ("/patients/consents/1/withdraw", "Withdraw Consent to operation") in page.links
    assert "does not agree any more" in ward.page("/patients/consents/1/withdraw").text
    assert "Withdrawn" in sent(ward, "/patients/consents/1/withdraw").text
    assert ward.post("/patients/consents/1/withdraw").status_code == 409
    assert "No consents yet" in sent(ward, "/patients/consents/1/void", reason="Wrong record").text


def test_a_signed_sheet_is_kept_with_its_consent(ward):
    sent(ward, "/patients/1/consents/new", **AGREED)
    sheet = {"file": (io.BytesIO(b"Signed by Zoe"), "sheet.txt"), "kind": "consent"}
    page = sent(ward, "/patients/consents/1/signed/attach", **sheet)
    url = next(url for url, words in page.links if words.startswith("Signed sheet"))
    assert ward.get(url).data == b"Signed by Zoe"


# --- insurance -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
        ({"coverage_pct": Decimal("100.01")}, "coverage_pct"),
        ({"copay": Decimal(-1)}, "copay"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_at_its_field(patient, wrong, field):
    with pytest.raises(Refused) as refusal:
        Insurance(patient=patient, insurer_id=1, **POLICY | {"copay": Decimal(0)} | wrong).add()
    assert refusal.value.field == field


def test_a_policy_pays_on_its_days_once_it_is_checked_and_until_it_is_cancelled(patient):
    policy = Insurance(patient=patient, insurer_id=1, copay=Decimal(0), valid_to=date(2026, 12, 31), **POLICY).add()
    assert not policy.covers(date(2026, 6, 1))
    policy.activate()
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [policy.covers(day) for day in days] == [False, True, True, False]
    policy.cancel_policy()
    assert not policy.covers(date(2026, 6, 1))
    with pytest.raises(WrongState, match="is cancelled"):
        policy.change(**POLICY)


def test_a_policy_is_added_checked_and_cancelled_on_its_tab(ward):
    assert "Select the insurer" in refused(ward, "/patients/1/insurance/new", **SENT_POLICY | {"insurer_id": "2"})
    said = refused(ward, "/patients/1/insurance/new", **SENT_POLICY | {"coverage_pct": "101", "copay": "-5"})
    assert "Share the insurer pays, in per cent must be 100 or less" in said
    assert "Patient’s own part for each invoice must be a number like 250 or 12.50" in said
    page = sent(ward, "/patients/1/insurance/new", **SENT_POLICY)
    assert "Avicenna Mutual A-1 1 Jan 2026 to no last day 80 % 5.00 Draft" in page.text
    assert "recorded already" in refused(ward, "/patients/1/insurance/new", **SENT_POLICY)
    edited = sent(
        ward, "/patients/insurance/1/edit", **SENT_POLICY | {"copay": "12.5", "valid_to": "2026-01-31"}, version="1"
    )
    assert "1 Jan 2026 to 31 Jan 2026 80 % 12.50 Draft" in edited.text
    assert "Active Expired" in sent(ward, "/patients/insurance/1/activate").text
    assert "pays for nothing from now on" in ward.page("/patients/insurance/1/cancel-policy").text
    assert "Cancelled" in sent(ward, "/patients/insurance/1/cancel-policy").text


# --- contacts and other numbers ------------------------------------------------------------------------------------


def test_contacts_stand_on_the_summary_and_are_corrected_and_removed(ward, app, hospital):
    answers = {"name": "Niamh O’Brien", "relation": "Daughter", "phone": "07700 900188"}
    page = sent(ward, "/patients/1/contacts/new", **answers, is_emergency="y")
    assert "Niamh O’Brien , daughter 07700 900188 Emergency" in page.text
    assert (
        "Decides for the patient"
        in sent(ward, "/patients/contacts/1/edit", **answers, is_guardian="y", version="1").text
    )
    assert "Remove: Niamh O’Brien" in ward.page("/patients/contacts/1/remove").text
    assert "Nobody is recorded." in sent(ward, "/patients/contacts/1/remove").text
    with app.app_context(), in_hospital(hospital, writing=False):
        acts = sa.select(AuditLog.action).where(AuditLog.content_type == "patients_contact").order_by(AuditLog.id)
        assert db.session.scalars(acts).all() == ["create", "update", "delete"]


def test_a_number_is_known_once_in_the_hospital_and_says_so(ward, patient):
    Identifier(patient=patient, kind="passport", value="X123").add()
    db.session.commit()
    said = refused(ward, "/patients/1/identifiers/new", kind="passport", value="x 123")
    assert "A patient has this number already. Search for it, or check what you typed" in said
    assert "Insurance card X123" in sent(ward, "/patients/1/identifiers/new", kind="insurance", value="x 123").text
    assert "has this number already" in refused(
        ward, "/patients/identifiers/2/edit", kind="passport", value="X123", version="1"
    )
    assert "X123" in sent(ward, "/patients/identifiers/2/remove").text


# --- documents, and who may see what -------------------------------------------------------------------------------


def test_a_document_is_added_listed_and_opened_with_its_own_patient_only(ward, app, hospital):
    letter = {"file": (io.BytesIO(b"Dear colleague"), "letter.txt"), "kind": "referral"}
    page = sent(ward, "/patients/1/documents/new", **letter)
    assert "letter.txt Referral letter" in page.text
    assert ward.get("/patients/1/documents/1").data == b"Dear colleague"
    with app.app_context(), in_hospital(hospital):
        Patient(first_name="Amina", last_name="Yusuf", sex="female").register()
        db.session.commit()
    assert ward.get("/patients/2/documents/1").status_code == 404


@pytest.mark.parametrize(
    ("role", "tabs"),
    [
        ("doctor", {"history", "allergies", "consents", "documents"}),
        ("nurse", {"history", "allergies", "consents", "documents"}),
        ("receptionist", {"insurance"}),
        ("lab_technician", {"allergies"}),
        ("radiographer", {"allergies"}),
        ("pharmacist", {"allergies"}),
        ("cashier", {"insurance"}),
        ("hospital_admin", {"history", "allergies", "consents", "documents", "insurance"}),
    ],
)
def test_each_role_opens_the_tabs_that_are_its_work(app, hospital, patient_id, role, tabs):
    browser = app.test_client(hospital=hospital)
    with app.app_context():
        user = add_user(hospital, role)
        with in_hospital(hospital):
            group = db.session.scalar(sa.select(Group.id).where(Group.name == role))
            db.session.add(UserGroup(user_id=user.id, group_id=group))
            db.session.commit()
            browser.sign_in_as(user)
    offered = {url.rpartition("/")[2] for url, _words in browser.page("/patients/1").links}
    for tab in ("history", "allergies", "consents", "documents", "insurance"):
        assert browser.get(f"/patients/1/{tab}").status_code == (200 if tab in tabs else 403), tab
        assert (tab in offered) == (tab in tabs), tab


def test_who_may_only_look_is_offered_no_change(client_with, patient_id, ward):
    sent(ward, "/patients/1/allergies/new", **PENICILLIN)
    page = client_with("patients.view", "patients.allergy_view", username="viewer").page("/patients/1/allergies")
    assert "Penicillin" in page.text
    assert not [one for one in page.forms if "/allergies" in one["action"]]
    assert not [url for url, _words in page.links if "/allergies/" in url]


def test_a_tab_makes_as_many_queries_for_ten_entries_as_for_one(ward, app, hospital, count_queries):
    def fill(count: int) -> None:
        with app.app_context(), in_hospital(hospital):
            patient = db.session.get(Patient, 1)
            for number in range(count):
                allergy(patient, substance=f"Substance {count}-{number}")
                MedicalHistory(patient=patient, **ASTHMA).add()
                Insurance(
                    patient=patient, insurer_id=1, copay=Decimal(0), **POLICY | {"policy_no": f"{count}-{number}"}
                ).add()
            db.session.commit()

    def asked(tab: str) -> int:
        with count_queries() as statements:
            ward.page(f"/patients/1/{tab}")
        return len([one for one in statements if "patients_" in one])

    fill(1)
    few = {tab: asked(tab) for tab in ("allergies", "history", "insurance")}
    assert min(few.values()) > 0
    fill(10)
    assert {tab: asked(tab) for tab in few} == few


def test_parts_of_a_patient_of_another_hospital_are_not_there(two_hospitals, client_with):
    city, lakeside = (client_with(*WARD, "patients.add", hospital=one) for one in two_hospitals)
    someone = {"first_name": "Zoë", "last_name": "O’Brien", "sex": "female"}
    city.post("/patients/new", data=someone)
    sent(city, "/patients/1/allergies/new", **PENICILLIN)
    assert lakeside.get("/patients/1/allergies").status_code == 404
    assert lakeside.get("/patients/allergies/1/edit").status_code == 404
    assert lakeside.post("/patients/allergies/1/resolve").status_code == 404
    lakeside.post("/patients/new", data=someone)
    assert "Penicillin" not in lakeside.page("/patients/1/allergies").text
