"""The pages of inpatients: queue and bed finder, the stay with its tabs, the discharge, printouts, what others see."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.ipd.api import Admission, open_admission_of
from modules.ipd.checklist import clearances_of
from modules.ipd.leaving import order_discharge
from modules.ipd.models import CareTeamMember, Clearance, Round
from modules.patients.models import Patient
from modules.rooms.api import bed_of, reserve_bed
from modules.rooms.models import Bed
from modules.staff.models import Staff
from portal import clock
from portal.auth.models import User
from portal.extensions import db
from tests.modules import clinic
from tests.modules.inpatients import admitted, asked, set_up
from tests.page import Page

BANNER = ("patients.view", "patients.encounter_view", "patients.allergy_view")
DOCTOR = ("view_own", "add", "admit", "round_add", "order_discharge", "sign", "clear_medical")
NURSE = ("view_own", "bed_assign", "bed_change", "clear_nursing", "confirm_departure")
ALL = ("view", *DOCTOR[1:], *NURSE[1:], "clear_pharmacy", "clear_laboratory", "clear_billing", "waive_clearance")


@pytest.fixture
def sign_in(client_with):
    """A browser of somebody with these permissions of inpatients."""

    def sign_in(username: str, *verbs: str):
        return client_with(*(f"ipd.{verb}" for verb in verbs), *BANNER, username=username)

    return sign_in


@pytest.fixture
def doctor(sign_in):
    """Dr Haddad."""
    return sign_in("haddad", *DOCTOR)


@pytest.fixture
def stage(doctor, look):
    """Ward A with four beds; the doctor of its department is the one who is signed in."""

    def with_the_doctor():
        return set_up(user_id=db.session.scalar(sa.select(User.id).where(User.username == "haddad")))

    return look(with_the_doctor)


@pytest.fixture
def everybody(stage, sign_in):
    """Somebody who may do everything."""
    return sign_in("omar", *ALL)


@pytest.fixture
def stay(stage, look) -> int:
    """Amina’s admission, who came into A-01 five minutes ago."""
    admission = look(lambda: admitted(stage, provisional_dx="Acute appendicitis").id)
    clock.move(timedelta(minutes=5))
    return admission


def employ(stage, look, username: str, role: str = "nurse", department: int | None = None) -> int:
    """Make a member of staff of a user."""

    def work():
        user = db.session.scalar(sa.select(User).where(User.username == username))
        facts = {"designation": "Nurse", "role_kind": role, "joined_on": clinic.today(), "sex": "female"}
        where = department or stage.department
        return Staff.register(
            first_name="Leila", last_name="Rahman", phone="020", department_id=where, user_id=user.id, **facts
        ).id

    return look(work)


def status(look, admission: int) -> str:
    return look(lambda: db.session.get(Admission, admission).status)


def left_at(browser, stay: int) -> str:
    """The time that the form of the departure offers."""
    fields = browser.page(f"/ipd/{stay}/checklist").fields
    return next(one["value"] for one in fields if one.get("name") == "discharged_at")


# Requests


def test_a_doctor_asks_for_a_bed_and_the_queue_shows_the_beds_that_fit(stage, look, doctor):
    """IPD-1."""
    patient = look(lambda: clinic.patient().id)
    assert "Request an admission" in doctor.page(f"/ipd/new?patient={patient}").text
    facts = {"patient_id": patient, "source": "direct", "reason": "Fever", "priority": "urgent", "token": "a"}
    facts |= {"attending_id": stage.doctor, "department_id": stage.department}
    answer = doctor.post("/ipd/new", data=facts)
    admission = look(lambda: open_admission_of(patient).id)
    assert answer.location == f"/ipd/requests?for={admission}"
    shown = doctor.page(answer.location).text
    assert "Amina Yusuf" in shown
    assert "Free beds for Amina Yusuf 4" in shown
    again = doctor.post("/ipd/new", data=facts | {"token": "b"})
    assert again.status_code == 422
    assert "has an open inpatient stay already" in Page(again.text).text
    assert doctor.post("/ipd/new", data=facts).location == answer.location


def test_the_bed_finder_keeps_to_ward_sex_and_features(stage, look, doctor):
    admission = look(lambda: asked(stage).id)
    look(lambda: setattr(db.session.get(Bed, stage.ward.beds[1]), "features", ["oxygen", "monitor"]))
    found = doctor.page(f"/ipd/requests?for={admission}&feature=oxygen&ward={stage.ward.ward}").text
    assert "A-02 , Ward A Oxygen · Monitor" in found
    assert "A-01" not in found
    part = doctor.get(f"/ipd/requests?for={admission}&feature=oxygen", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<section id="request-board"')
    assert "feature=oxygen" in part


def test_the_bed_that_is_kept_for_a_patient_is_offered_when_they_come(stage, look, sign_in):
    nurse, bed = sign_in("leila", *NURSE), stage.ward.beds[1]
    employ(stage, look, "leila")

    def expected():
        admission = asked(stage)
        reserve_bed(bed, admission.patient_id, admission.encounter_id, admission_id=admission.id)
        return admission.id

    amina, bea = look(expected), look(lambda: asked(stage, "Bea").id)
    assert f'<option value="{bed}"' not in nurse.get(f"/ipd/{bea}/admit").text
    assert f'<option value="{bed}"' in nurse.get(f"/ipd/{amina}/admit").text
    assert nurse.post(f"/ipd/{amina}/admit", data={"bed_id": bed, "token": "a"}).status_code == 303
    assert status(look, amina) == "admitted"


def test_a_nurse_admits_to_a_free_bed_and_who_comes_second_hears_that_it_was_taken(stage, look, sign_in):
    """IPD-2."""
    nurse = sign_in("leila", *NURSE)
    employ(stage, look, "leila")
    amina, bea = look(lambda: asked(stage).id), look(lambda: asked(stage, "Bea").id)
    bed = stage.ward.beds[2]
    assert "A-03" in nurse.page(f"/ipd/{amina}/admit?bed={bed}").text
    assert nurse.post(f"/ipd/{amina}/admit", data={"bed_id": bed, "token": "a"}).location == f"/ipd/{amina}"
    second = nurse.post(f"/ipd/{bea}/admit", data={"bed_id": bed, "token": "b"})
    assert second.status_code == 422
    assert "The bed was just taken. Choose another one" in Page(second.text).text
    assert [status(look, one) for one in (amina, bea)] == ["admitted", "requested"]
    assert nurse.post(f"/ipd/{amina}/admit", data={"bed_id": stage.ward.beds[0], "token": "c"}).status_code == 409


def test_a_request_is_put_on_the_waiting_list_or_cancelled_for_a_reason(stage, look, everybody):
    admission = look(lambda: asked(stage).id)
    everybody.post(f"/ipd/admissions/{admission}/await-bed")
    assert "Waits for a bed" in everybody.page("/ipd/requests").text
    assert everybody.post(f"/ipd/admissions/{admission}/cancel").status_code == 422
    everybody.post(f"/ipd/admissions/{admission}/cancel", data={"note": "Went home"})
    assert status(look, admission) == "cancelled"
    assert "Went home" in everybody.page(f"/ipd/{admission}").text


def test_queue_and_ward_round_take_a_fixed_number_of_queries(stage, look, everybody, count_queries):
    def ours(statements):
        return [one for one in statements if "ipd_" in one or "rooms_" in one or "doctors_" in one]

    look(lambda: (asked(stage, "First"), admitted(stage, 0, "Second")))
    counts = []
    for more in range(2):
        for path in ("/ipd/", "/ipd/requests", "/ipd/leaving"):
            everybody.page(path)
            with count_queries() as statements:
                everybody.page(path)
            counts.append(len(ours(statements)))
        if not more:
            look(lambda: [asked(stage, f"More{n}") for n in range(4)] + [admitted(stage, n, f"In{n}") for n in (1, 2)])
    assert counts[:3] == counts[3:]
    assert max(counts) <= 12


# The stay


def test_a_doctor_writes_corrects_and_signs_a_round(stay, look, doctor):
    assert "Acute appendicitis" in doctor.page(f"/ipd/{stay}").text
    empty = doctor.post(f"/ipd/{stay}/rounds/new", data={"token": "a"})
    assert "Write at least one of the notes" in Page(empty.text).text
    answer = doctor.post(f"/ipd/{stay}/rounds/new", data={"subjective": "Less pain", "token": "b"})
    assert answer.location == f"/ipd/{stay}/rounds"
    one = look(lambda: db.session.scalar(sa.select(Round.id)))
    version = next(f["value"] for f in doctor.page(f"/ipd/rounds/{one}/edit").fields if f.get("name") == "version")
    doctor.post(f"/ipd/rounds/{one}/edit", data={"version": version, "subjective": "No pain", "plan": "Home"})
    assert "Says: No pain Plan: Home" in doctor.page(f"/ipd/{stay}/rounds").text
    doctor.post(f"/ipd/rounds/{one}/sign")
    assert "Signed" in doctor.page(f"/ipd/{stay}/rounds").text
    assert doctor.post(f"/ipd/rounds/{one}/sign").status_code == 409


def test_team_and_diet_are_ordered_and_end(stay, stage, look, everybody):
    person = look(lambda: db.session.scalar(sa.select(Staff.id)))
    place = f"/ipd/{stay}/team"
    facts = {"staff_id": person, "role": "Named nurse", "token": "a"}
    assert everybody.post(f"{place}/new", data=facts).location == place
    assert everybody.post(f"{place}/new", data=facts | {"token": "b"}).status_code == 422
    member = look(lambda: db.session.scalar(sa.select(CareTeamMember.id)))
    everybody.post(f"/ipd/team/{member}/leave")
    assert everybody.post(f"/ipd/team/{member}/leave").status_code == 409
    for diet, note in (("soft", ""), ("diabetic", "no eggs")):
        everybody.post(f"/ipd/{stay}/diet", data={"diet": diet, "note": note, "token": diet})
    shown = everybody.page(place).text
    assert "Diabetic, no eggs from" in shown
    assert "Soft from" in shown
    assert look(lambda: db.session.get(Admission, stay).diet) == "Diabetic, no eggs"


def test_what_is_planned_is_changed_and_the_patient_transferred(stay, stage, look, everybody):
    shown = everybody.page(f"/ipd/{stay}/edit")
    version = next(one["value"] for one in shown.fields if one.get("name") == "version")
    facts = {"version": version, "attending_id": stage.doctor, "priority": "urgent", "code_status": "dnr"}
    assert everybody.post(f"/ipd/{stay}/edit", data=facts).status_code == 303
    assert "Do not resuscitate" in everybody.page(f"/ipd/{stay}").text
    answer = everybody.post(f"/ipd/{stay}/transfer", data={"bed_id": stage.ward.beds[3], "token": "a"})
    assert answer.location == f"/ipd/{stay}"
    assert look(lambda: bed_of(db.session.get(Admission, stay).patient_id).code) == "A-04"


def test_a_newborn_is_registered_on_the_stay_of_its_mother(stay, look, everybody):
    """IPD-10."""
    facts = {"sex": "female", "born_at": "2026-01-05T10:00", "reason": "Newborn", "token": "a"}
    answer = everybody.post(f"/ipd/{stay}/newborn", data=facts)
    assert answer.location.startswith("/ipd/requests?for=")
    assert "Baby Yusuf" in everybody.page(answer.location).text
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Patient.id)))) == 2


# Who sees which


def test_doctors_and_nurses_see_their_department_ward_and_team_and_nobody_elses(stay, stage, look, doctor, sign_in):
    assert "Amina Yusuf" in doctor.page("/ipd/").text
    stranger = sign_in("stranger", *NURSE)
    elsewhere = look(lambda: clinic.department("Eyes", "EYE").id)
    person = employ(stage, look, "stranger", department=elsewhere)
    assert "Amina Yusuf" not in stranger.page("/ipd/").text
    stranger.page(f"/ipd/{stay}", 403)
    stranger.page(f"/ipd/{stay}/transfer", 403)
    look(lambda: CareTeamMember.join(db.session.get(Admission, stay), person, "Dietitian"))
    assert "Amina Yusuf" in stranger.page("/ipd/").text
    stranger.page(f"/ipd/{stay}")


@pytest.mark.parametrize(("verb", "first"), [("bed_assign", "/ipd/requests"), ("clear_billing", "/ipd/leaving")])
def test_who_may_not_see_stays_comes_to_the_page_that_is_for_them(stage, stay, sign_in, verb, first):
    browser = sign_in(verb, verb)
    assert browser.get("/ipd/").location == first
    browser.page(first)
    browser.page(f"/ipd/{stay}", 403)


def test_a_search_finds_by_name_and_number_and_ward(stay, look, stage, everybody):
    look(lambda: admitted(stage, 1, "Bea"))
    number = look(lambda: db.session.get(Admission, stay).number)
    for q in ("amina", number):
        found = Page(everybody.post("/ipd/", data={"q": q}).text).text
        assert "Amina Yusuf" in found
        assert "Bea Yusuf" not in found
    assert "Bea Yusuf" in everybody.page(f"/ipd/?ward={stage.ward.ward}").text
    assert "No inpatients match" in everybody.page("/ipd/?ward=4711").text


# Going home


def test_the_checklist_is_worked_off_by_those_who_may_and_the_patient_leaves(stay, stage, look, doctor, everybody):
    """IPD-4, IPD-5: through the pages."""
    assert doctor.post(f"/ipd/{stay}/order-discharge", data={"expected_on": "2026-12-01"}).status_code == 303
    shown = doctor.page(f"/ipd/{stay}/checklist").text
    assert "0 of 6 done. 6 blockers remain." in shown
    assert "Medical clearance Not given yet. Blocks Give" in shown
    assert "Nursing clearance Not given yet. Blocks Pharmacy" in shown
    assert doctor.post(f"/ipd/{stay}/depart").status_code == 403
    blocked = everybody.post(f"/ipd/{stay}/depart", data={"disposition": "home", "token": "a"})
    assert blocked.status_code == 422
    parts = {"diagnoses": "Appendicitis", "course": "Operated", "condition": "Well", "advice": ""}
    unsigned = doctor.post(f"/ipd/{stay}/summary/sign", data=parts)
    assert "Write diagnoses, course, condition and advice" in Page(unsigned.text).text
    doctor.post(f"/ipd/{stay}/summary/sign", data=parts | {"advice": "Rest", "followup_on": "2026-12-08"})
    rows = look(lambda: {row.kind: row.id for row in clearances_of(db.session.get(Admission, stay))})
    assert doctor.post(f"/ipd/clearances/{rows['nursing']}/clear-nursing").status_code == 403
    for kind in ("nursing", "pharmacy", "laboratory"):
        everybody.post(f"/ipd/clearances/{rows[kind]}/clear-{kind}")
    assert "5 of 6 done. 1 blocker remains." in everybody.page(f"/ipd/{stay}/checklist").text
    assert "Billing clearance" in everybody.page("/ipd/leaving").text
    everybody.post(f"/ipd/clearances/{rows['billing']}/waive", data={"reason": "Insurer pays"})
    assert "Reason: Insurer pays Waived" in everybody.page(f"/ipd/{stay}/checklist").text
    left = left_at(everybody, stay)
    early = everybody.post(
        f"/ipd/{stay}/depart", data={"disposition": "home", "discharged_at": "2026-01-01T10:00", "token": "b"}
    )
    assert "cannot leave before the admission" in Page(early.text).text
    answer = everybody.post(f"/ipd/{stay}/depart", data={"disposition": "home", "discharged_at": left, "token": "c"})
    assert answer.location == "/ipd/leaving"
    assert status(look, stay) == "discharged"
    assert look(lambda: db.session.get(Bed, stage.ward.beds[0]).status) == "cleaning"
    assert "Appendicitis" in doctor.page(f"/ipd/{stay}/summary/print").text


def test_the_doctor_revokes_the_order_for_a_reason(stay, look, doctor):
    """IPD-9."""
    doctor.post(f"/ipd/{stay}/order-discharge", data={"expected_on": "2026-12-01"})
    assert doctor.post(f"/ipd/{stay}/revoke-discharge").status_code == 422
    assert doctor.post(f"/ipd/{stay}/revoke-discharge", data={"note": "Fever"}).location == f"/ipd/{stay}"
    assert status(look, stay) == "admitted"
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Clearance.id)))) == 5
    assert doctor.post(f"/ipd/{stay}/revoke-discharge", data={"note": "Again"}).status_code == 409


def test_a_summary_is_begun_before_the_order_and_amended_after_it_is_signed(stay, doctor):
    assert "Nobody has begun it" in doctor.page(f"/ipd/{stay}/summary").text
    doctor.page(f"/ipd/{stay}/summary/edit", 404)
    assert doctor.post(f"/ipd/{stay}/summary/begin").location == f"/ipd/{stay}/summary/edit"
    assert "Acute appendicitis" in doctor.page(f"/ipd/{stay}/summary/edit").html
    doctor.page(f"/ipd/{stay}/summary/print", 404)
    parts = {"diagnoses": "Appendicitis", "course": "Operated", "condition": "Well", "advice": "Rest"}
    doctor.post(f"/ipd/{stay}/summary/sign", data=parts)
    doctor.page(f"/ipd/{stay}/summary/amend")
    doctor.post(f"/ipd/{stay}/summary/amend", data=parts | {"advice": "Much rest"})
    assert "Much rest" in doctor.page(f"/ipd/{stay}/summary/print").text
    assert "Amended" in doctor.page(f"/ipd/{stay}/summary").text


def test_wrong_times_are_corrected_on_a_page(stay, stage, look, everybody):
    """IPD-7."""
    assert everybody.page(f"/ipd/{stay}/times")
    answer = everybody.post(f"/ipd/{stay}/times", data={"admitted_at": "2026-01-04T10:00"})
    assert answer.location == f"/ipd/{stay}"
    assert look(lambda: db.session.get(Admission, stay).admitted_at.day) == 4
    late = everybody.post(f"/ipd/{stay}/times", data={"admitted_at": "2099-01-04T10:00"})
    assert late.status_code == 422


# What others see


def test_the_census_prints_every_ward(stay, everybody):
    shown = everybody.page("/ipd/census").text
    assert "Ward A: 1" in shown
    assert "A-01 Amina Yusuf" in shown


def test_the_patients_page_and_the_bed_board_tell_of_the_stay(stay, stage, look, client_with):
    verbs = ("ipd.view", "ipd.add", "rooms.view", *BANNER)
    browser = client_with(*verbs, username="ines")
    patient = look(lambda: db.session.get(Admission, stay).patient_id)
    assert "Open the stay" in browser.page(f"/patients/{patient}").text
    assert "Acute appendicitis" in browser.page(f"/patients/{patient}/stays").text
    assert "Admitted" in browser.page(f"/patients/{patient}/timeline").text
    look(lambda: order_discharge(db.session.get(Admission, stay), None))
    assert "Discharge ordered" in browser.page(f"/patients/{patient}").text
    assert "Going home" in browser.page("/rooms/").text
    other = look(lambda: clinic.patient("Bea").id)
    assert "Request an admission" in browser.page(f"/patients/{other}").text
