"""Asking for a bed and getting one: one open admission, one bed, whatever happens at the same instant."""

from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from modules.doctors.models import Doctor
from modules.ipd.api import admit, inpatients, open_admission_of, request_admission
from modules.ipd.models import Admission
from modules.ipd.seed import seed
from modules.patients.models import Patient
from modules.rooms.agreement import find_mismatches
from modules.rooms.api import assign_bed, bed_of, held_by, reserve_bed, transfer
from modules.rooms.models import Bed
from portal.extensions import db
from portal.kit import Refused, WrongState, now
from portal.kit.demo import HospitalSize
from portal.tenancy.current import in_hospital
from tests.modules import clinic
from tests.modules.bed_ward import kept
from tests.modules.inpatients import admitted, asked, set_up


@pytest.fixture
def stage(app, hospital):
    """Ward A with four beds, and a doctor of its department."""
    return kept(app, hospital, set_up)


@pytest.fixture
def inside(app, hospital, stage):
    """Inside the hospital of the stage."""
    with app.app_context(), in_hospital(hospital):
        yield
        db.session.rollback()


@pytest.fixture
def heard(hear):
    """The names of what was told, as it was told."""
    return hear("ipd.requested", "ipd.admitted", "ipd.transferred", "ipd.cancelled")


def status_of(bed: int) -> str:
    return db.session.get(Bed, bed).status


# Asking


def test_a_doctor_asks_for_a_bed_and_the_stay_is_planned(inside, stage, heard):
    """IPD-1: the visit is planned, with the one that led to it as its parent."""
    patient, doctor = clinic.patient(), db.session.get(Doctor, stage.doctor)
    before = clinic.visit(patient, doctor)
    admission = request_admission(patient, before, doctor, stage.department, "Appendicitis", "opd", priority="urgent")
    assert admission.number.startswith("IPD")
    assert (admission.status, admission.priority, admission.attending_id) == ("requested", "urgent", doctor.id)
    visit = admission.encounter
    assert (visit.encounter_class, visit.status, visit.parent_id) == ("IMP", "planned", before.id)
    assert open_admission_of(patient.id) is admission
    assert heard == ["ipd.requested"]


def test_a_patient_with_an_open_admission_gets_no_second_one(inside, stage):
    """IPD-1."""
    admission = asked(stage)
    doctor = db.session.get(Doctor, stage.doctor)
    with pytest.raises(Refused, match="Amina Yusuf has an open"):
        request_admission(admission.patient, None, doctor, stage.department, "Again", "direct")
    admission.cancel()
    again = request_admission(admission.patient, None, doctor, stage.department, "Again", "direct")
    assert open_admission_of(admission.patient_id) is again


def test_nobody_who_died_is_admitted_and_who_waited_is_cancelled_by_the_death(inside, stage):
    """IPD-1, PAT-4."""
    admission = asked(stage)
    admission.patient.record_death(now())
    assert (admission.status, admission.encounter.status) == ("cancelled", "cancelled")
    with pytest.raises(Refused, match="has died"):
        request_admission(
            admission.patient, None, db.session.get(Doctor, stage.doctor), stage.department, "x", "direct"
        )


def test_a_cancelled_request_gives_back_the_bed_that_was_kept(inside, stage, heard):
    admission = asked(stage)
    reserve_bed(stage.ward.beds[0], admission.patient_id, admission.encounter_id, admission_id=admission.id)
    admission.await_bed()
    admission.cancel(note="Went home")
    assert (admission.encounter.status, status_of(stage.ward.beds[0])) == ("cancelled", "available")
    assert held_by(admission.patient_id) is None
    assert heard == ["ipd.requested", "ipd.cancelled"]


# Getting a bed


def test_admitting_gives_the_bed_and_begins_the_stay_together(inside, stage, heard):
    """IPD-2."""
    admission = admit(asked(stage), stage.ward.beds[0])
    assert (admission.status, admission.encounter.status) == ("admitted", "in_progress")
    assert admission.admitted_at <= now()
    held = held_by(admission.patient_id)
    assert (held.status, held.admission_id, held.encounter_id) == ("active", admission.id, admission.encounter_id)
    assert bed_of(admission.patient_id).id == stage.ward.beds[0]
    assert heard == ["ipd.requested", "ipd.admitted"]


def test_where_the_bed_is_gone_nothing_is_saved(inside, stage):
    """IPD-2."""
    admitted(stage, 0)
    late = asked(stage, "Bea")
    with pytest.raises(Refused, match="Bed A-01 was just taken"):
        admit(late, stage.ward.beds[0])
    db.session.refresh(late)
    assert (late.status, late.admitted_at, late.encounter.status) == ("requested", None, "planned")
    assert held_by(late.patient_id) is None


def test_a_bed_given_on_the_bed_board_begins_the_stay_too(inside, stage, heard):
    """IPD-3: bed and admission agree, wherever the bed was given."""
    admission = asked(stage)
    assign_bed(stage.ward.beds[1], admission.patient_id, admission.encounter_id, admission.id)
    assert (admission.status, admission.encounter.status) == ("admitted", "in_progress")
    transfer(admission.patient_id, stage.ward.beds[2])
    assert heard == ["ipd.requested", "ipd.admitted", "ipd.transferred"]


def test_who_lies_in_a_bay_of_emergency_is_moved_to_the_ward(inside, stage):
    """IPD-3."""
    admission = asked(stage, source="emergency")
    bay = clinic.visit(admission.patient, encounter_class="EMER")
    assign_bed(stage.ward.beds[3], admission.patient_id, bay.id)
    admit(admission, stage.ward.beds[0])
    assert (admission.status, status_of(stage.ward.beds[3])) == ("admitted", "cleaning")
    held = held_by(admission.patient_id)
    assert (held.bed_id, held.encounter_id) == (stage.ward.beds[0], admission.encounter_id)


def test_who_is_admitted_or_cancelled_is_not_admitted_again(inside, stage):
    """IPD-2."""
    admission = admitted(stage)
    with pytest.raises(WrongState):
        admit(admission, stage.ward.beds[1])
    gone = asked(stage, "Bea")
    gone.cancel()
    with pytest.raises(WrongState):
        admit(gone, stage.ward.beds[1])
    assert status_of(stage.ward.beds[1]) == "available"


def test_the_inpatients_come_with_bed_ward_and_doctor_in_one_query(inside, stage, count_queries):
    for place in range(3):
        admitted(stage, place, f"Name{place}")
    asked(stage, "Waiting")
    db.session.flush()
    db.session.expire_all()
    with count_queries() as statements:
        found = inpatients(stage.ward.ward)
        lines = [(one.patient.first_name, one.bed.code, one.ward.code, one.day) for one in found]
        assert {one.attending.full_name for one in found} == {"Dr Samir Haddad"}
    assert lines == [(f"Name{place}", f"A-0{place + 1}", "A", 1) for place in range(3)]
    assert len(statements) == 1
    assert inpatients(4711) == []


# The demonstration


def test_the_demonstration_has_beds_taken_requests_and_discharges_and_every_bed_agrees(inside, stage):
    """IPD-3: bed and admission agree for everybody who was invented."""
    people = [clinic.patient(f"Name{number}") for number in range(60)]
    db.session.execute(sa.update(Patient).values(created_at=now() - timedelta(days=90)))
    seed(HospitalSize(patients=500, staff=20), Random("stays"))
    here = inpatients()
    assert len(here) == 3
    assert {one.bed.status for one in here} == {"occupied"}
    assert find_mismatches() == []
    states = set(db.session.scalars(sa.select(Admission.status)))
    assert {"discharged", "admitted", "discharge_ordered", "requested", "waiting_bed"} == states
    kept = db.session.scalars(sa.select(Admission).where(Admission.discharged_at.is_not(None))).all()
    assert all(one.admitted_at <= one.discharged_at <= now() and one.active_key is None for one in kept)
    assert db.session.scalar(sa.select(sa.func.count(sa.distinct(Admission.patient_id)))) <= len(people)
