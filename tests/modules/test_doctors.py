"""Doctors: who may treat, for how long, whose notes they open, and the directory."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.appointments.models import Appointment, ServiceType
from modules.billing.models import Service
from modules.doctors.api import active_doctors, doctor_choices, may_open_notes, refuse_unlicensed
from modules.doctors.models import Doctor, Referral
from modules.doctors.notes import break_glass
from modules.doctors.warnings import warn_of_licences
from modules.patients.models import Patient
from modules.rooms.models import Room
from modules.surgery.models import Case, Procedure
from portal import clock
from portal.extensions import db
from portal.kit import Refused, housekeeping, now, on, today
from portal.kit.events import _now
from portal.kit.models import AuditLog
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.modules import clinic
from tests.modules.personnel import sent, version_of

REGISTER = ("doctors.view", "doctors.add", "doctors.change", "doctors.fee_view", "doctors.fee_change")


@pytest.fixture
def inside(in_app, hospital):
    """Work inside the hospital."""
    with in_hospital(hospital):
        yield hospital
        db.session.rollback()


@pytest.fixture
def warned():
    """How many days before the licence's end each warning came."""
    days, before = [], list(_now["doctor.license_expiring"])
    on("doctor.license_expiring")(lambda one: days.append((one.license_expiry - today()).days))
    yield days
    _now["doctor.license_expiring"] = before


def test_a_doctor_whose_licence_has_ended_gets_no_new_work(inside):
    """DOC-1."""
    one = clinic.doctor(license_expiry=today())
    refuse_unlicensed(one)
    one.hold_active()
    one.license_expiry = today() - timedelta(days=1)
    for refuse in (lambda: refuse_unlicensed(one), one.hold_active):
        with pytest.raises(Refused, match="The licence of Dr Samir Haddad ended on"):
            refuse()


def test_a_licence_is_warned_of_once_each_at_60_30_and_7_days(inside, warned):
    """DOC-1."""
    clinic.doctor(license_expiry=today() + timedelta(days=62))
    for _day in range(64):
        clock.move(timedelta(days=1))
        for _time in range(2):
            warn_of_licences()
    assert warned == [60, 30, 7]


def test_a_renewed_licence_is_warned_of_anew_and_an_inactive_doctors_not(inside, warned):
    """DOC-1."""
    one, gone = clinic.doctor(license_expiry=today() + timedelta(days=5)), clinic.doctor("Lima")
    gone.change(license_expiry=today() + timedelta(days=5))
    gone.deactivate()
    assert warn_of_licences() == 1
    one.change(license_expiry=today() + timedelta(days=20))
    assert warn_of_licences() == 1
    assert warned == [5, 20]


def test_the_work_of_the_hour_warns_of_licences(app, hospital):
    """DOC-1."""
    with app.app_context():
        with in_hospital(hospital):
            number = clinic.doctor(license_expiry=today() + timedelta(days=5)).id
            db.session.commit()
        housekeeping.tidy(hospital.subdomain)
        with in_hospital(hospital):
            assert db.session.get(Doctor, number).license_reminded_days == 7
            db.session.rollback()


@pytest.fixture
def stranger(inside):
    """A doctor of another department, and a patient who is with Dr Haddad in Surgery."""
    haddad = clinic.doctor()
    other = clinic.doctor("Lima", where=clinic.department("Paediatrics", "PAE"))
    amina = clinic.patient()
    return other, amina, clinic.visit(amina, haddad)


def test_a_doctor_opens_the_notes_of_their_own_patients_alone(stranger):
    """DOC-6: with a visit, and in their department as long as the visit lasts."""
    other, amina, encounter = stranger
    haddad = db.session.get(Doctor, encounter.doctor_id)
    colleague = clinic.doctor("Costa")
    assert [may_open_notes(one, amina.id) for one in (haddad, colleague, other)] == [True, True, False]
    encounter.finish()
    assert [may_open_notes(one, amina.id) for one in (haddad, colleague, other)] == [True, False, False]


def test_a_referral_that_is_not_declined_opens_the_notes(stranger):
    """DOC-6."""
    other, amina, encounter = stranger
    haddad = db.session.get(Doctor, encounter.doctor_id)
    facts = {"external_name": None, "reason": "Murmur", "urgency": "routine"}
    referral = Referral.make(encounter, haddad, to_doctor_id=None, to_department_id=other.department_id, **facts)
    db.session.flush()
    assert may_open_notes(other, amina.id)
    referral.status = "declined"
    db.session.flush()
    assert not may_open_notes(other, amina.id)


def appointment(one: Doctor, amina: Patient, days: int = 1, **facts) -> Appointment:
    """An appointment so many days ahead."""
    kind = db.session.scalar(sa.select(ServiceType)) or ServiceType(name="Consultation")
    db.session.add(kind)
    db.session.flush()
    begins = now() + timedelta(days=days)
    count = db.session.scalar(sa.select(sa.func.count(Appointment.id)))
    row = Appointment(
        number=f"APT26-{count:06d}",
        patient_id=amina.id,
        doctor_id=one.id,
        department_id=one.department_id,
        service_type_id=kind.id,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=20),
        **facts,
    )
    db.session.add(row)
    db.session.flush()
    return row


def test_an_appointment_that_stands_opens_the_notes(stranger):
    """DOC-6."""
    other, amina, _encounter = stranger
    booked = appointment(other, amina)
    assert may_open_notes(other, amina.id)
    booked.status = "cancelled"
    db.session.flush()
    assert not may_open_notes(other, amina.id)


def test_breaking_the_glass_opens_the_notes_for_twelve_hours_and_is_kept(app, hospital):
    """DOC-6: in a browser, with the reason in the audit; without a reason nothing opens."""
    rights = [f"doctors.{verb}" for verb in ("prescription_view_own", "prescription_add")]
    with app.app_context():
        user = add_user(hospital, "lima", "patients.view", *rights, first_name="Ana")
    with app.app_context(), in_hospital(hospital):
        other = clinic.doctor("Lima", user_id=user.id, where=clinic.department("Paediatrics", "PAE"))
        amina = clinic.patient()
        encounter = clinic.visit(amina, clinic.doctor())
        db.session.commit()
        ids = other.id, amina.id, encounter.id
    browser = app.test_client(hospital=hospital)
    browser.sign_in_as(user)
    path = f"/doctors/patients/{ids[1]}/break-glass"
    assert browser.get(f"/doctors/encounters/{ids[2]}/prescribe").location == path
    assert "Open the notes with a reason" in browser.page(f"/patients/{ids[1]}/prescriptions").text
    assert "Say why you have to see these notes" in browser.post(path, data={"reason": " "}).text
    sent(browser, path, {"reason": "Found unconscious"})
    assert browser.get(f"/doctors/encounters/{ids[2]}/prescribe").status_code == 200
    with app.app_context(), in_hospital(hospital):
        entry = db.session.scalars(sa.select(AuditLog).where(AuditLog.action == "break_glass")).one()
        assert entry.changes["reason"] == [None, "Found unconscious"]
        assert (entry.content_type, entry.object_id, entry.actor_id) == ("patients_patient", ids[1], user.id)
        clock.move(timedelta(hours=13))
        assert not may_open_notes(db.session.get(Doctor, ids[0]), ids[1])
        db.session.rollback()


def test_the_glass_is_broken_with_words_not_with_spaces(stranger):
    """DOC-6."""
    other, amina, _encounter = stranger
    with pytest.raises(Refused, match="Say why"):
        break_glass(other, amina, "  ")


def operation(one: Doctor, amina: Patient, encounter_id: int, **facts) -> Case:
    """An operation that a surgeon has before them."""
    price = Service.add(code="APP", name="Appendicectomy", category="procedure", price=900)
    db.session.flush()
    facts_of_kind = {"specialization_id": clinic.field().id, "risk": "minor", "billing_service_id": price.id}
    procedure = Procedure(code="APP", name="Appendicectomy", default_minutes=90, **facts_of_kind)
    theatre = Room(number="OT-1", kind="theatre")
    db.session.add_all((procedure, theatre))
    db.session.flush()
    begins = now() + timedelta(days=2)
    row = Case(
        number="OP26-000001",
        patient_id=amina.id,
        encounter_id=encounter_id,
        procedure_id=procedure.id,
        diagnosis="Appendicitis",
        surgeon_id=one.id,
        planned_start=begins,
        planned_end=begins + timedelta(minutes=90),
        status="scheduled",
        **facts,
    )
    db.session.add(row)
    db.session.flush()
    return row


def test_a_doctor_who_is_expected_somewhere_is_not_made_inactive_and_the_list_says_where(stranger):
    """DOC-7."""
    _other, amina, encounter = stranger
    haddad = db.session.get(Doctor, encounter.doctor_id)
    past, coming = appointment(haddad, amina, -1), appointment(haddad, amina)
    case = operation(haddad, amina, encounter.id)
    with pytest.raises(Refused) as refusal, db.session.begin_nested():
        haddad.deactivate()
    assert coming.number in refusal.value.sentence
    assert case.number in refusal.value.sentence
    assert past.number not in refusal.value.sentence
    coming.status, case.status = "cancelled", "cancelled"
    db.session.flush()
    db.session.refresh(haddad)
    haddad.deactivate()
    with pytest.raises(Refused, match="treats nobody here any more"):
        haddad.hold_active()


def test_the_page_that_makes_a_doctor_inactive_shows_what_lies_ahead(app, hospital, client_with):
    """DOC-7."""
    browser = client_with(*REGISTER, "patients.view")
    with app.app_context(), in_hospital(hospital):
        haddad, amina = clinic.doctor(), clinic.patient()
        number = appointment(haddad, amina).number
        db.session.commit()
        place = f"/doctors/{haddad.id}"
    assert number in browser.page(f"{place}/deactivate").text
    answer = browser.post(f"{place}/deactivate")
    assert answer.status_code == 422
    assert number in answer.text
    assert "Active" in browser.page(place).text


# --- the register ----------------------------------------------------------------------------------------------------


def test_a_member_of_staff_is_entered_once_and_the_profile_corrected(app, hospital, client_with):
    browser = client_with(*REGISTER)
    with app.app_context(), in_hospital(hospital):
        member = clinic.doctor().staff
        db.session.delete(db.session.scalars(sa.select(Doctor)).one())
        db.session.commit()
        answers = {
            "staff_id": member.id,
            "specialization_id": clinic.field().id,
            "department_id": member.department_id,
            "license_no": "GMC 1",
            "license_expiry": "2030-01-01",
            "default_slot_minutes": "20",
            "consultation_fee": "50",
        }
        db.session.rollback()
    place = sent(browser, "/doctors/new", answers)
    page = browser.page(place)
    assert page.headings[0] == "Dr Samir Haddad"
    assert "GBP 50.00" in page.text
    assert "Select who it is" in browser.post("/doctors/new", data=answers).text
    changed = answers | {"version": version_of(browser, f"{place}/edit"), "qualification": "FRCS"}
    sent(browser, f"{place}/edit", changed)
    assert "FRCS" in browser.page(place).text
    assert "FRCS" in browser.page(f"{place}/activity").text


def test_who_sees_the_directory_need_not_see_the_fees(app, hospital, client_with):
    with app.app_context(), in_hospital(hospital):
        clinic.doctor()
        db.session.commit()
    assert "50.00" not in client_with("doctors.view").page("/doctors/1").text


def of_modules(statements: list[str]) -> list[str]:
    """Without those that the registry asks the control plane once a second."""
    return [one for one in statements if "control_" not in one]


def test_the_directory_finds_by_name_department_and_status_with_a_fixed_number_of_queries(
    app, hospital, client_with, count_queries
):
    browser = client_with(*REGISTER)
    with app.app_context(), in_hospital(hospital):
        clinic.doctor()
        db.session.commit()
    browser.page("/doctors/")
    with count_queries() as few:
        browser.page("/doctors/")
    with app.app_context(), in_hospital(hospital):
        for name in ("Lima", "Costa", "Annor"):
            clinic.doctor(name, where=clinic.department("Paediatrics", "PAE"))
        db.session.commit()
    with count_queries() as many:
        assert "Lima" in browser.page("/doctors/").text
    assert len(of_modules(many)) == len(of_modules(few))
    text = browser.page("/doctors/?q=lim&department=2&status=active").text
    assert "Dr Samir Lima" in text
    assert "Haddad" not in text
    assert "No doctors match" in browser.page("/doctors/?status=inactive").text


def test_other_modules_choose_among_active_doctors_by_name(inside):
    haddad, lima = clinic.doctor(), clinic.doctor("Lima")
    annor = clinic.doctor("Annor", where=clinic.department("Paediatrics", "PAE"))
    lima.go_on_leave()
    assert active_doctors() == [annor, haddad]
    assert active_doctors(haddad.department_id) == [haddad]
    assert doctor_choices(haddad.department_id, or_id=lima.id) == {
        haddad.id: "Dr Samir Haddad, General surgery",
        lima.id: "Dr Samir Lima, General surgery",
    }


def test_nobody_who_is_no_doctor_has_a_day_of_one(client_with):
    page = client_with("doctors.view", "doctors.prescription_view_own").page("/doctors/my-day")
    assert "You are not in the register of doctors" in page.text
