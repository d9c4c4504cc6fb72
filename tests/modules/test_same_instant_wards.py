"""Wards at the same instant: real requests to the served portal (IPD-4, IPD-6, NUR-8, OPD-7, ROOM-6)."""

import pytest
import sqlalchemy as sa

from modules.ipd.leaving import order_discharge
from modules.ipd.models import Clearance, DischargeSummary
from modules.laboratory.models import Order
from modules.nurses.models import AssignedPatient, Assignment
from modules.nurses.shifts import shift_now
from modules.opd.arrivals import receive
from modules.opd.consulting import begin, wait_for_results
from modules.opd.events import bring_back_to_the_front
from modules.opd.models import Token, Visit
from modules.patients.models import Patient
from modules.rooms.models import Bed
from portal.auth.models import User
from portal.extensions import db
from tests.modules import clinic
from tests.modules.at_once import AT_ONCE, statuses, together
from tests.modules.bed_ward import come, open_ward
from tests.modules.inpatients import admitted, set_up
from tests.modules.nursing import EVERYTHING, admit, enter_nurse, lie_in

VERBS = "view order_discharge sign clear_medical clear_nursing waive_clearance"
PARTS = {"diagnoses": "Appendicitis", "course": "Operated", "condition": "Well", "advice": "Rest"}
KEEPER = ("rooms.view", "rooms.assign", "rooms.change", "patients.view")
CONSULTS = ("opd.view", "opd.token_view", "opd.consult", "patients.view")


@pytest.fixture
def ward(look):
    """Ward A with four beds."""
    return look(open_ward)


@pytest.fixture
def haddad(crowd, look):
    """A doctor who signs, and the id of somebody whose discharge is ordered."""
    (one,) = crowd(*(f"ipd.{verb}" for verb in VERBS.split()), "patients.view", name="haddad", count=1)

    def stay() -> int:
        user = db.session.scalar(sa.select(User.id).where(User.username == "haddad-0"))
        return order_discharge(admitted(set_up(user_id=user)), None).id

    return one, look(stay)


def counted(look, model) -> dict[str, int]:
    """How many of these records are in each state."""
    query = sa.select(model.status, sa.func.count()).group_by(model.status)
    return look(lambda: dict(db.session.execute(query).all()))


def test_a_clearance_that_twenty_give_or_waive_is_given_once(haddad, look, traces):
    """IPD-4."""
    one, admission = haddad
    nursing = look(lambda: next(row.id for row in clearances_of_id(admission) if row.kind == "nursing"))
    trace, path = traces(), f"/ipd/clearances/{nursing}"

    def act(number: int):
        if number % 2:
            return one.post(f"{path}/waive", reason="Known to all")
        return one.post(f"{path}/clear-nursing")

    answers = together(act)
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(answer for answer in answers if answer.status_code == 409)
    assert f"/ipd/{admission}" in late.way_on
    given = "cleared" if 303 in statuses(answers[::2]) else "waived"
    assert look(lambda: db.session.get(Clearance, nursing).status) == given
    assert trace.events() == {f"clearance.{given}": 1}
    trace.refuse_doubles()


def clearances_of_id(admission_id: int) -> list[Clearance]:
    """The clearances of an admission."""
    query = sa.select(Clearance).where(Clearance.admission_id == admission_id)
    return db.session.scalars(query.order_by(Clearance.id)).all()


def test_a_summary_that_twenty_sign_while_its_clearance_is_given_is_signed_once_and_cleared_once(haddad, look, traces):
    """IPD-4, IPD-6: signing is the medical clearance too, unless somebody gave it by hand."""
    one, admission = haddad
    medical = look(lambda: next(row.id for row in clearances_of_id(admission) if row.kind == "medical"))
    trace = traces()

    def act(number: int):
        if number % 4 == 0:
            return one.post(f"/ipd/clearances/{medical}/clear-medical")
        return one.post(f"/ipd/{admission}/summary/sign", **PARTS)

    answers = together(act)
    signed = [answer for number, answer in enumerate(answers) if number % 4]
    assert statuses(signed) == {303: 1, 409: len(signed) - 1}
    assert statuses(answers[::4]).get(303, 0) <= 1
    assert counted(look, DischargeSummary) == {"signed": 1}
    assert look(lambda: db.session.get(Clearance, medical).status) == "cleared"
    assert trace.events() == {"dischargesummary.signed": 1, "clearance.cleared": 1}
    trace.refuse_doubles()


def test_of_twenty_who_report_one_bed_as_broken_one_does(ward, crowd, look, traces):
    """ROOM-6: it is out of use from then on, and the others hear that it is known of."""
    keepers, bed = crowd(*KEEPER), ward.beds[0]
    trace, broken = traces(), {"bed_id": bed, "reason": "The motor", "start_now": "y"}
    answers = together(lambda number: keepers[number].post("/rooms/maintenance/new", **broken, token=f"t{number}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("A repair of it is open already" in one.text for one in answers if one.status_code == 422)
    assert look(lambda: db.session.get(Bed, bed).status) == "maintenance"
    assert trace.rows() == {"rooms_maintenance": 1}
    trace.refuse_doubles()


def test_a_bed_that_is_repaired_while_patients_come_has_one_of_them_or_is_out_of_use(ward, crowd, look, traces):
    """ROOM-1, ROOM-6."""
    keepers, bed = crowd(*KEEPER), ward.beds[0]
    people = look(lambda: [come(f"Name{number}").patient for number in range(AT_ONCE)])
    trace, broken = traces(), {"bed_id": bed, "reason": "The motor", "start_now": "y"}

    def act(number: int):
        if number % 2:
            return keepers[number].post("/rooms/maintenance/new", **broken, token=f"t{number}")
        return keepers[number].post("/rooms/assign", bed_id=bed, patient_id=people[number], token=f"t{number}")

    answers = together(act)
    came, repaired = statuses(answers[::2]).get(303, 0), statuses(answers[1::2]).get(303, 0)
    assert came + repaired == 1, (statuses(answers[::2]), statuses(answers[1::2]))
    assert {one.status_code for one in answers} <= {303, 409, 422}
    assert look(lambda: db.session.get(Bed, bed).status) == ("occupied" if came else "maintenance")
    assert trace.rows() == {"rooms_bedallocation" if came else "rooms_maintenance": 1}
    trace.refuse_doubles()


def test_of_twenty_who_put_one_nurse_on_two_wards_in_one_shift_one_does(ward, crowd, look, traces):
    """NUR-8: who works where in a shift is said once."""
    heads = crowd(*EVERYTHING)

    def set_the_scene() -> dict:
        day, shift = shift_now()
        nurse = enter_nurse("Noor", ward_id=ward.ward).id
        return {"nurse_id": nurse, "shift_date": day.isoformat(), "shift_id": shift.id, "role": "bedside"}

    form, wards = look(set_the_scene), [ward.ward, look(lambda: open_ward("B")).ward]
    trace = traces()

    def act(number: int):
        return heads[number].post("/nurses/assignments/new", **form, ward_id=wards[number % 2], token=f"t{number}")

    answers = together(act)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("works that shift already" in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == {"nurses_assignment": 1}


def test_patients_that_twenty_share_at_once_have_one_nurse_each(ward, crowd, look, traces):
    """NUR-8: evenly, or as somebody says who read that nobody cares for them; the others hear that it changed."""
    heads = crowd(*EVERYTHING)

    def set_the_scene() -> list[int]:
        for place, name in enumerate(("Amina", "Bela", "Cem")):
            admit(lie_in(ward, name, place))
        (day, shift), made = shift_now(), []
        for name in ("Noor", "Olga"):
            nurse = enter_nurse(name, ward_id=ward.ward)
            made.append(
                Assignment(nurse_id=nurse.id, ward_id=ward.ward, shift_date=day, shift_id=shift.id, role="bedside")
            )
        db.session.add_all(made)
        db.session.flush()
        return [one.id for one in made]

    at_work = look(set_the_scene)
    trace, path = traces(), f"/nurses/wards/{ward.ward}/care"

    def act(number: int):
        if number % 2:
            return heads[number].post(f"{path}/evenly")
        care = {f"care-{admission}": at_work[number % 4 // 2] for admission in (1, 2, 3)}
        return heads[number].post(path, as_read="1-0 2-0 3-0", **care)

    answers = together(act)
    assert statuses(answers) == {303: AT_ONCE}
    kept = look(
        lambda: db.session.execute(sa.select(AssignedPatient.admission_id, AssignedPatient.assignment_id)).all()
    )
    assert sorted(admission for admission, _nurse in kept) == [1, 2, 3]
    assert trace.rows() == {"nurses_assignedpatient": 3}
    assert trace.events() == {"care.given": 3}


def test_results_that_come_while_the_doctor_goes_on_bring_the_patient_back_once(crowd, look, traces):
    """OPD-7: the number is called to the doctor once, whoever of the laboratory and the doctor is first."""
    (doctor,) = crowd(*CONSULTS, name="haddad", count=1)

    def set_the_scene() -> tuple[int, int]:
        one = clinic.doctor(user_id=db.session.scalar(sa.select(User.id).where(User.username == "haddad-0")))
        visit = receive(db.session.get_one(Patient, clinic.patient().id), one)
        begin(visit, one, "Room 1")
        db.session.flush()
        wait_for_results(visit, one)
        return visit.id, visit.encounter_id

    visit, encounter = look(set_the_scene)
    trace = traces()

    def act(number: int):
        if number % 4 == 0:
            return doctor.post(f"/opd/visits/{visit}/start", counter="Room 1").location
        return look(lambda: bring_back_to_the_front(Order(encounter_id=encounter)))

    together(act)
    assert counted(look, Visit) == {"in_consultation": 1}
    assert counted(look, Token) == {"serving": 1}
    assert trace.rows() == {}
    assert (
        trace.events()["opd.in_consultation"] == trace.events()["token.serving"] == trace.events()["token.issued"] == 1
    )
    trace.refuse_doubles()
