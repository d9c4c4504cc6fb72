"""Care in the emergency department: seeing, bays, leaving, death, what is printed and shown elsewhere."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
import sqlalchemy as sa

from modules.billing.models import ChargeItem
from modules.doctors.api import invent_prescriptions
from modules.doctors.models import Doctor, Prescription
from modules.emergency import module
from modules.emergency.bays import put_into_bay
from modules.emergency.board import read_board
from modules.emergency.leaving import decide, record_death
from modules.emergency.models import OPEN, Ambulance, Note, Visit
from modules.emergency.seed import seed
from modules.emergency.triaging import triage
from modules.ipd.api import Admission, admit, request_admission
from modules.laboratory.models import Order
from modules.nurses.models import VitalSign
from modules.patients.models import Patient
from modules.patients.models.encounters import Encounter
from modules.rooms.api import assign_bed, bed_of, release_bed, transfer
from modules.rooms.models import Bed
from portal.extensions import db
from portal.kit import Refused, WrongState, current_hospital, now
from portal.kit.demo import HospitalSize
from portal.kit.models import ContentType
from tests.modules.bed_ward import open_ward
from tests.modules.casualty import DOCTOR, arrive, nurse, open_bays, treated, user_id
from tests.modules.clinic import doctor
from tests.modules.test_emergency import read
from tests.page import Page

MEASURED = {
    "temperature_c": "38.6", "pulse": "135", "resp_rate": "26", "bp_sys": "95", "bp_dia": "60", "spo2": "91",
    "consciousness": "A",
}  # fmt: skip


@pytest.fixture
def visit(look) -> int:
    """Somebody whom a doctor treats in the first of three bays."""

    def begin():
        one = treated()
        put_into_bay(one, open_bays()[0])
        return one.id

    return look(begin)


@pytest.fixture
def heard(hear):
    """The events of the department as they are told."""
    return hear("er.awaiting_bed", "er.departed", "er.deceased")


def get(number: int) -> Visit:
    return db.session.get_one(Visit, number)


def beds(look, *ids: int) -> list[str]:
    return look(lambda: [db.session.get(Bed, number).status for number in ids])


# Triage with vital signs


def test_vital_signs_suggest_a_level_before_anything_is_saved(look, leila):
    number = look(lambda: arrive().id)
    path = f"/emergency/visits/{number}/triage"
    answer = leila.post(path, data={**MEASURED, "suggest": "1"})
    assert answer.status_code == 200
    page = Page(answer.text)
    assert "Suggested: 2 Emergency (NEWS2 12)" in page.text
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(VitalSign.id)))) == 0
    asleep = Page(leila.post(path, data={"consciousness": "U", "suggest": "1"}).text).text
    assert "Suggested: 1 Immediate (does not respond)" in asleep
    assert "Suggested: 3 Urgent (severe pain)" in Page(leila.post(path, data={"pain": "9", "suggest": "1"}).text).text


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({"pulse": "80", "resp_rate": "16", "bp_sys": "120", "spo2": "98", "temperature_c": "37.0"}, 5),
        ({"pulse": "95", "resp_rate": "16", "bp_sys": "120", "spo2": "98", "temperature_c": "37.0"}, 4),
        ({"pulse": "135", "resp_rate": "16", "bp_sys": "120", "spo2": "98", "temperature_c": "37.0"}, 3),
        ({"pulse": "115", "resp_rate": "22", "bp_sys": "120", "spo2": "95", "temperature_c": "37.0"}, 3),
        ({"pulse": "115", "resp_rate": "22", "bp_sys": "99", "spo2": "95", "temperature_c": "37.0"}, 2),
    ],
)
def test_the_suggested_level_goes_by_the_score(look, leila, changed, level):
    number = look(lambda: arrive().id)
    answer = leila.post(f"/emergency/visits/{number}/triage", data={**MEASURED, **changed, "suggest": "1"})
    assert f"Suggested: {level} " in Page(answer.text).text


def test_a_triage_keeps_its_vital_signs_and_the_board_shows_a_bad_score(look, leila):
    """ER-4."""
    number = look(lambda: arrive().id)
    answers = {**MEASURED, "level": "2", "pain": "6", "token": "a"}
    assert leila.post(f"/emergency/visits/{number}/triage", data=answers).status_code == 303
    assert look(lambda: db.session.scalars(sa.select(VitalSign.news2)).all()) == [12]
    assert "NEWS2 12" in leila.page("/emergency/").text
    assert "NEWS2 12" in leila.page(f"/emergency/visits/{number}").text
    assert "pain 6 of 10" in leila.page(f"/emergency/visits/{number}").text


def test_impossible_vital_signs_keep_no_triage(look, leila):
    number = look(lambda: arrive().id)
    answers = {"bp_sys": "80", "bp_dia": "90", "level": "2", "token": "a"}
    answer = leila.post(f"/emergency/visits/{number}/triage", data=answers)
    assert "must be above the diastolic" in Page(answer.text).text
    assert read(look, number, "status", "triage_level") == ["arrived", None]


# Seeing


def test_a_doctor_sees_observes_and_treats_again(look, samir, leila):
    number = look(lambda: arrive().id)
    assert samir.post(f"/emergency/visits/{number}/see").status_code == 409
    leila.post(f"/emergency/visits/{number}/triage", data={"level": "3", "token": "a"})
    for move, state in (("see", "in_treatment"), ("observe", "observation"), ("treat-again", "in_treatment")):
        assert samir.post(f"/emergency/visits/{number}/{move}").status_code == 303
        assert read(look, number, "status") == [state]
    assert samir.post(f"/emergency/visits/{number}/see").status_code == 409


def test_who_is_no_doctor_says_which_doctor_sees_the_patient(look, client_with, leila):
    clerk = client_with(*DOCTOR, username="clerk")
    number = look(lambda: arrive().id)
    other = look(lambda: doctor("Annor").id)
    leila.post(f"/emergency/visits/{number}/triage", data={"level": "3", "token": "a"})
    asked = clerk.post(f"/emergency/visits/{number}/see")
    assert asked.status_code == 422
    assert "Select a doctor" in Page(asked.text).text
    assert clerk.post(f"/emergency/visits/{number}/see", data={"doctor_id": other}).status_code == 303
    assert read(look, number, "doctor_id") == [other]


def test_a_note_is_kept_under_the_name_of_who_wrote_it(look, visit, samir):
    path = f"/emergency/visits/{visit}"
    for _time in range(2):
        samir.post(f"{path}/notes/new", data={"body": "ECG normal", "token": "a"})
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Note.id)))) == 1
    assert "ECG normal" in samir.page(path).text


# Bays


def test_a_patient_is_put_into_a_bay_and_moved_to_another(look, leila):
    number = look(lambda: arrive().id)
    bays = look(open_bays)
    for token, bay in zip("ab", bays, strict=False):
        path = f"/emergency/visits/{number}/bay"
        assert leila.post(path, data={"bed_id": bay, "token": token}).status_code == 303
        assert read(look, number, "bed_id") == [bay]
    assert beds(look, *bays) == ["cleaning", "occupied", "available"]
    assert "Bay 2 Occupied Amina Yusuf" in leila.page("/emergency/bays").text
    assert "Bays 1 of 3" in leila.page("/emergency/").text


def test_a_bay_that_was_just_taken_is_refused(look, visit, leila):
    other, taken = look(lambda: arrive("Bea").id), read(look, visit, "bed_id")[0]
    answer = leila.post(f"/emergency/visits/{other}/bay", data={"bed_id": taken, "token": "a"})
    assert answer.status_code == 422
    assert "was just taken" in Page(answer.text).text


def test_a_bay_given_on_the_bed_board_is_known_to_the_visit(look, visit):
    second = read(look, visit, "bed_id")[0] + 1
    look(lambda: transfer(get(visit).patient_id, second))
    assert read(look, visit, "bed_id") == [second]
    look(lambda: release_bed(get(visit).patient_id, "error"))
    assert read(look, visit, "bed_id") == [None]


# Leaving


def test_nobody_departs_without_a_disposition_and_a_doctor(look, visit, samir):
    """ER-7."""
    path = f"/emergency/visits/{visit}/disposition"
    assert "Say where the patient goes" in Page(samir.post(path).text).text

    def without_doctor():
        one = get(visit)
        one.doctor_id = None
        with pytest.raises(Refused, match="A doctor sees the patient"):
            one.depart("discharged")
        db.session.rollback()
        waiting = arrive("Bea")
        with pytest.raises(WrongState):
            waiting.depart("discharged")

    look(without_doctor)
    answers = {"disposition": "discharged", "note": "Come back if it hurts"}
    assert samir.post(path, data=answers).status_code == 303
    assert read(look, visit, "status", "disposition", "note") == ["departed", "discharged", "Come back if it hurts"]
    assert look(lambda: db.session.get(Encounter, 1).status) == "finished"
    assert samir.post(path, data=answers).status_code == 409


def test_who_was_not_seen_may_leave_without_a_doctor(look, leila):
    """ER-7."""
    number = look(lambda: arrive().id)
    assert "The visit ends with this." in leila.page(f"/emergency/visits/{number}/leave-unseen").text
    assert leila.post(f"/emergency/visits/{number}/leave-unseen").status_code == 303
    expected = ["left_without_being_seen", "left_without_being_seen", None]
    assert read(look, number, "status", "disposition", "doctor_id") == expected
    assert look(lambda: db.session.get(Encounter, 1).active_key) is None


@pytest.mark.parametrize("disposition", ["discharged", "transferred", "left_against_advice"])
def test_who_departs_leaves_the_bay_to_be_cleaned(look, visit, disposition):
    """ER-8."""
    bay = read(look, visit, "bed_id")[0]
    look(lambda: decide(get(visit), disposition))
    assert beds(look, bay) == ["cleaning"]


def test_who_is_admitted_keeps_the_bay_until_the_patient_lies_in_the_ward(look, visit, heard):
    """ER-8: the admission is asked for by `er.awaiting_bed`."""
    bay, ward = read(look, visit, "bed_id")[0], look(open_ward)
    look(lambda: decide(get(visit), "admitted"))
    assert heard == ["er.awaiting_bed"]
    assert read(look, visit, "status", "bed_id", "departed_at") == ["awaiting_bed", bay, None]
    assert beds(look, bay) == ["occupied"]
    look(lambda: transfer(get(visit).patient_id, ward.beds[0]))
    assert read(look, visit, "status", "disposition", "bed_id") == ["departed", "admitted", None]
    assert beds(look, bay, ward.beds[0]) == ["cleaning", "occupied"]
    assert heard == ["er.awaiting_bed", "er.departed"]


def test_who_waits_for_a_bed_without_a_bay_departs_with_the_bed(look, heard):
    """ER-8."""
    number, ward = look(lambda: treated().id), look(open_ward)
    look(lambda: decide(get(number), "admitted"))
    look(lambda: assign_bed(ward.beds[0], get(number).patient_id, get(number).encounter_id))
    assert read(look, number, "status") == ["departed"]
    assert look(lambda: bed_of(get(number).patient_id).id) == ward.beds[0]


def test_who_is_admitted_is_asked_for_on_the_wards_once_and_admitted_from_the_bay(look, visit):
    """ER-8: the request comes with the disposition, the bay is free when the ward has the patient."""
    bay, ward = read(look, visit, "bed_id")[0], look(open_ward)
    look(lambda: decide(get(visit), "admitted"))
    asked = look(
        lambda: db.session.execute(
            sa.select(
                Admission.status, Admission.source, Admission.priority, Admission.reason, Encounter.parent_id
            ).join(Encounter, Encounter.id == Admission.encounter_id)
        ).all()
    )
    assert asked == [("requested", "emergency", "urgent", "Chest pain", 1)]
    assert beds(look, bay) == ["occupied"]
    look(lambda: admit(db.session.get(Admission, 1), ward.beds[0]))
    assert read(look, visit, "status", "disposition", "bed_id") == ["departed", "admitted", None]
    assert beds(look, bay, ward.beds[0]) == ["cleaning", "occupied"]
    assert look(lambda: db.session.get(Admission, 1).status) == "admitted"
    assert look(lambda: [one.status for one in db.session.scalars(sa.select(Encounter).order_by(Encounter.id))]) == [
        "finished",
        "in_progress",
    ]


@pytest.mark.parametrize(("was", "is_over"), [("arrived", False), ("triaged", True), ("in_treatment", True)])
def test_an_admission_that_others_asked_for_ends_the_visit_of_who_was_judged(look, was, is_over):
    """ER-8: the emergency visit and its encounter end with `ipd.admitted`; who was not triaged stays on the board."""
    ward = look(open_ward)

    def admitted() -> int:
        one = arrive() if was == "arrived" else treated()
        if was == "triaged":
            one = arrive("Omar")
            triage(one, 3, nurse("nobody").id)
        asked = doctor("Okafor")
        admission = request_admission(one.patient, None, asked, asked.department_id, "Stroke", "direct")
        assert one.status == was
        admit(admission, ward.beds[0])
        return one.id

    number = look(admitted)
    expected = ["departed", "admitted"] if is_over else ["arrived", None]
    assert read(look, number, "status", "disposition") == expected
    assert look(lambda: get(number).encounter.status) == ("finished" if is_over else "arrived")
    assert look(lambda: get(number).doctor_id is not None) is is_over


def test_who_waits_for_a_bed_may_go_home_instead_and_the_ward_waits_no_more(look, visit):
    """ER-7, ER-8."""
    look(lambda: decide(get(visit), "admitted"))
    look(lambda: decide(get(visit), "left_against_advice"))
    assert read(look, visit, "status", "disposition") == ["departed", "left_against_advice"]
    assert look(lambda: db.session.get(Admission, 1).status) == "cancelled"


# Death


def test_a_death_records_time_and_doctor_and_stops_what_was_ordered(look, visit, samir):
    """ER-9."""
    look(lambda: invent_prescriptions(Random(1), [get(visit).encounter]))
    assert look(lambda: db.session.get(Prescription, 1).status) == "active"
    path = f"/emergency/visits/{visit}/death"
    assert "Enter the day and time of death" in Page(samir.post(path).text).text
    before = samir.post(path, data={"disposition_at": "2020-01-01T10:00"})
    assert "must be in the past, and after the arrival" in Page(before.text).text
    at = look(lambda: now().astimezone(current_hospital().zone).strftime("%Y-%m-%dT%H:%M:%S"))
    look(lambda: setattr(get(visit), "arrived_at", now() - timedelta(minutes=5)))
    assert samir.post(path, data={"disposition_at": at}).status_code == 303
    own = look(lambda: db.session.scalar(sa.select(Doctor.id).where(Doctor.by_user(user_id("samir")))))
    assert read(look, visit, "status", "disposition", "doctor_id") == ["deceased", "deceased", own]
    died, dead = look(lambda: (get(visit).disposition_at, get(visit).patient.deceased_at))
    assert died == dead
    assert look(lambda: get(visit).patient.status) == "deceased"
    assert look(lambda: get(visit).encounter.status) == "finished"
    assert look(lambda: db.session.get(Prescription, 1).status) == "stopped"


def test_the_bay_of_who_died_is_free_once_somebody_says_that_it_is_empty(look, visit, leila):
    """ER-8, ER-9."""
    bay = read(look, visit, "bed_id")[0]
    look(lambda: record_death(get(visit), now(), 1))
    assert beds(look, bay) == ["occupied"]
    assert "Amina Yusuf" not in leila.page("/emergency/").text
    assert "Died Bay is empty" in leila.page("/emergency/bays").text
    for _time in range(2):
        assert leila.post(f"/emergency/visits/{visit}/bay/free").status_code == 303
    assert beds(look, bay) == ["cleaning"]


def test_a_death_in_the_department_is_not_recorded_elsewhere_without_a_doctor(look, visit):
    """ER-9."""

    def try_it():
        with pytest.raises(Refused, match="Record the death there, with the doctor"):
            get(visit).patient.record_death(now())
        db.session.rollback()

    look(try_it)
    assert read(look, visit, "status") == ["in_treatment"]


# What is printed


def test_the_summary_and_the_medico_legal_form_print(look, visit, samir):
    path = f"/emergency/visits/{visit}"
    samir.post(f"{path}/notes/new", data={"body": "Wound of 4 cm", "token": "a"})
    assert "Wound of 4 cm" in samir.page(f"{path}/summary").text
    assert samir.get(f"{path}/medico-legal").location == path
    version = next(one["value"] for one in samir.page(f"{path}/edit").fields if one.get("name") == "version")
    answers = {"complaint": "Stab wound", "arrival_mode": "police", "is_medicolegal": "y", "version": version}
    assert samir.post(f"{path}/edit", data=answers).status_code == 303
    case = read(look, visit, "mlc_no")[0]
    sheet = samir.page(f"{path}/medico-legal").text
    assert case in sheet
    assert "Stab wound" in sheet
    assert "Wound of 4 cm" in sheet


# Elsewhere


def test_the_page_of_the_patient_shows_the_visit(look, visit, client_with):
    desk = client_with("patients.view", "emergency.view", "emergency.add", username="desk")
    number = read(look, visit, "number")[0]
    page = desk.page("/patients/1")
    assert "3 Urgent" in page.text
    assert f"Emergency visit {number}" in desk.page("/patients/1/timeline").text
    assert "Emergency arrival" not in page.text
    look(lambda: decide(get(visit), "discharged"))
    assert "Emergency arrival" in desk.page("/patients/1").text


def test_the_list_of_visits_is_filtered_searched_and_a_file(look, visit, samir):
    look(lambda: arrive("Bea", "Burn"))
    assert "Bea Yusuf" not in samir.page("/emergency/visits/?level=3").text
    assert "Amina Yusuf" not in samir.page("/emergency/visits/?status=arrived").text
    found = Page(samir.post("/emergency/visits/", data={"q": "bea"}).text).text
    assert "Bea Yusuf" in found
    assert "Amina Yusuf" not in found
    assert "Burn" in samir.post("/emergency/visits/export").text


def test_who_sees_orders_or_charges_alone_sees_visits_that_have_some(look, visit, client_with):
    technician = client_with("emergency.order_view_own", username="lab")
    cashier = client_with("emergency.charge_view", username="cash")
    for browser in (technician, cashier):
        assert "Amina" not in browser.page("/emergency/visits/").text
        assert browser.get(f"/emergency/visits/{visit}").status_code == 404
        assert browser.get(f"/emergency/visits/{visit}/summary").status_code == 403
    look(lambda: order_and_charge(get(visit)))
    assert "LAB1" in technician.page(f"/emergency/visits/{visit}").text
    assert "Emergency consultation" in cashier.page(f"/emergency/visits/{visit}").text
    assert technician.get(f"/emergency/visits/{visit}/charges").status_code == 403
    assert cashier.get(f"/emergency/visits/{visit}/care").status_code == 403


def order_and_charge(one: Visit) -> None:
    """What the laboratory and billing will keep."""
    facts = {"patient_id": one.patient_id, "encounter_id": one.encounter_id}
    by = {"ordered_by": one.doctor_id, "ordered_at": now(), "priority": "stat"}
    db.session.add(Order(number="LAB1", status="active", **facts, **by))
    source = {
        "source_type_id": ContentType.id_of(one),
        "source_id": one.id,
        "charge_kind": "visit",
        "occurred_at": now(),
    }
    db.session.add(ChargeItem(description="Emergency consultation", unit_price=Decimal(80), **facts, **source))


def test_ambulances_are_added_and_sent(look, samir):
    for token, expected in (("a", 303), ("b", 422)):
        answers = {"code": "AMB-1", "crew": "Team 1", "token": token}
        assert samir.post("/emergency/ambulances/new", data=answers).status_code == expected
    for move in ("dispatch", "reach-scene", "leave-scene"):
        assert samir.post(f"/emergency/ambulances/1/{move}").status_code == 303
    assert look(lambda: db.session.get(Ambulance, 1).status) == "to_hospital"
    assert "On the way 1 AMB-1, Team 1" in samir.page("/emergency/").text
    assert samir.post("/emergency/ambulances/1/dispatch").status_code == 409


def test_the_tiles_count_what_their_lists_show(look, visit, samir):
    """DSH-2."""
    look(lambda: arrive("Bea"))
    tiles = [part for part in module.parts if part.place == "dashboard.tiles"]
    assert {part.key for part in tiles} == {"emergency-waiting", "emergency-breach", "emergency-today"}
    counted = look(lambda: {part.key: part.read(**part.filters) for part in tiles if "today" not in part.key})
    assert counted == {"emergency-waiting": 1, "emergency-breach": 0}


# The demonstration


@pytest.mark.parametrize(("patients", "past", "here"), [(1200, 420, 11), (150, 52, 5)])
def test_the_seed_fills_sixty_days_and_the_board_of_today(look, patients, past, here):
    """§25: levels 2, 12, 38, 33 and 15 of a hundred."""

    def fill():
        open_bays(6)
        doctor()
        nurse("nobody")
        born = {
            "sex": "female",
            "name_search": "x",
            "created_at": now() - timedelta(days=90),
            "birth_date": date(1980, 1, 1),
        }
        names = {"first_name": "Ann", "last_name": "Lee", "blood_group": "unknown", "allergy_status": "unknown"}
        flags = {"status": "active", "is_temporary": False, "birth_date_estimated": False}
        rows = [
            {"mrn": f"X-{n:06d}-0", "uuid": f"{n:036d}", **born, **names, **flags, "updated_at": now(), "version": 1}
            for n in range(patients)
        ]
        db.session.execute(sa.insert(Patient), rows)
        seed(HospitalSize(patients=patients, staff=60), Random("x"))
        open_now = sa.func.count(sa.case((Visit.status.in_(OPEN), 1)))
        counted = db.session.execute(sa.select(sa.func.count(Visit.id), open_now)).one()
        of = dict(db.session.execute(sa.select(Visit.triage_level, sa.func.count()).group_by(Visit.triage_level)).all())
        board = read_board()
        return tuple(counted), of, len(board.cases), len(board.found("breach")), len(board.found("untriaged"))

    counted, of_level, shown, late, untriaged = look(fill)
    assert counted == (past + here, here)
    assert of_level[3] > of_level[5] > of_level[1]
    assert shown == here
    assert late >= 1
    assert untriaged >= 1
