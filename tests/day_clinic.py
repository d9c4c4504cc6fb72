"""The steps of the day at the front desk and in the clinic (§24, 1–5, 10 and 20)."""

from modules.appointments.models import Appointment
from modules.ipd.models import Admission
from modules.nurses.models import VitalSign
from modules.opd.models import Consultation, Token, Visit
from modules.patients.models import Patient
from modules.patients.models.clinical import Allergy, Diagnosis
from modules.patients.models.encounters import Encounter
from portal.kit.models import AuditLog
from tests.day_hospital import Day, at_once

AMINA = {"First name": "Amina", "Last name": "Yusuf", "Sex": "Female", "Date of birth": "1990-04-12"}
OMAR = {"First name": "Omar", "Last name": "Saleh", "Sex": "Male", "Date of birth": "1984-01-30"}


def registering(day: Day) -> None:
    """Step 1; PAT-1, PAT-2."""
    day.at("08:30")
    day.rita.see("/")
    day.rita.follow("Register patient")
    day.rita.press("Register patient", AMINA | {"Phone number": "050 123 4567"})
    [(mrn, status)] = day.rows(Patient.mrn, Patient.status)
    assert (mrn, status) == ("DH-000001-8", "active")
    assert day.told("patient.registered") == [("patient.registered", 1)]
    written = [AuditLog.content_type == "patients_patient", AuditLog.object_id == 1]
    assert day.rows(AuditLog.action, where=written)[0] == ("create",)
    day.rita.see("/patients/new")
    warned = day.rita.press("Register patient", OMAR | {"Phone number": "0501234567"}, 422)
    assert "1 patient looks the same Amina Yusuf" in warned.text
    assert "Same phone" in warned.text
    day.rita.press("Register patient", {"Phone number": "050 765 4321"})
    assert day.rows(Patient.first_name) == [("Amina",), ("Omar",)]
    assert day.rita.is_refused("/patients/1/allergies/new")
    day.noor.see("/patients/1/allergies")
    day.noor.follow("Record an allergy")
    rash = {"Substance": "Penicillin", "Kind": "Medicine", "Reaction": "Rash", "Severity": "Moderate"}
    day.noor.press("Record an allergy", rash | {"Danger to life": "Low"})
    assert day.rows(Allergy.substance, Allergy.status) == [("Penicillin", "active")]
    assert "Penicillin" in day.samir.see("/patients/1").text
    assert day.sam.is_refused("/patients/1")


def booking_at_the_same_instant(day: Day) -> None:
    """Step 2; APT-1: exactly one of two posts of 09:00 is saved, the other one sees the times that are still free."""
    day.at("08:35")
    asked = {"Doctor": "Dr Samir Haddad", "Visit": "Consultation"}
    desks = ((day.rita, "Amina Yusuf"), (day.rosa, "Omar Saleh"))
    for number, (who, _name) in enumerate(desks, 1):
        who.see(f"/patients/{number}")
        who.follow("Book appointment")
        who.press("Show free times", asked)
    screens = at_once([(who, "Book", {"09:00": True}) for who, _name in desks])
    [(first,)] = day.rows(Appointment.patient_id)
    loser = desks[2 - first][0]
    assert "just taken" in screens[2 - first].text
    assert "09:00 taken 09:20 1 left" in screens[2 - first].text
    if first == 2:  # Omar gives way, so that the day goes on as it is written
        day.rosa.see("/appointments/1")
        day.rosa.follow("Move")
        day.rosa.press("Show free times")
        day.rosa.press("Move", {"09:20": True})
        day.rita.press("Show free times")
    loser.press("Book", {"09:00" if first == 2 else "09:20": True})
    booked = day.rows(
        Appointment.id, Appointment.patient_id, Appointment.starts_at, where=[Appointment.status == "scheduled"]
    )
    assert {who: at for _number, who, at in booked} == {1: day.moment("09:00"), 2: day.moment("09:20")}
    assert {("appointment.booked", number) for number, *_rest in booked} <= set(day.told("appointment.booked"))
    assert len(day.told("appointment.booked")) == len(set(day.told("appointment.booked")))
    assert "Amina Yusuf" in day.samir.see("/doctors/my-day").text
    assert day.cara.is_refused("/appointments/new")


def checking_in(day: Day) -> None:
    """Step 3."""
    day.at("08:50")
    day.rita.see("/opd/")
    desk = day.rita.press("Check in Amina Yusuf")
    assert day.rita.path == "/opd/"
    assert "SH-001 Amina Yusuf" in desk.text
    mine = appointment_of(day, 1)
    assert day.rows(Appointment.status, where=[Appointment.id == mine]) == [("checked_in",)]
    assert day.rows(Visit.status, Visit.appointment_id, Visit.visit_type) == [("registered", mine, "new")]
    assert day.rows(Encounter.encounter_class, Encounter.status) == [("AMB", "arrived")]
    assert day.rows(Token.number, Token.label, Token.status) == [(1, "SH-001", "issued")]
    assert day.told("appointment.checked_in", "opd.arrived", "opd.fee_due") == [
        ("opd.fee_due", 1),
        ("opd.arrived", 1),
        ("appointment.checked_in", mine),
    ]
    assert "To be paid AED 50.00" in day.cara.see("/opd/visits/1/fee").text


def vital_signs(day: Day) -> None:
    """Step 4; NUR-5, NUR-6."""
    day.at("08:55")
    day.noor.see("/opd/vital-signs")
    day.noor.follow("Take vital signs SH-001")
    measured = {"Breaths": "20", "Oxygen saturation": "97", "Systolic": "118", "Diastolic": "74", "Pulse": "112"}
    after = day.noor.press("Save", measured | {"Temperature": "38.6", "Consciousness": "Alert"})
    assert day.noor.path == "/opd/vital-signs"
    assert "NEWS2 3" in after.text
    assert "Nobody waits for their vital signs" in after.text
    assert day.rows(VitalSign.news2, VitalSign.news2_max_single) == [(3, 2)]
    assert day.rows(Visit.status) == [("vitals_done",)]
    assert day.rows(Encounter.status) == [("triaged",)]
    assert day.told("vitals.alert") == []
    assert day.rita.is_refused("/nurses/encounters/1/vitals/new")


def consultation(day: Day) -> None:
    """Step 5."""
    day.at("09:05")
    day.samir.see("/doctors/my-day")
    day.samir.press("Start SH-001")
    assert day.rows(Token.status, Token.counter) == [("serving", "Room 12")]
    assert day.rows(Appointment.status, where=[Appointment.patient_id == 1])[-1] == ("in_consultation",)
    [(status, arrived, started)] = day.rows(Visit.status, Visit.arrived_at, Visit.started_at)
    assert (status, day.clock(arrived), day.clock(started)) == ("in_consultation", "08:50", "09:05")
    page = day.samir.screen
    assert day.samir.path == "/opd/visits/1/consult"
    assert "NEWS2 3" in page.text
    assert "Temperature 38.6 °C Pulse 112 Pressure 118/74 Breaths 20 SpO₂ 97 % Oxygen On air" in page.text
    day.samir.press("Save the note", {"Complaint": "Pain in the right lower belly since last night"})
    day.samir.press("Add the diagnosis", {"Diagnosis": "Acute appendicitis", "ICD-10 code": "K35.80"})
    found = day.rows(Diagnosis.description, Diagnosis.kind, Diagnosis.is_primary)
    assert found == [("Acute appendicitis", "provisional", True)]
    for nobody in (day.cara, day.rita, day.sam):
        assert nobody.is_refused("/opd/visits/1/consult")
    assert "SH-001" in day.rita.see("/opd/screen").text
    assert "Amina" not in day.rita.screen.html


def signing(day: Day) -> None:
    """Step 10; OPD-4: visit, number, appointment and encounter end together, and a bed is asked for."""
    day.at("10:40")
    day.samir.see("/opd/visits/1/consult")
    day.samir.follow("Finish and sign")
    day.samir.press("Sign and finish", {"Outcome": "To be admitted"})
    assert day.rows(Visit.status, Visit.disposition) == [("completed", "admit")]
    assert day.rows(Token.status) == [("done",)]
    assert day.rows(Appointment.status, where=[Appointment.id == appointment_of(day, 1)]) == [("completed",)]
    assert day.rows(Encounter.encounter_class, Encounter.status) == [("AMB", "finished"), ("IMP", "planned")]
    assert day.rows(Consultation.status) == [("signed",)]
    asked = (Admission.patient_id, Admission.status, Admission.source, Admission.provisional_dx)
    assert day.rows(*asked) == [(1, "requested", "opd", "Acute appendicitis")]
    assert day.told("opd.completed", "ipd.requested") == [("opd.completed", 1), ("ipd.requested", 1)]
    queue = day.noor.see("/ipd/requests").text
    assert "Amina Yusuf" in queue
    assert "Admit to Bed GW-03" in queue
    assert day.sam.is_refused("/ipd/requests")


def who_did_not_come(day: Day) -> None:
    """Step 20; APT-9, APT-10."""
    mine = appointment_of(day, 2)
    assert day.rows(Appointment.status, where=[Appointment.id == mine]) == [("no_show",)]
    assert day.told("appointment.no_show") == [("appointment.no_show", mine)]
    assert day.told("appointment.reminder_due") == []
    assert day.rows(Appointment.status, where=[Appointment.id == appointment_of(day, 1)]) == [("completed",)]


def appointment_of(day: Day, patient: int) -> int:
    """The appointment that a patient holds."""
    held = [Appointment.patient_id == patient, Appointment.status != "rescheduled"]
    return day.rows(Appointment.id, where=held)[0][0]
