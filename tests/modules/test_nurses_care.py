"""Tasks, notes, handover, the worklist, the register of nurses and what only the own ward may see."""

from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from modules.ipd.models import Admission
from modules.nurses.api import open_mandatory_tasks, set_task
from modules.nurses.models import Assignment, Handover, MedicationAdministration, Note, Nurse, Task, VitalSign
from modules.nurses.seed import seed
from modules.nurses.shifts import shift_now, shifts
from modules.nurses.visits_seed import invent_stays, invent_vitals
from modules.patients.models.encounters import Encounter
from modules.rooms.models import Ward
from modules.staff.models import Staff
from portal import clock
from portal.extensions import db
from portal.kit import Refused, WrongState, current_hospital, emit, now, today
from portal.kit.demo import HospitalSize
from tests.modules.bed_ward import kept, open_ward
from tests.modules.clinic import department
from tests.modules.nursing import EVERYTHING, admit, at_work, due_dose, enter_nurse, lie_in, prescribe
from tests.page import Page

TOKEN = "6a0f6c1e-0000-4000-8000-00000000001"


@pytest.fixture
def stay(look):
    """Somebody who was admitted and lies in a bed of Ward A."""
    return look(lambda: admit(lie_in()))


@pytest.fixture
def nurse(client_with):
    """Somebody who may do everything in every ward."""
    return client_with(*EVERYTHING)


# The worklist


def test_the_worklist_shows_beds_with_what_is_due(stay, look, nurse):
    look(lambda: due_dose(stay))
    clock.move(timedelta(minutes=5))
    look(lambda: due_dose(stay, 30, drug="Paracetamol"))
    shown = nurse.page("/nurses/")
    assert "1 patients, 1 doses overdue, 1 due, 0 tasks" in shown.text
    assert "A-01 Ward A Amina Yusuf" in shown.text
    assert "1 overdue 1 due" in shown.text.replace("1 overdue1 due", "1 overdue 1 due")
    assert "Amina Yusuf" in nurse.page("/nurses/?show=overdue").text
    assert "Amina Yusuf" not in nurse.page("/nurses/?show=red").text


def test_the_worklist_takes_a_fixed_number_of_queries(stay, look, nurse, count_queries):
    def asked() -> int:
        with count_queries() as statements:
            nurse.page("/nurses/")
        return len([one for one in statements if "nurses_" in one or "rooms_" in one])

    nurse.page("/nurses/")
    few = asked()
    other = look(lambda: open_ward("B", beds=6))
    look(lambda: [prescribe(lie_in(other, f"Name{place}", place), f"Drug {place}").id for place in range(5)])
    assert asked() == few <= 7


def test_a_nurse_sees_the_own_ward_and_the_one_of_today_alone(stay, look, client_with):
    other = look(lambda: open_ward("B"))
    stranger = at_work(look, client_with, "mira", other.ward)
    assert "Amina" not in stranger.page("/nurses/").text
    dose = look(lambda: due_dose(stay))
    for path in (f"encounters/{stay.visit}/medicines", f"encounters/{stay.visit}/vitals/new", f"doses/{dose}/give"):
        assert stranger.get(f"/nurses/{path}").status_code == 403
    assert stranger.post(f"/nurses/doses/{dose}/skip", data={"reason_not_given": "x"}).status_code == 403
    assert stranger.get(f"/patients/{stay.patient}/vitals").status_code == 403
    look(lambda: _assign_today("mira", stay.ward.ward))
    assert "Amina Yusuf" in stranger.page("/nurses/").text
    stranger.page(f"/nurses/encounters/{stay.visit}/medicines")


def _assign_today(name: str, ward_id: int) -> int:
    nurse = db.session.query(Nurse).join(Nurse.staff).filter(Staff.last_name == name.title()).one()
    row = Assignment(nurse_id=nurse.id, ward_id=ward_id, shift_date=today(), shift_id=shifts()[0].id)
    db.session.add(row)
    db.session.flush()
    return row.id


def test_who_is_not_in_the_register_sees_no_ward(stay, client_with):
    assert "No ward is yours" in client_with("nurses.view_own", username="new").page("/nurses/").text


# Tasks and notes


def test_a_task_is_set_started_and_done(stay, look, nurse):
    path = f"/nurses/encounters/{stay.visit}/tasks/new"
    answers = {"title": "Turn the patient", "due_at": "2026-11-24T12:00", "phase": "discharge", "priority": "urgent"}
    assert nurse.post(path, data=answers | {"mandatory": "y", "token": TOKEN}).status_code == 303
    task = look(lambda: db.session.query(Task.id).scalar())
    assert look(lambda: [one.id for one in open_mandatory_tasks(stay.visit)]) == [task]
    assert "To do 1 Turn the patient" in nurse.page("/nurses/tasks/").text
    nurse.post(f"/nurses/tasks/{task}/start")
    assert "In progress 1 Turn the patient" in nurse.page("/nurses/tasks/").text
    nurse.post(f"/nurses/tasks/{task}/complete")
    assert look(lambda: open_mandatory_tasks(stay.visit)) == []
    assert nurse.post(f"/nurses/tasks/{task}/start").status_code == 409
    assert "Turn the patient" in nurse.page(f"/patients/{stay.patient}/nursing").text
    assert "Turn the patient" not in nurse.page("/nurses/tasks/?for=me").text


def test_nothing_is_to_be_done_after_the_visit(stay, look):
    look(lambda: db.session.get(Encounter, stay.visit).finish())
    with pytest.raises(Refused, match="over"):
        look(lambda: set_task(db.session.get(Encounter, stay.visit), title="x", due_at=now()))


def test_a_note_stands_on_the_patients_page(stay, look, nurse):
    answers = {"kind": "wound", "body": "Clean and dry", "token": TOKEN}
    assert nurse.post(f"/nurses/encounters/{stay.visit}/notes/new", data=answers).status_code == 303
    assert "Wound care · Leila Clean and dry" in nurse.page(f"/patients/{stay.patient}/nursing").text
    assert "Clean and dry" in nurse.page(f"/patients/{stay.patient}/timeline").text
    assert look(lambda: db.session.query(Note).count()) == 1


def test_who_is_admitted_has_tasks_once_and_who_left_has_none(stay, look):
    """IPD-5, IPD-9: the doses stay where an order is revoked, and stop with the departure."""

    def moves(*names):
        row = db.session.query(Admission).one()
        for name in names:
            row.discharge("home") if name == "discharge" else getattr(row, name)()
        if not names:
            emit("ipd.admitted", row)
        return sorted({task.status for task in db.session.query(Task)}), db.session.query(Task).count()

    assert look(moves) == (["requested"], 4)
    assert look(moves) == (["requested"], 4)
    dose = look(lambda: due_dose(stay, 300))
    assert look(lambda: moves("order_discharge", "revoke_discharge")) == (["requested"], 4)
    assert look(lambda: db.session.get(MedicationAdministration, dose).status) == "scheduled"
    assert look(lambda: moves("order_discharge", "discharge")) == (["cancelled"], 4)
    assert look(lambda: db.session.get(MedicationAdministration, dose).status) == "stopped"


# Handover


def test_a_handover_counts_when_the_incoming_nurse_accepts_it(stay, look, client_with):
    """NUR-8."""
    ward = stay.ward.ward
    outgoing, incoming = (at_work(look, client_with, name, ward) for name in ("mira", "noor"))
    path = f"/nurses/wards/{ward}/handover/1/new"
    assert "A-01, day 1: Pneumonia" in outgoing.page(path).html
    assert outgoing.post(path, data={"situation": "Stable", "token": TOKEN}).status_code == 303
    number = look(lambda: db.session.query(Handover.id).scalar())
    sheet = outgoing.page("/nurses/handover/")
    assert "0 of 1 accepted" in sheet.text
    assert "Waits to be accepted" in sheet.text
    outgoing.post(f"/nurses/handover/{number}/accept")
    assert "The incoming nurse accepts, not who hands over" in outgoing.page("/nurses/handover/").text
    assert not look(lambda: db.session.get(Handover, number).is_done)
    assert incoming.post(f"/nurses/handover/{number}/accept").status_code == 303
    assert "1 of 1 accepted" in incoming.page("/nurses/handover/").text
    assert look(lambda: db.session.get(Handover, number).to_nurse.staff.last_name) == "Noor"
    with pytest.raises(WrongState):
        look(lambda: db.session.get(Handover, number).accept(db.session.get(Handover, number).to_nurse))
    assert incoming.post(f"/nurses/handover/{number}/edit", data={"situation": "x", "version": "2"}).status_code == 409
    assert "Stable" in incoming.page(f"/nurses/wards/{ward}/handover/print").text


def test_what_is_for_one_nurse_no_other_accepts(stay, look, client_with):
    """NUR-8."""
    ward = stay.ward.ward
    outgoing, incoming, other = (at_work(look, client_with, name, ward) for name in ("mira", "noor", "olga"))
    noor = look(lambda: db.session.query(Nurse.id).join(Nurse.staff).filter(Staff.last_name == "Noor").scalar())
    path = f"/nurses/wards/{ward}/handover/1/new"
    outgoing.post(path, data={"situation": "Stable", "to_nurse_id": noor, "token": TOKEN})
    answer = outgoing.post(path, data={"situation": "Again", "token": TOKEN + "2"})
    assert "Somebody wrote this handover just now" in Page(answer.text).text
    number = look(lambda: db.session.query(Handover.id).scalar())
    other.post(f"/nurses/handover/{number}/accept")
    assert "This is handed over to Leila Noor" in other.page("/nurses/handover/").text
    incoming.post(f"/nurses/handover/{number}/accept")
    assert look(lambda: db.session.get(Handover, number).is_done)


def test_the_shift_at_work_is_the_one_that_began_last(look):
    def at(hour: int):
        local = now().astimezone(current_hospital().zone)
        clock.move(local.replace(hour=hour, minute=50) - local)
        day, shift = shift_now()
        return (today() - day).days, shift.name

    assert [look(lambda hour=hour: at(hour)) for hour in (7, 14, 22, 3)] == [
        (0, "Early"), (0, "Late"), (0, "Night"), (1, "Night"),
    ]  # fmt: skip


# The register and the assignments


def test_a_nurse_is_entered_once_and_corrected(look, nurse):
    look(lambda: enter_nurse("Rahman", license_no="N1"))
    member = look(lambda: _member("Lee"))
    answers = {"staff_id": member, "grade": "registered", "license_no": "N2", "license_expiry": "2030-01-01"}
    answers |= {"department_id": look(lambda: department().id), "token": TOKEN}
    taken = nurse.post("/nurses/register/new", data=answers | {"license_no": "N1"})
    assert "Another nurse has the same licence number" in Page(taken.text).text
    answer = nurse.post("/nurses/register/new", data=answers)
    assert "Registered nurse" in nurse.page(answer.location).text
    assert "Leila Lee" in nurse.page("/nurses/register/?q=N2").text
    with pytest.raises(Refused, match="already"):
        look(lambda: Nurse.register(db.session.get(Staff, member), license_no="N3"))
    number = answer.location.rsplit("/", 1)[1]
    nurse.post(f"/nurses/register/{number}/go-on-leave")
    assert "Leila Lee" in nurse.page("/nurses/register/?status=on_leave").text
    version = look(lambda: db.session.get(Nurse, int(number)).version)
    changed = nurse.post(f"/nurses/register/{number}/edit", data=answers | {"grade": "midwife", "version": version})
    assert changed.status_code == 303
    assert "Midwife" in nurse.page(f"/nurses/register/{number}").text


def _member(last_name: str) -> int:
    facts = {"first_name": "Leila", "sex": "female", "phone": "020 7946 0102", "department_id": department().id}
    facts |= {"designation": "Nurse", "role_kind": "nurse", "joined_on": today()}
    return Staff.register(last_name=last_name, **facts).id


def test_a_head_nurse_assigns_in_the_own_ward_alone(stay, look, client_with):
    other = look(lambda: open_ward("B"))
    head = at_work(look, client_with, "mira", stay.ward.ward, grade="head_nurse")
    plain = at_work(look, client_with, "noor", stay.ward.ward)
    noor = look(lambda: db.session.query(Nurse.id).join(Nurse.staff).filter(Staff.last_name == "Noor").scalar())
    shift = look(lambda: shifts()[0].id)
    answers = {"nurse_id": noor, "shift_date": look(today).isoformat(), "shift_id": shift, "role": "bedside"}
    here = answers | {"ward_id": stay.ward.ward}
    assert "Only the head nurse" in Page(plain.post("/nurses/assignments/new", data=here).text).text
    assert head.post("/nurses/assignments/new", data=answers | {"ward_id": other.ward}).status_code == 422
    assert head.post("/nurses/assignments/new", data=here | {"token": TOKEN}).status_code == 303
    again = head.post("/nurses/assignments/new", data=here | {"token": TOKEN + "2"})
    assert "works that shift already" in Page(again.text).text
    assert "Leila Noor Ward A" in head.page("/nurses/assignments/").text
    number = look(lambda: db.session.query(Assignment.id).scalar())
    plain.post(f"/nurses/assignments/{number}/remove")
    assert look(lambda: db.session.query(Assignment).count()) == 1
    head.post(f"/nurses/assignments/{number}/remove")
    assert look(lambda: db.session.query(Assignment).count()) == 0


# The dashboard and the seed


def test_the_dashboard_counts_what_its_lists_show(stay, look, client_with):
    look(lambda: due_dose(stay))
    clock.move(timedelta(minutes=5))
    shown = client_with(*EVERYTHING, "dashboard.view").page("/dashboard/").text
    assert "Beds that need somebody 1" in shown
    assert "Who needs somebody now" in shown


def test_the_seed_enters_nurses_and_invents_what_was_measured_and_given(app, hospital):
    def made():
        ward = open_ward()
        for number in range(30):
            _member(f"Name{number}")
        stay = lie_in(ward)
        visit = db.session.get_one(Encounter, stay.visit)
        visit.started_at = now() - timedelta(days=2)
        prescribe(stay, start_at=now() - timedelta(days=2), duration_days=7)
        db.session.execute(sa.delete(MedicationAdministration))
        seed(HospitalSize(patients=1200, staff=112), Random(1))
        assert db.session.query(Ward).count() == 1
        return [db.session.query(model).count() for model in (Nurse, Assignment, VitalSign, MedicationAdministration)]

    nurses, assignments, vitals, doses = kept(app, hospital, made)
    assert (nurses, assignments) == (28, 84)
    assert vitals >= 5
    assert doses >= 5


def test_what_is_invented_is_the_same_for_the_same_chance(look, stay):
    def twice():
        visits = db.session.query(Encounter).all()
        counts = [invent_vitals(Random(3), visits), invent_stays(Random(3), visits)]
        rows = db.session.query(VitalSign.pulse, VitalSign.news2).order_by(VitalSign.id).all()
        invent_vitals(Random(3), visits)
        later = db.session.query(VitalSign.pulse, VitalSign.news2).order_by(VitalSign.id).all()[len(rows) :]
        return counts, rows, later

    counts, rows, later = look(twice)
    assert counts[0] == len(rows)
    assert rows == later
