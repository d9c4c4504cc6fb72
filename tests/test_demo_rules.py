"""What the demonstration invents keeps the rules of the modules, whatever the hour and however large the hospital is.

What SQLite checks by itself (CHECK, UNIQUE) is not said again: a row that broke it would not be there.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from modules.doctors.allergies import names_allergy
from modules.doctors.prescriptions_seed import COURSES
from modules.nurses.news2 import score_of
from tests.lived_in import LARGE, MORNING, SMALL, filled_at, make_at

FILLING = timedelta(minutes=10)  # what the filling may take, on a busy machine
TIMES = {
    "large in the morning": (LARGE, MORNING),
    "small in the morning": (SMALL, MORNING),
    "small after midnight": (SMALL, MORNING.replace(hour=0, minute=20)),
    "small in the last hour": (SMALL, MORNING.replace(hour=23, minute=15)),
}
HAPPENED = {
    "created_at", "updated_at", "started_at", "ended_at", "checked_in_at", "completed_at", "arrived_at", "triaged_at",
    "seen_at", "departed_at", "taken_at", "given_at", "signed_at", "admitted_at", "discharged_at", "requested_at",
    "issued_at", "called_at", "served_at", "done_at", "prescribed_at", "vitals_at", "breached_at", "deceased_at", "at",
}  # fmt: skip

BY_REFERENCE = {"core_auditlog", "core_attachment"}  # their texts hold references that nobody has twice

# A sentence that must hold, and a query for what breaks it; :now is when the hospital was filled.
RULES = {
    "a bed is occupied exactly while somebody lies in it": """
        SELECT code FROM rooms_bed AS bed WHERE (status = 'occupied') !=
        EXISTS (SELECT 1 FROM rooms_bedallocation WHERE active_bed_id = bed.id AND status = 'active')""",
    "an allocation holds its bed and its patient exactly while it is active (ROOM-1)": """
        SELECT id, status FROM rooms_bedallocation WHERE status != 'reserved' AND
        ((status = 'active') != (active_bed_id IS bed_id) OR (status = 'active') != (active_patient_id IS patient_id)
        OR (status = 'active') != (ends_at IS NULL))""",
    "nobody lies in a bed while another does, or in two": """
        SELECT one.id, other.id FROM rooms_bedallocation AS one JOIN rooms_bedallocation AS other ON one.id < other.id
        AND (one.bed_id = other.bed_id OR one.patient_id = other.patient_id)
        AND one.starts_at < coalesce(other.ends_at, '9') AND other.starts_at < coalesce(one.ends_at, '9')""",
    "nobody lies in a bed that is being repaired": """
        SELECT bed_id FROM rooms_maintenance AS repair JOIN rooms_bedallocation AS lain USING (bed_id)
        WHERE coalesce(lain.ends_at, '9') > repair.from_at""",
    "who stays has a bed, and their visit goes on (IPD-1)": """
        SELECT stay.number FROM ipd_admission AS stay JOIN patients_encounter AS visit ON visit.id = stay.encounter_id
        WHERE stay.status IN ('admitted', 'discharge_ordered') AND (visit.status != 'in_progress' OR NOT EXISTS
        (SELECT 1 FROM rooms_bedallocation WHERE active_patient_id = stay.patient_id AND admission_id = stay.id))""",
    "who has left has no bed and their visit is over": """
        SELECT stay.number FROM ipd_admission AS stay JOIN patients_encounter AS visit ON visit.id = stay.encounter_id
        WHERE stay.status = 'discharged' AND (visit.status != 'finished' OR visit.ended_at != stay.discharged_at
        OR EXISTS (SELECT 1 FROM rooms_bedallocation WHERE admission_id = stay.id AND status = 'active'))""",
    "a stay is asked for, begins, is to end and ends in this order": """
        SELECT number FROM ipd_admission WHERE requested_at > admitted_at OR admitted_at > discharge_ordered_at
        OR discharge_ordered_at > discharged_at""",
    "a ward takes only those it is for (ROOM-6)": """
        SELECT bed.code FROM rooms_bedallocation AS lain JOIN rooms_bed AS bed ON bed.id = lain.bed_id
        JOIN rooms_room AS room ON room.id = bed.room_id JOIN rooms_ward AS ward ON ward.id = room.ward_id
        JOIN patients_patient AS who ON who.id = lain.patient_id
        WHERE ward.gender_policy NOT IN ('any', who.sex) AND bed.bed_type NOT IN ('cot', 'bassinet')""",
    "every visit owns one encounter, of its patient and class (0.6)": """
        SELECT visit.id, count(own.id) FROM patients_encounter AS visit LEFT JOIN
        (SELECT encounter_id AS id, patient_id, 'AMB' AS class FROM opd_visit
        UNION ALL SELECT encounter_id, patient_id, 'IMP' FROM ipd_admission
        UNION ALL SELECT encounter_id, patient_id, 'EMER' FROM emergency_visit) AS own
        ON own.id = visit.id AND own.patient_id = visit.patient_id AND own.class = visit.encounter_class
        GROUP BY visit.id HAVING count(own.id) != 1""",
    "a visit is open exactly while it holds its key (PAT-5)": """
        SELECT id, status FROM patients_encounter
        WHERE (status IN ('finished', 'cancelled')) = (active_key IS NOT NULL)
        OR (status IN ('finished', 'cancelled')) != (ended_at IS NOT NULL) OR ended_at < started_at""",
    "nobody comes before they are born or registered, or after they died": """
        SELECT visit.id, visit.encounter_class FROM patients_encounter AS visit
        JOIN patients_patient AS who ON who.id = visit.patient_id
        WHERE visit.started_at < who.birth_date OR visit.started_at < who.created_at
        OR who.deceased_at < visit.started_at""",
    "nobody is on a ward and in the emergency department, or in either and in a queue": """
        SELECT patient_id, group_concat(encounter_class) FROM patients_encounter WHERE ended_at IS NULL
        AND status != 'planned' GROUP BY patient_id HAVING sum(encounter_class != 'AMB') > 1
        OR (sum(encounter_class != 'AMB') AND sum(encounter_class = 'AMB'))""",
    "no doctor and no patient has two appointments at a time (APT-1)": """
        SELECT one.number, other.number FROM appointments_appointment AS one JOIN appointments_appointment AS other
        ON one.id < other.id AND (one.doctor_id = other.doctor_id OR one.patient_id = other.patient_id)
        AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
        WHERE one.status NOT IN ('cancelled', 'no_show') AND other.status NOT IN ('cancelled', 'no_show')""",
    "an appointment that is over has an end, one to come has none": """
        SELECT number, status FROM appointments_appointment
        WHERE (ends_at < :begun AND status NOT IN ('completed', 'cancelled', 'no_show'))
        OR (starts_at > :now AND status NOT IN ('scheduled', 'checked_in', 'cancelled'))""",
    "an appointment that is to come holds the time of its doctor (P2)": """
        SELECT number FROM appointments_appointment AS booked WHERE starts_at > :now AND status = 'scheduled' AND
        (SELECT count(*) FROM core_resourcelock WHERE resource_kind = 'doctor' AND resource_id = booked.doctor_id
        AND bucket_start >= booked.starts_at AND bucket_start < booked.ends_at) * 5
        != round((julianday(ends_at) - julianday(starts_at)) * 1440)""",
    "who came to an appointment has a visit at that doctor": """
        SELECT booked.number FROM appointments_appointment AS booked
        LEFT JOIN opd_visit AS visit ON visit.appointment_id = booked.id
        WHERE booked.status IN ('checked_in', 'in_consultation', 'completed') AND booked.kind != 'virtual'
        AND (visit.id IS NULL OR visit.doctor_id != booked.doctor_id OR visit.patient_id != booked.patient_id)""",
    "a queue gave out its numbers in order, from one to the last (OPD-2)": """
        SELECT queue.queue_key FROM opd_queue AS queue LEFT JOIN opd_token AS token ON token.queue_id = queue.id
        GROUP BY queue.id HAVING count(token.id) != queue.last_number OR max(token.number) != queue.last_number""",
    "a doctor calls one patient at a time (OPD-3)": """
        SELECT counter FROM opd_token WHERE serving_key IS NOT NULL GROUP BY counter, queue_id HAVING count(*) > 1""",
    "a number of a day means one patient": """
        SELECT queue.queue_date, token.label FROM opd_token AS token
        JOIN opd_queue AS queue ON queue.id = token.queue_id
        GROUP BY queue.queue_date, token.label, queue.session HAVING count(*) > 1""",
    "an outpatient visit and its encounter say the same": """
        SELECT seen.number, seen.status, visit.status FROM opd_visit AS seen
        JOIN patients_encounter AS visit ON visit.id = seen.encounter_id WHERE visit.status != CASE seen.status
        WHEN 'registered' THEN 'arrived' WHEN 'vitals_done' THEN 'triaged' WHEN 'completed' THEN 'finished'
        WHEN 'left' THEN 'cancelled' ELSE 'in_progress' END""",
    "a consultation that is over is signed, one that goes on is not (OPD-5)": """
        SELECT seen.number FROM opd_visit AS seen LEFT JOIN opd_consultation AS note ON note.visit_id = seen.id
        WHERE (seen.status IN ('in_consultation', 'awaiting_results', 'completed')) != (note.id IS NOT NULL)
        OR (seen.status = 'completed') != (coalesce(note.status, '') = 'signed')""",
    "who waits for the doctor was measured first": """
        SELECT seen.number FROM opd_visit AS seen WHERE (seen.vitals_at IS NOT NULL) != EXISTS
        (SELECT 1 FROM nurses_vitalsign AS taken WHERE taken.encounter_id = seen.encounter_id
        AND taken.taken_at = seen.vitals_at)""",
    "an emergency visit goes on in order": """
        SELECT number, status FROM emergency_visit WHERE triaged_at < arrived_at OR seen_at < triaged_at
        OR departed_at < seen_at OR departed_at < triaged_at
        OR (triage_level IS NULL) != (triaged_at IS NULL)
        OR (departed_at IS NOT NULL) != (status IN ('departed', 'left_without_being_seen'))""",
    "an emergency visit and its encounter say the same": """
        SELECT er.number, er.status, visit.status FROM emergency_visit AS er
        JOIN patients_encounter AS visit ON visit.id = er.encounter_id WHERE visit.status != CASE er.status
        WHEN 'arrived' THEN 'arrived' WHEN 'triaged' THEN 'triaged' WHEN 'departed' THEN 'finished'
        WHEN 'left_without_being_seen' THEN 'cancelled' ELSE 'in_progress' END""",
    "who lies in a bay is said to lie there": """
        SELECT er.number FROM emergency_visit AS er LEFT JOIN rooms_bedallocation AS lain
        ON lain.encounter_id = er.encounter_id AND lain.status = 'active' WHERE er.bed_id IS NOT lain.bed_id""",
    "whoever emergency keeps has asked for a bed": """
        SELECT er.number FROM emergency_visit AS er WHERE er.status = 'awaiting_bed' AND NOT EXISTS
        (SELECT 1 FROM ipd_admission AS stay WHERE stay.patient_id = er.patient_id AND stay.active_key IS NOT NULL)""",
    "vital signs are taken during the visit": """
        SELECT taken.id FROM nurses_vitalsign AS taken JOIN patients_encounter AS visit ON visit.id = taken.encounter_id
        WHERE taken.taken_at < visit.started_at OR taken.taken_at > visit.ended_at
        OR taken.patient_id != visit.patient_id""",
    "a dose is of a drug of the ward that runs, given once it was prescribed (NUR-7)": """
        SELECT dose.id FROM nurses_medicationadministration AS dose
        JOIN doctors_prescriptionitem AS item ON item.id = dose.prescription_item_id
        JOIN doctors_prescription AS paper ON paper.id = item.prescription_id
        WHERE paper.kind != 'inpatient' OR paper.status != 'active' OR dose.encounter_id != paper.encounter_id
        OR (dose.status = 'completed') != (dose.given_at IS NOT NULL) OR dose.given_at < item.start_at
        OR substr(dose.due_at, 1, 16) < substr(item.start_at, 1, 16)
        OR (dose.status = 'not_done') != (dose.reason_not_given IS NOT NULL)""",
    "no dose was left out an hour ago": """
        SELECT id, due_at FROM nurses_medicationadministration WHERE status = 'scheduled' AND due_at < :an_hour_ago""",
    "a prescription is written by the doctor of the visit, within it": """
        SELECT paper.number FROM doctors_prescription AS paper
        JOIN patients_encounter AS visit ON visit.id = paper.encounter_id
        WHERE paper.patient_id != visit.patient_id OR paper.prescribed_at < visit.started_at
        OR paper.prescribed_at > visit.ended_at OR (paper.status = 'active') = (visit.ended_at IS NOT NULL)""",
    "whoever treats patients may, and works here (DOC-1)": """
        SELECT doctor.id FROM doctors_doctor AS doctor JOIN staff_staff AS member ON member.id = doctor.staff_id
        WHERE doctor.license_expiry < date(:now) OR member.status = 'left'""",
    "a visit is paid for in a window that covers it (OPD-8)": """
        SELECT paid.id FROM opd_feevalidity AS paid JOIN opd_visit AS seen ON seen.id = paid.source_visit_id
        WHERE paid.patient_id != seen.patient_id OR paid.valid_to <= paid.valid_from""",
}
TODAYS = {
    "the day of appointments": """SELECT 1 FROM appointments_appointment WHERE date(starts_at) = date(:now)""",
    "the queue of outpatients": "SELECT 1 FROM opd_token WHERE status = 'issued'",
    "the consultations": "SELECT 1 FROM opd_visit WHERE status = 'in_consultation'",
    "the triage board": "SELECT 1 FROM emergency_visit WHERE departed_at IS NULL AND triage_level IS NOT NULL",
    "who has just come to emergency": "SELECT 1 FROM emergency_visit WHERE status = 'arrived'",
    "the bed board": "SELECT 1 FROM rooms_bed WHERE status = 'occupied'",
    "the ward worklist": "SELECT 1 FROM ipd_admission WHERE status = 'admitted'",
    "the medicine grid": """SELECT 1 FROM nurses_medicationadministration WHERE status = 'scheduled'
        AND due_at BETWEEN :an_hour_ago AND :tomorrow""",
    "the tasks of the wards": "SELECT 1 FROM nurses_task WHERE status = 'requested'",
    "who waits for a bed": "SELECT 1 FROM ipd_admission WHERE status IN ('requested', 'waiting_bed')",
    "who goes home": "SELECT 1 FROM ipd_admission WHERE status = 'discharge_ordered'",
    "the beds to clean": "SELECT 1 FROM rooms_bed WHERE status = 'cleaning'",
}


@pytest.fixture(scope="module", params=TIMES)
def filled(request, tmp_path_factory, portal_with) -> Iterator[SimpleNamespace]:
    """The database of a hospital, and when it was filled."""
    size, moment = TIMES[request.param]
    folder = filled_at(tmp_path_factory, portal_with(1), moment, {"city-general": size})
    [path] = (folder / "hospitals").glob("hospital_city-general.db")
    with closing(sqlite3.connect(path)) as raw:
        yield SimpleNamespace(raw=raw, moments=moments_of(moment))


def moments_of(begun: datetime) -> dict[str, str]:
    """The times that the queries name."""
    now = begun + FILLING
    named = {"begun": begun, "now": now, "an_hour_ago": now - timedelta(hours=2), "tomorrow": now + timedelta(days=1)}
    return {name: f"{at:%Y-%m-%d %H:%M:%S.%f}" for name, at in named.items()}


def rows_of(filled, query: str) -> list[tuple]:
    """What a query finds; of the times, those that it names."""
    named = {name: value for name, value in filled.moments.items() if f":{name}" in query}
    return filled.raw.execute(query, named).fetchall()


@pytest.mark.parametrize("sentence", RULES)
def test_everything_that_is_invented_keeps_this_rule(filled, sentence):
    assert not rows_of(filled, RULES[sentence])


@pytest.mark.parametrize("board", TODAYS)
def test_there_is_something_on_this_board_now(filled, board):
    assert rows_of(filled, TODAYS[board])


def test_every_key_leads_to_a_row(filled):
    assert not filled.raw.execute("PRAGMA foreign_key_check").fetchall()


def test_nothing_has_happened_that_is_still_to_come(filled):
    tables = [name for (name,) in filled.raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for table in tables:
        columns = {row[1] for row in filled.raw.execute(f"PRAGMA table_info({table})")} & HAPPENED
        for column in columns:
            [latest] = filled.raw.execute(f"SELECT max({column}) FROM {table}").fetchone()
            found[table, column] = latest or ""
    assert ("opd_visit", "vitals_at") in found
    assert not {place: at for place, at in found.items() if at > filled.moments["now"]}


def test_scores_are_those_that_the_measurements_give(filled):
    """NUR-5."""
    names = ("resp_rate", "spo2", "on_oxygen", "bp_sys", "pulse", "temperature_c", "consciousness")
    query = f"""SELECT {", ".join(names)}, news2, news2_max_single, birth_date, taken_at FROM nurses_vitalsign
        JOIN patients_patient AS who ON who.id = patient_id"""
    wrong, scores = [], 0
    for *measured, news2, highest, born, at in filled.raw.execute(query):
        row = SimpleNamespace(**dict(zip(names, measured, strict=True)))
        row.temperature_c = Decimal(row.temperature_c) / 10
        born = datetime.fromisoformat(born).date() if born else None
        score = score_of(row, born, datetime.fromisoformat(at).date())
        scores += score is not None
        if (news2, highest) != ((score.total, score.highest) if score else (None, None)):
            wrong.append((row, news2, score))
    assert scores
    assert not wrong


def test_nobody_is_prescribed_what_harms_them(filled):
    """DOC-2."""
    made_of = {generic.lower(): (generic, kind) for generic, kind, *_more in COURSES}
    query = """SELECT item.drug_text, allergy.substance FROM doctors_prescriptionitem AS item
        JOIN doctors_prescription AS paper ON paper.id = item.prescription_id
        JOIN patients_allergy AS allergy ON allergy.patient_id = paper.patient_id AND allergy.status = 'active'"""
    rows = rows_of(filled, query)
    assert rows
    harmful = [row for row in rows if names_allergy(row[1], made_of[row[0].split()[0].lower()])]
    assert not harmful


def test_the_same_hospital_at_the_same_hour_holds_the_same(tmp_path, tmp_path_factory, portal_with):
    sizes = {"city-general": SMALL}
    make_at(tmp_path, portal_with(1), MORNING, sizes)
    once = all_said_in(filled_at(tmp_path_factory, portal_with(1), MORNING, sizes))
    assert len(once["opd_visit"]) > 10
    again = all_said_in(tmp_path)
    assert {table for table, rows in once.items() if rows != again[table]} <= BY_REFERENCE


def all_said_in(folder) -> dict[str, list[tuple]]:
    """The rows of every table, without times and what is unlike everything else on purpose."""
    with closing(sqlite3.connect(folder / "hospitals" / "hospital_city-general.db")) as raw:
        found = {}
        for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            kinds = {name: kind for _id, name, kind, *_more in raw.execute(f"PRAGMA table_info({table})")}
            names = [name for name, kind in kinds.items() if kind != "DATETIME" and "uuid" not in name]
            found[table] = raw.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1").fetchall()
        return found
