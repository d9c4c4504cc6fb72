"""What a stay is expected to cost: nights, visits, services, the share of a policy, who may ask, and how it prints."""

from datetime import date
from decimal import Decimal

import pytest

from modules.billing.catalogue import Insurer, Service
from modules.doctors.models import Doctor
from modules.ipd.models import Admission
from modules.patients.models.beside import Insurance
from modules.rooms.models import Ward
from portal.extensions import db
from tests.modules.inpatients import asked, set_up

BANNER = ("patients.view", "patients.encounter_view", "patients.allergy_view")


@pytest.fixture
def request_(look) -> int:
    """Amina’s request: two nights in Ward A at 80.00 with 5 % tax, a visit of 33.33 each day."""

    def ask() -> int:
        stage = set_up()
        night = Service.add(code="BED", name="Bed, night", category="bed", price=Decimal(80), tax_rate=Decimal(5))
        facts = {"code": "APP", "category": "procedure", "price": Decimal(900), "tax_rate": Decimal(5)}
        Service.add(name="Appendicectomy", **facts)
        db.session.flush()
        db.session.get(Ward, stage.ward.ward).bed_charge_service_id = night.id
        db.session.get(Doctor, stage.doctor).ipd_visit_fee = Decimal("33.33")
        return asked(stage, expected_days=2, ward_wanted_id=stage.ward.ward).id

    return look(ask)


@pytest.fixture
def desk(client_with):
    """The reception desk."""
    return client_with("ipd.register", "ipd.bed_assign", "patients.insurance_view", *BANNER, username="rita")


def test_an_estimate_adds_nights_visits_and_services_with_their_tax(request_, desk):
    path = f"/ipd/{request_}/estimate"
    assert path in [address for address, _text in desk.page("/ipd/requests").links]
    bare = desk.page(path).text
    assert "Bed, night 2 80.00 8.00 160.00" in bare
    assert "Visits of Dr Samir Haddad 2 33.33 0.00 66.66" in bare
    assert "Expected total, GBP 234.66" in bare
    more = desk.page(f"{path}?nights=3&ward=1&service=2&quantity=2&service=&quantity=1").text
    assert "Bed, night 3 80.00 12.00 240.00" in more
    assert "Appendicectomy 2 900.00 90.00 1,800.00" in more
    assert "Subtotal 2,139.99 Tax 102.00 Expected total, GBP 2,241.99" in more


def test_what_nobody_can_mean_is_left_out(request_, desk):
    text = desk.page(f"/ipd/{request_}/estimate?nights=9999&ward=77&service=99&quantity=-4&record_id=5").text
    assert "Visits of Dr Samir Haddad 365 33.33" in text
    assert "Bed, night" not in text


def test_a_policy_that_is_valid_pays_its_share_and_only_those_who_see_policies_see_it(
    request_, desk, look, client_with
):
    def insure() -> None:
        insurer = Insurer(code="AXA", name="Axa")
        db.session.add(insurer)
        db.session.flush()
        patient = db.session.get(Admission, request_).patient_id
        facts = {"patient_id": patient, "insurer_id": insurer.id, "copay": Decimal(20), "status": "active"}
        began = {"valid_from": date(2020, 1, 1)}
        db.session.add(Insurance(policy_no="1", coverage_pct=Decimal(80), **facts, **began))
        db.session.add(Insurance(policy_no="2", coverage_pct=Decimal(100), valid_to=date(2021, 1, 1), **facts, **began))

    look(insure)
    text = desk.page(f"/ipd/{request_}/estimate").text
    assert "Axa is expected to pay (80.00 %) 167.73" in text
    assert "Left for the patient 66.93" in text
    doctor = client_with("ipd.view", *BANNER, username="olga")
    assert "Axa" not in doctor.page(f"/ipd/{request_}/estimate").text


def test_the_estimate_prints_as_it_was_reckoned(request_, desk):
    path = f"/ipd/{request_}/estimate"
    asked_for = "nights=1&ward=1&service=2&quantity=1"
    prints = {text: address for address, text in desk.page(f"{path}?{asked_for}").links}["Print"]
    text = desk.page(prints).text
    assert "Amina Yusuf" in text
    assert "Appendicectomy 1 900.00" in text
    assert "1 night" in text
    assert "This is an estimate by the prices of today" in text


def test_an_estimate_is_for_those_who_see_or_register_the_stay(request_, client_with):
    client_with("ipd.bed_assign", *BANNER, username="nora").page(f"/ipd/{request_}/estimate", 403)
    client_with("ipd.view_own", *BANNER, username="ned").page(f"/ipd/{request_}/estimate", 403)
