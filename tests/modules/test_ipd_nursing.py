"""Stays and nursing: a nurse reaches whom their ward cares for, and a stay shows what was measured and given."""

import pytest
import sqlalchemy as sa

from modules.ipd.models import Admission
from modules.nurses.api import record_vitals
from modules.nurses.models import Nurse
from modules.patients.models.encounters import Encounter
from portal.auth.models import User
from portal.extensions import db
from tests.modules import clinic, nursing
from tests.modules.inpatients import Stage, admitted, asked, set_up
from tests.modules.test_nurses import WELL

NURSE = ("ipd.view_own", "ipd.bed_assign", "nurses.view_own", "nurses.dose_view", "patients.view")


@pytest.fixture
def stage(look) -> Stage:
    """Ward A and a doctor of its department."""
    return look(set_up)


@pytest.fixture
def leila(client_with, look):
    """A nurse of another department than the ward’s, and of no ward."""
    browser = client_with(*NURSE)
    look(lambda: nursing.enter_nurse(user_id=db.session.scalar(sa.select(User.id).where(User.username == "leila"))).id)
    return browser


def cares_for(ward_id: int | None) -> None:
    """Let the nurse belong to this ward."""
    db.session.scalars(sa.select(Nurse)).one().ward_id = ward_id


def test_a_nurse_reaches_the_stays_and_requests_of_the_ward_they_care_for(stage, look, leila):
    stay, request = look(lambda: (admitted(stage).id, asked(stage, "Bea").id))
    assert leila.get(f"/ipd/{stay}").status_code == 403
    assert "Bea Yusuf" not in leila.page("/ipd/requests").text
    look(lambda: cares_for(stage.ward.ward))
    assert "Amina Yusuf" in leila.page(f"/ipd/{stay}").text
    assert "Amina Yusuf" in leila.page("/ipd/").text
    assert "Free beds for Bea Yusuf" in leila.page(f"/ipd/requests?for={request}").text


def test_who_lies_in_the_ward_is_cared_for_there_whichever_department_treats_them(stage, look, leila):
    stay = look(lambda: admitted(stage).id)

    def treated_elsewhere() -> None:
        db.session.get_one(Admission, stay).department_id = clinic.department("Other", "OTH").id

    look(treated_elsewhere)
    look(lambda: cares_for(stage.ward.ward))
    assert leila.get(f"/ipd/{stay}").status_code == 200
    look(lambda: cares_for(None))
    assert leila.get(f"/ipd/{stay}").status_code == 403


def test_the_page_of_a_stay_shows_what_was_measured_and_what_is_given(stage, look, leila, client_with):
    def begin() -> int:
        one = admitted(stage)
        record_vitals(db.session.get_one(Encounter, one.encounter_id), **{"taken_by": 1, **WELL, "pulse": 112})
        nursing.prescribe(nursing.Stay(one.patient_id, one.encounter_id, stage.ward, stage.doctor))
        cares_for(stage.ward.ward)
        return one.id

    stay = look(begin)
    assert "Vital signs Medicines" in leila.page(f"/ipd/{stay}").text
    assert "NEWS2 2" in leila.page(f"/ipd/{stay}/vitals").text
    assert "Ceftriaxone 1 g intravenous, twice a day" in leila.page(f"/ipd/{stay}/medicines").text
    without = client_with("ipd.view", "patients.view", username="rita")
    assert {without.get(f"/ipd/{stay}/{tab}").status_code for tab in ("vitals", "medicines")} == {403}
