"""The pages of outpatients: the desk, the queue, the big screen, the consultation, what is printed."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from modules.doctors.models import Doctor
from modules.opd.arrivals import receive
from modules.opd.models import Consultation, Queue, Token, Visit
from modules.patients.models import Patient
from modules.patients.models.clinical import Diagnosis
from modules.rooms.models import Room
from portal.extensions import db
from tests.conftest import add_user
from tests.modules import clinic
from tests.modules.bed_ward import kept
from tests.modules.personnel import refused, sent
from tests.page import Page

RECEPTION = ("opd.add", "opd.token_view", "opd.token_add", "opd.call", "opd.cancel", "patients.view")
DOCTOR = (
    *(f"opd.{verb}" for verb in "view_own token_view consult sign admit refer call".split()),
    "patients.view",
    "doctors.prescription_add",
    "doctors.prescription_view_own",
)
NURSE = ("opd.view", "opd.token_view", "opd.vitals", "opd.call", "patients.view")


@dataclass
class Clinic:
    """Dr Haddad's clinic: ids of the doctor and two patients, and the doctor's browser."""

    doctor: int
    amina: int
    bea: int
    browser: object


@pytest.fixture
def place(app, hospital) -> Clinic:
    """A doctor at work in room 12, and people who may come."""
    with app.app_context():
        user = add_user(hospital, "haddad", *DOCTOR, first_name="Samir")

    def make():
        doctor = clinic.doctor(user_id=user.id)
        people = [clinic.patient(name) for name in ("Amina", "Bea")]
        Room.add(number="12", kind="consulting", ward_id=None)
        db.session.flush()
        return doctor.id, *(one.id for one in people)

    browser = app.test_client(hospital=hospital)
    browser.sign_in_as(user)
    return Clinic(*kept(app, hospital, make), browser)


@pytest.fixture
def desk(client_with):
    """The reception desk."""
    return client_with(*RECEPTION, username="rita")


def come(place: Clinic, patient: int | None = None, **facts) -> int:
    """Somebody comes to the doctor; the id of the visit."""
    who, doctor = db.session.get_one(Patient, patient or place.amina), db.session.get_one(Doctor, place.doctor)
    return receive(who, doctor, **facts).id


def started(place: Clinic, look) -> str:
    """Amina is with the doctor; the address of her visit."""
    visit = look(lambda: come(place, reason="Cough"))
    assert place.browser.post(f"/opd/visits/{visit}/start").location == f"/opd/visits/{visit}/consult"
    return f"/opd/visits/{visit}"


# The desk


def test_a_walk_in_gets_a_number_and_the_form_sent_twice_gives_one(place, desk, look):
    """OPD-6."""
    answers = {"patient_id": place.amina, "who": f"doctor:{place.doctor}", "visit_type": "new", "priority": "urgent"}
    answers |= {"reason": "Cough", "token": "t1"}
    where = sent(desk, "/opd/walk-ins/new", answers)
    assert sent(desk, "/opd/walk-ins/new", answers) == where
    assert "SH-001 Waiting" in desk.page(where).text
    shown = desk.page("/opd/").text
    assert "1 patient waits" in shown
    assert "SH-001 Amina Yusuf" in shown
    assert "Urgent" in shown
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Visit.id)))) == 1


def test_a_walk_in_to_a_department_waits_in_its_queue_and_goes_to_the_doctor_who_begins(place, desk, look):
    department = look(lambda: db.session.get_one(Doctor, place.doctor).department_id)
    look(lambda: clinic.doctor("Adler").id)
    answers = {"patient_id": place.amina, "who": f"department:{department}", "visit_type": "new", "priority": "normal"}
    visit = int(sent(desk, "/opd/walk-ins/new", answers | {"token": "t1"}).rpartition("/")[2])
    assert look(lambda: db.session.get(Visit, visit).token.label) == "SUR-001"
    other = look(lambda: _give(visit))
    place.browser.post(f"/opd/visits/{visit}/start")
    after = look(lambda: (db.session.get(Visit, visit).doctor_id, db.session.get(Visit, visit).encounter.doctor_id))
    assert other != place.doctor
    assert after == (place.doctor, place.doctor)


def _give(visit: int) -> int:
    """Give the visit to the other doctor of the department."""
    one, other = db.session.get(Visit, visit), db.session.scalar(sa.select(sa.func.max(Doctor.id)))
    one.doctor_id = other
    one.encounter.hand_over(other, one.department_id)
    return other


def test_the_desk_takes_a_fixed_number_of_queries(place, desk, look, count_queries):
    look(lambda: come(place))
    desk.page("/opd/")
    with count_queries() as few:
        desk.page("/opd/")
    look(lambda: [come(place, clinic.patient(f"Name{number}").id) for number in range(12)])
    with count_queries() as many:
        desk.page("/opd/")
    mine = [[one for one in some if "opd_" in one] for some in (few, many)]
    assert len(mine[0]) == len(mine[1]) <= 4


def test_the_next_is_called_to_the_room_that_was_chosen_and_the_screen_shows_no_name(place, desk, look):
    look(lambda: come(place))
    queue = look(lambda: db.session.scalars(sa.select(Queue.id)).one())
    desk.post(f"/opd/queues/{queue}/call-next", data={"counter": "Room 12"})
    assert "SH-001 Amina Yusuf" in desk.page(f"/opd/queues/{queue}").text
    assert "Called, Room 12" in desk.page(f"/opd/queues/{queue}").text
    wall = desk.page("/opd/screen")
    assert "SH-001 Room 12" in wall.text
    assert "Amina" not in wall.html
    answer = desk.post(f"/opd/queues/{queue}/call-next", data={"counter": "Room 12"})
    assert "Room 12 has SH-001 already" in desk.page(answer.location).text
    answer = desk.post(f"/opd/queues/{queue}/call-next", data={"counter": "Room 99"})
    assert "Choose the room" in desk.page(answer.location).text


def test_the_boards_ask_for_their_parts_alone(place, desk, look, client_with):
    look(lambda: come(place))
    nurse = client_with(*NURSE, username="nina")
    for path, part in (("/", "opd-desk"), ("/queues/1", "opd-queue"), ("/screen", "opd-screen")):
        text = desk.get(f"/opd{path}", headers={"HX-Request": "true"}).text
        assert text.lstrip().startswith(f'<section id="{part}"')
    assert nurse.get("/opd/vital-signs", headers={"HX-Request": "true"}).text.lstrip().startswith("<section")


def test_a_nurse_sees_whose_vital_signs_are_to_be_taken(place, look, client_with):
    nurse = client_with(*NURSE, username="nina")
    visit = look(lambda: come(place))
    assert "SH-001 Amina Yusuf" in nurse.page("/opd/vital-signs").text
    nurse.post(f"/opd/visits/{visit}/record-vitals")
    assert "Nobody waits for their vital signs" in nurse.page("/opd/vital-signs").text
    assert look(lambda: db.session.get(Visit, visit).encounter.status) == "triaged"


def test_visits_are_found_by_name_and_by_number(place, desk, look):
    look(lambda: (come(place), come(place, place.bea)))
    assert "Bea Yusuf" not in desk.post("/opd/visits/", data={"q": "amina"}).text
    assert "Bea Yusuf" in desk.post("/opd/visits/", data={"q": "sh-002"}).text
    assert "2" in desk.page("/opd/visits/?status=waiting&day=today").text


def test_a_doctor_sees_only_own_visits(place, look):
    visit = look(lambda: receive(db.session.get(Patient, place.amina), clinic.doctor("Adler")).id)
    stranger = look(lambda: _elsewhere(place))
    assert "Amina" not in place.browser.page("/opd/visits/").text
    place.browser.page(f"/opd/visits/{visit}")  # of the own department, so the notes are open
    asked = place.browser.get(f"/opd/visits/{stranger}")
    assert asked.location.startswith(f"/doctors/patients/{place.bea}/break-glass")


def _elsewhere(place: Clinic) -> int:
    other = clinic.doctor("Berg", where=clinic.department("Medicine", "MED"))
    return receive(db.session.get(Patient, place.bea), other).id


# The consultation


def test_the_consultation_begins_with_the_number_being_served(place, look):
    started(place, look)
    assert look(lambda: (db.session.get(Token, 1).status, db.session.get(Visit, 1).status)) == (
        "serving",
        "in_consultation",
    )
    shown = place.browser.page("/opd/visits/1/consult").text
    assert "Consultation SH-001" in shown
    assert "This is the first visit here" in shown
    assert "Prescribe" in shown


def test_the_note_keeps_itself_and_an_older_one_changes_nothing(place, look):
    """P5."""
    path = f"{started(place, look)}/note"
    first = {"complaint": "Cough for two weeks", "version": "1"}
    kept_one = place.browser.post(path, data=first, headers={"HX-Request": "true"})
    assert "Kept at" in kept_one.text
    stale = place.browser.post(path, data=first | {"plan": "Rest"}, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert "Somebody else changed this note" in stale.text
    version = next(one["value"] for one in Page(kept_one.text).fields if one.get("name") == "version")
    place.browser.post(path, data=first | {"version": version, "plan": "Rest"})
    columns = (Consultation.complaint, Consultation.plan, Consultation.status)
    assert look(lambda: tuple(db.session.execute(sa.select(*columns)).one())) == (
        "Cough for two weeks",
        "Rest",
        "draft",
    )


def test_a_consultation_is_signed_from_its_page(place, look):
    """OPD-4, OPD-6."""
    path = started(place, look)
    ends = {"disposition": "home", "advice": "Drink plenty"}
    assert "Record at least one diagnosis" in refused(place.browser, f"{path}/finish", ends)
    found = {"description": "Acute bronchitis", "code": "J20.9", "kind": "confirmed", "token": "d1"}
    sent(place.browser, f"{path}/diagnose", found)
    assert sent(place.browser, f"{path}/finish", ends) == path
    assert look(lambda: db.session.scalars(sa.select(Diagnosis)).one().is_primary)
    ended = look(lambda: (db.session.get(Visit, 1).status, db.session.get(Token, 1).status))
    assert ended == ("completed", "done")


def test_a_diagnosis_is_taken_back_while_the_note_is_open(place, look):
    path = started(place, look)
    sent(place.browser, f"{path}/diagnose", {"description": "Flu", "kind": "provisional", "token": "d1"})
    place.browser.post(f"{path}/diagnoses/1/remove")
    assert "None yet" in place.browser.page(f"{path}/consult").text
    assert "Enter an ICD-10 code" in refused(
        place.browser,
        f"{path}/diagnose",
        {"description": "Flu", "code": "flu", "kind": "provisional", "token": "d2"},
    )


# At the same instant


# What is printed, and what others see


def signed(place: Clinic, look) -> str:
    """Amina's visit is over; its address."""
    path = started(place, look)
    sent(place.browser, f"{path}/diagnose", {"description": "Flu", "kind": "confirmed", "token": "d1"})
    return sent(place.browser, f"{path}/finish", {"disposition": "home", "advice": "Drink plenty"})


def test_slip_summary_and_sick_note_are_printed(place, look, desk):
    path = signed(place, look)
    slip = desk.page(f"{path}/print/slip")
    assert "SH-001" in slip.text
    assert "Amina" not in slip.text.partition("Number SH-001")[2]
    summary = place.browser.page(f"{path}/print/summary").text
    assert all(words in summary for words in ("Amina Yusuf", "Flu", "Drink plenty", "Signed by Dr Samir Haddad"))
    assert "Days, from" in place.browser.page(f"{path}/sick-note").text
    note = place.browser.page(f"{path}/print/sick-note?days=2")
    assert "unable to work" in note.text
    assert "Flu" not in note.text


def test_nothing_is_printed_of_a_consultation_that_is_not_signed(place, look):
    path = started(place, look)
    for sheet in ("print/summary", "print/sick-note", "sick-note"):
        place.browser.page(f"{path}/{sheet}", 404)


def test_an_addendum_stands_below_the_note(place, look):
    """OPD-5."""
    path = signed(place, look)
    assert "Write what you add" in refused(place.browser, f"{path}/addendum", {"body": "", "token": "a1"})
    sent(place.browser, f"{path}/addendum", {"body": "Culture negative", "token": "a1"})
    assert "Culture negative Addendum" in place.browser.page(f"{path}/consultation").text
    answer = place.browser.post(f"{path}/note", data={"plan": "Other", "version": "3"})
    assert answer.status_code == 409
    assert look(lambda: db.session.scalars(sa.select(Consultation.plan)).one()) == ""


def test_the_page_of_a_patient_shows_visits_and_the_number(place, look, desk):
    look(lambda: come(place))
    shown = desk.page(f"/patients/{place.amina}/outpatient").text
    assert "Number SH-001" in shown
    assert "Outpatient visits 1" in shown
    assert "Register a visit" in shown


def test_a_doctor_begins_the_day_with_the_queue(place, look):
    look(lambda: come(place))
    shown = place.browser.page("/doctors/my-day").text
    assert "SH-001 Amina Yusuf" in shown


def test_a_cashier_sees_whether_a_visit_is_covered_and_nothing_of_the_note(place, look, client_with):
    """OPD-8."""
    path = signed(place, look)
    look(lambda: come(place))
    cashier = client_with("opd.charge_view", "patients.view", username="carl")
    assert "To be paid" in cashier.page(f"{path}/fee").text
    assert "The fee of the visit before covers this one" in cashier.page("/opd/visits/2/fee").text
    cashier.page(f"{path}/consultation", 403)
    assert cashier.get("/opd/").location == "/opd/visits/"


def test_a_pharmacist_and_a_laboratory_see_only_visits_with_work_for_them(place, look, client_with):
    visit = look(lambda: come(place))
    for verb, name in (("prescription_view", "phil"), ("order_view_own", "lena")):
        other = client_with(f"opd.{verb}", username=name)
        assert "No visits yet" in other.page("/opd/visits/").text
        other.page(f"/opd/visits/{visit}", 403)
