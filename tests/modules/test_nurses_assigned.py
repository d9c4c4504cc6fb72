"""Who cares for whom in a shift: sharing patients, giving one to a colleague, and taking over."""

from datetime import time, timedelta

import pytest

from modules.ipd.models import Admission
from modules.nurses.models import AssignedPatient, Assignment, Handover, Nurse
from modules.nurses.shifts import shift_now
from modules.rooms.models import Ward
from modules.staff.models import Staff
from portal import clock
from portal.extensions import db
from portal.kit import current_hospital, ngettext, now
from tests.modules import clinic
from tests.modules.bed_ward import open_ward
from tests.modules.nursing import admit, at_work, lie_in
from tests.page import Page

TOKEN = "6a0f6c1e-0000-4000-8000-00000000001"


@pytest.fixture
def beds(look):
    """Ward A, with three patients who were admitted."""
    return look(fill)


@pytest.fixture
def ward(beds):
    """The id of Ward A."""
    return beds.ward


def fill():
    """A ward with Amina, Bela and Cem in its beds."""
    ward = open_ward(beds=4)
    for place, name in enumerate(("Amina", "Bela", "Cem")):
        admit(lie_in(ward, name, place))
    return ward


@pytest.fixture
def team(look, client_with, ward):
    """The browsers of a head nurse and of two others, all at work on Ward A in this shift."""
    people = {}
    for name, grade in (("mira", "head_nurse"), ("noor", "registered"), ("olga", "registered")):
        people[name] = at_work(look, client_with, name, ward, grade=grade)
        look(lambda name=name, grade=grade: put_on(name, ward, "charge" if grade == "head_nurse" else "bedside"))
    return people


def put_on(name: str, ward_id: int, role: str = "bedside") -> int:
    """Puts a nurse on the shift that is at work; the assignment."""
    nurse = db.session.query(Nurse).join(Nurse.staff).filter(Staff.last_name == name.title()).one()
    day, shift = shift_now()
    row = Assignment(nurse_id=nurse.id, ward_id=ward_id, shift_date=day, shift_id=shift.id, role=role)
    db.session.add(row)
    db.session.flush()
    return row.id


def cared_for() -> dict[int, str]:
    """Whose each admission is."""
    rows = db.session.query(AssignedPatient, Assignment).join(
        Assignment, Assignment.id == AssignedPatient.assignment_id
    )
    return {kept.admission_id: by.nurse.staff.last_name for kept, by in rows}


def assignment_of(name: str) -> int:
    """The assignment of a nurse."""
    found = db.session.query(Assignment).join(Assignment.nurse).join(Nurse.staff)
    return found.filter(Staff.last_name == name.title()).one().id


def sent(browser, ward: int, care: dict) -> dict:
    """The form of the ward as it reads now, with these choices."""
    fields = browser.page(f"/nurses/care/?ward={ward}").fields
    return {one["name"]: one["value"] for one in fields if one.get("name") == "as_read"} | care


def test_the_head_nurse_says_who_cares_for_whom(team, ward, look):
    noor, olga = look(lambda: assignment_of("noor")), look(lambda: assignment_of("olga"))
    assert "3 patients without a nurse" in team["mira"].page(f"/nurses/care/?ward={ward}").text
    answers = sent(team["mira"], ward, {"care-1": noor, "care-2": noor, "care-3": olga})
    assert team["mira"].post(f"/nurses/wards/{ward}/care", data=answers).status_code == 303
    assert look(cared_for) == {1: "Noor", 2: "Noor", 3: "Olga"}
    shown = team["noor"].page("/nurses/care/").text
    assert "every patient has a nurse" in shown
    assert "Leila Noor (you) At the bedside · A-01, A-02" in shown
    assert "A-03" not in team["noor"].page("/nurses/?show=mine").text
    assert "A-02" in team["noor"].page("/nurses/?show=mine").text
    answers = sent(team["mira"], ward, {"care-1": noor, "care-2": "", "care-3": olga})
    team["mira"].post(f"/nurses/wards/{ward}/care", data=answers)
    assert look(cared_for) == {1: "Noor", 3: "Olga"}


def test_only_the_head_nurse_of_the_ward_shares_its_patients(team, ward, look):
    answers = {"care-1": look(lambda: assignment_of("noor")), "as_read": "1-0 2-0 3-0"}
    team["noor"].post(f"/nurses/wards/{ward}/care", data=answers)
    assert "Only the head nurse of the ward assigns there" in team["noor"].page("/nurses/care/").text
    team["noor"].post(f"/nurses/wards/{ward}/care/evenly")
    assert look(cared_for) == {}
    other = look(lambda: open_ward("B").ward)
    assert team["mira"].post(f"/nurses/wards/{other}/care/evenly").status_code == 403


def test_what_changed_meanwhile_is_not_saved_over(team, ward, look):
    noor = look(lambda: assignment_of("noor"))
    read = sent(team["mira"], ward, {"care-1": noor})
    look(lambda: db.session.add(AssignedPatient(assignment_id=assignment_of("olga"), admission_id=1)))
    team["mira"].post(f"/nurses/wards/{ward}/care", data=read)
    assert "Somebody else changed who cares for whom just now" in team["mira"].page("/nurses/care/").text
    assert look(cared_for) == {1: "Olga"}


def test_nobody_is_given_to_a_nurse_of_another_ward(team, ward, look, client_with):
    other = look(lambda: open_ward("B").ward)
    at_work(look, client_with, "peri", other)
    elsewhere = look(lambda: put_on("peri", other))
    team["mira"].post(f"/nurses/wards/{ward}/care", data=sent(team["mira"], ward, {"care-1": elsewhere}))
    assert "This nurse does not work here in this shift" in team["mira"].page("/nurses/care/").text
    assert look(cared_for) == {}


def test_patients_are_shared_evenly_among_who_is_not_in_charge(team, ward, look):
    look(lambda: db.session.add(AssignedPatient(assignment_id=assignment_of("noor"), admission_id=2)))
    assert team["mira"].post(f"/nurses/wards/{ward}/care/evenly").status_code == 303
    found = look(cared_for)
    assert sorted(found) == [1, 2, 3]
    assert found[2] == "Noor"
    assert sorted(found.values()) in (["Noor", "Noor", "Olga"], ["Noor", "Olga", "Olga"])
    assert "Mira" not in found.values()


def test_nobody_is_shared_where_nobody_works(stay_alone, look, client_with):
    head = at_work(look, client_with, "mira", stay_alone, grade="head_nurse")
    head.post(f"/nurses/wards/{stay_alone}/care/evenly")
    assert "Nobody works here in this shift. Assign nurses first" in head.page("/nurses/care/").text


@pytest.fixture
def stay_alone(look):
    """A ward with a patient, where nobody works."""
    return look(lambda: admit(lie_in()).ward.ward)


def test_a_nurse_gives_an_own_patient_to_a_colleague_and_nobody_elses(team, ward, look):
    look(lambda: db.session.add(AssignedPatient(assignment_id=assignment_of("noor"), admission_id=1)))
    olga = look(lambda: assignment_of("olga"))
    path = f"/nurses/wards/{ward}/care/1/pass-on"
    assert "Leila Olga" in team["noor"].page(path).text
    refused = team["olga"].post(path, data={"assignment_id": olga, "token": TOKEN})
    assert "Only the head nurse of the ward assigns there" in Page(refused.text).text
    assert team["noor"].post(path, data={"assignment_id": olga, "token": TOKEN + "2"}).status_code == 303
    assert look(cared_for) == {1: "Olga"}
    nobodys = f"/nurses/wards/{ward}/care/2/pass-on"
    assert team["noor"].post(nobodys, data={"assignment_id": olga, "token": TOKEN + "3"}).status_code == 409


def test_who_accepts_a_handover_cares_for_the_patient(team, ward, look):
    """NUR-8: taking over is more than a signature."""
    team["noor"].post(f"/nurses/wards/{ward}/handover/1/new", data={"situation": "Stable", "token": TOKEN})
    number = look(lambda: db.session.query(Handover.id).scalar())
    team["olga"].post(f"/nurses/handover/{number}/accept")
    assert look(cared_for) == {1: "Olga"}


def test_what_the_shift_before_wrote_can_still_be_accepted(stay_alone, look, client_with):
    """NUR-8: who comes at half past two finds what was written at twenty past."""
    look(lambda: set_clock(time(14, 20)))
    outgoing, incoming = (at_work(look, client_with, name, stay_alone) for name in ("mira", "noor"))
    outgoing.post(f"/nurses/wards/{stay_alone}/handover/1/new", data={"situation": "Stable", "token": TOKEN})
    look(lambda: set_clock(time(14, 40)))
    shown = incoming.page("/nurses/handover/")
    assert "Late" in shown.text
    assert "Stable" in shown.text
    number = look(lambda: db.session.query(Handover.id).scalar())
    assert f"/nurses/handover/{number}/accept" in [form["action"] for form in shown.forms]
    incoming.post(f"/nurses/handover/{number}/accept")
    assert look(lambda: db.session.get(Handover, number).is_done)
    assert "Not written yet" in incoming.page("/nurses/handover/").text


def set_clock(wanted: time) -> None:
    """Moves on to this time of the hospital's day."""
    local = now().astimezone(current_hospital().zone)
    there = local.replace(hour=wanted.hour, minute=wanted.minute)
    clock.move(there - local + timedelta(days=there < local))


def test_who_takes_over_without_a_shift_there_accepts_all_the_same(team, ward, look, client_with):
    """NUR-8."""
    spare = at_work(look, client_with, "peri", ward)
    team["noor"].post(f"/nurses/wards/{ward}/handover/1/new", data={"situation": "Stable", "token": TOKEN})
    number = look(lambda: db.session.query(Handover.id).scalar())
    assert spare.post(f"/nurses/handover/{number}/accept").status_code == 303
    assert look(lambda: db.session.get(Handover, number).is_done)
    assert look(cared_for) == {}


def test_the_page_says_where_fewer_nurses_are_at_work_than_the_ward_needs(team, ward, look):
    def need(**count: int) -> None:
        db.session.get(Ward, ward).min_staff = count

    look(lambda: need(day=4, night=5))
    missing = 2 if look(lambda: shift_now()[1].is_night) else 1
    words = ngettext("{count} nurse fewer than the ward needs", "{count} nurses fewer than the ward needs", missing)
    assert words in team["mira"].page("/nurses/care/").text
    look(lambda: need(day=3, night=3))
    assert "fewer than the ward needs" not in team["mira"].page("/nurses/care/").text


def test_a_nurse_reaches_the_stays_of_the_own_ward_and_of_the_shift_that_began_yesterday(ward, look, client_with):
    look(lambda: set_clock(time(23, 0)))
    verbs = ("nurses.view_own", "ipd.view_own", "patients.view")
    look(lambda: elsewhere_department())
    own = at_work(look, client_with, "mira", ward, *verbs)
    other = at_work(look, client_with, "noor", look(lambda: open_ward("B").ward), *verbs)
    assert "Amina" in own.page("/ipd/").text
    assert "Amina" not in other.page("/ipd/").text
    other.page("/ipd/1", 403)
    look(lambda: put_on("noor", ward))
    clock.move(timedelta(hours=3))
    assert "Amina" in other.page("/ipd/").text
    other.page("/ipd/1")


def elsewhere_department() -> None:
    """The patients were admitted by a department that is not the nurses’."""
    place = clinic.department("Eyes", "EYE")
    db.session.query(Admission).update({"department_id": place.id})


def test_the_nursing_of_a_stay_on_another_ward_stays_closed(ward, look, client_with):
    elsewhere = look(lambda: open_ward("B").ward)
    other = at_work(look, client_with, "peri", elsewhere, "nurses.view_own", "ipd.view", "patients.view")
    for tab in ("vitals", "nursing"):
        shown = other.page(f"/ipd/1/{tab}").text
        assert "The patient lies on another ward" in shown
        assert "Record vital signs" not in shown


def test_a_nurse_who_is_taken_off_a_shift_cares_for_nobody(team, ward, look):
    team["mira"].post(f"/nurses/wards/{ward}/care/evenly")
    team["mira"].post(f"/nurses/assignments/{look(lambda: assignment_of('noor'))}/remove")
    assert set(look(cared_for).values()) == {"Olga"}


def test_the_page_takes_a_fixed_number_of_queries(team, beds, look, count_queries):
    def asked() -> int:
        with count_queries() as statements:
            team["mira"].page("/nurses/care/")
        return len([one for one in statements if "nurses_" in one or "ipd_" in one or "rooms_" in one])

    team["mira"].page("/nurses/care/")
    few = asked()
    look(lambda: admit(lie_in(beds, "Dora", 3)))
    team["mira"].post(f"/nurses/wards/{beds.ward}/care/evenly")
    assert asked() == few
