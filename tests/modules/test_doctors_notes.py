"""DOC-6 where the notes stand: consultations of outpatients and rounds of inpatients, for doctors of other patients."""

import pytest
import sqlalchemy as sa

from modules.doctors.models import Doctor, Referral
from modules.ipd.models import Admission, Round
from modules.opd.models import Consultation, Visit
from portal.auth.models import User
from portal.extensions import db
from portal.kit.models import AuditLog
from tests.modules import clinic
from tests.modules.inpatients import admitted, set_up

READS = (
    "opd.view_own",
    "ipd.view_own",
    "doctors.prescription_view_own",
    "patients.view",
    "patients.encounter_view",
    "ipd.admit",
)
REASON = {"reason": "Found unconscious on the stairs"}


@pytest.fixture
def stay(look) -> int:
    """Amina’s admission under Dr Haddad, who wrote a round."""

    def with_a_round() -> int:
        stage = set_up()
        admission = admitted(stage)
        Round.write(admission, db.session.get(Doctor, stage.doctor), assessment="Perforated appendix")
        return admission.id

    return look(with_a_round)


@pytest.fixture
def visit(look, stay) -> int:
    """The same patient’s visit to Dr Haddad’s clinic, with a note."""

    def with_a_note() -> int:
        admission = db.session.get(Admission, stay)
        doctor = admission.attending
        encounter = clinic.visit(admission.patient, doctor)
        facts = {"patient_id": admission.patient_id, "doctor_id": doctor.id, "department_id": doctor.department_id}
        row = Visit(number="V-1", encounter_id=encounter.id, visit_type="new", status="in_consultation", **facts)
        row.consultation = Consultation(
            complaint="Pain on the right", history="", examination="", assessment="", plan=""
        )
        db.session.add(row)
        db.session.flush()
        return row.id

    return look(with_a_note)


@pytest.fixture
def stranger(look, client_with):
    """Dr Lima of the children’s department, who is signed in and has nothing to do with the patient."""
    browser = client_with(*READS, username="lima")

    def register() -> int:
        user = db.session.query(User.id).filter_by(username="lima").scalar()
        return clinic.doctor("Lima", user_id=user, where=clinic.department("Paediatrics", "PAE")).id

    look(register)
    return browser


def asked_why(browser, path: str) -> str:
    """Where a doctor is asked for a reason who opens this address."""
    answer = browser.get(path)
    assert answer.status_code == 303
    assert "/break-glass" in answer.location
    return answer.location


def give_reason(browser, asks: str) -> str:
    """Where a doctor comes who gives a reason on that page, as a browser sends it."""
    shown = browser.page(asks)
    action = next(form["action"] for form in shown.forms if form.get("id") == "record-form")
    hidden = {one["name"]: one.get("value", "") for one in shown.fields if one.get("type") == "hidden"}
    return browser.post(action, data=hidden | REASON).location


def test_a_round_opens_to_a_doctor_of_other_patients_after_a_reason(stay, stranger, look):
    """DOC-6."""
    path = f"/ipd/{stay}/rounds"
    asks = asked_why(stranger, path)
    assert "Say why you have to see these notes" in stranger.post(asks, data={"reason": " "}).text
    assert asked_why(stranger, f"/ipd/{stay}/summary")
    assert give_reason(stranger, asks) == path
    assert "Perforated appendix" in stranger.page(path).text
    entry = look(lambda: db.session.scalars(sa.select(AuditLog).where(AuditLog.action == "break_glass")).one().changes)
    assert entry["reason"] == [None, REASON["reason"]]


def test_a_consultation_opens_to_a_doctor_of_other_patients_after_a_reason(visit, stranger):
    """DOC-6."""
    path = f"/opd/visits/{visit}/consultation"
    assert give_reason(stranger, asked_why(stranger, path)) == path
    assert "Pain on the right" in stranger.page(path).text


def test_the_patients_page_says_that_notes_are_closed_and_lists_them_once_they_are_open(visit, stay, stranger, look):
    """DOC-6."""
    patient = look(lambda: db.session.get(Admission, stay).patient_id)
    for tab, listed in (("outpatient", "V-1"), ("stays", "IPD26")):
        shown = stranger.page(f"/patients/{patient}/{tab}")
        assert "Open the notes with a reason" in shown.text
        assert listed not in shown.text
    give_reason(stranger, asked_why(stranger, f"/ipd/{stay}"))
    for tab, listed in (("outpatient", "V-1"), ("stays", "IPD26")):
        shown = stranger.page(f"/patients/{patient}/{tab}")
        assert "Open the notes with a reason" not in shown.text
        assert listed in shown.text


def test_a_referral_opens_rounds_and_consultations_without_a_reason(visit, stay, stranger, look):
    """DOC-6: a doctor who is asked for advice reads what is known."""

    def refer() -> None:
        one = db.session.get(Visit, visit)
        lima = db.session.query(Doctor).order_by(Doctor.id.desc()).first()
        told = {"external_name": None, "to_department_id": None, "reason": "Murmur", "urgency": "routine"}
        Referral.make(one.encounter, one.doctor, to_doctor_id=lima.id, **told)

    look(refer)
    assert "Perforated appendix" in stranger.page(f"/ipd/{stay}/rounds").text
    assert "Pain on the right" in stranger.page(f"/opd/visits/{visit}/consultation").text


def test_who_opens_the_notes_reads_them_and_works_on_nothing(stay, stranger):
    """DOC-6: orders and departures stay with those whose patient it is."""
    give_reason(stranger, asked_why(stranger, f"/ipd/{stay}"))
    assert stranger.post(f"/ipd/{stay}/edit").status_code == 403


def test_who_is_no_doctor_is_not_asked_for_a_reason(stay, visit, client_with):
    """DOC-6."""
    other = client_with(*READS, username="noor")
    other.page(f"/ipd/{stay}", 403)
    other.page(f"/opd/visits/{visit}", 403)
    assert "Open the notes" not in other.page("/patients/1/stays").text
