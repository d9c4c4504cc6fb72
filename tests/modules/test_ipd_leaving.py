"""Going home: what blocks it, what happens with it, what it leaves as it was; newborns, and times that were wrong."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from modules.doctors.models import Doctor
from modules.doctors.prescribing import prescribe
from modules.ipd import blockers, module
from modules.ipd.api import Blocker, admit
from modules.ipd.checklist import clearances_of, read_checklist, summary_of
from modules.ipd.leaving import amend_summary, begin_summary, correct_times, leave, order_discharge, sign_summary
from modules.ipd.models import Admission
from modules.ipd.newborn import register_newborn
from modules.nurses.api import set_task
from modules.patients.models.beside import Contact
from modules.rooms.api import bed_of, held_by, transfer
from modules.rooms.models import Bed, BedAllocation
from portal import clock
from portal.extensions import db
from portal.kit import Refused, WrongState, now
from portal.kit.events import _now
from portal.kit.models import StatusLog
from portal.tenancy.current import in_hospital
from tests.modules.bed_ward import kept
from tests.modules.inpatients import admitted, asked, set_up

WRITTEN = {"diagnoses": "Appendicitis", "course": "Operated", "condition": "Well", "advice": "Rest"}


@pytest.fixture
def stage(app, hospital):
    """Ward A with four beds, and a doctor of its department."""
    return kept(app, hospital, set_up)


@pytest.fixture
def inside(app, hospital, stage):
    """Inside the hospital of the stage, three hours after it was set up; addresses of pages can be made."""
    with app.test_request_context(base_url="http://city-general.localhost:8000"), in_hospital(hospital):
        yield
        db.session.rollback()


@pytest.fixture
def stay(inside, stage) -> Admission:
    """Amina, who was admitted two hours ago."""
    admission = admitted(stage)
    clock.move(timedelta(hours=2))
    return admission


@pytest.fixture
def doctor(inside, stage) -> Doctor:
    """The doctor of the stage."""
    return db.session.get(Doctor, stage.doctor)


def sign(admission: Admission, doctor: Doctor) -> None:
    sign_summary(begin_summary(admission).change(**WRITTEN), doctor)


def clear(admission: Admission, *kinds: str) -> None:
    for row in clearances_of(admission):
        if row.kind in kinds and row.status == "pending":
            getattr(row, f"clear_{row.kind}")()


def blocking(admission: Admission) -> list[str]:
    return [line.title for line in read_checklist(admission).blocking]


def make_ready(admission: Admission, doctor: Doctor) -> Admission:
    """Order the discharge and let everybody agree."""
    order_discharge(admission, doctor)
    sign(admission, doctor)
    clear(admission, "nursing", "pharmacy", "laboratory", "billing")
    return admission


# IPD-4


def test_each_thing_that_blocks_a_discharge_is_told_until_the_last_one_is_done(stay, doctor):
    """IPD-4: the signed summary is the medical clearance; billing may be waived for a reason."""
    order_discharge(stay, doctor)
    names = ["Medical", "Nursing", "Pharmacy", "Laboratory", "Billing"]
    assert blocking(stay) == ["Discharge summary is not signed", *(f"{name} clearance" for name in names)]
    with pytest.raises(Refused, match="The discharge is blocked: Discharge summary is not signed; Medical"):
        leave(stay, "home")
    sign(stay, doctor)
    clear(stay, "nursing", "pharmacy", "laboratory")
    assert blocking(stay) == ["Billing clearance"]
    with pytest.raises(Refused, match="The discharge is blocked: Billing clearance"):
        leave(stay, "home")
    next(row for row in clearances_of(stay) if row.kind == "billing").waive("The insurer pays later")
    assert blocking(stay) == []
    assert [line.title for line in read_checklist(stay).done if line.is_waived] == ["Billing clearance waived"]
    assert leave(stay, "home").status == "discharged"


def test_what_other_modules_wait_for_blocks_whoever_looks_and_one_that_fails_blocks_all(stay, doctor, monkeypatch):
    """IPD-4: nobody is signed in here, so no permission opens the part."""
    make_ready(stay, doctor)
    monkeypatch.setattr(module, "parts", list(module.parts))

    @module.fills(blockers.PLACE, needs="view")
    def results(admission):
        return [
            Blocker("laboratory", "flask", "1 test result is not final"),
            Blocker("medical", "x", "ok", is_done=True),
        ]

    module.needed.remove(("results", "view"))
    assert blocking(stay) == ["1 test result is not final"]
    with pytest.raises(Refused, match="1 test result is not final"):
        leave(stay, "home")

    @module.fills(blockers.PLACE, needs="view")
    def broken(admission):
        raise RuntimeError("the laboratory does not answer")

    module.needed.remove(("broken", "view"))
    with pytest.raises(RuntimeError):
        leave(stay, "home")
    assert bed_of(stay.patient_id) is not None


def test_a_summary_is_signed_when_it_is_complete_by_a_doctor_with_a_licence_and_then_only_amended(stay, doctor):
    """IPD-4, DOC-1."""
    summary = begin_summary(stay)
    assert summary.diagnoses == "Appendicitis"
    with pytest.raises(Refused, match="Write diagnoses, course"):
        sign_summary(summary, doctor)
    summary.change(**WRITTEN)
    with pytest.raises(Refused, match="not in the register"):
        sign_summary(summary, None)
    clock.move(timedelta(days=500))
    with pytest.raises(Refused, match="licence of"):
        sign_summary(summary, doctor)
    clock.reset()
    sign_summary(summary, doctor)
    with pytest.raises(WrongState, match="Amend it instead"):
        summary.change(advice="More rest")
    for advice in ("More rest", "Much more rest"):
        assert amend_summary(summary, doctor, advice=advice).status == "amended"
        assert summary.advice == advice


# IPD-5


def test_the_departure_ends_bed_medicines_visit_and_admission_together(stay, stage, doctor, monkeypatch):
    """IPD-3, IPD-5: doses stop by whoever hears it."""
    heard = []
    monkeypatch.setitem(_now, "ipd.discharged", [*_now["ipd.discharged"], heard.append])
    facts = {"item_id": None, "drug_text": "Paracetamol 500 mg", "dose": Decimal(1), "dose_unit": "g", "route": "oral"}
    facts |= {"frequency": "qds", "times": [], "duration_days": 5, "quantity": Decimal(20), "is_prn": False}
    facts["start_at"] = now()
    item = prescribe(stay.encounter, doctor, "inpatient", **facts, instructions=None)
    item.prescription.sign()
    make_ready(stay, doctor)
    at = now() - timedelta(minutes=10)
    leave(stay, "home", at)
    assert (stay.status, stay.disposition, stay.discharged_at, stay.active_key) == ("discharged", "home", at, None)
    assert (stay.encounter.status, stay.encounter.ended_at) == ("finished", at)
    assert db.session.get(Bed, stage.ward.beds[0]).status == "cleaning"
    assert held_by(stay.patient_id) is None
    lain = db.session.scalars(sa.select(BedAllocation)).one()
    assert (lain.status, lain.end_reason, lain.ends_at) == ("ended", "discharge", at)
    assert item.prescription.status == "stopped"
    assert heard == [stay]
    with pytest.raises(WrongState):
        leave(stay, "home")


def test_nobody_leaves_whose_discharge_is_not_ordered(stay):
    """IPD-5."""
    with pytest.raises(WrongState):
        leave(stay, "home")
    assert bed_of(stay.patient_id) is not None


def test_a_departure_that_is_refused_changes_nothing(stay, doctor):
    """IPD-5: wholly or not at all."""
    make_ready(stay, doctor)
    with pytest.raises(Refused, match="before the admission"):
        leave(stay, "home", stay.admitted_at - timedelta(minutes=1))
    db.session.expire_all()
    assert (stay.status, stay.encounter.status) == ("discharge_ordered", "in_progress")
    assert bed_of(stay.patient_id) is not None


# IPD-7


def test_a_stay_ends_after_it_began_and_neither_in_the_future(stay, stage, doctor):
    """IPD-7."""
    make_ready(stay, doctor)
    with pytest.raises(Refused, match="must be in the past"):
        leave(stay, "home", now() + timedelta(minutes=5))
    moved = now()
    transfer(stay.patient_id, stage.ward.beds[1])
    with pytest.raises(Refused, match="came into the last bed after this time"):
        leave(stay, "home", moved - timedelta(minutes=1))


def test_correcting_a_time_moves_beds_and_visit_and_whoever_charges_nights_may_refuse_it(stay, doctor, monkeypatch):
    """IPD-7: the part that can be proven before there are charges."""
    make_ready(stay, doctor)
    leave(stay, "home")
    begin, end = stay.admitted_at - timedelta(hours=3), stay.discharged_at - timedelta(minutes=30)
    correct_times(stay, begin, end)
    lain = db.session.scalars(sa.select(BedAllocation)).one()
    assert (lain.starts_at, lain.ends_at) == (begin, end)
    assert (stay.encounter.started_at, stay.encounter.ended_at) == (begin, end)
    for first, last, sentence in (
        (end, begin, "before the admission"),
        (begin, now() + timedelta(hours=1), "in the past"),
        (begin, None, "only then"),
    ):
        with pytest.raises(Refused, match=sentence):
            correct_times(stay, first, last)

    def invoiced(record):
        raise Refused("The nights are invoiced")

    monkeypatch.setitem(_now, "ipd.times_correcting", [invoiced])
    with pytest.raises(Refused, match="The nights are invoiced"):
        correct_times(stay, begin, end - timedelta(hours=1))
    db.session.expire_all()
    assert stay.discharged_at == end


def test_a_stay_that_has_not_begun_has_no_times_to_correct(inside, stage):
    """IPD-7."""
    with pytest.raises(WrongState, match="has not begun"):
        correct_times(asked(stage), now(), None)


# IPD-8


def test_who_leaves_as_deceased_died_at_that_time(stay, doctor):
    """IPD-8."""
    make_ready(stay, doctor)
    at = now() - timedelta(minutes=20)
    leave(stay, "deceased", at)
    assert (stay.patient.status, stay.patient.deceased_at, stay.discharged_at) == ("deceased", at, at)
    assert db.session.scalars(sa.select(BedAllocation.end_reason)).one() == "death"


def test_a_death_that_was_recorded_on_the_ward_stands(stay, doctor):
    """IPD-8."""
    make_ready(stay, doctor)
    died = now() - timedelta(minutes=50)
    stay.patient.record_death(died)
    leave(stay, "deceased")
    assert stay.patient.deceased_at == died


def test_a_task_that_nurses_must_have_done_blocks_until_it_is_done(stay, doctor):
    """IPD-4, with what nursing must have done; a task that may wait blocks nobody."""
    must = set_task(stay.encounter, title="Remove the cannula", due_at=now(), phase="discharge", mandatory=True)
    set_task(stay.encounter, title="Say goodbye", due_at=now(), phase="discharge")
    make_ready(stay, doctor)
    assert blocking(stay) == ["1 task of the nurses is open"]
    with pytest.raises(Refused, match="1 task of the nurses is open"):
        leave(stay, "home")
    db.session.refresh(stay)
    must.start()
    must.complete()
    assert blocking(stay) == []


# IPD-9


def test_revoking_the_order_leaves_bed_medicines_and_clearances_as_before(stay, doctor, monkeypatch):
    """IPD-9; nobody takes the patient for one who is admitted anew."""
    told = []
    for name in ("ipd.admitted", "ipd.discharge_revoked"):
        monkeypatch.setitem(_now, name, [*_now[name], lambda _admission, name=name: told.append(name)])
    make_ready(stay, doctor)
    before = [(row.kind, row.status, row.at) for row in clearances_of(stay)]
    stay.revoke_discharge(note="Fever")
    assert told == ["ipd.discharge_revoked"]
    assert (stay.status, stay.discharge_ordered_at) == ("admitted", None)
    assert (bed_of(stay.patient_id).code, stay.encounter.status) == ("A-01", "in_progress")
    assert [(row.kind, row.status, row.at) for row in clearances_of(stay)] == before
    order_discharge(stay, doctor)
    assert [(row.kind, row.status, row.at) for row in clearances_of(stay)] == before
    assert summary_of(stay).is_signed
    log = sa.select(StatusLog.note).where(StatusLog.content_type == "ipd_admission", StatusLog.note != "")
    assert db.session.scalars(log).all() == ["Fever"]


# IPD-10


def test_a_newborn_has_its_own_record_and_number_and_the_mother_as_contact(stay, stage):
    """IPD-10."""
    mother = stay.patient
    child = register_newborn(stay, None, "male", now() - timedelta(minutes=5), "Newborn, with its mother")
    baby = child.patient
    assert (baby.full_name, baby.sex, baby.age) == ("Baby Yusuf", "male", baby.age)
    assert baby.mrn != mother.mrn
    contact = db.session.scalars(sa.select(Contact).where(Contact.patient_id == baby.id)).one()
    assert (contact.relation, contact.is_guardian) == ("Mother", True)
    assert mother.mrn in contact.name
    assert (child.source, child.status, child.encounter.parent_id) == ("newborn", "requested", stay.encounter_id)
    assert admit(child, stage.ward.beds[1]).status == "admitted"
    with pytest.raises(Refused, match="birth must be in the past"):
        register_newborn(stay, None, "male", now() + timedelta(minutes=5), "x")
