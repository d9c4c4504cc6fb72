"""Merging: two records of one person become one, nothing stays behind, and the other number leads on."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from modules.billing.models import Invoice
from modules.ipd.models import Admission
from modules.patients.api import open_encounter
from modules.patients.beside import Contact, Insurance
from modules.patients.clinical import Allergy
from modules.patients.encounters import Encounter
from modules.patients.merging import columns_naming_a_patient, merge
from modules.patients.models import MergeLog, Patient
from modules.rooms.models import BedAllocation
from portal.extensions import db
from portal.kit import Refused, WrongState, now
from portal.kit.events import _now
from portal.kit.models import Attachment, AuditLog, ContentType, ResourceLock, StatusLog
from portal.tenancy.current import in_hospital
from tests.page import Page
from tests.test_isolation import fill

MERGER = ("patients.view", "patients.merge", "patients.change", "patients.allergy_view", "patients.encounter_view")
WHY = "Registered twice"
AT_ONCE = 20
FIVE = timedelta(minutes=5)


@pytest.fixture
def path(app, hospital, settings):
    """The database of a hospital with rows 1 to 3 in every table."""
    app.extensions["engines"].close()
    path = settings.hospitals_dir / f"hospital_{hospital.subdomain}.db"
    fill(path, "Spatz")
    return path


@pytest.fixture
def ids(app, hospital, path) -> tuple[int, int]:
    """Zoë, who is kept, and Zoe, who is merged; of neither is anything known but who they are."""
    with app.app_context(), in_hospital(hospital):
        zoe = {"last_name": "O’Brien", "sex": "female", "birth_date": date(1955, 3, 2)}
        both = [Patient(first_name=name, **zoe).register() for name in ("Zoë", "Zoe")]
        db.session.commit()
        return tuple(one.id for one in both)


@pytest.fixture
def both(app, hospital, ids):
    """The two records, inside the hospital."""
    with app.app_context(), in_hospital(hospital):
        yield tuple(db.session.get(Patient, number) for number in ids)
        db.session.rollback()


# --- nothing stays behind ------------------------------------------------------------------------------------------


def query(path, statement: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute(statement).fetchall()


def references(path) -> list[tuple[str, str]]:
    """Every column that refers to a patient, as the database itself says."""
    tables = [name for (name,) in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return sorted(
        (table, key[3])
        for table in tables
        for key in query(path, f"PRAGMA foreign_key_list({table})")
        if key[2] == "patients_patient"
    )


def counted(path) -> dict[str, int]:
    """How many rows each table has that refers to a patient."""
    return {table: query(path, f"SELECT count(*) FROM {table}")[0][0] for table, _column in references(path)}


def naming(path, table: str, column: str, number: int) -> int:
    """How many rows of a table name this patient."""
    return query(path, f"SELECT count(*) FROM {table} WHERE {column} = {number}")[0][0]


def test_after_a_merge_no_row_of_any_table_refers_to_the_merged_patient(app, hospital, path):
    """PAT-3, in every table that there is."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        for table, column in references(path):
            if table != "patients_patient":
                raw.execute(f"UPDATE {table} SET {column} = 2 WHERE id IN (2, 3)")
        raw.execute("UPDATE rooms_bedallocation SET encounter_id = id")
        raw.execute("UPDATE ipd_admission SET status = 'discharged'")
        raw.execute("UPDATE patients_allergy SET active_key = patient_id || ':' || substance")
        raw.commit()
    before = counted(path)
    with app.app_context(), in_hospital(hospital):
        log = merge(db.session.get(Patient, 1), db.session.get(Patient, 2), WHY)
        moved = log.moved_counts
        db.session.commit()
    left = {(table, column): naming(path, table, column, 2) for table, column in references(path)}
    logs = [left.pop(("patients_mergelog", column)) for column in ("kept_id", "merged_id")]
    assert len(left) >= 37
    assert {place for place, count in left.items() if count} == set()
    assert logs == [2, 3]
    assert counted(path) == before | {"patients_mergelog": before["patients_mergelog"] + 1}
    assert {table for table, _column in left} - {"patients_patient"} <= set(moved)
    assert query(path, "SELECT status, merged_into_id FROM patients_patient WHERE id = 2") == [("merged", 1)]
    assert query(path, "PRAGMA foreign_key_check(patients_patient)") == []


def test_merging_finds_every_column_that_the_database_knows_to_refer_to_a_patient(app, path):
    found = {(column.class_.__tablename__, column.key) for column in columns_naming_a_patient()}
    assert found == {place for place in references(path) if place[0] != "patients_mergelog"}


def test_an_id_of_a_patient_that_the_database_does_not_know_as_one_is_moved_by_its_module(app):
    """A column without a foreign key: its module handles “patient.merging”, as rooms does for who lies in a bed."""
    unknown = {
        str(column)
        for table in Patient.metadata.tables.values()
        for column in table.columns
        if "patient" in column.name and isinstance(column.type, sa.Integer) and not column.foreign_keys
    }
    assert unknown == {"rooms_bedallocation.active_patient_id"}


def test_what_may_be_unique_for_a_patient_is_settled_before_it_moves(app):
    """Two rows that may not both be one patient's: whoever adds such a key says in merging.py what becomes of them."""
    tables = {column.class_.__table__: column.key for column in columns_naming_a_patient()}
    keys = {
        (table.name, *sorted(one.name for one in key.columns))
        for table, column in tables.items()
        for key in (*table.constraints, *table.indexes)
        if column in key.columns and (isinstance(key, sa.UniqueConstraint) or getattr(key, "unique", False))
    }
    assert keys == {("patients_insurance", "insurer_id", "patient_id", "policy_no")}


def test_each_row_that_moves_has_a_new_version_and_stands_in_the_audit(both):
    kept, merged = both
    contact = Contact(patient=merged, name="Niamh", relation="Daughter", phone="07700 900188").add()
    db.session.flush()
    version = contact.version
    log = merge(kept, merged, WHY)
    assert (contact.patient_id, contact.version) == (kept.id, version + 1)
    assert log.moved_counts == {"patients_contact": 1}
    acts = sa.select(AuditLog.changes).where(AuditLog.content_type == "patients_contact", AuditLog.action == "update")
    assert db.session.scalars(acts).all() == [{"patient_id": [merged.id, kept.id]}]


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


def allergic(patient: Patient, substance: str, severity: str) -> Allergy:
    rest = {"category": "medication", "criticality": "high"}
    return Allergy(patient=patient, substance=substance, severity=severity, **rest).add()


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


# --- many at once --------------------------------------------------------------------------------------------------


def at_once(app, hospital, acts) -> list[str]:
    """What became of acts in as many threads: “done”, or the sentence of the refusal."""

    def one(act) -> str:
        with app.app_context(), in_hospital(hospital):
            try:
                act()
                db.session.commit()
            except Refused as refused:
                db.session.rollback()
                return refused.sentence
            return "done"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, acts))


def test_of_twenty_merges_of_the_same_two_at_once_one_is_done(app, hospital, ids):
    def merge_them(number: int):
        order = ids[:: 1 if number % 2 else -1]
        return lambda: merge(*(db.session.get(Patient, one) for one in order), WHY)

    outcomes = at_once(app, hospital, [merge_them(number) for number in range(AT_ONCE)])
    assert outcomes.count("done") == 1
    with app.app_context(), in_hospital(hospital, writing=False):
        pair = [db.session.get(Patient, number) for number in ids]
        assert sorted(one.status for one in pair) == ["active", "merged"]
        assert len(db.session.scalars(sa.select(MergeLog).where(MergeLog.id > 3)).all()) == 1


def test_nothing_is_left_behind_while_others_record_what_they_know(app, hospital, ids):
    """PAT-3, under concurrency: an allergy is recorded before the merge and moves, or is refused after it."""

    def record(number: int):
        if number == AT_ONCE // 2:
            return lambda: merge(*(db.session.get(Patient, one) for one in ids), WHY)
        if number % 2:
            return lambda: allergic(db.session.get(Patient, ids[1]), f"Substance {number}", "mild")
        return lambda: open_encounter(db.session.get(Patient, ids[1]), "AMB", doctor_id=number % 3 + 1)

    outcomes = at_once(app, hospital, [record(number) for number in range(AT_ONCE)])
    assert outcomes[AT_ONCE // 2] == "done"
    with app.app_context(), in_hospital(hospital, writing=False):
        for model in (Allergy, Encounter):
            assert db.session.scalars(sa.select(model).where(model.patient_id == ids[1])).all() == []
        kept = sa.select(sa.func.count(Allergy.id)).where(Allergy.patient_id == ids[0])
        assert db.session.scalar(kept) == outcomes[1::2].count("done")


# --- the wizard ----------------------------------------------------------------------------------------------------


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
