"""Care at the same instant: real requests to the served portal, on real files (DOC-3, DOC-4, NUR-1 to NUR-8, PAT-8)."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from modules.doctors.models import Doctor, Prescription, PrescriptionItem
from modules.nurses.models import Handover, MedicationAdministration, Task
from modules.nurses.shifts import shift_now
from modules.nurses.slots import extend_doses
from modules.nurses.tasks import set_task
from modules.patients.models import Patient
from modules.patients.models.clinical import Allergy
from modules.patients.models.encounters import Encounter
from portal import clock
from portal.auth.models import User
from portal.extensions import db
from portal.kit import now
from tests.modules import clinic
from tests.modules.at_once import AT_ONCE, statuses, together
from tests.modules.nursing import EVERYTHING, admitted, doses_of, due_dose, enter_nurse, lie_in, prescribe

PRESCRIBES = "view prescription_view_own prescription_add prescription_change prescription_sign"
PRESCRIBES = (*(f"doctors.{verb}" for verb in PRESCRIBES.split()), "patients.view")
GIVEN = {"wristband": "y", "allergies": "y", "dose_given": "1"}
TYPED = {"dose": "1", "dose_unit": "g", "route": "iv", "frequency": "bd", "duration_days": "2"}


@pytest.fixture
def stay(look):
    """Somebody who lies in a bed of Ward A."""
    return look(lie_in)


@pytest.fixture
def nurses(crowd):
    """Twenty nurses of every ward."""
    return crowd(*EVERYTHING)


@pytest.fixture
def haddad(crowd, stay, look):
    """The doctor of the stay, signed in, whose patient it is."""
    (one,) = crowd(*PRESCRIBES, name="haddad", count=1)

    def link():
        user = db.session.scalar(sa.select(User.id).where(User.username == "haddad-0"))
        db.session.get_one(Doctor, stay.doctor).user_id = user
        db.session.get_one(Encounter, stay.visit).doctor_id = stay.doctor

    look(link)
    return one


def counted(look, model) -> dict[str, int]:
    """How many of these records are in each state."""
    query = sa.select(model.status, sa.func.count()).group_by(model.status)
    return look(lambda: dict(db.session.execute(query).all()))


def test_of_twenty_who_give_one_dose_one_does_and_the_others_are_led_to_the_grid(stay, nurses, look, traces):
    """NUR-1."""
    dose = look(lambda: due_dose(stay))
    trace = traces()
    answers = together(lambda number: nurses[number].post(f"/nurses/doses/{dose}/give", **GIVEN))
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(one for one in answers if one.status_code == 409)
    assert "not to be given any more: given" in late.text
    assert "Ceftriaxone" in nurses[0].get(late.way_on).text
    given = (MedicationAdministration.status, MedicationAdministration.dose_given)
    assert look(lambda: [tuple(row) for row in db.session.execute(sa.select(*given))]) == [("completed", Decimal(1))]
    assert trace.rows() == {}
    assert trace.events() == {"medicationadministration.completed": 1}
    trace.refuse_doubles()


def test_a_drug_that_is_given_when_needed_is_given_once_by_twenty_in_one_minute(stay, nurses, look, traces):
    """NUR-1: no slot waits for it, so the minute is what only one may have."""
    item = look(lambda: prescribe(stay, is_prn=True, frequency="prn").id)
    trace = traces()
    answers = together(lambda number: nurses[number].post(f"/nurses/items/{item}/give", **GIVEN, token=f"t{number}"))
    minutes = look(lambda: len(doses_of(item)))
    assert minutes in (1, 2)  # twenty clicks may meet the turn of a minute
    assert statuses(answers) == {303: minutes, 422: AT_ONCE - minutes}
    assert all("Somebody gave Ceftriaxone" in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == {"nurses_medicationadministration": minutes}
    trace.refuse_doubles()


def test_a_dose_is_given_skipped_or_put_on_hold_by_one_of_twenty(stay, nurses, look, traces):
    """NUR-1, NUR-3."""
    dose = look(lambda: due_dose(stay))
    trace, acts = traces(), (("give", GIVEN), ("skip", {"reason_not_given": "refused"}), ("hold", {"note": "Fever"}))

    def click(number: int):
        path, form = acts[number % 3]
        return nurses[number].post(f"/nurses/doses/{dose}/{path}", **form)

    answers = together(click)
    assert statuses(answers)[303] == 1
    first = next(number for number, one in enumerate(answers) if one.status_code == 303)
    assert counted(look, MedicationAdministration) == {("completed", "not_done", "on_hold")[first % 3]: 1}
    if first % 3 != 2:
        assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    assert trace.rows() == {}
    trace.refuse_doubles()


def test_a_dose_that_is_given_while_the_doctor_stops_the_drug_is_given_before_or_not_at_all(
    stay, haddad, nurses, look, traces
):
    """NUR-2, NUR-7, DOC-4: whoever comes after the stop reads it; what was given before it stays given."""
    dose = look(lambda: due_dose(stay, 30))
    item = look(lambda: db.session.scalar(sa.select(PrescriptionItem.id)))
    trace = traces()

    def act(number: int):
        if number % 2:
            return haddad.post(f"/doctors/items/{item}/stop", note="Rash")
        return nurses[number].post(f"/nurses/doses/{dose}/give", **GIVEN)

    answers = together(act)
    given, stopped = statuses(answers[::2]), statuses(answers[1::2])
    assert stopped == {303: 1, 409: AT_ONCE // 2 - 1}
    assert given.get(303, 0) <= 1
    assert set(given) <= {303, 409}
    assert counted(look, MedicationAdministration) == {"completed" if given.get(303) else "stopped": 1}
    assert counted(look, PrescriptionItem) == {"stopped": 1}
    events = trace.events()
    assert events["prescriptionitem.stopped"] == events["prescription.stopped"] == 1
    trace.refuse_doubles()


def test_twenty_jobs_that_plan_the_next_doses_plan_each_once(stay, look, at_once, traces):
    """NUR-7."""
    item = look(lambda: prescribe(stay, frequency="q4h", duration_days=5).id)
    known = look(lambda: len(doses_of(item)))
    clock.move(timedelta(hours=12))
    trace = traces()
    planned = sum(at_once(lambda _number: extend_doses()))
    times = look(lambda: [dose.due_at for dose in doses_of(item)])
    assert len(times) == len(set(times)) == known + planned
    assert trace.rows() == {"nurses_medicationadministration": planned}


def test_of_twenty_who_prescribe_the_same_drug_one_does(stay, haddad, look, traces):
    """DOC-3: twenty forms, each with a token of its own."""
    drug = look(lambda: clinic.medicine("M2", **clinic.CEFTRIAXONE).id)
    pad, trace = f"/doctors/encounters/{stay.visit}/prescribe", traces()
    answers = together(lambda number: haddad.post(pad, **TYPED, kind="inpatient", item_id=drug, token=f"t{number}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    said = "Ceftriaxone 1 g vial is prescribed in this visit already. Stop that one first"
    assert all(said in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == {"doctors_prescription": 1, "doctors_prescriptionitem": 1}
    keys = look(lambda: db.session.scalars(sa.select(PrescriptionItem.active_key)).all())
    assert keys == [f"{stay.visit}:{drug}"]
    trace.refuse_doubles()


def test_the_same_form_sent_twenty_times_at_once_is_done_once(stay, haddad, nurses, look, traces):
    """NUR-1, DOC-3, CORE-7: a double click gives no second dose, and prescribes nothing twice."""
    drug, item = (look(work) for work in (new_drug, lambda: prescribe(stay, is_prn=True, frequency="prn").id))
    trace = traces()
    for person, where, form in (
        (haddad, f"/doctors/encounters/{stay.visit}/prescribe", TYPED | {"kind": "inpatient", "item_id": drug}),
        (nurses[0], f"/nurses/items/{item}/give", GIVEN),
    ):
        sent = form | {"token": where[-8:]}
        answers = together(lambda _number, person=person, where=where, sent=sent: person.post(where, **sent))
        assert statuses(answers) == {303: AT_ONCE}, where
    tables = ("doctors_prescription", "doctors_prescriptionitem", "nurses_medicationadministration")
    assert trace.rows() == dict.fromkeys(tables, 1)
    trace.refuse_doubles()


def new_drug() -> int:
    """A drug of the catalogue that nobody prescribed yet."""
    return clinic.medicine("M1", **clinic.AMOXICILLIN).id


def test_a_draft_that_is_signed_while_it_is_corrected_is_signed_as_it_was_read(stay, haddad, look, traces):
    """DOC-4, NUR-7: signed once, and nothing changes after it; its doses are planned once."""
    drug = look(lambda: clinic.medicine("M2", **clinic.CEFTRIAXONE).id)
    haddad.post(f"/doctors/encounters/{stay.visit}/prescribe", **TYPED, item_id=drug, token="a", kind="inpatient")
    version = look(lambda: db.session.get(PrescriptionItem, 1).version)
    trace, longer = traces(), TYPED | {"item_id": drug, "duration_days": "3", "version": version}

    def act(number: int):
        path = "/doctors/items/1/edit" if number % 2 else "/doctors/prescriptions/1/sign"
        return haddad.post(path, **(longer if number % 2 else {}))

    answers = together(act)
    signed, edited = statuses(answers[::2]), statuses(answers[1::2])
    assert signed == {303: 1, 409: AT_ONCE // 2 - 1}
    assert edited.get(303, 0) <= 1
    assert set(edited) <= {303, 409}
    assert look(lambda: db.session.get(PrescriptionItem, 1).duration_days) == (3 if edited.get(303) else 2)
    assert counted(look, Prescription) == {"active": 1}
    planned = look(lambda: [dose.due_at for dose in doses_of(1)])
    assert len(planned) == len(set(planned)) > 0
    assert trace.rows() == {"nurses_medicationadministration": len(planned)}
    assert trace.events()["prescription.activated"] == 1
    trace.refuse_doubles()


def test_of_twenty_who_take_a_patient_over_one_does(stay, crowd, look, traces):
    """NUR-8: twenty nurses of the register accept one handover; the sheet tells the others."""
    people = crowd(*EVERYTHING)

    def hand_over():
        users = db.session.scalars(sa.select(User.id).where(User.username.like("clerk-%")).order_by(User.id)).all()
        for number, user in enumerate(users):
            enter_nurse(f"Rahman{number}", user_id=user, ward_id=stay.ward.ward)
        day, shift = shift_now()
        about = {"shift_date": day, "shift_id": shift.id, "admission_id": admitted(stay).id}
        row = Handover(ward_id=stay.ward.ward, **about)
        row.from_nurse_id = enter_nurse("Outgoing", ward_id=stay.ward.ward).id
        db.session.add(row)
        db.session.flush()
        return row.id

    handover = look(hand_over)
    trace = traces()
    answers = together(lambda number: people[number].post(f"/nurses/handover/{handover}/accept"))
    assert statuses(answers) == {303: AT_ONCE}
    told = [people[number].get(answers[number].location).text for number in range(3)]
    assert sum("This is handed over to" in page or "the handover was accepted" in page for page in told) >= 2
    assert trace.events() == {"handover.accepted": 1}
    assert look(lambda: db.session.get(Handover, handover).version) == 2
    trace.refuse_doubles()


def test_a_task_that_twenty_complete_or_cancel_ends_once(stay, nurses, look, traces):
    """NUR-8, §5: a task is done or called off, once."""

    def begun():
        visit = db.session.get_one(Encounter, stay.visit)
        task = set_task(visit, title="Weigh", phase="admission", due_at=now(), priority="routine", mandatory=True)
        task.start()
        return task.id

    task = look(begun)
    trace = traces()
    answers = together(
        lambda number: nurses[number].post(f"/nurses/tasks/{task}/{'complete' if number % 2 else 'cancel'}")
    )
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(one for one in answers if one.status_code == 409)
    assert late.way_on == "/nurses/tasks/"
    assert set(counted(look, Task)) <= {"completed", "cancelled"}
    assert len(trace.events()) == 1
    trace.refuse_doubles()


def test_no_known_allergies_and_an_allergy_are_never_both_recorded(crowd, look, traces):
    """PAT-8: what is recorded wins over what was ruled out, whoever is first."""
    amina = look(lambda: clinic.patient().id)
    people = crowd("patients.view", "patients.allergy_view", "patients.allergy_add")
    found = {"substance": "Latex", "category": "environment", "severity": "mild", "criticality": "low"}
    trace = traces()

    def act(number: int):
        if number % 2:
            return people[number].post(f"/patients/{amina}/allergies/none-known")
        return people[number].post(f"/patients/{amina}/allergies/new", **found, token=f"t{number}")

    answers = together(act)
    assert statuses(answers[::2]) == {303: 1, 422: AT_ONCE // 2 - 1}
    assert set(statuses(answers[1::2])) <= {303, 409}
    assert look(lambda: db.session.get(Patient, amina).allergy_status) == "recorded"
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Allergy.id)))) == 1
    for answer in answers[1::2]:
        if answer.status_code == 409:
            assert "An active allergy is recorded" in answer.text
            assert f"/patients/{amina}" in answer.way_on
    assert trace.rows() == {"patients_allergy": 1}
    trace.refuse_doubles()
