"""Doctors: what they prescribe, what is refused, what is stopped and issued again, and whom they refer to."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pytest
import sqlalchemy as sa

from modules.doctors.api import allergy_matches, invent_prescriptions, prescriptions_of, quantity_of, stop_prescriptions
from modules.doctors.models import Doctor, OrderSet, Prescription, PrescriptionItem, Referral
from modules.doctors.prescribing import issue_again, prescribe
from modules.patients.models import Patient
from modules.patients.models.clinical import Allergy
from modules.patients.models.encounters import Encounter
from portal.extensions import db
from portal.kit import Refused, WrongState, now, today
from portal.kit.models import AuditLog, StatusLog
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.modules import clinic
from tests.modules.personnel import refused, sent, version_of
from tests.page import Page

VERBS = "view prescription_view_own prescription_add prescription_change prescription_sign referral_view referral_add"
DOCTOR = (*(f"doctors.{verb}" for verb in f"{VERBS} referral_change".split()), "patients.view", "patients.allergy_view")
DOSE = {"dose": Decimal(1), "dose_unit": "g", "route": "iv", "frequency": "bd", "duration_days": 2}
TYPED = {"dose": "1", "dose_unit": "g", "route": "iv", "frequency": "bd", "duration_days": "2"}


@dataclass
class Desk:
    """Dr Haddad at work: ids of the doctor, the patient, the visit and two drugs, and the browser."""

    doctor: int
    patient: int
    visit: int
    amoxicillin: int
    ceftriaxone: int
    browser: object = None

    @property
    def pad(self) -> str:
        """The address of the pad."""
        return f"/doctors/encounters/{self.visit}/prescribe"


@pytest.fixture
def desk(app, hospital) -> Desk:
    """A doctor with a patient who is here, allergic to penicillin."""
    with app.app_context():
        user = add_user(hospital, "haddad", *DOCTOR, first_name="Samir")
        with in_hospital(hospital):
            haddad, amina = clinic.doctor(user_id=user.id), clinic.patient()
            facts = {"category": "medication", "reaction": "Rash", "severity": "moderate", "criticality": "high"}
            Allergy(patient=amina, substance="Penicillin", **facts).add()
            drugs = [clinic.medicine("M1", **clinic.AMOXICILLIN), clinic.medicine("M2", **clinic.CEFTRIAXONE)]
            visit = clinic.visit(amina, haddad)
            made = Desk(haddad.id, amina.id, visit.id, *(drug.id for drug in drugs))
            db.session.commit()
    made.browser = app.test_client(hospital=hospital)
    made.browser.sign_in_as(user)
    return made


@pytest.fixture
def inside(desk, app, hospital):
    """Work at this desk, without a browser."""
    with app.app_context(), in_hospital(hospital):
        yield desk
        db.session.rollback()


def order(desk: Desk, item_id: int, **changes) -> PrescriptionItem:
    """A drug on the pad."""
    facts = DOSE | {"item_id": item_id, "drug_text": "Drug", "quantity": Decimal(4), "start_at": now()} | changes
    visit, doctor = db.session.get_one(Encounter, desk.visit), db.session.get_one(Doctor, desk.doctor)
    return prescribe(visit, doctor, **facts)


def signed(desk: Desk, item_id: int, **changes) -> PrescriptionItem:
    """A drug that is signed."""
    item = order(desk, item_id, **changes)
    item.prescription.sign()
    return item


@pytest.fixture
def heard(hear):
    """The events that prescriptions and referrals told of, in their order."""
    names = ("prescription.activated", "prescription.stopped", "referral.created")
    return hear(*names, note=lambda record: record.id)


# --- allergies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("substance", "drug_text", "item", "matched"),
    [
        ("Penicillin", None, "amoxicillin", "class"),
        ("Amoxicillin", None, "amoxicillin", "generic"),
        ("amoxycillin", "Amoxycillin syrup", None, "text"),
        ("Penicillin", "Amoxicillin 250 mg", None, "class"),
        ("Penicillin", None, "ceftriaxone", None),
        ("Egg", "Leggings cream", None, None),
    ],
)
def test_an_allergy_is_matched_by_item_generic_name_class_and_text(inside, substance, drug_text, item, matched):
    """DOC-2."""
    allergy = db.session.scalars(sa.select(Allergy)).one()
    allergy.substance = substance
    db.session.flush()
    found = allergy_matches(inside.patient, getattr(inside, item) if item else None, drug_text)
    assert [one.matched for one in found] == ([matched] if matched else [])


def test_an_allergy_to_an_item_forbids_the_item_and_what_is_made_of_the_same(inside):
    """DOC-2."""
    allergy = db.session.scalars(sa.select(Allergy)).one()
    allergy.substance, allergy.item_id = "The white capsules", inside.amoxicillin
    syrup = clinic.medicine("M3", name="Sweet syrup", generic_name="Amoxicillin")
    assert [one.matched for one in allergy_matches(inside.patient, inside.amoxicillin)] == ["item"]
    assert [one.matched for one in allergy_matches(inside.patient, syrup.id)] == ["generic"]
    allergy.resolve()
    assert allergy_matches(inside.patient, inside.amoxicillin) == []


def test_a_drug_the_patient_is_allergic_to_wants_a_reason_on_the_pad(desk, app, hospital):
    """DOC-2: refused until a reason is typed, which stays with the drug."""
    text = refused(desk.browser, desk.pad, TYPED | {"item_id": desk.amoxicillin})
    assert "The patient is allergic to drugs of this class: Penicillin (rash)" in text
    answers = TYPED | {"item_id": desk.amoxicillin, "allergy_override_reason": "Tolerated in 2024"}
    sent(desk.browser, desk.pad, answers)
    page = desk.browser.page(desk.pad)
    assert "In spite of an allergy" in page.text
    assert "Tolerated in 2024" in page.text


def test_what_is_typed_is_checked_at_once(desk):
    """DOC-2, DOC-5: the fragment of the pad warns and counts."""
    path = f"/doctors/encounters/{desk.visit}/check"
    text = Page(desk.browser.post(path, data=TYPED | {"item_id": desk.amoxicillin}).text).text
    assert "allergic to drugs of this class" in text
    assert "Quantity: 4 g" in text
    assert "allergic" not in desk.browser.post(path, data=TYPED | {"item_id": desk.ceftriaxone}).text


def test_an_allergy_recorded_after_the_drug_was_written_stops_the_signature(inside):
    """DOC-2."""
    draft = order(inside, inside.ceftriaxone).prescription
    patient = db.session.get_one(Patient, inside.patient)
    facts = {"category": "medication", "severity": "severe", "criticality": "high"}
    Allergy(patient=patient, substance="Cephalosporin", **facts).add()
    with pytest.raises(Refused, match="allergic to drugs of this class: Cephalosporin"):
        draft.sign()


# --- once at a time --------------------------------------------------------------------------------------------------


def test_a_drug_runs_once_in_a_visit_until_it_is_stopped(inside):
    """DOC-3."""
    first = signed(inside, inside.ceftriaxone)
    with pytest.raises(Refused, match="prescribed in this visit already"):
        order(inside, inside.ceftriaxone)
    first.stop()
    assert signed(inside, inside.ceftriaxone).status == "active"


def test_a_drug_that_was_only_written_runs_once_too(inside):
    """DOC-3: however it is written."""
    order(inside, None, drug_text="Vitamin  C")
    with pytest.raises(Refused, match="prescribed in this visit already"):
        order(inside, None, drug_text="vitamin c")


# --- drafts, signatures, what is never edited ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "times", "days", "quantity"),
    [
        ("od", [], 7, 14),
        ("bd", [], 2, 8),
        ("tds", [], 5, 30),
        ("qds", [], 1, 8),
        ("q4h", [], 1, 12),
        ("q6h", [], 1, 8),
        ("q8h", [], 1, 6),
        ("stat", [], None, 2),
        ("custom", ["08:00", "14:00", "22:00"], 2, 12),
        ("prn", [], 5, None),
        ("bd", [], None, None),
    ],
)
def test_the_quantity_is_dose_times_a_day_and_days(frequency, times, days, quantity):
    """DOC-5."""
    assert quantity_of(Decimal(2), frequency, times, days) == quantity


def test_a_quantity_that_nobody_types_is_counted_and_one_that_cannot_be_is_asked_for(desk, app, hospital):
    """DOC-5."""
    prn = TYPED | {"item_id": desk.ceftriaxone, "frequency": "prn"}
    assert "Enter the quantity" in refused(desk.browser, desk.pad, prn)
    assert "Enter for how many days" in refused(desk.browser, desk.pad, prn | {"frequency": "bd", "duration_days": ""})
    sent(desk.browser, desk.pad, TYPED | {"item_id": desk.ceftriaxone})
    sent(desk.browser, desk.pad, TYPED | {"drug_text": "Saline", "frequency": "prn", "quantity": "2.5"})
    with app.app_context(), in_hospital(hospital):
        rows = db.session.scalars(sa.select(PrescriptionItem).order_by(PrescriptionItem.id)).all()
        assert [(row.quantity, row.is_prn) for row in rows] == [(Decimal(4), False), (Decimal("2.5"), True)]


def test_a_prescription_is_written_corrected_signed_and_printed(desk, heard):
    """DOC-4: as long as it is a draft it is corrected; signing announces it once."""
    sent(desk.browser, desk.pad, TYPED | {"item_id": desk.ceftriaxone})
    edit = "/doctors/items/1/edit"
    changed = TYPED | {"item_id": desk.ceftriaxone, "duration_days": "3", "version": version_of(desk.browser, edit)}
    sent(desk.browser, edit, changed)
    assert "1 g intravenous, twice a day, 3 days · quantity 6 g" in desk.browser.page(desk.pad).text
    assert desk.browser.get("/doctors/prescriptions/1/print").status_code == 404
    assert sent(desk.browser, "/doctors/prescriptions/1/sign", {}) == "/doctors/prescriptions/1"
    assert heard == [("prescription.activated", 1)]
    sheet = desk.browser.page("/doctors/prescriptions/1/print").text
    assert all(words in sheet for words in ("Amina Yusuf", "Ceftriaxone 1 g vial", "Dr Samir Haddad", "Licence L0000"))
    answer = desk.browser.post(edit, data=changed)
    assert answer.status_code == 409
    assert desk.browser.post("/doctors/items/1/remove").status_code == 409


def test_what_is_signed_is_stopped_and_issued_again_and_the_history_shows_both(inside, heard):
    """DOC-4."""
    item = signed(inside, inside.ceftriaxone)
    with pytest.raises(WrongState, match="A signed prescription is not changed"):
        item.change(dose=Decimal(2))
    with pytest.raises(WrongState):
        PrescriptionItem.add(item.prescription, item_id=None, drug_text="Saline", quantity=1, start_at=now(), **DOSE)
    db.session.refresh(item)
    doctor = db.session.get_one(Doctor, inside.doctor)
    facts = DOSE | {"item_id": inside.ceftriaxone, "drug_text": "Drug", "quantity": 8, "start_at": now()}
    again = issue_again(item, doctor, **facts | {"dose": Decimal(2)})
    assert [(one.status, one.dose) for one in (item, again)] == [("stopped", 1), ("active", 2)]
    assert [one.status for one in prescriptions_of(inside.visit)] == ["active", "stopped"]
    notes = db.session.scalars(sa.select(StatusLog.note).where(StatusLog.note != "")).all()
    assert f"Issued again as {again.prescription.number}" in notes
    names = [name for name, _record in heard]
    assert names == ["prescription.activated", "prescription.stopped", "prescription.activated"]


def test_issuing_again_is_a_form_that_starts_with_the_drug_as_it_is(desk, app, hospital):
    """DOC-4."""
    with app.app_context(), in_hospital(hospital):
        signed(desk, desk.ceftriaxone)
        db.session.commit()
    page = desk.browser.page("/doctors/items/1/again")
    typed = {one.get("name"): one.get("value") for one in page.fields}
    assert (typed["dose"], typed["dose_unit"], typed["duration_days"]) == ("1", "g", "2")
    answers = TYPED | {"item_id": desk.ceftriaxone, "dose": "2", "token": typed["token"]}
    place = sent(desk.browser, "/doctors/items/1/again", answers)
    assert sent(desk.browser, "/doctors/items/1/again", answers) == place
    assert "Instead of Drug of RX26-000001" in desk.browser.page(place).text
    assert "Issued again" not in desk.browser.page(place).text


def test_a_drug_is_stopped_with_a_reason_and_the_last_one_stops_the_prescription(desk, app, hospital):
    """DOC-4."""
    with app.app_context(), in_hospital(hospital):
        order(desk, None, drug_text="Saline")
        signed(desk, desk.ceftriaxone)
        db.session.commit()
    assert "Enter the reason" in refused(desk.browser, "/doctors/items/1/stop", {"note": ""})
    sent(desk.browser, "/doctors/items/1/stop", {"note": "Vomiting"})
    assert "Active" in desk.browser.page("/doctors/prescriptions/1").text
    sent(desk.browser, "/doctors/items/2/stop", {"note": "Vomiting"})
    with app.app_context(), in_hospital(hospital):
        assert db.session.get(Prescription, 1).status == "stopped"
        kept = db.session.scalars(
            sa.select(AuditLog.changes).where(AuditLog.content_type == "doctors_prescriptionitem")
        )
        assert any(changes.get("reason") == [None, "Vomiting"] for changes in kept)


def test_only_the_doctor_who_wrote_signs_and_with_a_licence_alone(desk, app, hospital):
    """DOC-1."""
    with app.app_context():
        other = add_user(hospital, "lima", *DOCTOR, first_name="Ana")
        with in_hospital(hospital):
            clinic.doctor("Lima", user_id=other.id)
            order(desk, desk.ceftriaxone)
            db.session.commit()
    browser = app.test_client(hospital=hospital)
    browser.sign_in_as(other)
    sign = "/doctors/prescriptions/1/sign"
    assert "Only Dr Samir Haddad can sign this prescription" in Page(browser.post(sign).text).text
    with app.app_context(), in_hospital(hospital):
        db.session.get(Doctor, desk.doctor).license_expiry = today().replace(year=today().year - 1)
        db.session.commit()
    assert "The licence of Dr Samir Haddad ended on" in Page(desk.browser.post(sign).text).text


def test_the_last_prescription_is_repeated_without_what_may_not_be(desk, app, hospital):
    """DOC-2, DOC-3: each drug is thought of anew."""
    with app.app_context(), in_hospital(hospital):
        order(desk, desk.amoxicillin, drug_text="Amoxicillin", allergy_override_reason="Tolerated")
        signed(desk, desk.ceftriaxone, drug_text="Ceftriaxone")
        stop_prescriptions(desk.visit)
        db.session.commit()
    answer = desk.browser.post(f"/doctors/encounters/{desk.visit}/repeat")
    text = desk.browser.page(answer.location).text
    assert "1 drug is on the pad" in text
    assert "Amoxicillin: The patient is allergic" in text
    again = desk.browser.page(desk.browser.post(f"/doctors/encounters/{desk.visit}/repeat").location).text
    assert "Ceftriaxone is prescribed in this visit already" in again


def test_drugs_are_kept_as_a_set_and_ordered_by_it(desk, app, hospital):
    with app.app_context(), in_hospital(hospital):
        signed(desk, desk.ceftriaxone, drug_text="Ceftriaxone")
        stop_prescriptions(desk.visit)
        db.session.commit()
    sent(desk.browser, "/doctors/prescriptions/1/order-set", {"name": "Before surgery"})
    assert "Before surgery" in desk.browser.page("/doctors/order-sets/").text
    sent(desk.browser, f"/doctors/encounters/{desk.visit}/order-sets/1", {})
    assert "1 g intravenous, twice a day, 2 days · quantity 4 g" in desk.browser.page(desk.pad).text
    sent(desk.browser, "/doctors/order-sets/1/remove", {})
    with app.app_context(), in_hospital(hospital):
        assert db.session.scalar(sa.select(sa.func.count(OrderSet.id))) == 0


def test_what_runs_in_a_visit_is_stopped_with_it_but_not_what_is_taken_home(inside, heard):
    stay = signed(inside, inside.ceftriaxone)
    visit, doctor = db.session.get_one(Encounter, inside.visit), db.session.get_one(Doctor, inside.doctor)
    facts = DOSE | {"item_id": None, "drug_text": "Saline", "quantity": 4, "start_at": now()}
    home = prescribe(visit, doctor, "discharge", **facts)
    home.prescription.sign()
    assert stop_prescriptions(inside.visit) == 1
    assert (stay.prescription.status, home.prescription.status) == ("stopped", "active")
    db.session.get_one(Patient, inside.patient).record_death(deceased_at=now())
    assert (home.prescription.status, home.status, home.active_key) == ("stopped", "stopped", None)


def test_nothing_is_prescribed_to_who_died_or_after_the_visit(inside):
    """PAT-4."""
    visit = db.session.get_one(Encounter, inside.visit)
    visit.finish()
    with pytest.raises(Refused, match="This visit is over"):
        order(inside, inside.ceftriaxone)
    db.session.get_one(Patient, inside.patient).record_death(deceased_at=now())
    with pytest.raises(Refused, match="has died"):
        order(inside, inside.ceftriaxone)


def test_what_a_patient_gets_stands_on_their_page_with_a_fixed_number_of_queries(desk, app, hospital, count_queries):
    with app.app_context(), in_hospital(hospital):
        signed(desk, desk.ceftriaxone)
        db.session.commit()
    pages = (f"/patients/{desk.patient}/prescriptions", f"/patients/{desk.patient}/timeline", "/doctors/prescriptions/",
             "/doctors/my-day", desk.pad)  # fmt: skip
    assert all("RX26-000001" in desk.browser.page(path).text for path in pages[:3])
    before = []
    for path in pages:
        with count_queries() as statements:
            desk.browser.page(path)
        before.append(len(statements))
    with app.app_context(), in_hospital(hospital):
        for number in range(4):
            signed(desk, None, drug_text=f"Drug {number}")
            order(desk, None, drug_text=f"Drug {number} again", frequency="stat")
        db.session.commit()
    for path, few in zip(pages, before, strict=True):
        with count_queries() as statements:
            desk.browser.page(path)
        assert len(statements) <= few + 1, path


def test_what_is_invented_for_a_demonstration_keeps_the_rules(inside):
    """DOC-2, DOC-3: nobody gets what harms them, and each drug once; the same for the same chance."""
    doctor = db.session.get_one(Doctor, inside.doctor)
    visits = [clinic.visit(clinic.patient(f"P{number}"), doctor) for number in range(40)]
    visits[0].patient_id = inside.patient
    for visit in visits[20:]:
        visit.finish()
    assert invent_prescriptions(Random(1), visits) == 40
    rows = db.session.scalars(sa.select(Prescription)).all()
    assert {row.status for row in rows} == {"active", "completed"}
    for row in rows:
        assert row.counting
        assert all((item.active_key is None) == (row.status == "completed") for item in row.items)
        assert not any(allergy_matches(row.patient_id, item.item_id, item.drug_text) for item in row.items)
    assert db.session.scalar(sa.select(sa.func.count(StatusLog.id)).where(StatusLog.to_status == "completed")) == 20


# --- referrals -------------------------------------------------------------------------------------------------------


def test_a_patient_is_referred_and_only_who_is_asked_answers(desk, app, hospital, heard):
    with app.app_context():
        user = add_user(hospital, "lima", *DOCTOR, first_name="Ana")
        with in_hospital(hospital):
            lima = clinic.doctor("Lima", user_id=user.id, where=clinic.department("Paediatrics", "PAE")).id
            db.session.commit()
    path = f"/doctors/encounters/{desk.visit}/referrals/new"
    facts = {"reason": "Murmur", "urgency": "urgent"}
    assert "Choose a doctor or a department" in refused(desk.browser, path, facts)
    assert "Ask one of them" in refused(desk.browser, path, facts | {"to_doctor_id": lima, "external_name": "Dr Who"})
    sent(desk.browser, path, facts | {"to_doctor_id": lima})
    assert heard == [("referral.created", 1)]
    answer = desk.browser.post("/doctors/referrals/1/accept")
    assert "Only who is asked can answer" in Page(answer.text).text
    browser = app.test_client(hospital=hospital)
    browser.sign_in_as(user)
    assert "Murmur" in browser.page("/doctors/my-day").text
    sent(browser, "/doctors/referrals/1/accept", {})
    sent(browser, "/doctors/referrals/1/complete", {})
    assert "Completed" in browser.page("/doctors/referrals/").text
    assert "Referred to Dr Samir Lima" in desk.browser.page(f"/patients/{desk.patient}/timeline").text
    with app.app_context(), in_hospital(hospital):
        assert db.session.get(Referral, 1).status == "completed"
