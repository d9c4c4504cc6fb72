"""Two records that become one: what refuses it, and what becomes of visits, allergies, policies and facts."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from modules.billing.models import Invoice
from modules.ipd.models import Admission
from modules.patients.api import open_encounter
from modules.patients.merging import merge
from modules.patients.models import MergeLog, Patient
from modules.patients.models.beside import Insurance
from modules.rooms.models import BedAllocation
from portal.extensions import db
from portal.kit import Refused, WrongState, now
from portal.kit.events import _now
from portal.kit.models import Attachment, ContentType, ResourceLock, StatusLog
from portal.tenancy.current import in_hospital
from tests.modules.two_records import WHY, allergic, fill_tables, register_twice

FIVE = timedelta(minutes=5)


@pytest.fixture
def path(app, hospital, settings) -> Path:
    """The database of a hospital with rows in every table."""
    return fill_tables(app, hospital, settings)


@pytest.fixture
def ids(app, hospital, path) -> tuple[int, int]:
    """The record that is kept, and the one that is merged."""
    return register_twice(app, hospital)


@pytest.fixture
def both(app, hospital, ids):
    """The two records, inside the hospital."""
    with app.app_context(), in_hospital(hospital):
        yield tuple(db.session.get(Patient, number) for number in ids)
        db.session.rollback()


def booked(patient: Patient, bucket: int) -> ResourceLock:
    begins = now().replace(year=2030, minute=0, second=0, microsecond=0) + bucket * FIVE
    place = {"resource_kind": "patient", "resource_id": patient.id, "bucket_start": begins}
    return ResourceLock(**place, holder_type_id=ContentType.id_of(patient), holder_id=patient.id)


# --- what refuses it -----------------------------------------------------------------------------------------------


def refusal(kept: Patient, merged: Patient, **answers) -> str:
    """The sentence that refuses the merge."""
    db.session.flush()
    with pytest.raises(Refused) as refused, db.session.begin_nested():
        merge(kept, merged, WHY, **answers)
    assert merged.status == "active"
    return refused.value.sentence


@pytest.fixture(params=[0, 1], ids=["kept", "merged"])
def either(both, request) -> Patient:
    """One of the two records, then the other."""
    return both[request.param]


def test_an_open_inpatient_stay_of_either_refuses_the_merge(both, either):
    """PAT-3, the open encounter."""
    open_encounter(either, "IMP")
    assert refusal(*both) == "An inpatient stay is open. Finish or cancel it before you merge the records"


@pytest.mark.parametrize("status", ["requested", "waiting_bed", "admitted", "discharge_ordered"])
def test_an_open_admission_of_either_refuses_the_merge(both, either, status):
    """PAT-3, the open admission."""
    admission = db.session.get(Admission, 1)
    admission.patient_id, admission.status, admission.number = either.id, status, "IPD26-000371"
    assert refusal(*both) == "Admission IPD26-000371 is open. End or cancel it before you merge the records"


@pytest.mark.parametrize("status", ["issued", "partially_paid"])
def test_an_unpaid_invoice_of_either_refuses_the_merge(both, either, status):
    """PAT-3, the unpaid invoice."""
    invoice = db.session.get(Invoice, 1)
    invoice.patient_id, invoice.status, invoice.number = either.id, status, "INV26-000012"
    assert refusal(*both) == "Invoice INV26-000012 is not paid. Settle it before you merge the records"


def test_different_sexes_refuse_the_merge_until_somebody_has_checked(both):
    """PAT-3, the sexes: what an administrator may override, and nothing else."""
    kept, merged = both
    merged.sex = "male"
    assert refusal(kept, merged) == "The sexes differ: female and male. Check that it is one person, and say so"
    visit = open_encounter(merged, "IMP")
    assert "An inpatient stay is open" in refusal(kept, merged, sexes_checked=True)
    visit.cancel()
    merge(kept, merged, WHY, sexes_checked=True)
    assert (merged.status, kept.sex) == ("merged", "female")


def test_the_same_visit_open_in_both_refuses_the_merge(both):
    for patient in both:
        open_encounter(patient, "AMB", doctor_id=1)
    sentence = "Both records have the same outpatient visit open. Finish or cancel one of them first"
    assert refusal(*both) == sentence


def test_bookings_of_both_at_one_time_refuse_the_merge(both):
    db.session.add_all(booked(patient, 1) for patient in both)
    assert refusal(*both) == "Both records have a booking at the same time. Move or cancel one of them first"


def test_a_bed_held_by_each_refuses_the_merge(both):
    for number, patient in enumerate(both, start=1):
        db.session.get(BedAllocation, number).active_patient_id = patient.id
    assert refusal(*both) == "Both records hold a bed. Free one of them before you merge the records"


def test_a_record_is_not_merged_with_itself_nor_twice_nor_into_a_merged_one(both):
    kept, merged = both
    assert "cannot be merged with itself" in refusal(kept, kept)
    merge(kept, merged, WHY)
    third = Patient(first_name="Zoe", last_name="Brien", sex="female").register()
    for one, other in ((kept, merged), (merged, third)):
        with pytest.raises(Refused, match=f"{merged.mrn} was merged into Zoë O’Brien, {kept.mrn}"):
            merge(one, other, WHY)


def test_a_record_that_is_not_active_does_not_disappear(both):
    kept, merged = both
    merged.deactivate()
    with pytest.raises(WrongState):
        merge(kept, merged, WHY)


# --- what becomes of both ------------------------------------------------------------------------------------------


def test_open_visits_and_a_bed_are_held_by_the_kept_patient(both):
    kept, merged = both
    first, second = open_encounter(kept, "AMB", doctor_id=1), open_encounter(merged, "AMB", doctor_id=2)
    emergency, bed = open_encounter(merged, "EMER"), db.session.get(BedAllocation, 1)
    bed.active_patient_id = merged.id
    merge(kept, merged, WHY)
    keys = [f"{kept.id}:AMB:1", f"{kept.id}:AMB:2", f"{kept.id}:EMER"]
    assert [visit.active_key for visit in (first, second, emergency)] == keys
    assert {visit.patient_id for visit in (first, second, emergency)} == {kept.id}
    assert bed.active_patient_id == kept.id


def test_documents_of_the_record_and_booked_time_move_too(both):
    kept, merged = both
    file = {"file_key": "k", "filename": "a.pdf", "mime": "application/pdf", "size": 1, "sha256": "0", "kind": "other"}
    document = Attachment(content_type="patients_patient", object_id=merged.id, **file)
    other = Attachment(content_type="staff_staff", object_id=merged.id, **file | {"file_key": "l"})
    taken = booked(merged, 0)
    db.session.add_all([document, other, taken])
    log = merge(kept, merged, WHY)
    assert (document.object_id, other.object_id, taken.resource_id) == (kept.id, merged.id, kept.id)
    assert log.moved_counts["core_attachment"] == 1


def test_of_one_allergy_in_both_the_more_dangerous_entry_stays(both):
    kept, merged = both
    mild, severe = allergic(kept, "Penicillin", "mild"), allergic(merged, "penicillin ", "severe")
    worse, weaker = allergic(kept, "Latex", "severe"), allergic(merged, "Latex", "moderate")
    alone = allergic(merged, "Peanut", "mild")
    merge(kept, merged, WHY)
    assert [one.status for one in (severe, worse, alone)] == ["active"] * 3
    assert [one.status for one in (mild, weaker)] == ["entered_in_error"] * 2
    assert [one.active_key for one in (mild, weaker)] == [None] * 2
    keys = [f"{kept.id}:{word}" for word in ("penicillin", "latex", "peanut")]
    assert [one.active_key for one in (severe, worse, alone)] == keys
    assert {one.patient_id for one in (mild, severe, worse, weaker, alone)} == {kept.id}
    assert kept.allergy_status == "recorded"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (("unknown", "none_known"), "none_known"), (("none_known", "unknown"), "none_known"),
        (("unknown", "unknown"), "unknown"),
    ],
)  # fmt: skip
def test_who_was_asked_about_allergies_once_was_asked(both, said, found):
    kept, merged = both
    kept.allergy_status, merged.allergy_status = said
    merge(kept, merged, WHY)
    assert kept.allergy_status == found


def test_none_known_in_one_record_does_not_hide_an_allergy_of_the_other(both):
    """PAT-8, when two records become one."""
    kept, merged = both
    kept.allergy_status = "none_known"
    allergic(merged, "Penicillin", "severe")
    merge(kept, merged, WHY)
    assert kept.allergy_status == "recorded"


def policy(patient: Patient, number: str) -> Insurance:
    cover = {"valid_from": date(2026, 1, 1), "coverage_pct": Decimal(80)}
    row = Insurance(patient_id=patient.id, insurer_id=1, policy_no=number, **cover)
    db.session.add(row)
    db.session.flush()
    return row


def test_a_policy_noted_in_both_becomes_one_and_its_claims_point_at_it(both):
    kept, merged = both
    known, doubled, other = policy(kept, "A-1"), policy(merged, "A-1"), policy(merged, "B-2")
    claims = Insurance.metadata.tables["billing_claim"]
    mine = sa.select(claims.c.insurance_id).where(claims.c.id == 1)
    db.session.execute(sa.update(claims).where(claims.c.id == 1).values(insurance_id=doubled.id))
    merge(kept, merged, WHY)
    assert db.session.scalar(mine) == known.id
    rows = sa.select(Insurance.id).where(Insurance.patient_id == kept.id).order_by(Insurance.id)
    assert db.session.scalars(rows).all() == [known.id, other.id]


def test_what_only_the_merged_record_knew_is_taken_over(both):
    kept, merged = both
    kept.phone, kept.birth_date, kept.blood_group = "07700 900412", None, "unknown"
    merged.phone, merged.city, merged.blood_group, merged.national_id = "07700 900999", "Leeds", "O-", "AB12"
    merged.birth_date_estimated = True
    merge(kept, merged, WHY)
    facts = (kept.phone, kept.city, kept.blood_group, kept.national_id, kept.birth_date, kept.birth_date_estimated)
    assert facts == ("07700 900412", "Leeds", "O-", "AB12", date(1955, 3, 2), True)
    assert merged.national_id is None


def test_records_merged_before_lead_straight_to_the_one_that_is_kept(both):
    kept, merged = both
    earlier = Patient(first_name="Z", last_name="O’Brien", sex="female").register()
    merge(merged, earlier, WHY)
    merge(kept, merged, WHY)
    assert (earlier.merged_into, merged.merged_into) == (kept, kept)
    logs = db.session.scalars(sa.select(MergeLog).where(MergeLog.id > 3).order_by(MergeLog.id))
    assert [(log.kept_id, log.merged_id) for log in logs] == [(merged.id, earlier.id), (kept.id, merged.id)]


def test_a_merge_is_a_move_that_is_logged_and_told(both, monkeypatch):
    kept, merged = both
    heard = []
    monkeypatch.setitem(
        _now, "patient.merging", [lambda log: heard.append((log.kept_id, log.merged_id, merged.status))]
    )
    monkeypatch.setitem(_now, "patient.merged", [lambda patient: heard.append((patient.id, patient.status))])
    merge(kept, merged, WHY)
    assert heard == [(kept.id, merged.id, "active"), (merged.id, "merged")]
    logged = sa.select(StatusLog.from_status, StatusLog.to_status).where(
        StatusLog.content_type == "patients_patient", StatusLog.object_id == merged.id
    )
    assert db.session.execute(logged).all() == [("active", "merged")]


def test_a_merged_patient_gets_no_new_work_and_no_correction(both):
    """PAT-4, the merged."""
    kept, merged = both
    merge(kept, merged, WHY)
    sentence = f"{merged.mrn} was merged into Zoë O’Brien, {kept.mrn}. Use that record"
    for act in (
        merged.refuse_new_work,
        lambda: open_encounter(merged, "AMB", doctor_id=1),
        lambda: merged.change(city="Leeds"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.sentence == sentence
