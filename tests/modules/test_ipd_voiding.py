"""An admission that was entered in error: what ends with it, who may say so, and what stays to be read."""

from datetime import timedelta

import pytest

from modules.ipd.admitting import admit
from modules.ipd.leaving import order_discharge
from modules.ipd.models import Admission
from modules.ipd.stays import open_admission_of
from modules.ipd.voiding import void_admission
from modules.nurses.models import MedicationAdministration, Task
from modules.patients.models.encounters import Encounter
from modules.rooms.agreement import find_mismatches
from modules.rooms.api import reserve_bed
from modules.rooms.models import Bed, BedAllocation
from portal import clock
from portal.extensions import db
from portal.kit import Refused, WrongState
from portal.kit.events import _now
from tests.modules.inpatients import admitted, asked, set_up
from tests.modules.nursing import Stay, prescribe
from tests.page import Page

WRONG = {"reason": "Admitted the wrong patient"}
BANNER = ("patients.view", "patients.encounter_view", "patients.allergy_view")


@pytest.fixture
def stage(look):
    """Ward A with four beds, and a doctor of its department."""
    return look(set_up)


@pytest.fixture
def stay(stage, look) -> int:
    """Amina’s admission, who came into A-01 two hours ago and gets a medicine."""

    def with_a_medicine() -> int:
        admission = admitted(stage)
        prescribe(Stay(admission.patient_id, admission.encounter_id, stage.ward, stage.doctor))
        return admission.id

    number = look(with_a_medicine)
    clock.move(timedelta(hours=2))
    return number


def states(stay: int) -> dict:
    """What became of everything that began with the admission."""
    admission = db.session.get(Admission, stay)
    allocation = db.session.query(BedAllocation).filter_by(admission_id=stay).one()
    of_visit = {"encounter_id": admission.encounter_id}
    return {
        "visit": db.session.get(Encounter, admission.encounter_id).status,
        "bed": db.session.get(Bed, allocation.bed_id).status,
        "allocation": (allocation.status, allocation.end_reason, allocation.void_reason),
        "doses": {one.status for one in db.session.query(MedicationAdministration).filter_by(**of_visit)},
        "tasks": {one.status for one in db.session.query(Task).filter_by(**of_visit)},
        "open": open_admission_of(admission.patient_id),
    }


def test_voiding_ends_bed_visit_medicines_and_tasks_together(stay, stage, look):
    """IPD-3: nobody keeps a bed by an admission that never was; the patient may be admitted anew."""
    look(lambda: void_admission(db.session.get(Admission, stay), "Wrong patient"))
    found = look(lambda: states(stay))
    assert found["visit"] == "finished"
    assert found["bed"] == "cleaning"
    assert found["allocation"] == ("ended", "error", "Wrong patient")
    assert found["doses"] <= {"stopped"}
    assert found["tasks"] == {"cancelled"}
    assert found["open"] is None
    assert look(find_mismatches) == []


def test_a_request_that_is_voided_gives_back_the_bed_that_was_kept(stage, look):
    def keep() -> int:
        admission = asked(stage)
        reserve_bed(stage.ward.beds[0], admission.patient_id, admission.encounter_id, admission_id=admission.id)
        return admission.id

    number = look(keep)
    look(lambda: void_admission(db.session.get(Admission, number), "Wrong patient"))
    found = look(lambda: states(number))
    assert found["visit"] == "cancelled"
    assert found["bed"] == "available"
    assert found["allocation"] == ("cancelled", None, "Wrong patient")


def test_a_void_admission_is_not_voided_admitted_nor_ordered_to_leave(stay, stage, look):
    look(lambda: void_admission(db.session.get(Admission, stay), "Wrong patient"))
    with pytest.raises(WrongState):
        look(lambda: void_admission(db.session.get(Admission, stay), "Again"))
    with pytest.raises(WrongState):
        look(lambda: admit(db.session.get(Admission, stay), stage.ward.beds[1]))
    with pytest.raises(Refused):
        look(lambda: order_discharge(db.session.get(Admission, stay), None))


def test_who_charges_the_stay_may_refuse_that_it_is_voided(stay, look, monkeypatch):
    def refuse(admission) -> None:
        raise Refused("It is on an invoice")

    monkeypatch.setitem(_now, "ipd.voiding", [refuse])
    with pytest.raises(Refused, match="invoice"):
        look(lambda: void_admission(db.session.get(Admission, stay), "Wrong patient"))
    assert look(lambda: states(stay))["bed"] == "occupied"


def test_the_page_asks_why_and_the_stay_leaves_every_list(stay, client_with, look):
    browser = client_with("ipd.view", "ipd.void", *BANNER)
    assert f"/ipd/{stay}/void" in [address for address, _text in browser.page(f"/ipd/{stay}").links]
    assert "Enter the reason" in Page(browser.post(f"/ipd/{stay}/void", data={"reason": ""}).text).text
    assert look(lambda: states(stay))["bed"] == "occupied"
    assert browser.post(f"/ipd/{stay}/void", data=WRONG).status_code == 303
    assert "was entered in error and left every list" in browser.page("/ipd/").text
    assert "Amina" not in browser.page("/ipd/").text
    assert "Amina" not in browser.page("/ipd/census").text
    shown = browser.page(f"/ipd/{stay}")
    assert "Entered in error: Admitted the wrong patient" in shown.text
    assert f"/ipd/{stay}/void" not in [address for address, _text in shown.links]
    assert browser.post(f"/ipd/{stay}/void", data=WRONG).status_code == 409


def test_who_may_not_void_neither_sees_nor_opens_the_way(stay, client_with):
    browser = client_with("ipd.view", "ipd.admit", *BANNER)
    assert "Entered in error" not in browser.page(f"/ipd/{stay}").text
    assert browser.post(f"/ipd/{stay}/void", data=WRONG).status_code == 403
