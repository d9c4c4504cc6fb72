"""People at the same instant: real requests to the served portal, on real files (ER-4 to ER-9, PAT-1 to PAT-5, STF)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.emergency.models import Triage, Visit
from modules.ipd.api import Admission
from modules.patients.models import MergeLog, Patient
from modules.patients.models.encounters import Encounter
from modules.patients.mrn import mrn_of
from modules.rooms.models import BedAllocation
from modules.staff.models import Department, Staff
from portal import clock
from portal.auth.models import User
from portal.extensions import db
from portal.kit import now
from tests.modules import casualty, clinic, personnel
from tests.modules.at_once import AT_ONCE, statuses, together

VERBS = "view add change board_view triage bay_change see disposition"
CASUALTY = (*(f"emergency.{verb}" for verb in VERBS.split()), "patients.view", "patients.add")
RECORDS = tuple(f"patients.{verb}" for verb in "view add change merge".split())
ZOE = {"first_name": "Zoe", "last_name": "O’Brien", "sex": "female", "birth_date": "1955-03-02"}


@pytest.fixture
def casualties(crowd):
    """Twenty who work in the emergency department."""
    return crowd(*CASUALTY)


@pytest.fixture
def records(crowd):
    """Twenty who keep the records of patients."""
    return crowd(*RECORDS, name="records")


def visit_now(look) -> tuple:
    """How the only emergency visit and its encounter stand."""
    return look(lambda: (db.session.get(Visit, 1).status, db.session.get(Encounter, 1).status))


def test_of_twenty_who_register_one_arrival_one_does_and_the_others_read_why(casualties, look, traces):
    """ER-6, PAT-5."""
    amina, trace = look(lambda: casualty.person().id), traces()
    form = {"patient_id": amina, "complaint": "Chest pain", "arrival_mode": "walk_in"}
    answers = together(lambda number: casualties[number].post("/emergency/new", **form, token=f"t{number}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("has an open emergency visit already" in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == {"emergency_visit": 1, "patients_encounter": 1}
    assert trace.events()["er.arrived"] == 1
    assert look(lambda: db.session.scalars(sa.select(Visit.number)).one()).endswith("000001")
    trace.refuse_doubles()


def test_twenty_triages_at_once_are_all_kept_and_the_board_shows_the_latest(casualties, look, traces):
    """ER-4, ER-5: one is the first, the others judge again; each is told."""

    def work():
        users = db.session.scalars(sa.select(User.username).where(User.username.like("clerk-%")))
        for user in users:
            casualty.nurse(user)
        return casualty.arrive().id

    visit = look(work)
    trace = traces()

    def judge(number: int):
        form = {"level": number % 5 + 1, "discriminator": f"Reason {number}", "token": f"t{number}"}
        return casualties[number].post(f"/emergency/visits/{visit}/triage", **form)

    assert statuses(together(judge)) == {303: AT_ONCE}
    kept = sa.select(Triage.is_retriage, Triage.level).order_by(Triage.id)
    rows = look(lambda: db.session.execute(kept).all())
    assert [again for again, _level in rows] == [False] + [True] * (AT_ONCE - 1)
    assert look(lambda: db.session.get(Visit, visit).triage_level) == rows[-1].level
    assert trace.rows() == {"emergency_triage": AT_ONCE}
    assert trace.events()["er.triaged"] == AT_ONCE
    trace.refuse_doubles()


def test_one_bay_into_which_twenty_patients_are_put_takes_one(casualties, look, traces):
    """ROOM-1, ER-8: bays are beds."""
    visits = look(lambda: [casualty.arrive(f"Name{number}").id for number in range(AT_ONCE)])
    (bay,) = look(lambda: casualty.open_bays(1))
    trace = traces()

    def put(number: int):
        return casualties[number].post(f"/emergency/visits/{visits[number]}/bay", bed_id=bay, token=f"t{number}")

    answers = together(put)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("was just taken. Choose another one" in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == {"rooms_bedallocation": 1}
    held = look(lambda: db.session.scalars(sa.select(Visit.bed_id).where(Visit.bed_id.is_not(None))).all())
    assert held == [bay]
    trace.refuse_doubles()


def test_the_same_form_sent_twenty_times_at_once_is_done_once(casualties, look, traces):
    """ER-4, ER-6, CORE-7: who arrives, is judged and gets a bay by a double click does so once."""
    look(lambda: casualty.nurse("clerk-0"))
    amina, (bay,) = look(lambda: casualty.person().id), look(lambda: casualty.open_bays(1))
    trace, leila, path = traces(), casualties[0], "/emergency/visits/1"
    for where, form in (
        ("/emergency/new", {"patient_id": amina, "complaint": "Chest pain", "arrival_mode": "walk_in", "token": "a"}),
        (f"{path}/triage", {"level": 2, "token": "b"}),
        (f"{path}/bay", {"bed_id": bay, "token": "c"}),
        (f"{path}/notes/new", {"body": "Calm", "token": "d"}),
    ):
        answers = together(lambda _number, where=where, form=form: leila.post(where, **form))
        assert statuses(answers) == {303: AT_ONCE}, where
    tables = ("patients_encounter", "emergency_visit", "emergency_triage", "rooms_bedallocation", "emergency_note")
    assert trace.rows() == dict.fromkeys(tables, 1)
    trace.refuse_doubles()


def test_a_patient_departs_dies_or_waits_for_a_bed_once(casualties, look, traces):
    """ER-7, ER-8, ER-9: whatever twenty decide at once, the visit, its encounter, the bay and the request agree."""
    doctor = look(lambda: casualty.treated().doctor_id)
    (bay,) = look(lambda: casualty.open_bays(1))
    casualties[0].post("/emergency/visits/1/bay", bed_id=bay, token="bay")
    clock.move(timedelta(minutes=10))
    trace, path = traces(), "/emergency/visits/1"
    died = {"disposition_at": look(lambda: f"{now() - timedelta(minutes=5):%Y-%m-%dT%H:%M}"), "doctor_id": doctor}

    def decide(number: int):
        if number % 4 == 3:
            return casualties[number].post(f"{path}/death", **died)
        return casualties[number].post(f"{path}/disposition", disposition=("discharged", "admitted")[number % 2])

    answers = together(decide)
    assert {one.status_code for one in answers} <= {303, 409}
    status, encounter = visit_now(look)
    assert status in ("departed", "awaiting_bed", "deceased")
    assert encounter == ("in_progress" if status == "awaiting_bed" else "finished")
    events = trace.events()
    assert events.get("er.departed", 0) + events.get("er.deceased", 0) == (0 if status == "awaiting_bed" else 1)
    waiting = look(lambda: db.session.scalars(sa.select(Admission.status)).all())
    assert len(waiting) <= 1
    assert "requested" not in waiting or status != "deceased"
    held = look(lambda: db.session.scalars(sa.select(BedAllocation.status)).one())
    assert held == ("ended" if status == "departed" else "active")
    late = next(one for one in answers if one.status_code == 409)
    assert late.way_on == path
    trace.refuse_doubles()


def test_fifty_registrations_at_once_give_a_number_each_and_one_national_id_one_record(records, look, traces):
    """PAT-1, PAT-2, CORE-2."""
    trace, fifty = traces(), 50

    def register(number: int):
        facts = ZOE | {"first_name": f"Person{number}", "birth_date": "", "phone": f"0770090{number:04}"}
        facts["national_id"] = "AB12" if number % 2 else f"CD{number}"
        return records[number % AT_ONCE].post("/patients/new", **facts, token=f"t{number}")

    answers = together(register, fifty)
    kept = fifty // 2 + 1
    assert statuses(answers) == {303: kept, 422: fifty - kept}
    assert statuses(answers[1::2])[303] == 1
    numbers = look(lambda: db.session.scalars(sa.select(Patient.mrn).order_by(Patient.mrn)).all())
    assert numbers == [mrn_of("CG", value) for value in range(1, kept + 1)]
    assert trace.rows() == {"patients_patient": kept}
    assert trace.events()["patient.registered"] == kept
    trace.refuse_doubles()


def test_two_records_that_twenty_merge_either_way_are_merged_once_and_lead_on(records, look, traces):
    """PAT-3, PAT-4."""
    pair = [look(lambda name=name: clinic.patient(name).id) for name in ("Zoe", "Zoey")]
    mrns = look(lambda: [db.session.get(Patient, one).mrn for one in pair])
    trace = traces()

    def click(number: int):
        kept, gone = pair[:: 1 if number % 2 else -1]
        form = {"kept": kept, "reason": "Registered twice", "mrn": mrns[pair.index(gone)], "token": f"t{number}"}
        return records[number].post(f"/patients/{kept}/merge/{gone}", **form)

    answers = together(click)
    counted = statuses(answers)
    assert counted.pop(303) == 1
    assert set(counted) <= {409, 422}
    assert sorted(look(lambda: [db.session.get(Patient, one).status for one in pair])) == ["active", "merged"]
    assert look(lambda: len(db.session.scalars(sa.select(MergeLog)).all())) == 1
    assert trace.events()["patient.merged"] == 1
    trace.refuse_doubles()


def test_nobody_gets_a_visit_after_their_death_whoever_was_first(crowd, look, traces):
    """PAT-4, ER-6: the arrival is there before the death, which then belongs to it; or it is refused."""
    amina = look(lambda: casualty.person().id)
    people, trace = crowd(*CASUALTY, "patients.change"), traces()
    died = look(lambda: f"{now():%Y-%m-%dT%H:%M}")

    def act(number: int):
        if number % 2:
            return people[number].post(f"/patients/{amina}/record-death", deceased_at=died)
        form = {"patient_id": amina, "complaint": "Chest pain", "arrival_mode": "walk_in", "token": f"t{number}"}
        return people[number].post("/emergency/new", **form)

    answers = together(act)
    came, dead = statuses(answers[::2]).get(303, 0), statuses(answers[1::2]).get(303, 0)
    assert came + dead == 1, (statuses(answers[::2]), statuses(answers[1::2]))
    assert look(lambda: db.session.get(Patient, amina).status) == ("deceased" if dead else "active")
    assert trace.rows().get("emergency_visit", 0) == came
    trace.refuse_doubles()


def test_of_twenty_who_register_one_member_of_staff_one_does(crowd, look, traces):
    """STF-1: one row for a person who works here."""
    office = crowd(*personnel.EVERYTHING)
    look(personnel.ward)
    trace = traces()

    def register(number: int):
        return office[number].post("/staff/new", **personnel.LEILA, national_id="AB12", token=f"t{number}")

    answers = together(register)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("AB12" in one.html for one in answers if one.status_code == 422)
    assert look(lambda: db.session.scalars(sa.select(Staff.employee_no)).one()).endswith("000001")
    assert trace.rows() == {"staff_staff": 1}
    assert trace.events()["staff.joined"] == 1
    trace.refuse_doubles()


def test_a_department_that_is_closed_while_people_join_it_has_nobody_or_stays_open(crowd, look, traces):
    """STF-3."""
    office, department = crowd(*personnel.EVERYTHING), look(lambda: personnel.ward().id)
    version = look(lambda: db.session.get(Department, department).version)
    closed, trace = personnel.WARD | {"version": version}, traces()

    def act(number: int):
        if number % 2:
            return office[number].post(f"/staff/departments/{department}/edit", **closed)
        return office[number].post("/staff/new", **personnel.LEILA, token=f"t{number}")

    answers = together(act)
    joined, ended = statuses(answers[::2]), statuses(answers[1::2])
    is_open = look(lambda: db.session.get(Department, department).is_active)
    assert ended.get(303, 0) == (0 if is_open else 1)
    assert joined.get(303, 0) == (AT_ONCE // 2 if is_open else 0)
    assert trace.rows().get("staff_staff", 0) == joined.get(303, 0)
    trace.refuse_doubles()
