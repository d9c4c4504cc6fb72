"""The life of a consultation: it begins at check-in, ends wholly or not at all, and stays closed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.appointments.models import Appointment, ServiceType
from modules.doctors.models import Doctor
from modules.ipd.models import Admission
from modules.opd.arrivals import receive
from modules.opd.consulting import begin, conclude, find, wait_for_results
from modules.opd.models import Addendum, Consultation, FeeValidity, Visit
from modules.opd.queueing import call_next
from modules.patients.models import Patient
from portal import clock
from portal.extensions import db
from portal.kit import Refused, WrongState, now
from portal.kit.events import _now, emit
from portal.kit.profile import hospital_profile
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.modules import clinic

ROOM = "Room 12"
COVERED_FOR, COVERED_VISITS = timedelta(days=14), 1  # what a hospital begins with
FOUND = {"description": "Acute bronchitis", "code": "J20.9", "kind": "confirmed", "is_primary": True}


@pytest.fixture
def doctor(app, hospital):
    """Dr Haddad, inside the hospital."""
    with app.app_context():
        user = add_user(hospital, "haddad", first_name="Samir").id
        with in_hospital(hospital):
            yield clinic.doctor(user_id=user)
            db.session.rollback()


@pytest.fixture
def amina(doctor) -> Patient:
    """Somebody who comes."""
    return clinic.patient()


@pytest.fixture
def heard(hear):
    """The events of outpatients that were told, in their order."""
    names = ("arrived", "called", "completed", "fee_due", "fee_cancelled", "admission_wanted")
    return hear(*(f"opd.{name}" for name in names))


def booked(patient: Patient, doctor: Doctor, **facts) -> Appointment:
    """An appointment of now."""
    kind = db.session.scalar(sa.select(ServiceType)) or ServiceType(name="Consultation")
    db.session.add(kind)
    db.session.flush()
    count = db.session.scalar(sa.select(sa.func.count(Appointment.id)))
    row = Appointment(
        number=f"A{count}",
        patient_id=patient.id,
        doctor_id=doctor.id,
        department_id=doctor.department_id,
        service_type_id=kind.id,
        starts_at=now(),
        ends_at=now() + timedelta(minutes=20),
        reason="Cough",
        **facts,
    )
    db.session.add(row)
    db.session.flush()
    return row


def ready(visit: Visit, doctor: Doctor) -> Visit:
    """The visit in the consultation, with a diagnosis."""
    begin(visit, doctor, ROOM)
    db.session.flush()
    db.session.refresh(visit)
    find(visit, doctor, **FOUND)
    return visit


def states(visit: Visit) -> tuple:
    """Where everything of a visit stands."""
    db.session.flush()
    db.session.expire_all()
    note = visit.consultation
    return visit.status, visit.token.status, visit.encounter.status, note and note.status


# At the desk


def test_a_check_in_makes_a_visit_with_an_encounter_and_a_number(doctor, amina, heard):
    """The event appointment.checked_in (§23)."""
    appointment = booked(amina, doctor, priority="urgent")
    appointment.check_in()
    visit = db.session.scalars(sa.select(Visit)).one()
    assert (visit.appointment_id, visit.encounter.reason) == (appointment.id, "Cough")
    assert (visit.token.label, visit.token.priority) == ("SH-001", "urgent")
    assert states(visit) == ("registered", "issued", "arrived", None)
    assert heard == ["opd.fee_due", "opd.arrived"]


def test_a_video_visit_gets_no_number(doctor, amina):
    booked(amina, doctor, kind="virtual").check_in()
    assert db.session.scalar(sa.select(sa.func.count(Visit.id))) == 0


def test_an_appointment_that_is_cancelled_after_the_check_in_takes_the_visit_along(doctor, amina):
    appointment = booked(amina, doctor)
    appointment.check_in()
    appointment.cancel("patient", "Called away")
    assert states(db.session.scalars(sa.select(Visit)).one()) == ("left", "cancelled", "cancelled", None)


def test_vital_signs_move_the_visit_on(doctor, amina):
    visit = receive(amina, doctor)
    emit("vitals.recorded", _about(visit))
    assert states(visit) == ("vitals_done", "issued", "triaged", None)
    assert visit.vitals_at
    emit("vitals.recorded", _about(visit))
    assert visit.status == "vitals_done"


def _about(visit: Visit) -> Appointment:
    """A record of another module that belongs to the encounter of the visit."""
    record = visit.encounter
    record.encounter_id = visit.encounter_id
    return record


# The consultation


def test_signing_ends_note_visit_number_and_encounter_together(doctor, amina, heard):
    """OPD-4."""
    visit = ready(receive(amina, doctor), doctor)
    assert states(visit) == ("in_consultation", "serving", "in_progress", "draft")
    conclude(visit, doctor, disposition="home", advice="Drink plenty")
    assert states(visit) == ("completed", "done", "finished", "signed")
    assert (visit.token.serving_key, visit.encounter.active_key) == (None, None)
    assert heard[-1] == "opd.completed"


def test_when_one_of_them_cannot_end_none_does(doctor, amina, monkeypatch):
    """OPD-4: the appointment, which another module ends, refuses."""

    def refuse(visit):
        raise Refused("The appointment was moved")

    visit = ready(receive(amina, doctor), doctor)
    db.session.commit()
    monkeypatch.setitem(_now, "opd.completed", [refuse])
    with pytest.raises(Refused, match="The appointment was moved"):
        conclude(visit, doctor, disposition="home")
    db.session.rollback()
    assert states(visit) == ("in_consultation", "serving", "in_progress", "draft")


def test_a_number_whose_state_is_wrong_keeps_the_whole_open(doctor, amina):
    """OPD-4: the encounter was ended elsewhere."""
    visit = ready(receive(amina, doctor), doctor)
    visit.encounter.finish()
    db.session.commit()
    with pytest.raises(WrongState):
        conclude(visit, doctor, disposition="home")
    db.session.rollback()
    assert states(visit) == ("in_consultation", "serving", "finished", "draft")


def test_a_signed_consultation_is_closed_and_grows_by_dated_addenda(doctor, amina):
    """OPD-5."""
    visit = ready(receive(amina, doctor), doctor)
    note = visit.consultation
    with pytest.raises(WrongState, match="not signed yet"):
        note.add("Too early", doctor.user_id)
    conclude(visit, doctor, disposition="home")
    for change in (lambda: note.change(plan="Other"), lambda: find(visit, doctor, **FOUND), note.sign):
        with pytest.raises(WrongState), db.session.begin_nested():
            change()
    for body in ("Culture negative", "Called the patient"):
        note.add(body, doctor.user_id)
    assert states(visit)[-1] == "amended"
    assert [(one.body, one.by) for one in db.session.scalars(sa.select(Addendum))] == [
        ("Culture negative", doctor.user_id),
        ("Called the patient", doctor.user_id),
    ]
    assert all(one.at <= now() for one in note.addenda)


def test_nothing_is_signed_without_a_diagnosis(doctor, amina):
    """OPD-6."""
    visit = receive(amina, doctor)
    begin(visit, doctor, ROOM)
    db.session.flush()
    with pytest.raises(Refused, match="Record at least one diagnosis"):
        conclude(visit, doctor, disposition="home")
    diagnosis = find(visit, doctor, **FOUND | {"is_primary": False})
    assert diagnosis.is_primary
    diagnosis.void("Wrong")
    with pytest.raises(Refused, match="Record at least one diagnosis"):
        conclude(visit, doctor, disposition="home")


def test_only_the_doctor_of_the_visit_begins_writes_and_signs(doctor, amina):
    visit, other = receive(amina, doctor), clinic.doctor("Adler")
    for who in (other, None):
        with pytest.raises(WrongState, match="Only Dr Samir Haddad"):
            begin(visit, who, ROOM)
    ready(visit, doctor)
    with pytest.raises(WrongState, match="Only Dr Samir Haddad"):
        conclude(visit, other, disposition="home")


def test_a_doctor_whose_licence_has_ended_signs_nothing(doctor, amina):
    """DOC-1."""
    visit = ready(receive(amina, doctor), doctor)
    doctor.license_expiry -= timedelta(days=900)
    with pytest.raises(Refused, match="licence"):
        conclude(visit, doctor, disposition="home")


def test_who_waits_for_results_comes_back_to_the_front(doctor, amina):
    """OPD-7."""
    visit = ready(receive(amina, doctor), doctor)
    for name in ("Bea", "Cleo"):
        receive(clinic.patient(name), doctor, priority="urgent")
    wait_for_results(visit, doctor)
    assert states(visit) == ("awaiting_results", "serving", "in_progress", "draft")
    queue = visit.token.queue
    second = call_next(queue, ROOM)
    assert second.number == 2
    second.serve()
    emit("lab.verified", _about(visit))
    assert states(visit) == ("awaiting_results", "issued", "in_progress", "draft")
    second.finish()
    assert call_next(queue, ROOM) is visit.token
    begin(visit, doctor, ROOM)
    assert states(visit) == ("in_consultation", "serving", "in_progress", "draft")
    conclude(visit, doctor, disposition="admit")
    assert states(visit) == ("completed", "done", "finished", "signed")


def test_the_doctor_goes_on_before_the_results_are_there(doctor, amina):
    visit = ready(receive(amina, doctor), doctor)
    wait_for_results(visit, doctor)
    begin(visit, doctor, ROOM)
    assert states(visit) == ("in_consultation", "serving", "in_progress", "draft")


def test_who_is_to_be_admitted_is_told_to_the_wards(doctor, amina, heard):
    visit = ready(receive(amina, doctor), doctor)
    conclude(visit, doctor, disposition="admit")
    assert heard[-2:] == ["opd.completed", "opd.admission_wanted"]


# The fee


def windows() -> list[tuple]:
    db.session.flush()
    rows = db.session.scalars(sa.select(FeeValidity).order_by(FeeValidity.id))
    return [(one.source_visit_id, one.used_visits, one.max_visits) for one in rows]


def seen(patient: Patient, doctor: Doctor) -> Visit:
    """A visit from the arrival to the signature."""
    visit = ready(receive(patient, doctor), doctor)
    return conclude(visit, doctor, disposition="home")


def test_the_first_paid_visit_opens_a_window_and_each_covered_visit_uses_one(doctor, amina, heard):
    """OPD-8."""
    first = seen(amina, doctor)
    assert windows() == [(first.id, 0, hospital_profile().followup_visits)]
    for _visit in range(hospital_profile().followup_visits):
        seen(amina, doctor)
    assert windows() == [(first.id, hospital_profile().followup_visits, hospital_profile().followup_visits)]
    assert heard.count("opd.fee_due") == 1
    last = seen(amina, doctor)
    assert windows()[-1] == (last.id, 0, hospital_profile().followup_visits)
    assert heard.count("opd.fee_due") == 2


def test_the_hospital_sets_how_many_visits_are_covered_and_for_how_long(doctor, amina, heard):
    """OPD-8."""
    profile = hospital_profile()
    profile.followup_visits, profile.followup_days = 2, 3
    for _visit in range(3):
        seen(amina, doctor)
    assert heard.count("opd.fee_due") == 1
    clock.move(timedelta(days=4))
    seen(amina, doctor)
    assert heard.count("opd.fee_due") == 2


def test_the_settings_say_how_long_and_how_often_a_visit_is_covered(doctor, amina, heard):
    """OPD-8."""
    profile = hospital_profile()
    profile.followup_days, profile.followup_visits = 3, 2
    first = seen(amina, doctor)
    window = db.session.scalars(sa.select(FeeValidity)).one()
    assert (window.valid_to - window.valid_from, window.max_visits) == (timedelta(days=3), 2)
    for _visit in range(2):
        seen(amina, doctor)
    assert windows() == [(first.id, 2, 2)]
    assert heard.count("opd.fee_due") == 1
    profile.followup_visits = 0
    seen(amina, doctor)
    seen(amina, doctor)
    assert heard.count("opd.fee_due") == 3


def test_a_covered_visit_that_is_cancelled_gives_its_place_back(doctor, amina, heard):
    """OPD-8."""
    first = seen(amina, doctor)
    receive(amina, doctor).leave()
    assert windows() == [(first.id, 0, hospital_profile().followup_visits)]
    seen(amina, doctor)
    assert heard.count("opd.fee_due") == 1
    assert "opd.fee_cancelled" not in heard


def test_a_paid_visit_that_is_cancelled_covers_nothing(doctor, amina, heard):
    """OPD-8."""
    receive(amina, doctor).leave()
    assert heard.count("opd.fee_cancelled") == 1
    seen(amina, doctor)
    assert heard.count("opd.fee_due") == 2


def test_another_doctor_and_a_later_day_are_not_covered(doctor, amina, heard):
    """OPD-8."""
    seen(amina, doctor)
    seen(amina, clinic.doctor("Adler", user_id=None))
    clock.move(timedelta(days=hospital_profile().followup_days + 1))
    seen(amina, doctor)
    assert heard.count("opd.fee_due") == 3
    assert db.session.scalar(sa.select(sa.func.count(Consultation.id))) == 3


def test_an_appointment_is_seen_and_ends_with_its_visit(doctor, amina):
    """OPD-4, the appointment's part."""
    appointment = booked(amina, doctor)
    appointment.check_in()
    visit = ready(db.session.scalars(sa.select(Visit)).one(), doctor)
    assert appointment.status == "in_consultation"
    wait_for_results(visit, doctor)
    begin(visit, doctor, ROOM)
    assert appointment.status == "in_consultation"
    conclude(visit, doctor, disposition="home")
    assert appointment.status == "completed"


def test_whoever_is_kept_here_is_asked_a_bed_for_with_the_signature_or_not_at_all(doctor, amina):
    """§24, row 10: visit, number, appointment and encounter are finished together, the admission is requested."""
    visit = ready(receive(amina, doctor), doctor)
    conclude(visit, doctor, disposition="admit")
    admission = db.session.scalars(sa.select(Admission)).one()
    assert (admission.status, admission.source, admission.requested_by) == ("requested", "opd", doctor.id)
    assert admission.encounter.parent_id == visit.encounter_id
    again = ready(receive(amina, doctor), doctor)
    db.session.commit()
    with pytest.raises(Refused, match="has an open inpatient stay already"):
        conclude(again, doctor, disposition="admit")
    db.session.rollback()
    assert states(again)[0] == "in_consultation"
