"""Stays at the same instant: real requests to the served portal, on real files (IPD-1 to IPD-9, PAT-3, PAT-5)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.doctors.models import Doctor
from modules.ipd.api import Admission
from modules.ipd.checklist import clearances_of
from modules.ipd.leaving import begin_summary, order_discharge, sign_summary
from modules.patients.models import Patient
from modules.patients.models.encounters import Encounter
from modules.rooms.agreement import find_mismatches
from modules.rooms.models import Bed, BedAllocation
from portal import clock
from portal.extensions import db
from portal.kit import now
from tests.modules import clinic
from tests.modules.at_once import AT_ONCE, statuses, together
from tests.modules.inpatients import admitted, asked, many, set_up

VERBS = "view add admit round_add order_discharge sign clear_medical bed_assign bed_change clear_nursing"
ALL = (*(f"ipd.{verb}" for verb in f"{VERBS} confirm_departure waive_clearance".split()), "patients.view")
PARTS = {"diagnoses": "Appendicitis", "course": "Operated", "condition": "Well", "advice": "Rest"}


@pytest.fixture
def stage(look):
    """Ward A with a bed more than there are people at once, and a doctor of its department."""
    return look(lambda: set_up(beds=AT_ONCE + 1))


@pytest.fixture
def people(crowd):
    """Twenty who may do everything on the wards."""
    return crowd(*ALL)


def told(look) -> tuple[dict, dict, dict]:
    """How many admissions, stays and beds are in each state; beds and admissions agree (IPD-3, ROOM-8)."""
    assert look(find_mismatches) == []
    assert look(_disagreeing) == []
    return tuple(look(lambda model=model: _counted(model)) for model in (Admission, Encounter, Bed))


def _counted(model) -> dict:
    return dict(db.session.execute(sa.select(model.status, sa.func.count()).group_by(model.status)).all())


def _disagreeing() -> list[Admission]:
    """Who is an inpatient without exactly one bed, or has one without being an inpatient (IPD-3)."""
    held = sa.select(BedAllocation.admission_id).where(BedAllocation.status == "active").scalar_subquery()
    stays = Admission.status.in_(("admitted", "discharge_ordered"))
    return db.session.scalars(sa.select(Admission).where(stays != Admission.id.in_(held))).all()


def ready_to_leave(stage) -> int:
    """The admission of somebody whom nothing keeps here any more."""
    admission = admitted(stage)
    order_discharge(admission, None)
    for row in clearances_of(admission):
        row.waive("A test")
    sign_summary(begin_summary(admission).change(**PARTS), db.session.get(Doctor, stage.doctor))
    return admission.id


def departure(look) -> dict:
    """What the form of the departure sends."""
    clock.move(timedelta(minutes=10))
    return {"disposition": "home", "discharged_at": look(lambda: f"{now() - timedelta(minutes=5):%Y-%m-%dT%H:%M}")}


def test_of_twenty_requests_for_one_patient_one_stays_and_the_others_read_why(stage, people, look, traces):
    """IPD-1, PAT-5."""
    amina, trace = look(lambda: clinic.patient().id), traces()
    facts = {"patient_id": amina, "source": "direct", "reason": "Fever", "priority": "urgent"}
    facts |= {"attending_id": stage.doctor, "department_id": stage.department}
    answers = together(lambda number: people[number].post("/ipd/new", **facts, token=f"t{number}"))
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    assert all("has an open inpatient stay already" in one.text for one in answers if one.status_code == 422)
    assert trace.rows() == {"patients_encounter": 1, "ipd_admission": 1}
    assert trace.events() == {"ipd.requested": 1}
    assert look(lambda: db.session.scalars(sa.select(Admission.number)).one()).endswith("000001")
    trace.refuse_doubles()


def test_of_twenty_who_admit_to_one_bed_one_patient_is_admitted_and_of_the_others_nothing_is_begun(
    stage, people, look, traces
):
    """IPD-2, IPD-3."""
    waiting = look(lambda: many(stage, AT_ONCE, asked))
    trace, bed = traces(), stage.ward.beds[0]

    def click(number: int):
        return people[number].post(f"/ipd/{waiting[number]}/admit", bed_id=bed, token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    for answer in answers:
        if answer.status_code == 422:
            assert "was just taken. Choose another one" in answer.text
            assert f'<option value="{bed}"' not in answer.html
    assert told(look) == (
        {"admitted": 1, "requested": AT_ONCE - 1},
        {"in_progress": 1, "planned": AT_ONCE - 1},
        {"available": AT_ONCE, "occupied": 1},
    )
    rows = trace.rows()
    assert (rows.pop("rooms_bedallocation"), set(rows)) == (1, {"nurses_task"})
    assert trace.events()["ipd.admitted"] == 1
    trace.refuse_doubles()


def test_of_twenty_who_admit_one_patient_to_twenty_beds_one_does_and_the_others_are_led_to_the_stay(
    stage, people, look, traces
):
    """IPD-3, ROOM-2."""
    admission, trace = look(lambda: asked(stage).id), traces()

    def click(number: int):
        return people[number].post(f"/ipd/{admission}/admit", bed_id=stage.ward.beds[number], token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    late = next(one for one in answers if one.status_code == 409)
    assert "the record is “admitted” now" in late.text
    assert late.way_on == f"/ipd/{admission}"
    assert "Amina Yusuf" in people[0].get(late.way_on).text
    assert told(look) == ({"admitted": 1}, {"in_progress": 1}, {"available": AT_ONCE, "occupied": 1})
    assert trace.rows()["rooms_bedallocation"] == 1
    trace.refuse_doubles()


def test_the_same_form_sent_twenty_times_at_once_is_done_once(stage, people, look, traces):
    """IPD-1, IPD-2, IPD-5, CORE-7."""
    trace, omar = traces(), people[0]
    facts = {"patient_id": look(lambda: clinic.patient().id), "source": "direct", "reason": "Fever", "token": "a"}
    facts |= {"attending_id": stage.doctor, "department_id": stage.department, "priority": "urgent"}
    for path, form in (
        ("/ipd/new", facts),
        ("/ipd/1/admit", {"bed_id": stage.ward.beds[0], "token": "b"}),
        ("/ipd/1/transfer", {"bed_id": stage.ward.beds[1], "token": "c"}),
    ):
        answers = together(lambda _number, path=path, form=form: omar.post(path, **form))
        assert statuses(answers) == {303: AT_ONCE}, path
        assert len({one.location for one in answers}) == 1, path
    look(lambda: let_go(stage))
    leaves = departure(look) | {"token": "d"}
    assert statuses(together(lambda _number: omar.post("/ipd/1/depart", **leaves))) == {303: AT_ONCE}
    assert told(look) == ({"discharged": 1}, {"finished": 1}, {"available": AT_ONCE - 1, "cleaning": 2})
    assert trace.rows()["rooms_bedallocation"] == 2
    trace.refuse_doubles()


def let_go(stage) -> None:
    """Nothing keeps the first patient here any more."""
    admission = order_discharge(db.session.get(Admission, 1), None)
    for row in clearances_of(admission):
        row.waive("A test")
    sign_summary(begin_summary(admission).change(**PARTS), db.session.get(Doctor, stage.doctor))


def test_of_twenty_who_order_one_discharge_one_does_and_every_clearance_is_asked_for_once(stage, people, look, traces):
    """IPD-4: and the summary is begun once."""
    admission = look(lambda: admitted(stage).id)
    trace = traces()
    answers = together(
        lambda number: people[number].post(f"/ipd/{admission}/order-discharge", expected_on="2030-01-02")
    )
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    assert trace.rows() == {"ipd_clearance": 5, "ipd_dischargesummary": 1}
    assert trace.events()["ipd.discharge_ordered"] == 1
    trace.refuse_doubles()


def test_of_twenty_who_confirm_or_take_back_one_departure_one_does(stage, people, look, traces):
    """IPD-5, IPD-9: the patient has left with everything that ends then, or stays with everything as it was."""
    admission = look(lambda: ready_to_leave(stage))
    leaves, trace = departure(look), traces()

    def click(number: int):
        if number % 2:
            return people[number].post(f"/ipd/{admission}/revoke-discharge", note="Fever")
        return people[number].post(f"/ipd/{admission}/depart", **leaves, token=f"t{number}")

    answers = together(click)
    assert statuses(answers) == {303: 1, 409: AT_ONCE - 1}
    has_left = 303 in statuses(answers[::2])
    assert told(look) == (
        {"discharged" if has_left else "admitted": 1},
        {"finished" if has_left else "in_progress": 1},
        {"available": AT_ONCE, "cleaning" if has_left else "occupied": 1},
    )
    late = next(one for one in answers if one.status_code == 409)
    assert "Amina Yusuf" in people[0].get(late.way_on).text
    assert trace.rows() == {}
    trace.refuse_doubles()


def test_a_departure_while_the_patient_is_moved_leaves_one_bed_or_none(stage, people, look, traces):
    """IPD-3, IPD-5, ROOM-2: who left is not moved any more, and who was moved after that time has not left."""
    admission = look(lambda: ready_to_leave(stage))
    leaves, trace = departure(look), traces()

    def click(number: int):
        if number % 2:
            wanted = stage.ward.beds[number]
            return people[number].post(f"/ipd/{admission}/transfer", bed_id=wanted, token=f"t{number}")
        return people[number].post(f"/ipd/{admission}/depart", **leaves, token=f"t{number}")

    answers = together(click)
    left, moved = statuses(answers[::2]), statuses(answers[1::2])
    moves = moved.get(303, 0)
    if left.get(303):
        assert (left, moved) == ({303: 1, 409: AT_ONCE // 2 - 1}, {422: AT_ONCE // 2})
        assert all("does not lie in a bed" in one.text or "is not open any more" in one.text for one in answers[1::2])
        expected = ({"discharged": 1}, {"finished": 1}, {"available": AT_ONCE, "cleaning": 1})
    else:
        assert (left, moved) == ({422: AT_ONCE // 2}, {303: AT_ONCE // 2})
        assert all("came into the last bed after this time" in one.text for one in answers[::2])
        beds = {"available": AT_ONCE - moves, "cleaning": moves, "occupied": 1}
        expected = ({"discharge_ordered": 1}, {"in_progress": 1}, beds)
    assert told(look) == expected
    assert trace.rows().get("rooms_bedallocation", 0) == moves
    trace.refuse_doubles()


def test_a_record_that_is_merged_while_its_patient_is_asked_a_bed_for_moves_or_is_asked_for_not_both(
    stage, people, crowd, look, traces
):
    """PAT-3, PAT-4, IPD-1."""
    kept, gone = (look(lambda name=name: clinic.patient(name).id) for name in ("Zoe", "Zoey"))
    mrn = look(lambda: db.session.get(Patient, gone).mrn)
    clerks, trace = crowd("patients.view", "patients.merge", name="records", count=AT_ONCE // 2), traces()
    facts = {"patient_id": gone, "source": "direct", "reason": "Fever", "priority": "urgent"}
    facts |= {"attending_id": stage.doctor, "department_id": stage.department}

    def click(number: int):
        if number % 2:
            return people[number].post("/ipd/new", **facts, token=f"t{number}")
        answers = {"kept": kept, "reason": "Registered twice", "mrn": mrn, "token": f"m{number}"}
        return clerks[number // 2].post(f"/patients/{kept}/merge/{gone}", **answers)

    answers = together(click)
    merged, wanted = statuses(answers[::2]), statuses(answers[1::2])
    assert merged.get(303, 0) + wanted.get(303, 0) == 1, (merged, wanted)
    assert set(merged) | set(wanted) <= {303, 409, 422}
    assert look(lambda: db.session.get(Patient, gone).status) == ("merged" if merged.get(303) else "active")
    admissions, visits, _beds = told(look)
    assert (admissions, visits) == (({}, {}) if merged.get(303) else ({"requested": 1}, {"planned": 1}))
    assert trace.rows().get("patients_mergelog", 0) == merged.get(303, 0)
    trace.refuse_doubles()
